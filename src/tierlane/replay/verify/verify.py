"""Verifying a source: the same inputs through the same machines, beside what was recorded."""

from collections.abc import Callable, Iterable

from tierlane.errors import SourceError
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.crew import Crew, interruption, worthwhile
from tierlane.replay.diff.diff import Text
from tierlane.replay.source.source import Source
from tierlane.replay.verify.facts import Facts, number_of, ordered, ranked
from tierlane.replay.verify.gathering import TOPICS
from tierlane.replay.verify.judge import Judge, belongs
from tierlane.replay.verify.spool import Spool
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verifying import Done, Terms
from tierlane.topic import CONTACT_EVENTS, ROUTING_AUDIT

__all__ = ["Done", "Terms", "verify"]

Progress = Callable[[int], None]
"""Is told how much is done so far."""


def verify(
    source: Source,
    terms: Terms,
    *,
    files: Iterable[Revision] = (),
    texts: Iterable[Text] = (),
    cores: int = 1,
    progress: Progress = lambda _: None,
    judged: Progress = lambda _: None,
    spool: Spool | None = None,
    done: Done | None = None,
) -> Verdict:
    """Do everything in a source again and return what differs.

    Revisions come from `texts` and `files`, else from the source's own `policy.revisions`. Owners
    are dealt out to `cores` processes, to which `files`, `spool` and `done` do not find their way:
    with any of them it is this one. What comes out is the same on any number.

    `progress` is told of records that were read, `judged` of owners. Ctrl-C while owners are judged
    gives the verdict on those that were, and says which were not. Raises `SourceError` where the
    source cannot be read, has no audit, or names a revision that is not there.
    """
    files = tuple(files)
    here = files or spool is not None or done is not None
    cores = 1 if here else worthwhile(cores, source)
    about = (terms, tuple(texts), files, spool, done)
    with Crew(cores, belongs, Judge, about) as crew:
        try:
            if not crew.read(source, TOPICS, progress):
                raise KeyboardInterrupt
            return _judged(crew, terms, source, judged, cores)
        finally:
            if cores == 1:
                crew.ask("close")


def _judged(crew: Crew, terms: Terms, source: Source, judged: Progress, cores: int) -> Verdict:
    facts = Facts(cut=source.cut)
    for one in crew.ask("facts"):
        facts.add(one)
    if not facts.begun_by:
        raise SourceError(
            f"`{source.name}` holds no audit records", hint=f"their topic is {ROUTING_AUDIT}"
        )
    crew.ask("learn", facts)
    owners = ordered(facts.owners)
    tasks = [
        [(one,) for one in owners if max(number_of(one), 0) % cores == number]
        for number in range(cores)
    ]
    found: dict[str, Verdict] = {}
    with interruption() as asked:
        for (owner,), verdict in crew.each("judge", tasks, asked):
            found[owner] = verdict
            judged(len(found))
    return _whole(facts, terms, owners, found)


def _whole(facts: Facts, terms: Terms, owners: list[str], found: dict[str, Verdict]) -> Verdict:
    differences = sorted(facts.differences, key=lambda one: one.place)
    whole = Verdict(differences=differences, notices=_notices(facts, terms))
    for owner in owners:
        if owner in found:
            whole.add(found[owner])
    for topic, count in sorted(whole.absent.items()):
        whole.notices.append(f"{count:,} records of {topic} follow, but the topic is not there")
    if left := [owner for owner in owners if owner not in found]:
        whole.complete = False
        whole.notices.append("stopped: not verified are " + ", ".join(left))
    return whole


def _notices(facts: Facts, terms: Terms) -> list[str]:
    found = [
        f"{count:,} records were made by another engine, {engine}"
        for engine, count in ranked(facts.engines)
    ]
    if terms.mask is None:
        found.append("receipts of masked inputs are not compared: no mask key was given")
    if not facts.topics[CONTACT_EVENTS]:
        found.append("no events are in the record: decisions are made again from the audit alone")
    if len(facts.deployments) > 1 and not terms.deployment:
        names = ", ".join(sorted(facts.deployments))
        found.append(f"records of several deployments: {names}")
    return found

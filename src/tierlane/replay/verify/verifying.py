"""The verifying of one owner: its inputs through its machine, beside what it wrote."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tierlane.audit.mask import Mask
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.verify.facts import Facts, begun, number_of
from tierlane.replay.verify.gathering import OUTCOMES, Gathering
from tierlane.replay.verify.hint import Hint, trusted
from tierlane.replay.verify.matching import AuditMatch
from tierlane.replay.verify.outcome import OutcomeMatch
from tierlane.replay.verify.profiles import RecordedProfiles
from tierlane.replay.verify.rerun import Rerun
from tierlane.replay.verify.trust import Trust
from tierlane.replay.verify.verdict import Verdict
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Output
from tierlane.routing.intake import Intake
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.machine import Machine
from tierlane.topic import (
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
    DESK_INPUTS,
    INTAKE_INPUTS,
    ROUTING_AUDIT,
)

NO_KEY: Final = Mask(bytes(16))
"""Stands in where the key of the receipts is not known: they are then not compared."""

Done = Callable[[Machine], None]
"""Is handed the machine of an owner when all of its record was done again."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owners were run with that no record tells."""

    mask: Mask | None = None
    """Makes the receipts of masked inputs; None where its key is not known."""
    limits: IntakeLimits = field(default_factory=IntakeLimits)
    deployment: str = ""
    """Part of every id; empty takes the one that the records name."""
    anonymous: bool = False
    """Whether what is masked was taken out of the record."""
    begun: Mapping[str, Mapping[bytes, bytes]] = field(default_factory=dict)
    """By owner what it kept when the record begins, as its changelog had it."""


class Verifying:
    """Does one owner's inputs again and compares."""

    def __init__(
        self, gathering: Gathering, facts: Facts, terms: Terms, owner: str, done: Done
    ) -> None:
        """`gathering` holds the records of this owner, `facts` tell of all others, too."""
        self._done = done
        self._gathering = gathering
        self._facts = facts
        self._spool = gathering.spool
        self._terms = terms
        self._owner = owner
        self._kind = owner.partition("-")[0]
        self._partition = number_of(owner)
        self._hints = gathering.hints[owner].ordered()
        self._mask = terms.mask or NO_KEY
        self._profiles = RecordedProfiles()
        self._deployment = terms.deployment or facts.deployment

    def run(self) -> Verdict:
        """Return what was found of the owner."""
        topics = {"intake": INTAKE_INPUTS, "desk": DESK_INPUTS}.get(self._kind, ())
        there = [topic for topic in topics if self._facts.topics[topic]]
        lacking = self._kind == "intake" and CONTACT_EVENTS not in there
        if self._partition < 0 or not there or lacking:
            return self._trust()
        if self._begins_midway(topics):
            found = self._trust(midway=True)
            found.notices.append(
                f"`{self._owner}` begins in the middle, at record {self._hints[0].seq:,}: what it "
                "kept by then is not in the record, so it is verified from its audit alone"
            )
            return found
        return self._again({topic: self._input(topic) for topic in topics})

    def _trust(self, *, midway: bool = False) -> Verdict:
        trust = Trust(self._gathering.library, self._mask, self._passes, midway=midway)
        return trust.run(self._owner, self._spool.read(f"audit/{self._owner}"))

    def _begins_midway(self, topics: Collection[str]) -> bool:
        """Tell whether both audit and inputs begin later than the owner did.

        Where the inputs are whole, an audit that is not lacks records, and that is a difference.
        """
        if not self._hints or self._hints[0].seq == 1 or self._terms.begun.get(self._owner):
            return False
        first = self._gathering.first
        own = [one for one in topics if one != CUSTOMER_PROFILES]  # of which not all are recorded
        return any(first.get((one, self._partition), 0) > 0 for one in own)

    def _input(self, topic: str) -> Iterator[tuple[int, Any]]:
        return self._once(self._spool.read(f"{topic}/{self._partition}"))

    def _once(self, items: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        """Pass over records that stand there twice: a log has each offset once."""
        before = -1
        for offset, record in items:
            if offset > before:
                yield offset, record
            before = offset

    def _again(self, inputs: dict[str, Iterator[tuple[int, Any]]]) -> Verdict:
        for _, record in self._input(CUSTOMER_PROFILES) if self._kind == "intake" else ():
            self._profiles.add(record)
        owner, hints = self._owner, self._hints
        end = self._end(hints, inputs)
        past = hints[end:]
        audit = AuditMatch(
            owner,
            self._spool.read(f"audit/{owner}"),
            self._passes,
            below=past[0].seq if past else None,
        )
        outcome = OutcomeMatch(
            owner,
            self._spool.read(f"outcome/{owner}"),
            self._passes,
            before=min(one.seen for one in past) if past else None,
        )
        left: Counter[str] = Counter()

        def take(output: Output, *, excused: bool) -> None:
            if output.value is None:
                return
            if output.topic == ROUTING_AUDIT:
                audit.derived(output.value, excused=excused)
            elif output.topic in OUTCOMES and self._facts.topics[output.topic]:
                outcome.derived(output.topic, output.key, output.value, excused=excused)
            elif output.topic in OUTCOMES:
                left[output.topic] += 1

        rerun = Rerun(
            self._machine,
            inputs,
            self._gathering.library,
            take,
            profiles=self._profiles,
            shadows=self._gathering.shadows[owner],
            anonymous=self._terms.anonymous,
        )
        rerun.run(hints[:end], rest=not past)
        self._done(rerun.machine)
        audit.end()
        outcome.end(self._spool.read(f"outcome/{owner}"))
        return Verdict(
            owners=1,
            events=rerun.done,
            compared=audit.compared,
            outcomes=outcome.compared,
            profiles_missing=self._profiles.missing,
            excused=audit.excused + outcome.excused,
            beyond=audit.beyond + outcome.beyond,
            absent=left,
            differences=[*audit.differences, *outcome.differences],
        )

    def _end(self, hints: Sequence[Hint], inputs: Collection[str]) -> int:
        """Return how many hints lie in the range of the inputs: all, unless that was cut.

        What was decided of a record past it shows where the inputs stood when the range ended.
        """
        if not self._facts.cut:
            return len(hints)
        last = self._gathering.last
        lines = trusted(hints, inputs)
        for at, (one, kept) in enumerate(zip(hints, lines, strict=True)):
            if (
                kept
                and one.what in inputs
                and one.value > last.get((one.what, self._partition), -1)
            ):
                return at
        return len(hints)

    def _machine(self, revision: Revision | None) -> Machine:
        made = self._made(revision)
        begun = self._terms.begun.get(self._owner)
        if begun:
            made.restore(begun.items())
        return made

    def _made(self, revision: Revision | None) -> Machine:
        if self._kind == "desk":
            return Desk(
                partition=self._partition,
                deployment=self._deployment,
                revision=revision,
                lookup=self._gathering.library.by_hash,
            )
        return Intake(
            partition=self._partition,
            deployment=self._deployment,
            revision=revision or self._first(),
            profiles=self._profiles,
            mask=self._mask,
            limits=self._terms.limits,
            directory=self._gathering.homes,
        )

    def _first(self) -> Revision:
        """Return the revision that the owner began with: of the first activation or decision."""
        library = self._gathering.library
        told = begun(self._hints) or self._facts.begun
        known = [one for one in told if library.has(one)]
        return library.get((known or told or [""])[0])

    def _passes(self, path: str, recorded: Any, derived: Any) -> bool:
        """Let differences pass that say nothing about what was decided."""
        if path == "data.engine" or path.startswith("data.engine."):
            return True
        hidden = path.startswith("data.masked.") or path == "data.customer"
        unknown = self._terms.mask is None or self._terms.anonymous
        return hidden and unknown and type(recorded) is type(derived)

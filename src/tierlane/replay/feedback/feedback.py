"""Which rules serve whom well: outcomes of a source joined to its decisions, and compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tierlane.decision import Promise
from tierlane.errors import SourceError
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.document import Document
from tierlane.policy.form.row import StatedRow, rows
from tierlane.replay.feedback.interval import Interval, share
from tierlane.replay.feedback.joining import GOOD, WINDOW, Joining
from tierlane.replay.feedback.source import TOPICS, Reading
from tierlane.replay.feedback.tally import ALL, FEWEST, MEASURES, RATE, Comparison, Tally
from tierlane.replay.source.source import Source
from tierlane.topic import ROUTING_AUDIT

FORMAT: Final = 1
"""Of the JSON form; raised when a reader of the former could misread it."""
GOAL: Final = 0.8
"""The share of promises that is to be kept: four of five, as `check` reckons staffing by."""
SILENT: Final = frozenset({"budget", "count"})
"""Kinds of rows that never stand among the reasons of a decision."""

NOTE: Final = (
    "association, not cause: rules choose their contacts, who may differ in more than the rule"
)


class Subject(NamedTuple):
    """The policy that is looked at."""

    revision: Revision
    rows: tuple[StatedRow, ...]
    """Every row, in the order of evaluation."""
    promising: frozenset[str]
    """The rows by which an answer is promised."""

    @classmethod
    def of(cls, document: Document, revision: Revision) -> "Subject":
        """Return what is looked at of a document and the revision made of it."""
        listed = (("promises", document.promises[1]), ("floors", document.floors))
        promising = {
            f"{name}/{rule.name}"
            for name, rules in listed
            for rule in rules
            if _promised(rule.then).bounds("answer")
        }
        return cls(revision, rows(document), frozenset(promising))


def _promised(then: Any) -> Promise:
    return then if isinstance(then, Promise) else then.promise


class Missed(NamedTuple):
    """A row that promises, and how often its contacts were answered in time."""

    rule: str
    kept: Interval


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was found."""

    policy: str
    """`NAME@REVISION` of the policy whose rows are looked for."""
    anew: bool
    """Whether the contacts were decided anew by it, since the source has no audit."""
    contacts: int
    waiting: int
    """Those that were neither answered nor over when the record ended."""
    other_revisions: int
    """Contacts that another revision decided; of them rows count by their names."""
    unexplained: int
    """Decisions whose audit record had no room for the rows that held."""
    strays: int
    """Outcomes and feedback of contacts whose decision is not within the window."""
    kept_at_once: int
    """The most contacts that were kept at once."""
    told: tuple[tuple[str, int], ...]
    """Measure → contacts of which it is known."""
    comparisons: tuple[Comparison, ...]
    fired: tuple[tuple[StatedRow, int], ...]
    """Every row of the policy with the contacts it held for, in the order of evaluation."""
    missed: tuple[Missed, ...]
    """Rows whose promises are surely kept less often than the goal says, worst first."""
    goal: float
    complete: bool = True
    """False where reading was interrupted."""

    @property
    def silent(self) -> tuple[StatedRow, ...]:
        """The rows that held for nobody."""
        return tuple(row for row, count in self.fired if not count)

    @property
    def called(self) -> tuple[Comparison, ...]:
        """The comparisons that are called better or worse, the surest first."""
        found = [one for one in self.comparisons if one.verdict in ("better", "worse")]
        return tuple(sorted(found, key=lambda one: (one.rate, one.likely, one)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How outcomes are read and judged."""

    window: int = WINDOW
    good: frozenset[str] = GOOD
    goal: float = GOAL


def feedback(
    source: Source,
    subject: Subject,
    wanted: Wanted = Wanted(),
    told: Callable[[int], None] = lambda _: None,
) -> Feedback:
    """Join and compare; `told` hears of the records read so far.

    Ctrl-C gives what was found by then; where no contact was, KeyboardInterrupt is raised. Raises
    `SourceError` for a source without decisions or arrivals.
    """
    joining = Joining(wanted.window, wanted.good)
    anew = not _audited(source)
    reading = Reading(joining, subject.revision if anew else None)
    tally = Tally(advisors=reading.advisors)
    complete = _read(source, reading, tally, told)
    for one in joining.rest(reading.now):
        tally.add(one)
    if not tally.contacts:
        if not complete:
            raise KeyboardInterrupt
        what = "arrivals of contacts" if anew else "decisions"
        raise SourceError(f"`{source.name}` holds no {what}")
    revision = subject.revision
    named = f"{revision.name}@{revision.hash}"
    return Feedback(
        policy=named,
        anew=reading.anew,
        contacts=tally.contacts,
        waiting=tally.waiting,
        other_revisions=tally.contacts - tally.revisions[named],
        unexplained=reading.unexplained,
        strays=joining.strays,
        kept_at_once=joining.most,
        told=tuple((one.name, tally.told[one.name]) for one in MEASURES),
        comparisons=tally.comparisons(),
        fired=tuple((row, tally.fired[row.name]) for row in subject.rows if row.kind not in SILENT),
        missed=_missed(tally, subject.promising, wanted.goal),
        goal=wanted.goal,
        complete=complete,
    )


def _audited(source: Source) -> bool:
    """Tell whether a source has an audit."""
    return any(map(len, source.batches((ROUTING_AUDIT,))))


def _read(source: Source, reading: Reading, tally: Tally, told: Callable[[int], None]) -> bool:
    """Read it all; tell whether nothing interrupted that."""
    count = 0
    try:
        for batch in source.batches(TOPICS):
            for record in batch:
                for one in reading.take(record):
                    tally.add(one)
            count += len(batch)
            told(count)
    except KeyboardInterrupt:
        return False
    return True


def _missed(tally: Tally, promising: frozenset[str], goal: float) -> tuple[Missed, ...]:
    place = next(n for n, one in enumerate(MEASURES) if one.name == "promise_kept")
    found = []
    for (rule, segment), sums in tally.parts.items():
        if segment != ALL or rule not in promising:
            continue
        moments = sums.moments[place]
        kept = share(round(moments.total), moments.number)
        if kept is not None and kept.high is not None and kept.high < goal:
            found.append(Missed(rule, kept))
    return tuple(sorted(found, key=lambda one: (one.kept.value, one.rule)))


COLUMNS: Final = (
    "rule", "by", "name", "measure", "contacts", "value", "low", "high", "samples", "others",
    "others_low", "others_high", "others_samples", "p", "q", "verdict",
)  # fmt: skip
"""Of `rows_of`."""


def rows_of(found: Feedback) -> list[dict[str, Any]]:
    """Return every comparison as a row of `COLUMNS`."""
    none = Interval(0.0, None, None, 0)
    listed = []
    for one in found.comparisons:
        others = one.others or none
        values = (
            one.rule, one.by, one.value, one.measure, one.contacts, *one.rules,
            others.value if others.samples else None, *others[1:],
            one.likely, one.rate, one.verdict,
        )  # fmt: skip
        listed.append(dict(zip(COLUMNS, values, strict=True)))
    return listed


def as_dict(found: Feedback) -> dict[str, Any]:
    """Return it for JSON; equal findings give equal data."""
    return {
        "feedback": FORMAT,
        "note": NOTE,
        "policy": found.policy,
        "decided_anew": found.anew,
        "complete": found.complete,
        "contacts": found.contacts,
        "waiting": found.waiting,
        "other_revisions": found.other_revisions,
        "unexplained": found.unexplained,
        "strays": found.strays,
        "kept_at_once": found.kept_at_once,
        "known": dict(found.told),
        "false_rate": RATE,
        "fewest": FEWEST,
        "goal": found.goal,
        "never_fired": [_stated(row) for row in found.silent],
        "fired": [{**_stated(row), "contacts": count} for row, count in found.fired],
        "promise_missed": [{"rule": one.rule, **one.kept._asdict()} for one in found.missed],
        "measures": list(measures(found)),
        "comparisons": rows_of(found),
    }


def measures(found: Feedback) -> Iterator[dict[str, Any]]:
    """Yield the figures that a gate reads: what was counted, and of each rule its contacts'."""
    counted = (
        ("contacts", found.contacts),
        ("never_fired", len(found.silent)),
        ("promise_missed", len(found.missed)),
        *((verdict, sum(one.verdict == verdict for one in found.called))
          for verdict in ("better", "worse")),
    )  # fmt: skip
    for name, number in counted:
        yield _figure("all", "", name, Interval(number, number, number, found.contacts))
    for one in found.comparisons:
        if one.by == "all":
            yield _figure("rule", one.rule, one.measure, one.rules)


def _figure(by: str, name: str, measure: str, one: Interval) -> dict[str, Any]:
    return {"side": "A", "by": by, "name": name, "measure": measure, **one._asdict()}


def _stated(row: StatedRow) -> dict[str, Any]:
    place = row.place
    return {"kind": row.kind, "rule": row.name, "file": place.source, "line": place.line}

"""What is summed of contacts by rule and segment, and how the rules' contacts compare with others.

Sums alone are kept: how much depends on the policy and its segments, not on how many contacts
there are.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from tierlane.replay.feedback.interval import (
    Interval,
    Moments,
    adjusted,
    mean,
    means_alike,
    share,
    shares_alike,
)
from tierlane.replay.feedback.joining import Joined

FEWEST: Final = 30
"""Contacts on either side below which nothing is compared: intervals are shown all the same."""
RATE: Final = 0.05
"""Of the differences called, at most so many are false ones, on average."""

K = TypeVar("K")

ALL: Final = ("all", "")
Segment = tuple[str, str]
"""By what, and which: `("tier", "gold")`; `ALL`."""


def _left(one: Joined) -> bool | None:
    """Tell whether it gave up, of contacts that gave up, were answered or settled."""
    if one.gave_up:
        return True
    told = one.wait is not None or one.settled is not None
    return False if told else None


class Measure(NamedTuple):
    """One figure of contacts: what each adds, or None where it tells nothing of it."""

    name: str
    of: Callable[[Joined], float | bool | None]
    is_share: bool
    better: int
    """1 where more is better, -1 where less is."""


MEASURES: Final = (
    Measure("score", lambda one: one.score, is_share=False, better=1),
    Measure("resolved", lambda one: one.resolved, is_share=True, better=1),
    Measure("settled", lambda one: one.settled, is_share=True, better=1),
    Measure("promise_kept", lambda one: one.kept, is_share=True, better=1),
    Measure("gave_up", _left, is_share=True, better=-1),
    Measure("wait", lambda one: None if one.wait is None else one.wait / 1000,
            is_share=False, better=-1),
)  # fmt: skip
"""`score` from 0 to 1, `wait` in seconds, the others shares."""


@dataclass(slots=True)
class Sums:
    """Of some contacts: how many, and each measure's numbers."""

    contacts: int = 0
    moments: list[Moments] = field(default_factory=lambda: [Moments()] * len(MEASURES))

    def add(self, numbers: list[float | bool | None]) -> None:
        """Count a contact by its numbers, in the order of `MEASURES`."""
        self.contacts += 1
        for place, number in enumerate(numbers):
            if number is not None:
                self.moments[place] = self.moments[place].plus(number)


class Comparison(NamedTuple):
    """A rule's contacts in a segment beside the segment's other contacts, by one measure."""

    rule: str
    by: str
    value: str
    measure: str
    contacts: int
    """Of the rule in the segment, whether the measure is known of them or not."""
    rules: Interval
    others: Interval | None
    likely: float | None
    """How likely chance alone explains it; None where either side has fewer than `FEWEST`."""
    rate: float | None
    """The same, for as many comparisons as were made: see `interval.adjusted`."""
    verdict: str
    """`better`, `worse`, `alike`; `few` on either side, or `alone` without others."""


@dataclass(slots=True)
class Tally:
    """Sums by rule and segment."""

    contacts: int = 0
    waiting: int = 0
    """Those that were neither answered nor over when the record ended."""
    advisors: Mapping[str, str] = field(default_factory=dict)
    """Kind of each advisor, as far as it is known."""
    wholes: dict[Segment, Sums] = field(default_factory=dict)
    parts: dict[tuple[str, Segment], Sums] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)
    """Row → contacts."""
    revisions: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    """Measure → contacts of which it is known."""

    def add(self, one: Joined) -> None:
        """Count a contact."""
        self.contacts += 1
        self.waiting += one.waiting
        decided = one.decided
        self.revisions[decided.revision] += 1
        self.fired.update((*decided.rows, *decided.passed))
        numbers = [measure.of(one) for measure in MEASURES]
        self.told.update(
            measure.name
            for measure, number in zip(MEASURES, numbers, strict=True)
            if number is not None
        )
        for segment in (ALL, *self._segments(one)):
            _held(self.wholes, segment).add(numbers)
            for rule in decided.rows:
                _held(self.parts, (rule, segment)).add(numbers)

    def _segments(self, one: Joined) -> Iterator[Segment]:
        decided = one.decided
        yield "tier", decided.tier
        yield "scenario", decided.scenario
        yield "lane", decided.lane
        yield "channel", one.channel
        yield "advisor", self._kind(one)

    def _kind(self, one: Joined) -> str:
        """Return of which kind the advisor is: own, of a team or rank, unknown, or nobody."""
        if not one.advisor:
            return "nobody"
        if one.decided.dedicated:
            return "own"
        return self.advisors.get(one.advisor, "unknown")

    def comparisons(self) -> tuple[Comparison, ...]:
        """Return every rule in every segment by every measure that is known of its contacts.

        A rule that holds for all of a segment has no others there, and stands alone.
        """
        made = list(self._compared())
        places = [n for n, one in enumerate(made) if one.likely is not None]
        rates = adjusted([made[n].likely or 0.0 for n in places])
        for place, rate in zip(places, rates, strict=True):
            made[place] = _judged(made[place], rate)
        return tuple(made)

    def _compared(self) -> Iterator[Comparison]:
        for (rule, segment), sums in sorted(self.parts.items(), key=lambda one: one[0]):
            whole = self.wholes[segment]
            for place, measure in enumerate(MEASURES):
                ours = sums.moments[place]
                if not ours.number or (segment[0] == "advisor" and measure.name == "gave_up"):
                    continue  # who gave up has no advisor: among advisors that tells nothing
                rest = whole.moments[place].less(ours)
                yield _beside(rule, segment, measure, sums.contacts, ours=ours, rest=rest)


def _held(sums: dict[K, Sums], key: K) -> Sums:
    found = sums.get(key)
    if found is None:
        found = sums[key] = Sums()
    return found


def _beside(
    rule: str, segment: Segment, measure: Measure, contacts: int, *, ours: Moments, rest: Moments
) -> Comparison:
    figure = _share if measure.is_share else mean
    own = figure(ours)
    likely = None
    if min(ours.number, rest.number) >= FEWEST:
        likely = (
            shares_alike((ours.total, ours.number), (rest.total, rest.number))
            if measure.is_share
            else means_alike(ours, rest)
        )
    if own is None:
        raise LookupError("nothing known of a measure that is compared")
    return Comparison(
        rule, *segment, measure.name, contacts, own, figure(rest), likely, None,
        "few" if rest.number else "alone",
    )  # fmt: skip


def _share(numbers: Moments) -> Interval | None:
    return share(round(numbers.total), numbers.number)


def _judged(one: Comparison, rate: float) -> Comparison:
    better = next(measure.better for measure in MEASURES if measure.name == one.measure)
    verdict = "alike"
    if rate <= RATE and one.others is not None:
        verdict = "better" if (one.rules.value - one.others.value) * better > 0 else "worse"
    return one._replace(rate=rate, verdict=verdict)

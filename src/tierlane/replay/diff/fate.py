"""How each contact fares under two policies, in waiting lines simulated side by side.

Both policies meet the same contacts with the same staff, patience and service, drawn by the same
lot, so a contact's two fates differ by the policies alone. All sums are of whole ms, so that the
order in which replications come in changes no bit.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tierlane.replay.simulation.estimate import Estimate, Pair, mean, ratio
from tierlane.replay.simulation.journal import ANSWERED, WAITING, Fared
from tierlane.value import format_time

FELT: Final = 1_000
"""Ms; waits that differ by less count as alike."""

MEASURES: Final = (
    "contacts", "wait_a", "wait_b", "later", "longer", "shorter", "gave_up_a", "gave_up_b",
    "won", "lost", "other_lane", "other_group",
)  # fmt: skip

_BY: Final = ("tier", "scenario", "first_lane", "channel")
"""Fields of A's `Fared` that contacts are summed by."""


class Fate(NamedTuple):
    """One contact under both policies, over all replications. Waits are in seconds."""

    contact_id: str
    arrived: int
    """Ms since 1970."""
    channel: str
    tier: str
    scenario: str
    tier_b: str
    scenario_b: str
    lane: str
    """Where it was answered, or was last, most often by A."""
    lane_b: str
    served_by: str
    """The group that served it most often by A; empty: nobody did."""
    served_by_b: str
    wait_a: float
    """Until the answer, or until it was over; the mean of the replications."""
    wait_b: float
    gave_up_a: float
    """The share of replications in which it was over before an answer."""
    gave_up_b: float
    later: Estimate
    """B minus A over the replications in which both answered."""
    other_advisor: float
    """The share of these in which another advisor served it."""

    @property
    def sure(self) -> bool:
        """Whether chance does not explain that its waits differ."""
        return told(self.later)


class Segment(NamedTuple):
    """Contacts of one tier, scenario, lane or channel by A, or all."""

    by: str
    value: str
    measures: tuple[tuple[str, Estimate], ...]

    def of(self, measure: str) -> Estimate:
        """Return a measure by its name in `MEASURES`; raises KeyError."""
        return dict(self.measures)[measure]


@dataclass(frozen=True, slots=True)
class Fates:
    """What the waiting lines of both policies show."""

    seed: int
    asked: int
    """Replications asked for."""
    done: int
    segments: tuple[Segment, ...]
    contacts: tuple[Fate, ...]
    """By arrival."""

    @property
    def complete(self) -> bool:
        """Whether every replication was played."""
        return self.done == self.asked

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, without the single contacts."""
        return {
            "seed": self.seed,
            "replications": {"asked": self.asked, "done": self.done, "complete": self.complete},
            "contacts": len(self.contacts),
            "surely_longer": sum(one.sure and (one.later.value or 0) > 0 for one in self.contacts),
            "surely_shorter": sum(one.sure and (one.later.value or 0) < 0 for one in self.contacts),
            "segments": [
                {"by": one.by, "name": one.value, "measure": name}
                | {"value": found.value, "low": found.low, "high": found.high}
                | {"samples": found.samples}
                for one in self.segments
                for name, found in one.measures
                if found.value is not None
            ],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each contact as a row of a table."""
        for one in self.contacts:
            row = one._asdict()
            later: Estimate = row.pop("later")
            yield row | {
                "arrived": format_time(one.arrived),
                "later": later.value,
                "low": later.low,
                "high": later.high,
                "samples": later.samples,
                "sure": one.sure,
            }


def told(difference: Estimate) -> bool:
    """Tell whether the interval of a difference leaves 0 out."""
    return difference.half is not None and not difference.holds(0)


Sums = dict[tuple[str, str], dict[str, Pair]]
"""Of one replication: by what and which → measure → pair of sums."""


@dataclass(slots=True)
class _Kept:
    """One contact as far as it was played."""

    number: int
    """The least replication so far, which `a` and `b` are of."""
    a: Fared
    b: Fared
    lanes: Counter[str] = field(default_factory=Counter)
    lanes_b: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    groups_b: Counter[str] = field(default_factory=Counter)
    waits: int = 0
    waits_b: int = 0
    over: int = 0
    over_b: int = 0
    both: int = 0
    later: int = 0
    squared: int = 0
    others: int = 0

    def add(self, number: int, a: Fared, b: Fared) -> None:
        """Count one replication."""
        if number < self.number:
            self.number, self.a, self.b = number, a, b
        self.lanes[a.lane] += 1
        self.lanes_b[b.lane] += 1
        self.waits += a.wait
        self.waits_b += b.wait
        self.over += _over(a)
        self.over_b += _over(b)
        for one, groups in ((a, self.groups), (b, self.groups_b)):
            if one.how == ANSWERED:
                groups[one.group] += 1
        if a.how == ANSWERED == b.how:
            self.both += 1
            self.later += b.wait - a.wait
            self.squared += (b.wait - a.wait) ** 2
            self.others += a.advisor != b.advisor

    def fate(self, played: int) -> Fate:
        """Return what came of it over so many replications."""
        a, b = self.a, self.b
        return Fate(
            a.contact_id, a.arrived, a.channel, a.tier, a.scenario, b.tier, b.scenario,
            _most(self.lanes), _most(self.lanes_b), _most(self.groups), _most(self.groups_b),
            self.waits / played / 1000, self.waits_b / played / 1000,
            self.over / played, self.over_b / played,
            mean(self.later, self.squared, self.both, scale=1000),
            self.others / self.both if self.both else 0.0,
        )  # fmt: skip


class Gathering:
    """Takes in one replication after the other, in any order."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._sums: dict[int, Sums] = {}

    def add(self, number: int, a: Sequence[Fared], b: Sequence[Fared]) -> None:
        """Take in replication `number`: how contacts fared by A and by B, in the same order."""
        pairs = tuple(zip(a, b, strict=True))
        for one, other in pairs:
            kept = self._kept.get(one.contact_id)
            if kept is None:
                kept = self._kept[one.contact_id] = _Kept(number, one, other)
            kept.add(number, one, other)
        self._sums[number] = sums(pairs)

    def fates(self, seed: int, asked: int) -> Fates:
        """Return what came of all that was played; `asked` replications were asked for."""
        played = len(self._sums)
        contacts = (one.fate(played) for one in self._kept.values())
        return Fates(
            seed,
            asked,
            played,
            _segments([self._sums[number] for number in sorted(self._sums)]),
            tuple(sorted(contacts, key=lambda one: (one.arrived, one.contact_id))),
        )


def sums(pairs: Iterable[tuple[Fared, Fared]]) -> Sums:
    """Return the pairs of sums of one replication, by segments of A."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for a, b in pairs:
        counts = _counts(a, b)
        for key in (("all", ""), *((_name(by), getattr(a, by)) for by in _BY)):
            held = found.setdefault(key, Counter())
            for name, number in counts.items():
                held[name] += number
    return {key: _pairs(held) for key, held in found.items()}


def _counts(a: Fared, b: Fared) -> dict[str, int]:
    """Return what one contact adds; waits in ms."""
    first, second = a.how == ANSWERED, b.how == ANSWERED
    both, later = first and second, b.wait - a.wait
    return {
        "contacts": 1,
        "answered_a": first,
        "answered_b": second,
        "both": both,
        "wait_a": a.wait * first,
        "wait_b": b.wait * second,
        "later": later * both,
        "longer": both and later >= FELT,
        "shorter": both and later <= -FELT,
        "gave_up_a": _over(a),
        "gave_up_b": _over(b),
        "won": second and _over(a),
        "lost": first and _over(b),
        "other_lane": a.lane != b.lane,
        "other_group": both and a.group != b.group,
    }


def _pairs(held: Mapping[str, int]) -> dict[str, Pair]:
    whole, both = held["contacts"], held["both"]
    found: dict[str, Pair] = {name: (held[name], whole) for name in MEASURES}
    return found | {
        "contacts": (whole, 1.0),
        "wait_a": (held["wait_a"] / 1000, held["answered_a"]),
        "wait_b": (held["wait_b"] / 1000, held["answered_b"]),
        "later": (held["later"] / 1000, both),
        "other_group": (held["other_group"], both),
    }


def _segments(many: Sequence[Sums]) -> tuple[Segment, ...]:
    order = ("all", *map(_name, _BY))
    keys = sorted({key for one in many for key in one}, key=lambda k: (order.index(k[0]), k[1]))
    return tuple(
        Segment(
            *key,
            tuple(
                (name, ratio([one[key][name] for one in many if key in one])) for name in MEASURES
            ),
        )
        for key in keys
    )


def _over(one: Fared) -> bool:
    """Tell whether it was over before an answer."""
    return one.how not in (ANSWERED, WAITING)


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name), default="")


def _name(by: str) -> str:
    return "lane" if by == "first_lane" else by

"""What came of asking two policies: how many contacts went from where to where, and samples."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

SAMPLES: Final = 3
"""Contacts kept of each way, the earliest."""


class Way(NamedTuple):
    """What contacts were decided to be by A and by B; many have the same."""

    tier: str
    scenario: str
    lane: str
    tier_b: str
    scenario_b: str
    lane_b: str
    terms: bool
    """Whether the lane entries promise the same: tier, priority, times, what serving is told."""
    because: str
    """The first row that held by A and not by B; empty if there is none."""
    because_b: str
    """The first row that held by B and not by A."""

    @property
    def moved(self) -> bool:
        """Whether it leads to another lane."""
        return self.lane != self.lane_b


class Sample(NamedTuple):
    """One contact that was decided differently."""

    at: int
    contact_id: str
    """Its time in ms and its id."""
    a: dict[str, Any]
    """The audit record's `data` by A."""
    b: dict[str, Any]


@dataclass(slots=True)
class Comparison:
    """Of one shard of the contacts, or of all."""

    a: str = ""
    """`NAME@REVISION` of the policy compared."""
    b: str = ""
    contacts: int = 0
    unreadable: int = 0
    """Arrivals that no worker could read either."""
    duplicates: int = 0
    """Arrivals that came again, which a worker passes over; they are no contacts."""
    ways: Counter[Way] = field(default_factory=Counter)
    """Every way with its contacts, those that changed nothing too."""
    complete: bool = True
    """Whether the whole source was gone through."""
    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    """By lane of A and of B; the same lane where only the terms differ."""

    @property
    def moved(self) -> int:
        """Contacts that would go to another lane."""
        return sum(count for way, count in self.ways.items() if way.moved)

    @property
    def other_terms(self) -> int:
        """Contacts that would stay in their lane and be promised something else there."""
        return sum(count for way, count in self.ways.items() if not way.moved and not way.terms)

    def add(self, other: "Comparison") -> None:
        """Take over what came of another shard."""
        self.contacts += other.contacts
        self.unreadable += other.unreadable
        self.duplicates += other.duplicates
        self.ways += other.ways
        for lanes, samples in other.samples.items():
            both = [*self.samples.get(lanes, ()), *samples]
            self.samples[lanes] = sorted(both, key=lambda one: (one.at, one.contact_id))[:SAMPLES]

    def by(self, *names: str) -> list[tuple[tuple[str, ...], int]]:
        """Return contacts that were decided differently by fields of `Way`, most first."""
        found: Counter[tuple[str, ...]] = Counter()
        for way, count in self.ways.items():
            if way.moved or not way.terms:
                found[tuple(str(getattr(way, name)) for name in names)] += count
        return _ranked(found.items())

    def shares(self, name: str) -> list[tuple[str, int, int, int]]:
        """Return by a field of A: its value, contacts, of these moved, and with other terms."""
        whole: Counter[str] = Counter()
        moved: Counter[str] = Counter()
        terms: Counter[str] = Counter()
        for way, count in self.ways.items():
            value = getattr(way, name)
            whole[value] += count
            moved[value] += count * way.moved
            terms[value] += count * (not way.moved and not way.terms)
        return [
            (value, count, moved[value], terms[value]) for value, count in _ranked(whole.items())
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return every way with its contacts, in an order of their own."""
        names = {
            "tier": "tier_a",
            "scenario": "scenario_a",
            "lane": "lane_a",
            "terms": "same_terms",
        }
        names |= {"because": "because_a"}
        return [
            {names.get(name, name): value for name, value in zip(way._fields, way, strict=True)}
            | {"contacts": count}
            for way, count in sorted(self.ways.items())
        ]

    def measures(self) -> list[dict[str, Any]]:
        """Return the shares that move or get other terms as rows that a gate reads.

        They are of all contacts there were, so they have no interval.
        """
        whole = [("all", "", self.contacts, self.moved, self.other_terms)]
        by = [(name, *one) for name in ("tier", "scenario", "lane") for one in self.shares(name)]
        return [
            {"side": "B-A", "by": kind, "name": value, "measure": measure,
             "value": count / contacts, "low": None, "high": None, "samples": 1}
            for kind, value, contacts, *counts in (*whole, *by)
            for measure, count in zip(("moved", "other_terms"), counts, strict=True)
            if contacts
        ]  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "policy": self.a,
            "against": self.b,
            "contacts": self.contacts,
            "unreadable": self.unreadable,
            "duplicates": self.duplicates,
            "complete": self.complete,
            "moved": self.moved,
            "other_terms": self.other_terms,
            "flow": [
                {"from": lanes[0], "to": lanes[1], "contacts": count}
                for lanes, count in self.by("lane", "lane_b")
            ],
            "by_tier": _plain(self.shares("tier")),
            "by_scenario": _plain(self.shares("scenario")),
            "reasons": [
                {"because_a": rows[0], "because_b": rows[1], "contacts": count}
                for rows, count in self.by("because", "because_b")
            ],
            "measures": self.measures(),
            "rows": self.rows(),
            "samples": [
                {
                    "from": lanes[0],
                    "to": lanes[1],
                    "contact_id": one.contact_id,
                    "a": one.a,
                    "b": one.b,
                }
                for lanes, samples in sorted(self.samples.items())
                for one in samples
            ],
        }


def _ranked(items: Iterable[tuple[Any, int]]) -> list[tuple[Any, int]]:
    return sorted(items, key=lambda one: (-one[1], one[0]))


def _plain(shares: Iterable[tuple[str, int, int, int]]) -> list[Mapping[str, Any]]:
    names = ("name", "contacts", "moved", "other_terms")
    return [dict(zip(names, one, strict=True)) for one in shares]

"""Measures of one replication by the glossary's formulas, each as a pair (x, y) of sums.

Waits are in seconds. A measure of a lane counts the contacts that were in it last, and their wait
from entering it; all others count from the arrival.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from tierlane.replay.simulation.column import Columns, named, parted
from tierlane.replay.simulation.estimate import NOTHING, Pair
from tierlane.replay.simulation.fares import Fares, Place
from tierlane.replay.simulation.journal import ANSWERED, LEFT, Fared, Journal, Worked

WITHIN: Final = 20_000
"""Ms to an answer that count as served in time where nothing was promised: 20 s, as 80/20 says."""
SHORT: Final = 5_000
"""Ms; who left sooner could have been served by nobody and counts for nothing (glossary)."""

OF_CONTACTS: Final = (
    "contacts", "answered", "left", "waiting", "service_level", "abandonment", "mean_wait",
    "median_wait", "wait_90", "wait_95", "worst_wait", "worst_left", "promise_kept",
)  # fmt: skip
OF_WORK: Final = ("occupancy", "contacts_served", "hours")
SHARES: Final = frozenset({"service_level", "abandonment", "promise_kept", "occupancy"})
"""Measures between 0 and 1; waits are in seconds, the others plain numbers."""

Key = tuple[str, str]
"""By what, and which: `("tier", "gold")`; `("all", "")`."""
Sample = Mapping[Key, Mapping[str, Pair]]
"""What one replication or batch gives."""


@dataclass(frozen=True, slots=True)
class Counting:
    """How contacts are counted."""

    within: int | None = None
    """Ms to an answer that count as served in time; None is what was promised, else `WITHIN`."""
    short: int = SHORT
    warm_up: int = 0
    """Ms from the beginning of the period that are simulated and not counted."""
    batches: int = 1
    """Parts of the period that count as samples of their own."""
    interval: int = 1_800_000
    """Ms of the rows for workforce planning."""

    def target(self, one: Fared) -> int:
        """Return within which time a contact was to be answered."""
        return self.in_time(one.promised)

    def in_time(self, promised: int | None) -> int:
        """Return within which time an answer is in time, by what was promised."""
        if self.within is not None:
            return self.within
        return WITHIN if promised is None else promised


@dataclass(slots=True)
class _Sums:
    """Counts of contacts as they are read."""

    counting: Counting
    contacts: int = 0
    left: int = 0
    short: int = 0
    waiting: int = 0
    within: int = 0
    kept: int = 0
    promised: int = 0
    worst_left: int = 0
    waits: list[int] | None = None

    def add(self, one: Fared, wait: int) -> None:
        """Count a contact; `wait` is what is measured of it here."""
        if self.waits is None:
            self.waits = []
        self.contacts += 1
        if one.how == ANSWERED:
            self.waits.append(wait)
            self.within += wait <= self.counting.target(one)
        else:
            self.worst_left = max(self.worst_left, wait)
            if one.how == LEFT and one.wait < self.counting.short:
                self.short += 1
            self.left += one.how != "waiting"
            self.waiting += one.how == "waiting"
        if one.promised is not None and (one.how == ANSWERED or one.wait > one.promised):
            self.promised += 1
            self.kept += one.how == ANSWERED and one.wait <= one.promised

    def pairs(self) -> dict[str, Pair]:
        """Return the measures."""
        waits = sorted(self.waits or ())
        count, counted = len(waits), self.contacts - self.short
        return {
            "contacts": (self.contacts, 1.0),
            "answered": (count, 1.0),
            "left": (self.left, 1.0),
            "waiting": (self.waiting, 1.0),
            "service_level": (self.within, counted),
            "abandonment": (self.left - self.short, counted),
            "mean_wait": (sum(waits) / 1000, count),
            "median_wait": _at(waits, 0.5),
            "wait_90": _at(waits, 0.9),
            "wait_95": _at(waits, 0.95),
            "worst_wait": _at(waits, 1.0),
            "worst_left": (self.worst_left / 1000, 1.0) if count < self.contacts else NOTHING,
            "promise_kept": (self.kept, self.promised),
        }


def _at(waits: list[int], share: float) -> Pair:
    """Return the smallest wait that at least a share does not exceed; never interpolated."""
    if not waits:
        return NOTHING
    return waits[max(ceil(share * len(waits) - 1e-9) - 1, 0)] / 1000, 1.0


_DIMENSIONS: Final[tuple[tuple[str, Callable[[Fared | Place], str]], ...]] = (
    ("all", lambda _: ""),
    ("tier", lambda one: one.tier),
    ("scenario", lambda one: one.scenario),
    ("lane", lambda one: one.lane),
    ("channel", lambda one: one.channel),
)


def samples(journal: Journal, counting: Counting) -> list[Sample]:
    """Return the samples of one replication: one, or one for each batch of its period."""
    if isinstance(journal.fared, Fares):
        found = _of_columns(journal, journal.fared, counting)
    else:
        parts: list[list[Fared]] = [[] for _ in range(counting.batches)]
        for one in journal.fared:
            parts[_batch(one.arrived, journal, counting.batches)].append(one)
        found = [_of_contacts(part, counting) for part in parts]
    found[0] |= _of_work(journal.worked)
    return [dict(one) for one in found]


def _batch(arrived: int, journal: Journal, batches: int) -> int:
    """Return the number of the batch in which a contact arrives."""
    width = (journal.end - journal.begin) / batches
    return min(int((arrived - journal.begin) / width) if width > 0 else 0, batches - 1)


def _of_columns(
    journal: Journal, fares: Fares, counting: Counting
) -> list[dict[Key, dict[str, Pair]]]:
    """Return what `_of_contacts` gives of each batch, of all contacts at once."""
    columns = Columns.of(fares, counting.in_time, counting.short)
    width = (journal.end - journal.begin) / counting.batches
    batch = np.zeros(len(fares), dtype=np.int64)
    if width > 0:
        batch = ((fares.arrived - journal.begin) / width).astype(np.int64)
    found: list[dict[Key, dict[str, Pair]]] = [{} for _ in range(counting.batches)]
    batch = np.minimum(batch, counting.batches - 1)
    for number, part in parted(batch, np.arange(len(fares))):
        for by, value in _DIMENSIONS:
            for name, chosen in named(fares, part, value):
                found[number][by, name] = columns.measures(chosen, by_lane=by == "lane")
    return found


def _of_contacts(fared: Iterable[Fared], counting: Counting) -> dict[Key, dict[str, Pair]]:
    sums: dict[Key, _Sums] = {}
    for one in fared:
        for by, value in _DIMENSIONS:
            key = by, value(one)
            held = sums.get(key)
            if held is None:
                held = sums[key] = _Sums(counting)
            held.add(one, one.lane_wait if by == "lane" else one.wait)
    return {key: held.pairs() for key, held in sums.items()}


def _of_work(worked: Iterable[Worked]) -> dict[Key, dict[str, Pair]]:
    sums: dict[Key, list[int]] = {}
    for one in worked:
        keys = (("all work", ""), ("desk", one.desk), ("group", one.group))
        for key in (*keys, ("advisor", one.advisor)):
            held = sums.setdefault(key, [0, 0, 0])
            held[0] += one.busy
            held[1] += one.duty
            held[2] += one.contacts
    return {
        key: {
            "occupancy": (busy, duty),
            "contacts_served": (served, 1.0),
            "hours": (duty / 3_600_000, 1.0),
        }
        for key, (busy, duty, served) in sums.items()
    }


IntervalKey = tuple[int, str, str]
"""Beginning in ms, lane, and what was wanted of an advisor."""
INTERVAL: Final = ("contacts", "answered", "left", "counted", "within", "wait", "service")
Interval = tuple[int, ...]
"""Sums by the names of `INTERVAL`; times in ms."""


def intervals(journal: Journal, counting: Counting) -> dict[IntervalKey, Interval]:
    """Return the sums of each interval of arrival, lane and want of one replication."""
    size = counting.interval
    if isinstance(journal.fared, Fares):
        return _intervals(journal.fared, counting)
    found: dict[IntervalKey, list[int]] = {}
    for one in journal.fared:
        key = one.arrived // size * size, one.lane, one.skill
        sums = found.setdefault(key, [0] * len(INTERVAL))
        answered = one.how == ANSWERED
        short = one.how == LEFT and one.wait < counting.short
        sums[0] += 1
        sums[1] += answered
        sums[2] += not answered and one.how != "waiting"
        sums[3] += not short
        if answered:
            sums[4] += one.lane_wait <= counting.target(one)
            sums[5] += one.lane_wait
            sums[6] += one.service
    return {key: tuple(sums) for key, sums in found.items()}


def _intervals(fares: Fares, counting: Counting) -> dict[IntervalKey, Interval]:
    """Return what `intervals` gives, of all contacts at once."""
    columns, size = Columns.of(fares, counting.in_time, counting.short), counting.interval
    return {
        (number * size, *name): columns.sums(chosen)
        for number, part in parted(fares.arrived // size, np.arange(len(fares)))
        for name, chosen in named(fares, part, lambda one: (one.lane, one.skill))
    }

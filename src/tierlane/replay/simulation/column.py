"""Measures of contacts as columns: the same sums as those of `measure`, of all contacts at once.

Sums are of whole numbers, so they are the same whichever way they are reckoned.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tierlane.replay.simulation.crowd import Ints
from tierlane.replay.simulation.estimate import NOTHING, Pair
from tierlane.replay.simulation.fares import HOW, Fares, Place
from tierlane.replay.simulation.journal import ANSWERED, LEFT, WAITING

Flags = NDArray[np.bool_]
_Name = TypeVar("_Name", bound=Hashable)

_ANSWERED: Final = HOW.index(ANSWERED)
_LEFT: Final = HOW.index(LEFT)
_WAITING: Final = HOW.index(WAITING)
_NEVER: Final = -1
"""Of a promise: there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What is counted of some contacts; columns as long as there are contacts, times in ms."""

    place: Ints
    wait: Ints
    lane_wait: Ints
    service: Ints
    target: Ints
    """Within which an answer is in time."""
    promised: Ints
    answered: Flags
    short: Flags
    """Left so soon that it counts for nothing."""
    left: Flags
    """Over before an answer."""
    waiting: Flags

    @classmethod
    def of(cls, fares: Fares, target: Callable[[int | None], int], short: int) -> "Columns":
        """Return the columns; `target` gives what is in time by what was promised."""
        promised = [one.promised for one in fares.places]
        answered, waiting = fares.how == _ANSWERED, fares.how == _WAITING
        return cls(
            fares.place,
            fares.wait,
            fares.lane_wait,
            fares.service,
            np.array([target(one) for one in promised], dtype=np.int64)[fares.place],
            np.array([_NEVER if one is None else one for one in promised], dtype=np.int64)[
                fares.place
            ],
            answered,
            (fares.how == _LEFT) & (fares.wait < short),
            ~(answered | waiting),
            waiting,
        )

    def measures(self, which: Ints, *, by_lane: bool) -> dict[str, Pair]:
        """Return the measures of some of the contacts, waits by lane or from the arrival."""
        wait, whole = (self.lane_wait if by_lane else self.wait)[which], self.wait[which]
        answered, short = self.answered[which], int(self.short[which].sum())
        waits = np.sort(wait[answered])
        contacts, count = len(which), len(waits)
        left = int(self.left[which].sum())
        promised = self.promised[which]
        due = (promised != _NEVER) & (answered | (whole > promised))
        within = int((wait[answered] <= self.target[which][answered]).sum())
        return {
            "contacts": (contacts, 1.0),
            "answered": (count, 1.0),
            "left": (left, 1.0),
            "waiting": (int(self.waiting[which].sum()), 1.0),
            "service_level": (within, contacts - short),
            "abandonment": (left - short, contacts - short),
            "mean_wait": (int(waits.sum()) / 1000, count),
            "median_wait": _at(waits, 0.5),
            "wait_90": _at(waits, 0.9),
            "wait_95": _at(waits, 0.95),
            "worst_wait": _at(waits, 1.0),
            "worst_left": _worst(wait[~answered]),
            "promise_kept": (int((due & answered & (whole <= promised)).sum()), int(due.sum())),
        }

    def sums(self, which: Ints) -> tuple[int, ...]:
        """Return the sums of an interval, by the names of `measure.INTERVAL`."""
        served = which[self.answered[which]]
        return (
            len(which),
            len(served),
            int(self.left[which].sum()),
            len(which) - int(self.short[which].sum()),
            int((self.lane_wait[served] <= self.target[served]).sum()),
            int(self.lane_wait[served].sum()),
            int(self.service[served].sum()),
        )


def _at(waits: Ints, share: float) -> Pair:
    if not len(waits):
        return NOTHING
    return int(waits[max(ceil(share * len(waits) - 1e-9) - 1, 0)]) / 1000, 1.0


def _worst(waits: Ints) -> Pair:
    return (int(waits.max()) / 1000, 1.0) if len(waits) else NOTHING


def named(
    fares: Fares, which: Ints, name: Callable[[Place], _Name]
) -> Iterator[tuple[_Name, Ints]]:
    """Yield the contacts, among some, of places of one name after the other."""
    names = dict.fromkeys(name(one) for one in fares.places)
    numbers = {one: number for number, one in enumerate(names)}
    codes = np.array([numbers[name(one)] for one in fares.places], dtype=np.int64)
    known = tuple(names)
    for code, chosen in parted(codes[fares.place[which]], which):
        yield known[code], chosen


def parted(codes: Ints, which: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield each code with those of `which` that have it; both are as long."""
    if not len(which):
        return
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    cuts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    for chosen in np.split(order, cuts):
        yield int(codes[chosen[0]]), which[chosen]

"""The advisors of one duty, and what that duty sees of the line."""

from bisect import bisect_right
from math import inf
from typing import NamedTuple

from tierlane.policy.form.desk import Duty
from tierlane.routing.waiting.seat import rank_at

Lanes = frozenset[str]


class Sight(NamedTuple):
    """From which ages a duty sees a contact of some lanes, and as which rank from each."""

    froms: tuple[float, ...]
    ranks: tuple[int, ...]

    def rank(self, age: int) -> int | None:
        """Return the rank at an age; None is not seen yet."""
        place = bisect_right(self.froms, age)
        return self.ranks[place - 1] if place else None


class Group:
    """The advisors of one duty; no duty serves every lane."""

    __slots__ = ("_sights", "_turns", "bits", "duty", "turns")

    def __init__(self, duty: Duty | None) -> None:
        self.duty = duty
        self.bits = 0
        self.turns = () if duty is None else _by_rank(duty)
        """The lanes that the duty takes in each round."""
        self._sights: dict[tuple[str, ...], Sight | None] = {}
        self._turns: dict[tuple[str, ...], int] = {}

    def sight(self, lanes: tuple[str, ...]) -> Sight | None:
        """Return from when the duty sees a contact of some lanes; None is never."""
        if lanes not in self._sights:
            self._sights[lanes] = _sight(lanes, self.duty)
        return self._sights[lanes]

    def turn(self, lanes: tuple[str, ...]) -> int:
        """Return the first round in which the duty takes a contact of some lanes that it sees.

        Whoever has no duty takes in every round, from 0 on.
        """
        if lanes not in self._turns:
            found = (k for k, some in enumerate(self.turns) if not some.isdisjoint(lanes))
            self._turns[lanes] = next(found, 0)
        return self._turns[lanes]


def _sight(lanes: tuple[str, ...], duty: Duty | None) -> Sight | None:
    if duty is None:
        return Sight((-inf,), (1,))
    froms = sorted({one.after for one in duty.lanes if one.lane in lanes})
    ranks = [rank_at(duty, lanes, age) for age in froms]
    found = [(age, rank) for age, rank in zip(froms, ranks, strict=True) if rank is not None]
    if not found:
        return None
    return Sight(tuple(age for age, _ in found), tuple(rank for _, rank in found))


def _by_rank(duty: Duty) -> tuple[Lanes, ...]:
    ranks = sorted({one.rank for one in duty.lanes})
    return tuple([frozenset(one.lane for one in duty.lanes if one.rank == rank) for rank in ranks])

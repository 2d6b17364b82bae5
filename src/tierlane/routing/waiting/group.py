"""The advisors of one duty, and what that duty sees of the line."""

from bisect import bisect_right
from math import inf
from typing import NamedTuple

from tierlane.policy.form.desk import Duty
from tierlane.routing.waiting.seat import rank_at


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

    __slots__ = ("_sights", "bits", "duty")

    def __init__(self, duty: Duty | None) -> None:
        self.duty = duty
        self.bits = 0
        self._sights: dict[tuple[str, ...], Sight | None] = {}

    def sight(self, lanes: tuple[str, ...]) -> Sight | None:
        """Return from when the duty sees a contact of some lanes; None is never."""
        if lanes not in self._sights:
            self._sights[lanes] = _sight(lanes, self.duty)
        return self._sights[lanes]


def _sight(lanes: tuple[str, ...], duty: Duty | None) -> Sight | None:
    if duty is None:
        return Sight((-inf,), (1,))
    froms = sorted({one.after for one in duty.lanes if one.lane in lanes})
    ranks = [rank_at(duty, lanes, age) for age in froms]
    found = [(age, rank) for age, rank in zip(froms, ranks, strict=True) if rank is not None]
    if not found:
        return None
    return Sight(tuple(age for age, _ in found), tuple(rank for _, rank in found))

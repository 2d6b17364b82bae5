"""Advisors in the order of a choice that hangs on them alone, not on what a contact wants."""

from bisect import bisect_left, insort
from collections.abc import Callable
from itertools import islice
from math import inf
from typing import Any, Final

from tierlane.routing.waiting.seat import Seat

TRIES: Final = 1
"""How many are looked at from the best on, for each who is able, before these are compared."""


def _rank(seat: Seat) -> float:
    rank = seat.values.get("rank")
    return inf if rank is None else rank


PARTS: Final[dict[str, Callable[[Seat], Any]]] = {
    "load": lambda seat: seat.room.load,
    "free": lambda seat: -seat.room.free,
    "idle": lambda seat: seat.idle_since,
    "turn": lambda seat: -inf if seat.turn is None else seat.turn,
    "rank": _rank,
}
"""What the keys of a choice sort by that hang on the advisor alone; who idles longest has idled
since the earliest moment, whatever the time is."""


class Ranking:
    """Those who are ready, the best first."""

    __slots__ = ("_keys", "_order", "_parts")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._parts = tuple(PARTS[one] for one in (*keys, "idle"))
        self._order: list[tuple[Any, ...]] = []
        self._keys: dict[int, tuple[Any, ...]] = {}

    def key(self, seat: Seat) -> tuple[Any, ...]:
        """Return what an advisor sorts by: the keys, then the longest idle, then the id."""
        return (*[part(seat) for part in self._parts], seat.id, seat.number)

    def put(self, seat: Seat, key: tuple[Any, ...] | None) -> None:
        """Put an advisor where they belong; None takes them out."""
        before = self._keys.get(seat.number)
        if before == key:
            return
        if before is not None:
            del self._order[bisect_left(self._order, before)]
        if key is None:
            del self._keys[seat.number]
        else:
            self._keys[seat.number] = key
            insort(self._order, key)

    def best(self, able: int) -> int:
        """Return the number of the best of a set of advisors who are ready; -1 for none of it."""
        for key in islice(self._order, TRIES * able.bit_count()):
            number: int = key[-1]
            if able >> number & 1:
                return number
        return self._least(able)

    def _least(self, able: int) -> int:
        least: tuple[Any, ...] | None = None
        while able:
            number = able.bit_length() - 1
            able ^= 1 << number
            key = self._keys.get(number)
            if key is not None and (least is None or key < least):
                least = key
        return -1 if least is None else least[-1]

"""Advisors in the order of a choice that hangs on them alone, not on what a contact wants.

They lie in blocks, each with the set of those in it, so that the best of some advisors is found by
one look at each block before theirs and by going through one block, however many are ready and
however few of them are able.
"""

from bisect import bisect_left, insort
from collections.abc import Callable
from math import inf
from typing import Any, Final

from tierlane.routing.waiting.seat import Seat

BLOCK: Final = 24
"""Advisors of a block when it is cut; it holds twice as many at the most."""

Key = tuple[Any, ...]
"""What an advisor sorts by; its last part is the seat, and the one before the id, which differs."""


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

    __slots__ = ("_blocks", "_keys", "_lasts", "_parts", "_sets")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._parts = tuple(PARTS[one] for one in dict.fromkeys((*keys, "idle")))
        self._blocks: list[list[Key]] = []
        self._lasts: list[Key] = []
        """The last of each block."""
        self._sets: list[int] = []
        """Who is in each block."""
        self._keys: dict[int, Key] = {}

    def key(self, seat: Seat) -> Key:
        """Return what an advisor sorts by: the keys, then the longest idle, then the id."""
        return (*[part(seat) for part in self._parts], seat.id, seat)

    def put(self, seat: Seat, key: Key | None) -> None:
        """Put an advisor where they belong; None takes them out."""
        before = self._keys.get(seat.number)
        if before == key:
            return
        if before is not None:
            self._take(before, seat.bit)
        if key is None:
            del self._keys[seat.number]
        else:
            self._keys[seat.number] = key
            self._put(key, seat.bit)

    def best(self, able: int) -> Seat | None:
        """Return the best of a set of advisors who are ready; None where it has none."""
        for number, members in enumerate(self._sets):
            if members & able:
                for key in self._blocks[number]:
                    seat: Seat = key[-1]
                    if seat.bit & able:
                        return seat
        return None

    def _put(self, key: Key, bit: int) -> None:
        blocks, lasts, sets = self._blocks, self._lasts, self._sets
        if not blocks:
            blocks.append([key])
            lasts.append(key)
            sets.append(bit)
            return
        number = min(bisect_left(lasts, key), len(lasts) - 1)
        block = blocks[number]
        insort(block, key)
        lasts[number] = block[-1]
        sets[number] |= bit
        if len(block) > 2 * BLOCK:
            halves = block[:BLOCK], block[BLOCK:]
            blocks[number : number + 1] = halves
            lasts.insert(number, halves[0][-1])
            sets[number : number + 1] = [_members(one) for one in halves]

    def _take(self, key: Key, bit: int) -> None:
        number = bisect_left(self._lasts, key)
        block = self._blocks[number]
        del block[bisect_left(block, key)]
        if not block:
            del self._blocks[number], self._lasts[number], self._sets[number]
            return
        self._lasts[number] = block[-1]
        self._sets[number] ^= bit


def _members(block: list[Key]) -> int:
    found = 0
    for key in block:
        found |= key[-1].bit
    return found

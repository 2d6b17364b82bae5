"""Binary decision diagrams: sets of contacts that can be joined, cut and compared exactly.

A region is a number: 0 holds no contact, 1 every one, any other is a node that asks one bit. Equal
regions are equal numbers, because every node is made once.
"""

from collections.abc import Iterator
from typing import Final

NOTHING: Final = 0
EVERYTHING: Final = 1

MOST: Final = 1 << 20
"""Steps of all operations together: about four seconds and 300 MB."""
MOST_OF_ONE: Final = 1 << 18
"""Steps of one piece of work, so that one list that is too entangled leaves room for the others."""
DEEPEST: Final = 600
"""Bits on one path; the operations call themselves once a bit."""

_LAST: Final = 1 << 30


class TooLarge(Exception):
    """a region has more parts than the budget allows"""


class Diagram:
    """Makes regions; `most` bounds the steps of one piece of work, begun by `begin`."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._depth = [_LAST, _LAST]
        self._low = [0, 1]
        self._high = [0, 1]
        self._nodes: dict[tuple[int, int, int], int] = {}
        self._both: dict[tuple[int, int], int] = {}
        self._either: dict[tuple[int, int], int] = {}
        self._without: dict[tuple[int, int], int] = {}
        self._left, self._most_of_one = most, most_of_one
        self._allowed = self._steps = min(most, most_of_one)

    def begin(self, granted: int = 0) -> None:
        """Begin a piece of work with a budget of its own, taken from what is left and granted."""
        self._left += granted - self._spent()
        self._allowed = self._steps = min(self._left, self._most_of_one)

    def _spent(self) -> int:
        return self._allowed - max(self._steps, 0)

    def node(self, depth: int, low: int, high: int) -> int:
        """Return the region that is `low` where a bit is 0 and `high` where it is 1."""
        if low == high:
            return low
        key = (depth, low, high)
        found = self._nodes.get(key)
        if found is None:
            self._spend()
            found = self._nodes[key] = len(self._depth)
            self._depth.append(depth)
            self._low.append(low)
            self._high.append(high)
        return found

    def both(self, one: int, two: int) -> int:
        """Return what lies in both regions."""
        if two in (one, EVERYTHING):
            return one
        if one == EVERYTHING:
            return two
        if NOTHING in (one, two):
            return NOTHING
        key = (one, two) if one < two else (two, one)
        found = self._both.get(key)
        if found is None:
            depth, low, high, other_low, other_high = self._split(one, two)
            found = self.node(depth, self.both(low, other_low), self.both(high, other_high))
            self._spend()
            self._both[key] = found
        return found

    def either(self, one: int, two: int) -> int:
        """Return what lies in one of the regions, or in both."""
        if two in (one, NOTHING):
            return one
        if one == NOTHING:
            return two
        if EVERYTHING in (one, two):
            return EVERYTHING
        key = (one, two) if one < two else (two, one)
        found = self._either.get(key)
        if found is None:
            depth, low, high, other_low, other_high = self._split(one, two)
            found = self.node(depth, self.either(low, other_low), self.either(high, other_high))
            self._spend()
            self._either[key] = found
        return found

    def without(self, one: int, two: int) -> int:
        """Return what lies in the first region and not in the second."""
        if one in (two, NOTHING) or two == EVERYTHING:
            return NOTHING
        if two == NOTHING:
            return one
        key = (one, two)
        found = self._without.get(key)
        if found is None:
            depth, low, high, other_low, other_high = self._split(one, two)
            found = self.node(depth, self.without(low, other_low), self.without(high, other_high))
            self._spend()
            self._without[key] = found
        return found

    def fixed(self, region: int, bits: dict[int, int]) -> int:
        """Return what is left of a region once some bits are known; they no longer matter."""
        done: dict[int, int] = {}

        def fix(node: int) -> int:
            if node <= EVERYTHING:
                return node
            if node not in done:
                depth = self._depth[node]
                if depth in bits:
                    done[node] = fix(self._high[node] if bits[depth] else self._low[node])
                else:
                    done[node] = self.node(depth, fix(self._low[node]), fix(self._high[node]))
            return done[node]

        return fix(region)

    def cube(self, bits: dict[int, int]) -> int:
        """Return where some bits are as stated, whatever the others are."""
        found = EVERYTHING
        for depth in sorted(bits, reverse=True):
            low, high = (NOTHING, found) if bits[depth] else (found, NOTHING)
            found = self.node(depth, low, high)
        return found

    def support(self, region: int) -> frozenset[int]:
        """Return the depths of the bits that a region hangs on."""
        seen: set[int] = set()
        depths: set[int] = set()
        waiting = [region]
        while waiting:
            node = waiting.pop()
            if node <= EVERYTHING or node in seen:
                continue
            seen.add(node)
            depths.add(self._depth[node])
            waiting += (self._low[node], self._high[node])
        return frozenset(depths)

    def holds(self, region: int, bits: dict[int, int]) -> bool:
        """Tell whether one contact lies in a region; a bit that is not stated is 0."""
        while region > EVERYTHING:
            up = bits.get(self._depth[region], 0)
            region = self._high[region] if up else self._low[region]
        return region == EVERYTHING

    def path(self, region: int, turns: Iterator[int]) -> dict[int, int]:
        """Return bits of one contact in a region that is not empty; `turns` says which of two."""
        bits: dict[int, int] = {}
        while region > EVERYTHING:
            sides = (self._low[region], self._high[region])
            up = next(turns) & 1
            if sides[up] == NOTHING:
                up = 1 - up
            bits[self._depth[region]] = up
            region = sides[up]
        return bits

    def _split(self, one: int, two: int) -> tuple[int, int, int, int, int]:
        depth, other = self._depth[one], self._depth[two]
        top = min(depth, other)
        low, high = (self._low[one], self._high[one]) if depth == top else (one, one)
        if other == top:
            return top, low, high, self._low[two], self._high[two]
        return top, low, high, two, two

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise TooLarge

"""Rows of one set of lanes by what their first contacts sort by, kept in that order as time passes.

Whoever looks for a contact goes up from the first row and stops at one that they may take from, so
that it does not matter how many rows there are. A row moves when its first contact is another, or
when the score of its first has grown; both are seen to before the next look.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import heappop, heappush
from math import inf
from typing import Any

from tierlane.policy.line.ordering import Order
from tierlane.routing.waiting.row import Row


class Ladder:
    """The rows in which somebody can be offered, in the order in which their first are served.

    The rank of their lane is left out: all have the same for one who looks.
    """

    __slots__ = ("_changed", "_due", "_keys", "_order", "_steps", "lanes")

    def __init__(self, lanes: tuple[str, ...]) -> None:
        self.lanes = lanes
        self._order: Order | None = None
        self._steps: list[tuple[Any, ...]] = []
        self._keys: dict[Row, tuple[Any, ...]] = {}
        self._due: list[tuple[float, int, Row]] = []
        self._changed: dict[Row, None] = {}

    def change(self, row: Row) -> None:
        """Note that the first contact of a row may be another."""
        self._changed[row] = None

    def rows(self, order: Order, now: int) -> Iterator[tuple[tuple[Any, ...], Row]]:
        """Yield the rows with what their first sorts by; nothing may change meanwhile."""
        if order is not self._order:
            self._anew(order)
        due = self._due
        while due and due[0][0] <= now:
            self._changed[heappop(due)[2]] = None
        if self._changed:
            for row in self._changed:
                self._move(row, order, now)
            self._changed.clear()
        for key, _, row in self._steps:
            yield key, row

    def _anew(self, order: Order) -> None:
        """Begin again by another order."""
        self._order = order
        self._changed.update(dict.fromkeys(self._keys))
        for row in self._keys:
            row.until = -inf
        self._keys.clear()
        self._steps.clear()
        self._due.clear()

    def _move(self, row: Row, order: Order, now: int) -> None:
        before = self._keys.pop(row, None)
        if not row.marks:
            if before is not None:
                del self._steps[bisect_left(self._steps, before)]
            return
        step = (row.first_key(order, now), row.number, row)
        if row.until < inf:
            heappush(self._due, (row.until, row.number, row))
        self._keys[row] = step
        if before is not None and before[0] == step[0]:
            return
        if before is not None:
            del self._steps[bisect_left(self._steps, before)]
        insort(self._steps, step)

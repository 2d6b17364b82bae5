"""Rows of one set of lanes and one set of wants, the one served first at the front.

They differ in channel, in priority and in what was promised. Whoever looks for a contact goes up
from the first row and stops at the first that they have room for, so that it does not matter how
many rows there are, even where each contact is promised a time of its own. A row moves when its
first contact is another, or when the score of its first has grown; both are seen to before the next
look.
"""

from bisect import bisect_left, insort
from heapq import heappop, heappush
from math import inf
from typing import Any

from tierlane.policy.line.ordering import Order
from tierlane.routing.waiting.kin import Kin
from tierlane.routing.waiting.row import Row

Step = tuple[tuple[Any, ...], int, Row]
"""What the first of a row sorts by but for the rank of its lane, the row's number, the row."""


class Bay:
    """The rows of some lanes that want the same of an advisor."""

    __slots__ = (
        "_changed",
        "_due",
        "_order",
        "_places",
        "kin",
        "lanes",
        "list",
        "members",
        "until",
    )

    def __init__(self, lanes: tuple[str, ...], kin: Kin) -> None:
        self.lanes, self.kin = lanes, kin
        self.members: dict[Row, None] = {}
        """All its rows, those included in which nobody can be offered now."""
        self._order: Order | None = None
        self.list: list[Step] = []
        """What `steps` returned; good before `until`."""
        self.until = -inf
        self._places: dict[Row, Step] = {}
        self._due: list[tuple[float, int, Row]] = []
        self._changed: dict[Row, None] = {}

    def change(self, row: Row) -> None:
        """Note that the first contact of a row may be another."""
        self._changed[row] = None
        self.until = -inf

    def forget(self, row: Row) -> None:
        """Forget a row in which nobody stands any more."""
        del self.members[row]
        self._changed.pop(row, None)
        before = self._places.pop(row, None)
        if before is not None:
            del self.list[bisect_left(self.list, before)]

    def steps(self, order: Order, now: int) -> list[Step]:
        """Return the rows in which somebody can be offered, the first to be served first.

        It is the list itself: nothing may be offered while it is gone through.
        """
        due = self._due
        if order is not self._order:
            self._anew(order)
        while due and due[0][0] <= now:
            self._changed[heappop(due)[2]] = None
        if self._changed:
            for row in self._changed:
                self._move(row, order, now)
            self._changed.clear()
        self.until = due[0][0] if due else inf
        return self.list

    def _anew(self, order: Order) -> None:
        """Begin again by another order."""
        self._order = order
        self._changed.update(dict.fromkeys(self._places))
        for row in self._places:
            row.until = -inf
        self._places.clear()
        self.list.clear()
        self._due.clear()

    def _move(self, row: Row, order: Order, now: int) -> None:
        before = self._places.pop(row, None)
        if not row.marks:
            if before is not None:
                del self.list[bisect_left(self.list, before)]
            return
        step = (row.first_key(order, now), row.number, row)
        if row.until < inf:
            heappush(self._due, (row.until, row.number, row))
        self._places[row] = step
        if before is not None:
            if before[0] == step[0]:
                return
            del self.list[bisect_left(self.list, before)]
        insort(self.list, step)

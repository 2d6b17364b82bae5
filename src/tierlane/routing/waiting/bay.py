"""Rows of one set of lanes and one set of wants, the one served first at the front.

They differ in channel, in priority and in what was promised. Whoever looks for a contact goes up
from the first row and stops at the first that they have room for, so that it does not matter how
many rows there are, even where each contact is promised a time of its own. A row moves when its
first contact is another, or when the score of its first has grown; the line sees to both before the
next look (`WaitingLine.refresh`).
"""

from bisect import bisect_left, insort
from math import inf
from typing import Any, Final

from tierlane.policy.line.ordering import Order
from tierlane.routing.waiting.kin import Kin
from tierlane.routing.waiting.row import Row

Step = tuple[tuple[Any, ...], int, Row]
"""What the first of a row sorts by but for the rank of its lane, the row's number, the row."""

NO_ROW: Final[Any] = ((inf,) * 64, 0, None)
"""Comes behind every step: of what a contact sorts by, no part is more than that, and its moment of
arrival is less."""


class Bay:
    """The rows of some lanes that want the same of an advisor; compared by identity."""

    __slots__ = ("_places", "filled", "kin", "lanes", "list", "members")

    def __init__(self, lanes: tuple[str, ...], kin: Kin) -> None:
        self.lanes, self.kin = lanes, kin
        self.members: dict[Row, None] = {}
        """All its rows, those included in which nobody can be offered now."""
        self.filled = 0
        """How many of them have somebody who can be offered."""
        self.list: list[Step] = []
        """Those, the first to be served first; good after `WaitingLine.refresh`."""
        self._places: dict[Row, Step] = {}

    def begin_anew(self) -> None:
        """Forget where rows stand, since the order is another; each of them must move."""
        self._places.clear()
        self.list.clear()
        for row in self.members:
            row.until = -inf

    def move(self, row: Row, order: Order, now: int) -> bool:
        """Put a row where it belongs now; tell whether it is where it was not."""
        before = self._places.pop(row, None)
        step = (row.first_key(order, now), row.number, row) if row.marks else None
        if step is not None:
            self._places[row] = step
            if before is not None and before[0] == step[0]:
                return False
        if before is not None:
            del self.list[bisect_left(self.list, before)]
        if step is not None:
            insort(self.list, step)
        return step is not before

    def forget(self, row: Row) -> None:
        """Forget a row in which nobody stands any more."""
        del self.members[row]
        before = self._places.pop(row, None)
        if before is not None:
            del self.list[bisect_left(self.list, before)]

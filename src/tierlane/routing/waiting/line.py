"""The waiting line: contacts alike stand in one row each, by age, so that rows are compared only.

All figures of a policy being constants, contacts differ in finitely many ways (`Alike`), and those
alike are served by age whatever the time is: their order never changes while they wait. To find who
is next, the first of each row is looked at; what that costs hangs on the rows, not on the contacts.
"""

from heapq import heappop, heappush
from math import inf
from typing import Any, Final

from tierlane.policy.line.ordering import Order
from tierlane.routing.waiting.bay import Bay
from tierlane.routing.waiting.column import Mark
from tierlane.routing.waiting.crowd import Crowd
from tierlane.routing.waiting.kin import Kin
from tierlane.routing.waiting.roster import Roster
from tierlane.routing.waiting.row import Alike, Row

EMPTY: Final = 1_000
"""Rows in which nobody stands that are kept at least: most of them are used again."""
KNOWN: Final = 65_536
"""Rows found by what their contacts are made of, until that is forgotten and they are compared."""


class WaitingLine:
    """The rows of one desk, and how many wait in each lane."""

    __slots__ = (
        "_bays",
        "_budgeted",
        "_by_alike",
        "_changed",
        "_due",
        "_made",
        "_order",
        "_roster",
        "_used",
        "filled",
        "known",
        "rows",
        "waiting",
    )  # fmt: skip

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._by_alike: dict[Alike, Row] = {}
        self._budgeted: dict[str, dict[Row, None]] = {}
        self._made = self._used = 0
        self.known: dict[tuple[Any, ...], tuple[Row, tuple[Any, ...]]] = {}
        """By the identities of what a row is reckoned from, which is kept with it."""
        self.rows: dict[int, Row] = {}
        """By number."""
        self.filled: dict[Row, None] = {}
        """Those in which somebody stands who can be offered."""
        self._bays: dict[tuple[tuple[str, ...], Kin], Bay] = {}
        self.waiting: dict[str, Crowd] = {}
        """All that wait in a lane, offered or not."""
        self._order: Order | None = None
        self._changed: dict[Row, None] = {}
        """Rows whose first may be another, or whose first sorts otherwise by now."""
        self._due: list[tuple[float, int, Row]] = []

    def row(self, alike: Alike) -> Row:
        """Return the row of contacts that are alike."""
        row = self._by_alike.get(alike)
        if row is None:
            if len(self.rows) > 2 * self._used + EMPTY:
                self._sweep()
            self._made += 1
            row = Row(self._made, alike, self._roster.kin(alike.wants))
            self._by_alike[alike] = self.rows[row.number] = row
            for budget in alike.budgets:
                self._budgeted.setdefault(budget, {})[row] = None
            row.room = self._roster.place(row.channel)
            row.bay = self._bay(row)
            row.bay.members[row] = None
        return row

    def know(
        self, key: tuple[Any, ...], row: Row, made_of: tuple[Any, ...]
    ) -> tuple[Row, tuple[Any, ...]]:
        """Remember a row by the identities of `made_of`, which stay theirs while it is kept."""
        if len(self.known) >= KNOWN:
            self.known.clear()
        self.known[key] = row, made_of
        return self.known[key]

    def enter(self, row: Row, mark: Mark) -> None:
        """Count a contact in its lane."""
        lane = row.lanes[0]
        crowd = self.waiting.get(lane)
        if crowd is None:
            crowd = self.waiting[lane] = Crowd()
        crowd.add(mark)
        row.size += 1
        self._used += row.size == 1

    def leave(self, row: Row, mark: Mark) -> None:
        """Count a contact in its lane no more."""
        self.waiting[row.lanes[0]].discard(mark)
        row.size -= 1
        self._used -= row.size == 0

    def add(self, row: Row, mark: Mark) -> None:
        """Let a contact be offered."""
        if not row.marks:
            self.filled[row] = None
            row.bay.filled += 1
        if row.add(mark):
            self._changed[row] = None

    def discard(self, row: Row, mark: Mark) -> None:
        """Let a contact be offered no more; it need not be there."""
        if row.discard(mark):
            self._changed[row] = None
            if not row.marks:
                del self.filled[row]
                row.bay.filled -= 1

    def refresh(self, order: Order, now: int) -> None:
        """Put every row where it belongs in its bay by now."""
        changed, due = self._changed, self._due
        if order is not self._order:
            self._begin_anew(order)
        while due and due[0][0] <= now:
            changed[heappop(due)[2]] = None
        if not changed:
            return
        views = self._roster.views.values()
        for row in changed:
            if row.bay.move(row, order, now):
                for view in views:
                    view.fronts.pop(row.bay, None)
            if row.marks and row.until < inf:
                heappush(due, (row.until, row.number, row))
        changed.clear()

    def _begin_anew(self, order: Order) -> None:
        self._order = order
        self._due.clear()
        for bay in self._bays.values():
            bay.begin_anew()
        for view in self._roster.views.values():
            view.fronts.clear()
        self._changed.update(self.filled)

    def of_budget(self, budget: str) -> list[Row]:
        """Return the rows that a budget binds."""
        return list(self._budgeted.get(budget, ()))

    def _sweep(self) -> None:
        """Forget the rows in which nobody waits any more, offered or not."""
        empty = [row for row in self.rows.values() if not row.size]
        for row in empty:
            del self.rows[row.number], self._by_alike[row.alike]
            for budget in row.alike.budgets:
                del self._budgeted[budget][row]
            row.bay.forget(row)
            self._changed.pop(row, None)
            for view in self._roster.views.values():
                view.fronts.pop(row.bay, None)
        self.known.clear()
        gone = [bay for bay in self._bays.values() if not bay.members]
        for bay in gone:
            del self._bays[bay.lanes, bay.kin]
        self._roster.forget(gone)

    def _bay(self, row: Row) -> Bay:
        key = (row.lanes, row.kin)
        found = self._bays.get(key)
        if found is None:
            found = self._bays[key] = Bay(row.lanes, row.kin)
            self._roster.introduce(found)
        return found

    def __bool__(self) -> bool:
        return bool(self.filled)

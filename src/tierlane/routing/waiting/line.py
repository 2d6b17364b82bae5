"""The waiting line: contacts alike stand in one row each, by age, so that rows are compared only.

All figures of a policy being constants, contacts differ in finitely many ways (`Alike`), and those
alike are served by age whatever the time is: their order never changes while they wait. To find who
is next, the first of each row is looked at; what that costs hangs on the rows, not on the contacts.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from tierlane.routing.waiting.contact import Alike

Mark = tuple[int, str]
"""When a contact arrived, and its id."""


class WaitingLine:
    """The rows of one desk, and how many wait in each lane."""

    __slots__ = ("_by_lane", "_rows", "waiting")

    def __init__(self) -> None:
        self._rows: dict[Alike, list[Mark]] = {}
        self._by_lane: dict[str, dict[Alike, None]] = {}
        self.waiting: dict[str, list[Mark]] = {}
        """All that wait in a lane, offered or not, by age."""

    def enter(self, lane: str, mark: Mark) -> None:
        """Count a contact in a lane."""
        insort(self.waiting.setdefault(lane, []), mark)

    def leave(self, lane: str, mark: Mark) -> None:
        """Count a contact in a lane no more."""
        _remove(self.waiting[lane], mark)

    def add(self, alike: Alike, mark: Mark) -> None:
        """Let a contact be offered."""
        row = self._rows.get(alike)
        if row is None:
            row = self._rows[alike] = []
            for lane in alike.lanes:
                self._by_lane.setdefault(lane, {})[alike] = None
        insort(row, mark)

    def discard(self, alike: Alike, mark: Mark) -> None:
        """Let a contact be offered no more; it need not be there."""
        row = self._rows.get(alike)
        if row is None or not _remove(row, mark):
            return
        if not row:
            del self._rows[alike]
            for lane in alike.lanes:
                del self._by_lane[lane][alike]

    def rows(self, lanes: Iterable[str] | None) -> Iterator[tuple[Alike, list[Mark]]]:
        """Yield the rows that advisors of some lanes may take from; None is every lane."""
        if lanes is None:
            yield from self._rows.items()
            return
        found = dict.fromkeys(one for lane in lanes for one in self._by_lane.get(lane, ()))
        for alike in found:
            yield alike, self._rows[alike]

    def row(self, alike: Alike) -> tuple[Mark, ...]:
        """Return the contacts of one row that can be offered, by age."""
        return tuple(self._rows.get(alike, ()))

    def stands(self, alike: Alike, mark: Mark) -> bool:
        """Tell whether a contact stands in its row, so that it can be offered."""
        row = self._rows.get(alike, ())
        place = bisect_left(row, mark)
        return place < len(row) and row[place] == mark

    def __bool__(self) -> bool:
        return bool(self._rows)


def _remove(marks: list[Mark], mark: Mark) -> bool:
    position = bisect_left(marks, mark)
    found = position < len(marks) and marks[position] == mark
    if found:
        del marks[position]
    return found

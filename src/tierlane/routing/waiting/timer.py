"""What is due when: offers expire, steps end, advisors look again, contacts come due."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from math import inf
from typing import Final

Entry = tuple[int, int, str]
"""Moment, kind and id."""

OFFER: Final = 0
STEP: Final = 1
WAKE: Final = 2
READY: Final = 3
LOOK: Final = 4
"""Kinds in the order in which they fire that are due at one moment."""

SPARE: Final = 1_000
"""Entries forgotten that may lie in the heap, beside as many as hold, before it is made anew."""


class Timers:
    """Entries by moment, kind and id. Whoever takes one looks whether it still holds."""

    __slots__ = ("_heap", "_there")

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._there: set[Entry] = set()

    def put(self, due: float, kind: int, key: str) -> None:
        """See that something is looked at when it is due; what never is may be put, too."""
        if due == inf:
            return
        entry = (int(due), kind, key)
        if entry not in self._there:
            self._there.add(entry)
            heappush(self._heap, entry)

    def put_all(self, entries: Iterable[Entry]) -> None:
        """Put many at once, which costs less than one by one."""
        self._there.update(entries)
        self._heap = list(self._there)
        heapify(self._heap)

    def drop(self, due: float, kind: int, key: str) -> None:
        """Forget an entry; it need not be there."""
        if due == inf:
            return
        self._there.discard((int(due), kind, key))
        heap = self._heap
        while heap and heap[0] not in self._there:
            heappop(heap)
        if len(heap) > 2 * len(self._there) + SPARE:
            self.put_all(())

    @property
    def next(self) -> int | None:
        """The first moment at which something is due."""
        return self._heap[0][0] if self._heap else None

    def take(self, moment: int) -> tuple[int, str] | None:
        """Take the next entry due at a moment or before: kind and id."""
        heap = self._heap
        if not heap or heap[0][0] > moment:
            return None
        entry = heappop(heap)
        self._there.discard(entry)
        while heap and heap[0] not in self._there:
            heappop(heap)
        return entry[1], entry[2]

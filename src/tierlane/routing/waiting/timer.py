"""What is due when: offers expire, steps end, advisors look again, contacts come due."""

from heapq import heappop, heappush
from typing import Final

OFFER: Final = 0
STEP: Final = 1
WAKE: Final = 2
READY: Final = 3
"""Kinds in the order in which they fire that are due at one moment."""


class Timers:
    """Entries by moment, kind and id. Whoever takes one looks whether it still holds."""

    __slots__ = ("_heap", "_there")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, str]] = []
        self._there: set[tuple[int, int, str]] = set()

    def put(self, due: float, kind: int, key: str) -> None:
        """See that something is looked at when it is due; what never is may be put, too."""
        if due == float("inf"):
            return
        entry = (int(due), kind, key)
        if entry not in self._there:
            self._there.add(entry)
            heappush(self._heap, entry)

    @property
    def next(self) -> int | None:
        """The first moment at which something is due."""
        return self._heap[0][0] if self._heap else None

    def take(self, moment: int) -> tuple[int, str] | None:
        """Take the next entry due at a moment or before: kind and id."""
        if not self._heap or self._heap[0][0] > moment:
            return None
        entry = heappop(self._heap)
        self._there.discard(entry)
        return entry[1], entry[2]

"""All who wait in a lane, offered or not: how many, and since when the oldest does.

Coming and going costs the same however many there are; to ask for the oldest costs as much as
those who left since it was asked, and the first time a look at all.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from tierlane.routing.waiting.column import Mark


class Crowd:
    """Marks in no order."""

    __slots__ = ("_heap", "_there")

    def __init__(self) -> None:
        self._there: dict[Mark, None] = {}
        self._heap: list[Mark] | None = None
        """None as long as nobody asks for the oldest."""

    def add(self, mark: Mark) -> None:
        """Take a mark in that is not there."""
        self._there[mark] = None
        if self._heap is not None:
            heappush(self._heap, mark)

    def discard(self, mark: Mark) -> None:
        """Take a mark out that is there."""
        del self._there[mark]
        if self._heap is not None and len(self._heap) > 2 * len(self._there) + 1:
            self._heap = None

    @property
    def oldest(self) -> Mark:
        """The oldest; raises IndexError where there is none."""
        if self._heap is None:
            self._heap = list(self._there)
            heapify(self._heap)
        while self._heap and self._heap[0] not in self._there:
            heappop(self._heap)
        return self._heap[0]

    def __iter__(self) -> Iterator[Mark]:
        return iter(self._there)

    def __len__(self) -> int:
        return len(self._there)

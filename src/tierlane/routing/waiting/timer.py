"""What is due when: offers expire, steps end, advisors look again, contacts come due.

What is due later lies unsorted in boxes of some seconds; only the first box is in order. To put
something into one box, or to forget it, costs the same whether 100 or 100,000 are due. A heap of
all of them is gone through from its top to its bottom for each that is taken, and most of that is
waiting for memory.
"""

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
SILENCE: Final = 5
LAPSE: Final = 6
"""Kinds in the order in which they fire that are due at one moment; the last two are not put."""

BOX: Final = 8_192
"""Ms of one box: of what is due within it some hundred lie there at 10 contacts a second."""

SPARE: Final = 1_000
"""Entries forgotten that may lie in boxes, beside as many as hold, before these are made anew."""


class Timers:
    """Entries by moment, kind and id. Whoever takes one looks whether it still holds."""

    __slots__ = ("_boxes", "_first", "_heap", "_later", "_size", "_there")

    def __init__(self) -> None:
        self._there: set[Entry] = set()
        self._heap: list[Entry] = []
        """What is due first, as a heap: the boxes up to `_first`, and what was put before it."""
        self._first: float = -inf
        self._boxes: dict[int, list[Entry]] = {}
        self._later: list[int] = []
        """The numbers of the boxes behind it, as a heap."""
        self._size = 0
        """Entries in the heap and in boxes, those forgotten included."""

    def put(self, due: float, kind: int, key: str) -> None:
        """See that something is looked at when it is due; what never is may be put, too."""
        if due == inf:
            return
        entry = (int(due), kind, key)
        if entry not in self._there:
            self._there.add(entry)
            self._lay(entry)
            self._open()

    def put_all(self, entries: Iterable[Entry]) -> None:
        """Put many at once, which costs less than one by one."""
        self._there.update(entries)
        self._heap, self._first = [], -inf
        self._boxes, self._later, self._size = {}, [], 0
        for entry in self._there:
            self._lay(entry)
        self._open()

    def drop(self, due: float, kind: int, key: str) -> None:
        """Forget an entry; it need not be there."""
        if due == inf:
            return
        self._there.discard((int(due), kind, key))
        if self._size > 2 * len(self._there) + SPARE:
            self.put_all(())
        else:
            self._open()

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
        self._size -= 1
        self._there.discard(entry)
        self._open()
        return entry[1], entry[2]

    def _lay(self, entry: Entry) -> None:
        self._size += 1
        number = entry[0] // BOX
        if number <= self._first:
            heappush(self._heap, entry)
        elif (box := self._boxes.get(number)) is not None:
            box.append(entry)
        else:
            self._boxes[number] = [entry]
            heappush(self._later, number)

    def _open(self) -> None:
        """See that the first entry that holds is at the top of the heap."""
        heap, there = self._heap, self._there
        while True:
            while heap and heap[0] not in there:
                heappop(heap)
                self._size -= 1
            if heap or not self._later:
                return
            self._first = heappop(self._later)
            box = self._boxes.pop(self._first)
            heap += [one for one in box if one in there]
            heapify(heap)
            self._size -= len(box) - len(heap)

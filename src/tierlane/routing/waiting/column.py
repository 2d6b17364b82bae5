"""Contacts by age in blocks, so that coming and going costs no more in a long line than in a short.

In one sorted list of 100,000, whatever comes or goes at its head moves 800 KB of memory.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

Mark = tuple[int, str]
"""When a contact arrived, and its id."""

BLOCK: Final = 500
"""Marks of a block when it is cut; it holds twice as many at the most (8 KB)."""


class Column:
    """Marks in ascending order."""

    __slots__ = ("_lasts", "_size", "blocks")

    def __init__(self, marks: Iterable[Mark] = ()) -> None:
        """Begin with marks that are in order already."""
        given = list(marks)
        self.blocks = [given[at : at + BLOCK] for at in range(0, len(given), BLOCK)]
        """None of them is empty, so that the oldest is the first of the first."""
        self._lasts = [block[-1] for block in self.blocks]
        self._size = len(given)

    def add(self, mark: Mark) -> None:
        """Take a mark in that is not there."""
        blocks, lasts = self.blocks, self._lasts
        self._size += 1
        if not blocks:
            blocks.append([mark])
            lasts.append(mark)
            return
        if mark > lasts[-1]:  # most that come are the youngest
            number = len(blocks) - 1
            blocks[number].append(mark)
            lasts[number] = mark
        else:
            number = bisect_left(lasts, mark)
            insort(blocks[number], mark)
        block = blocks[number]
        if len(block) > 2 * BLOCK:
            blocks[number : number + 1] = [block[:BLOCK], block[BLOCK:]]
            lasts.insert(number, block[BLOCK - 1])

    def discard(self, mark: Mark) -> bool:
        """Take a mark out; return whether it was there."""
        number = bisect_left(self._lasts, mark)
        if number == len(self.blocks):
            return False
        block = self.blocks[number]
        position = bisect_left(block, mark)
        if block[position] != mark:
            return False
        del block[position]
        self._size -= 1
        if not block:
            del self.blocks[number], self._lasts[number]
        elif position == len(block):
            self._lasts[number] = block[-1]
        return True

    def before(self, key: Any, of: Callable[[Mark], Any]) -> int:
        """Return how many have a lesser key, where keys ascend as the marks do."""
        number = bisect_left(self._lasts, key, key=of)
        if number == len(self.blocks):
            return self._size
        return sum(map(len, self.blocks[:number])) + bisect_left(self.blocks[number], key, key=of)

    def __contains__(self, mark: Mark) -> bool:
        number = bisect_left(self._lasts, mark)
        if number == len(self.blocks):
            return False
        block = self.blocks[number]
        return block[bisect_left(block, mark)] == mark

    @property
    def first(self) -> Mark:
        """The oldest; raises IndexError where there is none."""
        return self.blocks[0][0]

    def __iter__(self) -> Iterator[Mark]:
        for block in self.blocks:
            yield from block

    def __len__(self) -> int:
        return self._size

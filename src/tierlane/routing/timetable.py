"""When each key is to be looked at again; cost depends on what is due, not on what is kept."""

from heapq import heappop, heappush
from typing import Final

GRAIN: Final = 60_000
"""Deadlines are rounded up to whole minutes, so that keys share an entry in the heap."""

NEVER: Final = 1 << 62


def rounded(deadline: int) -> int:
    """Return the deadline as it will fire: never earlier than asked, at most a minute later."""
    return -(-deadline // GRAIN) * GRAIN


class Timetable:
    """Keys by deadline.

    A key stands at or before its true deadline, so whoever takes a due key looks into its value.
    That is why nothing needs undoing when a batch is rolled back: a key may come up too early.
    """

    __slots__ = ("_due", "_heap", "_keys", "next")

    def __init__(self) -> None:
        self._due: dict[bytes, int] = {}
        self._keys: dict[int, list[bytes]] = {}
        self._heap: list[int] = []
        self.next = NEVER
        """The earliest deadline, or NEVER."""

    def put(self, key: bytes, deadline: int) -> None:
        """See that the key comes up at its deadline at the latest."""
        if self._due.get(key, NEVER) <= deadline:
            return
        self._due[key] = deadline
        keys = self._keys.get(deadline)
        if keys is None:
            self._keys[deadline] = [key]
            heappush(self._heap, deadline)
            self.next = self._heap[0]
        else:
            keys.append(key)

    def take(self) -> tuple[int, list[bytes]]:
        """Take the keys of the earliest deadline, in an order of their own; there must be one."""
        deadline = heappop(self._heap)
        self.next = self._heap[0] if self._heap else NEVER
        due = self._due
        keys = sorted({key for key in self._keys.pop(deadline) if due.get(key) == deadline})
        for key in keys:
            del due[key]
        return deadline, keys

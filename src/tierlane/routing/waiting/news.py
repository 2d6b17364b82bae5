"""Of whom something was heard when, the longest silent first.

Whoever is heard of goes to the end, or before it where the news comes late, so the first is the
next to be silent for too long: no timer is needed. Who was heard of again, or has left, is passed
over when it comes to the front; a dict alone would go through all that left before on every look.
"""

from collections import deque
from typing import Final

SPARE: Final = 1_000
"""What may lie in the line and count no more, beside as much as counts, before it is cleared."""


class News:
    """Ids with the moment of the latest news."""

    __slots__ = ("_heard", "_line")

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}
        self._line: deque[tuple[int, str]] = deque()

    def hear(self, key: str, now: int) -> None:
        """Note that something was heard."""
        if self._heard.get(key) == now:
            return
        self._heard[key] = now
        self._line.append((now, key))
        if len(self._line) > 1 and now < self._line[-2][0]:
            self._line = deque(sorted(self._line))
        if len(self._line) > 2 * len(self._heard) + SPARE:
            self._line = deque(one for one in self._line if self._counts(one))

    def forget(self, key: str) -> None:
        """Expect nothing any more; it need not be there."""
        self._heard.pop(key, None)

    def next(self, after: int) -> int | None:
        """Return the moment at which the first will have been silent for `after` ms."""
        line, heard = self._line, self._heard
        while line:
            at, key = line[0]
            if heard.get(key) == at:
                return at + after
            line.popleft()
        return None

    def silent(self, after: int, now: int) -> list[str]:
        """Return those silent for `after` ms by now, in the order of their ids."""
        line = self._line
        if not line or line[0][0] + after > now:
            return []
        found = set()
        for one in line:
            if one[0] + after > now:
                break
            if self._counts(one):
                found.add(one[1])
        return sorted(found)

    def ids(self) -> tuple[str, ...]:
        """Return all, the longest silent first, then by id."""
        return tuple(sorted(self._heard, key=lambda one: (self._heard[one], one)))

    def _counts(self, one: tuple[int, str]) -> bool:
        return self._heard.get(one[1]) == one[0]

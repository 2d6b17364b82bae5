"""Of whom something was heard when, the longest silent first.

Time never goes back, so whoever is heard of goes to the end, and the first is the next to be
silent for too long: no timer is needed, and nothing is left behind by those who leave.
"""


class News:
    """Ids with the moment of the latest news."""

    __slots__ = ("_heard",)

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}

    def hear(self, key: str, now: int) -> None:
        """Note that something was heard."""
        self._heard.pop(key, None)
        self._heard[key] = now

    def forget(self, key: str) -> None:
        """Expect nothing any more; it need not be there."""
        self._heard.pop(key, None)

    def next(self, after: int) -> int | None:
        """Return the moment at which the first will have been silent for `after` ms."""
        for heard in self._heard.values():
            return heard + after
        return None

    def silent(self, after: int, now: int) -> list[str]:
        """Return those silent for `after` ms by now, in the order of their ids."""
        found = []
        for key, heard in self._heard.items():
            if heard + after > now:
                break
            found.append(key)
        return sorted(found)

    def ids(self) -> tuple[str, ...]:
        """Return all, the longest silent first, then by id."""
        return tuple(sorted(self._heard, key=lambda one: (self._heard[one], one)))

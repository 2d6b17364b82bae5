"""Budgets as a desk counts them: what is open, and what was taken on within a time."""

from collections import deque
from collections.abc import Callable, Iterable

from tierlane.policy.line.budgeting import Budgeted

Key = tuple[str, str]
"""Budget, and whose contacts are counted together."""


class Spending:
    """Counts per budget and owner; an offer counts while it is open, as nobody else may have it."""

    __slots__ = ("_day", "changed", "offered", "open", "taken")

    def __init__(self, day: Callable[[int], int]) -> None:
        self._day = day
        self.open: dict[Key, int] = {}
        self.offered: dict[Key, int] = {}
        self.taken: dict[Key, deque[int]] = {}
        """When contacts were taken on, oldest first; only of budgets that count within a time."""
        self.changed: set[Key] = set()
        """What is open or was taken on otherwise since somebody looked."""

    def count(self, key: Key, counts: dict[Key, int], number: int) -> None:
        """Count one more or less."""
        self.changed.add(key)
        left = counts.get(key, 0) + number
        if left:
            counts[key] = left
        else:
            counts.pop(key, None)

    def take(self, budget: Budgeted, key: Key, now: int) -> None:
        """Count a contact that is taken on."""
        if budget.within == "open":
            self.count(key, self.open, 1)
            return
        self.changed.add(key)
        times = self.taken.setdefault(key, deque())
        times.append(now)
        while len(times) > budget.most:  # older ones can tell nothing any more
            times.popleft()

    def left(self, budget: Budgeted, key: Key, now: int, *, before: int = 0) -> int:
        """Return what is left; `before` are open ones that the desk was never told of."""
        spent = self.offered.get(key, 0)
        if budget.within == "open":
            spent += self.open.get(key, 0) + before
        else:
            spent += sum(self._counts(budget, at, now) for at in self.taken.get(key, ()))
        return budget.most - spent

    def renewed(self, budget: Budgeted, key: Key, now: int) -> int | None:
        """Return when one more is left because time has passed; None never for that."""
        counted = [at for at in self.taken.get(key, ()) if self._counts(budget, at, now)]
        if not counted or budget.within == "open":
            return None
        if isinstance(budget.within, int):
            return counted[0] + budget.within
        return now + 60_000  # the day's end depends on the time zone: look every minute

    def _counts(self, budget: Budgeted, at: int, now: int) -> bool:
        if isinstance(budget.within, int):
            return now - at < budget.within
        return self._day(at) == self._day(now)

    def keys(
        self, budgets: Iterable[Budgeted], desk: str, advisor: str | None, customer: str | None
    ) -> list[tuple[Budgeted, Key]]:
        """Return budgets with the owner whose contacts each counts; without one it binds nobody."""
        found = ((one, one.owner(desk, advisor, customer)) for one in budgets)
        return [(one, (one.name, owner)) for one, owner in found if owner is not None]

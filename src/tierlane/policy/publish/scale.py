"""Whether contacts decided by two revisions may wait in one line.

What waits keeps its priority, what comes has that of the new revision. Both stand in one order only
where a row that is above another one in its own revision is above it in the other's as well: where
gold goes from 10 to 100 and the default from 1 to 50, a new contact without any claim would pass
gold ones that wait.
"""

from collections.abc import Iterable
from typing import NamedTuple

from tierlane.policy.form.document import Document


class Moved(NamedTuple):
    """A row whose priority is another in the new revision."""

    low: float
    high: float
    """The lower and the higher of the two priorities."""
    row: str


class Inversion(NamedTuple):
    """A row that would stand behind one it is above, where both revisions have contacts waiting."""

    above: str
    has: float
    below: str
    against: float


def inversion(old: Document, new: Document) -> Inversion | None:
    """Return an inversion between what waits and what comes; None: they go together.

    Compared are the priorities that rows of the same name begin with, in both revisions. Two rows
    are inverted where both moved the same way, and the upper one's lower priority lies between the
    two of the lower one: that is a sweep over intervals, in the order of their lower ends.
    """
    before, after = _starts(old), _starts(new)
    both = [(before[row], after[row], row) for row in before if row in after]
    rising = _crossing(Moved(was, now, row) for was, now, row in both if was < now)
    return rising or _crossing(Moved(now, was, row) for was, now, row in both if now < was)


def _crossing(rows: Iterable[Moved]) -> Inversion | None:
    """Return two rows whose intervals overlap, neither inside the other."""
    open_: list[Moved] = []  # each inside the one before, so the last one ends first
    for row in sorted(rows, key=lambda one: (one.low, -one.high, one.row)):
        while open_ and open_[-1].high <= row.low:
            open_.pop()
        if open_ and open_[-1].high < row.high:
            lower = open_[-1]
            return Inversion(row.row, row.low, lower.row, lower.high)
        open_.append(row)
    return None


def _starts(document: Document) -> dict[str, float]:
    """Return the priority that each row begins with, by the row as evidence names it."""
    default, rules = document.priorities
    found = {"priorities/default": default.start}
    found |= {f"priorities/{one.name}": one.then.start for one in rules}
    for plan in document.plans:
        for number, step in enumerate(plan.steps, 1):
            if step.priority is not None:
                found[f"plans/{plan.name}/{number}"] = step.priority.start
    return found

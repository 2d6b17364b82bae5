"""Figures of several rounds, and the goals they are held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest of the rounds."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def json(self) -> dict[str, float]:
        """Return the spread rounded to four significant digits."""
        return {
            "median": significant(self.median),
            "min": significant(self.least),
            "max": significant(self.greatest),
        }


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be at least (or at most) a limit."""

    name: str
    got: float
    limit: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure keeps to the limit."""
        return self.got <= self.limit if self.at_most else self.got >= self.limit

    def json(self) -> dict[str, object]:
        """Return the goal with its figure and whether it was met."""
        sign = "<=" if self.at_most else ">="
        limit = f"{sign} {self.limit:g}"
        return {"goal": self.name, "limit": limit, "got": significant(self.got), "met": self.met}


def remainder(rate: float, cost: float) -> float | None:
    """Return the µs of a contact's share of a run that `cost` leaves; None where nothing is left.

    The cost is measured apart from the run, so on a busy machine it can exceed the whole share;
    what is then left is no figure, and 0 would claim one.
    """
    left = 1e6 / rate - cost
    return significant(left) if left > 0 else None


def significant(value: float, digits: int = 4) -> float:
    """Round to so many significant digits."""
    return float(f"{value:.{digits}g}")


def percentile(values: Iterable[float], share: float) -> float:
    """Return the least value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * share) - 1)]

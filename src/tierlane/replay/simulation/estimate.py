"""Estimates: a sum over a sum, with a 95 % interval over independent samples.

Each sample (a replication, or a batch of one long run) gives a pair (x, y); the figure is Σx / Σy.
Its interval is that of Student's t on what each sample departs from the ratio (the delta method),
so that days of many contacts weigh as much as they hold. A plain mean has y = 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any, Final

from scipy.special import stdtrit

CONFIDENCE: Final = 0.95

Pair = tuple[float, float]
NOTHING: Final[Pair] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure; None where nothing is known."""

    value: float | None
    half: float | None
    """Half the width of the interval; None with less than two samples."""
    samples: int

    @property
    def low(self) -> float | None:
        """The lower end of the interval."""
        return None if self.value is None or self.half is None else self.value - self.half

    @property
    def high(self) -> float | None:
        """The upper end of the interval."""
        return None if self.value is None or self.half is None else self.value + self.half

    def holds(self, figure: float) -> bool:
        """Tell whether a figure lies in the interval."""
        return self.low is not None and self.high is not None and self.low <= figure <= self.high

    def json(self) -> dict[str, Any]:
        """Return it as results write it."""
        return {"value": self.value, "half": self.half, "samples": self.samples}


def ratio(pairs: Sequence[Pair]) -> Estimate:
    """Return Σx / Σy with its interval; a sample without anything to count is left out."""
    told = [one for one in pairs if one[1]]
    if not told:
        return Estimate(None, None, 0)
    value, parts = _parts(told)
    return Estimate(value, _half(parts), len(told))


def difference(ours: Sequence[Pair], theirs: Sequence[Pair]) -> Estimate:
    """Return the second figure minus the first, by samples in pairs.

    Where both met the same customers by the same lot, what they share falls out of the interval.
    """
    both = [(a, b) for a, b in zip(ours, theirs, strict=True) if a[1] and b[1]]
    if not both:
        return Estimate(None, None, 0)
    first, before = _parts([a for a, _ in both])
    second, after = _parts([b for _, b in both])
    parts = [late - early for early, late in zip(before, after, strict=True)]
    return Estimate(second - first, _half(parts), len(both))


def mean(total: int, squared: int, count: int, scale: float = 1.0) -> Estimate:
    """Return the mean of whole numbers with its interval, from their sum and that of their squares.

    Both are divided by `scale`; whole sums do not hang on the order of what was added.
    """
    if not count:
        return Estimate(None, None, 0)
    half = None
    if count > 1:
        # n Σx² - (Σx)² is exact, so that equal numbers have a spread of 0 and no less.
        spread = (count * squared - total * total) / (count * (count - 1))
        half = _student(count - 1) * sqrt(spread / count) / scale
    return Estimate(total / count / scale, half, count)


def _parts(pairs: Sequence[Pair]) -> tuple[float, list[float]]:
    """Return the ratio, and by how much each sample departs from it."""
    count = len(pairs)
    base = sum(y for _, y in pairs) / count
    value = sum(x for x, _ in pairs) / count / base
    return value, [(x - value * y) / base for x, y in pairs]


def _half(parts: Sequence[float]) -> float | None:
    count = len(parts)
    if count < 2:
        return None
    mean = sum(parts) / count
    spread = sum((one - mean) ** 2 for one in parts) / (count - 1)
    return _student(count - 1) * sqrt(spread / count)


@lru_cache(maxsize=256)
def _student(freedom: int) -> float:
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))

"""Shares and means with 95 % intervals, and how likely it is that two of them are alike.

Pure numbers. A share has Wilson's interval, which holds for few and at the edges; a mean that of
Student's t. Many comparisons at once are weighed by the rate of false ones among those called
(Benjamini and Hochberg).
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from scipy.special import ndtr, ndtri, stdtr, stdtrit

CONFIDENCE: Final = 0.95
Z: Final = float(ndtri((1 + CONFIDENCE) / 2))


class Interval(NamedTuple):
    """One figure; `low` and `high` are None where too little is known for an interval."""

    value: float
    low: float | None
    high: float | None
    samples: int


class Moments(NamedTuple):
    """Numbers, by what of them is enough for mean and spread."""

    number: int = 0
    total: float = 0.0
    squared: float = 0.0

    def plus(self, value: float) -> "Moments":
        """Return them with one more."""
        return Moments(self.number + 1, self.total + value, self.squared + value * value)

    def less(self, other: "Moments") -> "Moments":
        """Return them without those of a part."""
        return Moments(
            self.number - other.number, self.total - other.total, self.squared - other.squared
        )

    @property
    def mean(self) -> float:
        """Their mean; of none it is not asked."""
        return self.total / self.number

    @property
    def variance(self) -> float:
        """Of the sample; rounding never makes it negative."""
        return max(0.0, (self.squared - self.total * self.mean) / (self.number - 1))


def share(hits: float, count: int) -> Interval | None:
    """Return a share with Wilson's interval; None of nothing."""
    if not count:
        return None
    value, z2 = hits / count, Z * Z
    middle = (value + z2 / (2 * count)) / (1 + z2 / count)
    half = Z * sqrt(value * (1 - value) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    # At 0 and at 1 the ends are exactly these, but for rounding.
    low = 0.0 if hits <= 0 else middle - half
    high = 1.0 if hits >= count else middle + half
    return Interval(value, low, high, count)


def mean(numbers: Moments) -> Interval | None:
    """Return a mean with the interval of Student's t; None of nothing."""
    if not numbers.number:
        return None
    value = numbers.mean
    if numbers.number < 2:
        return Interval(value, None, None, numbers.number)
    freedom = numbers.number - 1
    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * sqrt(numbers.variance / numbers.number)
    return Interval(value, value - half, value + half, numbers.number)


def shares_alike(first: tuple[float, int], second: tuple[float, int]) -> float:
    """Return how likely two shares, each hits of a count, differ so much by chance (two-sided).

    By the normal law with the share that both have together: for counts from some thirty on.
    """
    (a, n), (b, m) = first, second
    both = (a + b) / (n + m)
    spread = sqrt(both * (1 - both) * (1 / n + 1 / m))
    if not spread:
        return 1.0
    return float(2 * ndtr(-abs(a / n - b / m) / spread))


def means_alike(first: Moments, second: Moments) -> float:
    """Return how likely two means differ so much by chance (Welch, two-sided)."""
    parts = first.variance / first.number, second.variance / second.number
    both = sum(parts)
    if not both:
        return 1.0 if first.mean == second.mean else 0.0
    freedom = (
        both * both / (parts[0] ** 2 / (first.number - 1) + parts[1] ** 2 / (second.number - 1))
    )
    return float(2 * stdtr(freedom, -abs(first.mean - second.mean) / sqrt(both)))


def adjusted(likely: Sequence[float]) -> list[float]:
    """Return, for each of some comparisons, the least rate of false calls at which it is called.

    Calling all with at most 5 % leaves one in twenty of those called false, on average, however
    many were made (Benjamini and Hochberg).
    """
    count = len(likely)
    order = sorted(range(count), key=likely.__getitem__, reverse=True)
    found, least = [1.0] * count, 1.0
    for rank, place in zip(range(count, 0, -1), order, strict=True):
        least = min(least, likely[place] * count / rank)
        found[place] = least
    return found

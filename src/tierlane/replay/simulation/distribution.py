"""Distributions of times in ms: what a number between 0 and 1 stands for, and how likely so long.

`quantile(u)` is the time not exceeded with probability u; `share(t)` the probability of at most t.
`quantiles` gives the same of many numbers at once, to the last bit.
`beyond(u, t)` is the quantile of those that last longer than t: what is known of a customer who
was answered after t is only that they would have waited so long.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, expm1, inf, log
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from tierlane.errors import UsageError

Floats = NDArray[np.float64]

_CERTAIN: Final = 1 - 2.0**-53
"""The largest number below 1: the quantile of it is finite where the distribution is."""


class Distribution(Protocol):
    """Times in ms; infinite is never."""

    @property
    def mean(self) -> float:
        """The mean; infinite where some never end."""

    def quantile(self, u: float) -> float:
        """Return the time not exceeded with probability `u`, which lies between 0 and 1."""

    def quantiles(self, u: Floats) -> Floats:
        """Return `quantile` of each, bit by bit the same."""

    def share(self, t: float) -> float:
        """Return the probability of at most `t`."""

    def form(self) -> dict[str, Any]:
        """Return it as files write it, times in ms: `{"exponential": 240000}`."""


def beyond(one: Distribution, u: float, t: float) -> float:
    """Return the quantile of those that last longer than `t`; never below it."""
    if t <= 0:
        return one.quantile(u)
    below = one.share(t)
    return max(t, one.quantile(min(below + u * (1 - below), _CERTAIN)))


@dataclass(frozen=True, slots=True)
class Never:
    """What does not end by itself."""

    @property
    def mean(self) -> float:
        """Infinite."""
        return inf

    def quantile(self, u: float) -> float:
        """Return infinity."""
        del u
        return inf

    def quantiles(self, u: Floats) -> Floats:
        """Return infinity for each."""
        return np.full(len(u), inf)

    def share(self, t: float) -> float:
        """Return 0."""
        del t
        return 0.0

    def form(self) -> dict[str, Any]:
        """Return `{"never": true}`."""
        return {"never": True}


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same time."""

    time: float

    @property
    def mean(self) -> float:
        """The time."""
        return self.time

    def quantile(self, u: float) -> float:
        """Return the time."""
        del u
        return self.time

    def quantiles(self, u: Floats) -> Floats:
        """Return the time for each."""
        return np.full(len(u), self.time)

    def share(self, t: float) -> float:
        """Return 1 from the time on."""
        return 1.0 if t >= self.time else 0.0

    def form(self) -> dict[str, Any]:
        """Return `{"fixed": ms}`."""
        return {"fixed": self.time}


@dataclass(frozen=True, slots=True)
class Exponential:
    """A time that does not remember how long it has lasted."""

    mean: float

    def quantile(self, u: float) -> float:
        """Return -mean × ln(1 - u)."""
        return float(-self.mean * np.log1p(-u))

    def quantiles(self, u: Floats) -> Floats:
        """Return -mean × ln(1 - u)."""
        return -self.mean * np.log1p(-u)

    def share(self, t: float) -> float:
        """Return 1 - e^(-t / mean)."""
        return -expm1(-t / self.mean) if t > 0 else 0.0

    def form(self) -> dict[str, Any]:
        """Return `{"exponential": mean}`."""
        return {"exponential": self.mean}


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A time whose logarithm is normal: service times of telephone centres mostly are."""

    median: float
    sigma: float
    """Standard deviation of the logarithm."""

    @property
    def mean(self) -> float:
        """Median × e^(sigma² / 2)."""
        return self.median * exp(self.sigma**2 / 2)

    def quantile(self, u: float) -> float:
        """Return median × e^(sigma × z)."""
        return float(self.median * np.exp(self.sigma * ndtri(u)))

    def quantiles(self, u: Floats) -> Floats:
        """Return median × e^(sigma × z)."""
        return self.median * np.exp(self.sigma * np.asarray(ndtri(u), dtype=np.float64))

    def share(self, t: float) -> float:
        """Return the normal's share of ln(t / median) / sigma."""
        return float(ndtr((log(t) - log(self.median)) / self.sigma)) if t > 0 else 0.0

    def form(self) -> dict[str, Any]:
        """Return `{"lognormal": {"median": ms, "sigma": number}}`."""
        return {"lognormal": {"median": self.median, "sigma": self.sigma}}


@dataclass(frozen=True, slots=True)
class Gamma:
    """A sum of stages; a whole `shape` is an Erlang distribution of so many."""

    mean: float
    shape: float

    def quantile(self, u: float) -> float:
        """Return the inverse of the incomplete gamma function, scaled."""
        return float(gammaincinv(self.shape, u)) * self.mean / self.shape

    def quantiles(self, u: Floats) -> Floats:
        """Return the inverse of the incomplete gamma function, scaled."""
        found: Floats = np.asarray(gammaincinv(self.shape, u), dtype=np.float64)
        return found * self.mean / self.shape

    def share(self, t: float) -> float:
        """Return the incomplete gamma function."""
        return float(gammainc(self.shape, t * self.shape / self.mean)) if t > 0 else 0.0

    def form(self) -> dict[str, Any]:
        """Return `{"gamma": {"mean": ms, "shape": number}}`."""
        return {"gamma": {"mean": self.mean, "shape": self.shape}}


@dataclass(frozen=True, slots=True)
class Empirical:
    """Times that were observed, each as likely; in ascending order, at least one."""

    times: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean of the times."""
        return sum(self.times) / len(self.times)

    def quantile(self, u: float) -> float:
        """Return the smallest time with at least that share at or below it."""
        return self.times[min(int(u * len(self.times)), len(self.times) - 1)]

    def quantiles(self, u: Floats) -> Floats:
        """Return the smallest time with at least that share at or below it."""
        places = np.minimum((u * len(self.times)).astype(np.int64), len(self.times) - 1)
        return np.array(self.times)[places]

    def share(self, t: float) -> float:
        """Return the share of times at or below `t`."""
        return bisect_right(self.times, t) / len(self.times)

    def form(self) -> dict[str, Any]:
        """Return `{"empirical": [ms, …]}`."""
        return {"empirical": list(self.times)}


@dataclass(frozen=True, slots=True)
class Survival:
    """A curve of Kaplan and Meier: who is still there after each time; censored at its end.

    Nothing was observed beyond the last time. Who is left then goes on as an exponential of mean
    `tail`, or for ever where it is infinite.
    """

    times: tuple[float, ...]
    """Ascending."""
    remaining: tuple[float, ...]
    """The share that lasts longer than each time, not rising, from 1 to 0."""
    tail: float = inf

    @property
    def mean(self) -> float:
        """The area below the curve, with the tail."""
        area, before, left = 0.0, 0.0, 1.0
        for time, remaining in zip(self.times, self.remaining, strict=True):
            area += left * (time - before)
            before, left = time, remaining
        return area + (left * self.tail if left else 0.0)

    def quantile(self, u: float) -> float:
        """Return the first time by which at least `u` are gone, else a time in the tail."""
        place = bisect_left(self.remaining, u - 1, key=lambda left: -left)
        if place < len(self.times):
            return self.times[place]
        last, left = (self.times[-1], self.remaining[-1]) if self.times else (0.0, 1.0)
        return last - self.tail * log((1 - u) / left) if self.tail < inf else inf

    def quantiles(self, u: Floats) -> Floats:
        """Return the first time by which at least `u` are gone, else a time in the tail."""
        places = np.searchsorted(-np.array(self.remaining), u - 1, side="left")
        found = np.append(np.array(self.times), inf)[places]
        for place in np.flatnonzero(places == len(self.times)):
            found[place] = self.quantile(float(u[place]))
        return found

    def share(self, t: float) -> float:
        """Return the share that is gone by `t`."""
        place = bisect_right(self.times, t)
        left = self.remaining[place - 1] if place else 1.0
        if place == len(self.times) and self.tail < inf:
            left *= exp(-(t - (self.times[-1] if self.times else 0.0)) / self.tail)
        return 1 - left

    def form(self) -> dict[str, Any]:
        """Return `{"survival": {"times": […], "remaining": […], "tail": ms}}`."""
        found: dict[str, Any] = {"times": list(self.times), "remaining": list(self.remaining)}
        return {"survival": found | ({"tail": self.tail} if self.tail < inf else {})}


def from_form(form: Mapping[str, Any]) -> Distribution:
    """Return the distribution that `form` wrote; raises UsageError where it is none."""
    try:
        ((kind, about),) = form.items()
        found: Distribution = _MADE[kind](about)
    except (KeyError, TypeError, ValueError):
        known = ", ".join(f"`{one}`" for one in _MADE)
        raise UsageError("this is no distribution", hint=f"one of {known}") from None
    return found


_MADE: Final[Mapping[str, Any]] = {
    "never": lambda _: Never(),
    "fixed": lambda time: Fixed(float(time)),
    "exponential": lambda mean: Exponential(float(mean)),
    "lognormal": lambda about: LogNormal(float(about["median"]), float(about["sigma"])),
    "gamma": lambda about: Gamma(float(about["mean"]), float(about["shape"])),
    "empirical": lambda times: Empirical(tuple(sorted(map(float, times)))),
    "survival": lambda about: Survival(
        tuple(map(float, about["times"])),
        tuple(map(float, about["remaining"])),
        float(about.get("tail", inf)),
    ),
}

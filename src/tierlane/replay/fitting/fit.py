"""Fits: families of distributions by maximum likelihood, with how well each describes the times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy as np
from scipy import stats

from tierlane.replay.fitting.curve import censored, curve
from tierlane.replay.fitting.times import Key, Times
from tierlane.replay.simulation.distribution import (
    Distribution,
    Exponential,
    Gamma,
    LogNormal,
    Survival,
)

FEWEST: Final = 30
"""Times that must have ended for a fit of their own; fewer are described by the row for all."""
CLOSE: Final = 0.05
"""A family is used where it departs from the observed curve by at most so much, at every time."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One family with its likeliest parameters."""

    family: str
    distribution: Distribution
    likelihood: float
    """The logarithm, of times in ms."""
    parameters: int
    distance: float
    """The largest difference to the observed share, over all times that ended."""

    @property
    def aic(self) -> float:
        """Akaike's criterion; smaller is better."""
        return 2 * self.parameters - 2 * self.likelihood


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was made of the times of some contacts."""

    key: Key
    ended: int
    censored: int
    curve: Distribution
    """As observed: a curve of Kaplan and Meier."""
    families: tuple[Fit, ...]
    """By Akaike's criterion, the best first; none where too few ended."""

    @property
    def chosen(self) -> Distribution:
        """The best family if it comes close to the curve, else the curve itself."""
        best = next(iter(self.families), None)
        return best.distribution if best and best.distance <= CLOSE else self.curve

    @property
    def enough(self) -> bool:
        """Whether there are times enough for a row of their own."""
        return self.ended >= FEWEST


_Made = Callable[[tuple[float, ...]], Distribution]
_FAMILIES: Final[Mapping[str, tuple[Any, int, _Made]]] = {
    "exponential": (stats.expon, 1, lambda found: Exponential(found[1])),
    "lognormal": (stats.lognorm, 2, lambda found: LogNormal(found[2], found[0])),
    "gamma": (stats.gamma, 2, lambda found: Gamma(found[0] * found[2], found[0])),
}


def fitted(key: Key, times: Times) -> Fitted:
    """Return the curve of the times and, where enough ended, each family's fit."""
    observed = curve(times)
    found = []
    if len(times.ended) >= FEWEST and len(set(times.ended)) > 1:
        found = [_fit(name, times, observed) for name in _FAMILIES]
    found.sort(key=lambda one: one.aic)
    return Fitted(key, len(times.ended), len(times.censored), observed, tuple(found))


def _fit(name: str, times: Times, observed: Distribution) -> Fit:
    family, parameters, made = _FAMILIES[name]
    parts = tuple(float(one) for one in family.fit(censored(times), floc=0))
    ended, cut = np.array(times.ended), np.array(times.censored)
    likelihood = float(family.logpdf(ended, *parts).sum() + family.logsf(cut, *parts).sum())
    return Fit(name, made(parts), likelihood, parameters, _distance(family, parts, observed))


def _distance(family: Any, parts: tuple[float, ...], observed: Distribution) -> float:
    """Return the largest gap to the curve, just before and at each of its steps."""
    if not isinstance(observed, Survival):
        return inf
    share = family.cdf(np.array(observed.times), *parts)
    gone = 1 - np.array(observed.remaining)
    before = np.concatenate(([0.0], gone[:-1]))
    return float(max(np.abs(share - gone).max(), np.abs(share - before).max()))

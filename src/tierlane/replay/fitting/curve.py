"""The curve of Kaplan and Meier, and the hazard: how likely those still there are to give up."""

from collections.abc import Sequence
from math import inf, log
from typing import Final, NamedTuple

import numpy as np
from scipy import stats

from tierlane.replay.fitting.times import Times
from tierlane.replay.simulation.distribution import Distribution, Never, Survival

POINTS: Final = 200
"""Steps of a curve that are kept, evenly over the shares: a file stays small, and none of the
shares moves by more than half a percent."""


def censored(times: Times) -> stats.CensoredData:
    """Return the times as scipy takes them."""
    return stats.CensoredData(uncensored=list(times.ended), right=list(times.censored))


def curve(times: Times) -> Distribution:
    """Return the share that lasts longer than each time; Never where no time ended.

    Beyond the longest time it goes on as the exponential that reaches the same share there (Brown,
    Hollander and Korwar), since nothing was observed.
    """
    if not times.ended:
        return Never()
    found = stats.ecdf(censored(times)).sf
    fell = np.flatnonzero(np.diff(np.concatenate(([1.0], found.probabilities))) < 0)
    at, left = found.quantiles[fell], found.probabilities[fell]
    if len(at) > POINTS:
        steps = np.flatnonzero(np.diff((left * POINTS).astype(int)) < 0)
        kept = np.unique(np.append(steps, len(at) - 1))
        at, left = at[kept], left[kept]
    last, rest = max((*times.ended, *times.censored)), float(left[-1])
    tail = -last / log(rest) if 0 < rest < 1 else inf
    return Survival(tuple(map(float, at)), tuple(map(float, left)), tail)


class Hazard(NamedTuple):
    """How likely it is to end, of those that last until a time; times in ms."""

    begin: float
    end: float
    ended: int
    exposure: float
    """Ms spent in the span by all together."""

    @property
    def rate(self) -> float | None:
        """Ends in a minute of waiting; None where nobody was observed."""
        return self.ended / self.exposure * 60_000 if self.exposure else None


BOUNDS: Final = (0, 5, 10, 15, 20, 30, 40, 50, 60, 70, 90, 120, 180, 240, 300, 600, 1200)
"""Seconds between which a hazard is stated."""


def hazard(times: Times, bounds: Sequence[float] = BOUNDS) -> tuple[Hazard, ...]:
    """Return the hazard between bounds in seconds, as far as anybody was observed."""
    ended, cut = np.array(times.ended), np.array(times.censored)
    every, found = np.concatenate((ended, cut)), []
    for low, high in zip(bounds, (*bounds[1:], inf), strict=True):
        begin, end = low * 1000.0, high * 1000.0
        exposure = float(np.clip(every - begin, 0, end - begin).sum())
        if exposure:
            count = int(((ended > begin) & (ended <= end)).sum())
            found.append(Hazard(begin, end, count, exposure))
    return tuple(found)

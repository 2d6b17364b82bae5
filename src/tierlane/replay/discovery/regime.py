"""Where the order changed: the days are cut where two orders explain more than one does.

A cut counts if days in any other order would seldom give one as good: it is compared with
shuffled days. What is cut is looked at again, part by part.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from tierlane.replay.discovery.agreement import Days
from tierlane.replay.discovery.choice import Numbers

SHUFFLES: Final = 499
LIMIT: Final = 0.01
"""A cut must be better than in all but this share of the shuffles."""
SHORTEST: Final = 5
"""Days of a part."""


class Part(NamedTuple):
    """Days that one order explains best."""

    first: str
    last: str
    order: int
    """Number of the order, as the days count them."""
    share: float
    """Its agreement there."""


def parts(days: Days, seed: int) -> tuple[Part, ...]:
    """Return the parts of a log, in order of time; one where the order never changed."""
    lot = np.random.default_rng(seed)
    cuts = [0, *sorted(_cuts(days.hits, 0, lot)), len(days.names)]
    # A change is of order: parts side by side that the same one explains best are one part.
    found: list[tuple[int, int, int]] = []
    for begin, end in pairwise(cuts):
        best = int(days.hits[begin:end].sum(axis=0).argmax())
        joined = found.pop()[0] if found and found[-1][2] == best else begin
        found.append((joined, end, best))
    return tuple(_part(days, *one) for one in found)


def _part(days: Days, begin: int, end: int, order: int) -> Part:
    hits, counts = days.hits[begin:end, order].sum(), days.counts[begin:end].sum()
    return Part(str(days.names[begin]), str(days.names[end - 1]), order, float(hits / counts))


def _cuts(hits: Numbers, offset: int, lot: np.random.Generator) -> list[int]:
    if len(hits) < 2 * SHORTEST:
        return []
    gain, at = _best(hits)
    if gain <= 0:
        return []
    shuffled = sum(_best(lot.permutation(hits))[0] >= gain for _ in range(SHUFFLES))
    if (shuffled + 1) / (SHUFFLES + 1) > LIMIT:
        return []
    left, right = _cuts(hits[:at], offset, lot), _cuts(hits[at:], offset + at, lot)
    return [*left, offset + at, *right]


def _best(hits: Numbers) -> tuple[float, int]:
    """Return how many more choices are explained when cut in two at the best place, and where."""
    before = hits.cumsum(axis=0)
    whole = before[-1]
    at = np.arange(SHORTEST, len(hits) - SHORTEST + 1)
    gains = before[at - 1].max(axis=1) + (whole - before[at - 1]).max(axis=1) - whole.max()
    best = int(gains.argmax())
    return float(gains[best]), int(at[best])

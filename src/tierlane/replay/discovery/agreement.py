"""How often orders agree with a log, with intervals, and from where more credit adds nothing."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from tierlane.replay.discovery.choice import Numbers
from tierlane.replay.discovery.order import Order

DRAWS: Final = 2_000
"""Times that the days are drawn anew."""
TAIL: Final = 2.5
"""Per cent left out at either end: intervals of 95 %."""


class Agreement(NamedTuple):
    """The share of choices at which an order named the one taken; the interval is of 95 %."""

    order: Order
    share: float
    low: float
    high: float


class Knee(NamedTuple):
    """The credit from which more of it explains no more; the interval is of 95 %."""

    seconds: float
    low: float
    high: float


class Days:
    """Choices counted by day: hits per day and order, choices per day."""

    def __init__(self, days: Sequence[str], hits: Numbers) -> None:
        """Take of each choice its day, and what each order came to there (choices x orders)."""
        self.names, place = np.unique(np.asarray(days), return_inverse=True)
        self.hits = np.zeros((len(self.names), hits.shape[1]))
        np.add.at(self.hits, place, hits)
        self.counts = np.bincount(place, minlength=len(self.names)).astype(np.float64)

    def shares(self) -> Numbers:
        """Return the agreement of each order."""
        return np.asarray(self.hits.sum(axis=0) / self.counts.sum())

    def drawn(self, seed: int, draws: int = DRAWS) -> Numbers:
        """Return the agreements (draws x orders) over as many days, drawn anew."""
        lot = np.random.default_rng(seed)
        picked = lot.integers(len(self.names), size=(draws, len(self.names)))
        times = np.stack([np.bincount(one, minlength=len(self.names)) for one in picked])
        return np.asarray((times @ self.hits) / (times @ self.counts)[:, None])


def agreements(orders: Sequence[Order], days: Days, seed: int) -> tuple[Agreement, ...]:
    """Return each order's agreement, in the order given."""
    low, high = np.percentile(days.drawn(seed), (TAIL, 100 - TAIL), axis=0)
    shares = days.shares()
    return tuple(
        Agreement(order, float(shares[i]), float(low[i]), float(high[i]))
        for i, order in enumerate(orders)
    )


def knee(seconds: Sequence[float], days: Days, seed: int) -> Knee | None:
    """Return where agreement over credit turns from rising to level; None where it never rises.

    It is the point farthest above the straight line from the first to the last (Satopaa et al.,
    "Finding a kneedle in a haystack", 2011). The curve rises if some credit beats none in at least
    97.5 % of the draws.
    """
    curve, drawn = days.shares(), days.drawn(seed)
    best = int(curve.argmax())
    if np.percentile(drawn[:, best] - drawn[:, 0], TAIL) <= 0:
        return None
    at = np.asarray(seconds, dtype=np.float64)
    found = [float(at[_furthest(at, one)]) for one in drawn]
    low, high = np.percentile(found, (TAIL, 100 - TAIL))
    return Knee(float(at[_furthest(at, curve)]), float(low), float(high))


def _furthest(at: Numbers, curve: Numbers) -> int:
    line = curve[0] + (curve[-1] - curve[0]) * (at - at[0]) / (at[-1] - at[0])
    return int((curve - line).argmax())

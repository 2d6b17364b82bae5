"""Orders that may explain a log, each by the key it sorts candidates by; the least comes first.

Ageing is the accumulating priority queue of Kleinrock (1964): credit that grows with the wait.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from tierlane.replay.discovery.choice import Choices, Numbers

AHEAD: Final = 1e8
"""Seconds, three years: by so much of a rank strict priority goes before a longer wait."""

SWEEP: Final = tuple(range(0, 601, 5))
"""Seconds of credit that are tried."""

RATES: Final = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""How many times as fast each rank ages as the one below it."""


class Order(NamedTuple):
    """An order: its kind, the one figure it has (if any), and its key."""

    name: str
    """`fifo`, `credit`, `strict`, `ageing` or `promised`."""
    figure: float | None
    key: Callable[[Choices], Numbers]


def fifo() -> Order:
    """Take whoever waits longest."""
    return Order("fifo", None, lambda given: given.since)


def credit(seconds: float) -> Order:
    """Take whoever waits longest, each rank credited seconds more than the one below it."""
    return Order("credit", seconds, lambda given: given.since - seconds * given.rank)


def strict() -> Order:
    """Take the highest rank, and of it whoever waits longest."""
    return Order("strict", None, lambda given: given.since - AHEAD * given.rank)


def ageing(rate: float) -> Order:
    """Take whoever has most of wait times `rate` to the power of the rank."""
    return Order("ageing", rate, lambda given: -given.waited * np.power(rate, given.rank))


def promised() -> Order:
    """Take whose promised time comes first; who has none comes last."""
    return Order("promised", None, lambda given: given.promised)


def hits(order: Order, given: Choices) -> Numbers:
    """Return of each choice 1 where the order names the one taken, a share where it names several.

    Shape: as many as there are choices.
    """
    key = order.key(given)
    least = np.minimum.reduceat(key, given.begins)
    sizes = np.diff([*given.begins, len(key)])
    named = key == np.repeat(least, sizes)
    among = np.add.reduceat(named.astype(np.float64), given.begins)
    return np.add.reduceat((named & given.taken).astype(np.float64), given.begins) / among

"""How fast events are sent: so many a second, or as their own times say."""

import re
from collections.abc import Callable
from typing import Final

from tierlane.errors import UsageError

UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}

TICK: Final = 0.01
"""Seconds between two bursts: short against the latency of a transaction, long against a sleep."""


def parse_rate(text: str) -> float:
    """Return events a second of a text such as `500/s` or `30/m`; raises UsageError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)/([smh])", text)
    if found is None or not float(found[1]):
        raise UsageError(f"`{text}` is no rate", hint="write 500/s, 30/m or 1000/h")
    return float(found[1]) / UNITS[found[2]]


class Pace:
    """Says how long to wait before an event; `clock` gives seconds that only grow."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        rate: float | None = None,
        speed: float | None = None,
    ) -> None:
        self._clock = clock
        self._rate = rate
        self._speed = speed
        self._start = clock()
        self._first: int | None = None
        self._count = 0

    @property
    def timed(self) -> bool:
        """Whether the times of the events count."""
        return self._speed is not None

    def wait(self, moment: int | None) -> float:
        """Return the seconds until the next event may go; `moment` is its time in ms, or None.

        An event older than the one before goes at once, as it would have come late in truth.
        """
        self._count += 1
        if self._rate is not None:
            due = (self._count - 1) / self._rate
        elif self._speed is not None and moment is not None:
            self._first = moment if self._first is None else self._first
            due = (moment - self._first) / 1000 / self._speed
        else:
            return 0.0
        return max(0.0, self._start + due - self._clock())

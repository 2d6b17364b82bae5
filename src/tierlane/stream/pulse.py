"""Whether the group's coordinator answers, asked again and again, also while nothing is to be done.

A worker at rest has no other way to notice that its brokers went away: a fetch that finds nothing
and one that is never answered look alike for as long as a request may take.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

EVERY: Final = 1.0
"""Seconds between two questions."""

SILENT: Final = 5.0
"""Seconds without an answer that are told; a coordinator that moves is silent for less."""


class Pulse:
    """Remembers when the last answer came."""

    def __init__(self) -> None:
        self._answered = time.monotonic()

    async def beat(self, ask: Callable[[], Awaitable[bool]]) -> None:
        """Ask until cancelled; `ask` tells whether there was an answer, and never raises."""
        while True:
            if await ask():
                self._answered = time.monotonic()
            await asyncio.sleep(EVERY)

    def silence(self) -> float:
        """Return the seconds since the last answer; 0 while there is nothing to tell."""
        seconds = time.monotonic() - self._answered
        return seconds if seconds > SILENT else 0.0

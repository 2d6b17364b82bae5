"""When contacts arrive, and how a moment is written."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from math import ceil
from typing import Final

from tierlane.sample.business import HOURS

START: Final = 1_772_380_800_000
"""2026-03-02T00:00+08:00, a Monday, in milliseconds since 1970."""

SHIFT: Final = 8 * 3_600_000
"""The sample lives in the time zone of Shanghai, UTC+8 all year."""

DAY: Final = 86_400_000
HOUR: Final = 3_600_000

PER_DAY: Final = 20_000
"""Contacts a day; more of them make more days, not busier ones."""

WEEKEND: Final = 0.6
"""How busy a Saturday or a Sunday is against a working day."""


def arrival_times(count: int, random: Callable[[], float]) -> Iterator[int]:
    """Yield `count` ascending moments in ms, drawn from the curve of the day.

    Each is the smallest of the uniform numbers still to come, mapped through the curve: sorted
    draws without keeping and sorting them.
    """
    days = days_of(count)
    weights = [
        weight * (WEEKEND if day % 7 >= 5 else 1.0) for day in range(days) for weight in HOURS
    ]
    total = sum(weights)
    hour, passed, share = 0, 0.0, 0.0
    for left in range(count, 0, -1):
        share += (1.0 - share) * (1.0 - random() ** (1.0 / left))
        target = share * total
        while passed + weights[hour] < target and hour + 1 < len(weights):
            passed += weights[hour]
            hour += 1
        yield START + int((hour + min(1.0, (target - passed) / weights[hour])) * HOUR)


def days_of(count: int) -> int:
    """Return over how many days so many contacts arrive."""
    return max(1, ceil(count / PER_DAY))


def hour_of(moment: int) -> int:
    """Return the hour of the day, 0 to 23, in the sample's time zone."""
    return (moment + SHIFT) % DAY // HOUR


class Stamp:
    """Writes moments as ISO 8601 in the sample's time zone, keeping the text of the last day.

    A moment is of the sample's own calendar, which begins at START. Written, it begins at `start`
    and runs `squeeze` times as fast, so that a day of contacts can be dated into one minute.
    """

    __slots__ = ("_date", "_day", "_squeeze", "_start")

    def __init__(self, start: int = START, squeeze: float = 1.0) -> None:
        self._start = start
        self._squeeze = squeeze
        self._day = -1
        self._date = ""

    def __call__(self, moment: int, before: int = 0) -> str:
        """Return the text of a moment in ms, such as `2026-03-02T20:14:05.120+08:00`.

        `before` is so many ms earlier, never squeezed: a parcel came days ago, live or not.
        """
        written = self._start + int((moment - START) * self._squeeze) - before
        day, rest = divmod(written + SHIFT, DAY)
        if day != self._day:
            self._day = day
            self._date = f"{datetime.fromtimestamp(day * DAY // 1000, UTC):%Y-%m-%dT}"
        seconds, ms = divmod(rest, 1000)
        minutes, second = divmod(seconds, 60)
        return f"{self._date}{minutes // 60:02}:{minutes % 60:02}:{second:02}.{ms:03}+08:00"

"""Made-up arrivals: contacts of one kind come at random, at rates that change over the day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.crowd import Crowd, Part, poisson, together
from tierlane.replay.simulation.staffing import EVERY_DAY, MINUTES, moment

_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many contacts an hour from one minute of the day to another, on some weekdays."""

    hourly: float
    begin: int = 0
    end: int = MINUTES
    weekdays: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Stream:
    """Contacts alike."""

    name: str
    contact: Mapping[str, Any]
    """The data of each arrival; the id is made: `NAME-1`."""
    rates: tuple[Rate, ...]
    profile: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """Streams of contacts over some days, Poisson within each interval."""

    name: str
    streams: tuple[Stream, ...]
    first: date
    days: int = 1
    zone: str = "UTC"
    busyness: float | None = None
    """Shape of a gamma factor of mean 1 by which all rates of a day are multiplied."""

    @property
    def begin(self) -> int:
        """The first midnight, ms."""
        return moment(self.first, 0, ZoneInfo(self.zone))

    @property
    def end(self) -> int:
        """The last midnight, ms."""
        return moment(self.first, self.days * MINUTES, ZoneInfo(self.zone))

    def crowd(self, chance: Chance) -> Crowd:
        """Return the contacts of one replication."""
        factors = self._factors(chance)
        return together([self._of(stream, chance, factors) for stream in self.streams])

    def comings(self, chance: Chance) -> Iterable[Coming]:
        """Yield the contacts of one replication by time of arrival."""
        return self.crowd(chance).comings()

    def _factors(self, chance: Chance) -> list[float]:
        if self.busyness is None:
            return [1.0] * self.days
        draw = chance.stream("busyness").gammavariate
        return [draw(self.busyness, 1 / self.busyness) for _ in range(self.days)]

    def _of(self, stream: Stream, chance: Chance, factors: list[float]) -> Part:
        spans = self._spans(stream, factors)
        moments = poisson(chance, f"arrivals/{stream.name}", spans)
        arrived = np.concatenate([np.empty(0, dtype=np.int64), *moments])
        kind = Coming(stream.name, 0, stream.contact, stream.profile)
        return Part(stream.name, kind, arrived)

    def _spans(self, stream: Stream, factors: list[float]) -> Iterator[tuple[int, int, float]]:
        """Yield spans in ms by time, with the arrivals a ms in each."""
        zone = ZoneInfo(self.zone)
        for number, factor in enumerate(factors):
            day = self.first + timedelta(days=number)
            for one in sorted(stream.rates, key=lambda rate: rate.begin):
                if one.hourly and day.weekday() in one.weekdays:
                    begin, end = moment(day, one.begin, zone), moment(day, one.end, zone)
                    yield begin, end, one.hourly * factor / _HOUR

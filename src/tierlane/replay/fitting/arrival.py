"""Rates of arrival by weekday and time of day, and whether they scatter more than chance does."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from scipy.special import chdtrc

from tierlane.replay.fitting.times import About, Key
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.staffing import MINUTES


class Slot(NamedTuple):
    """One interval of one weekday (0 is Monday); minutes of the day."""

    weekday: int
    begin: int
    end: int
    contacts: int
    days: int

    @property
    def hourly(self) -> float:
        """Contacts an hour."""
        return self.contacts / self.days / (self.end - self.begin) * 60


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How contacts of one kind arrive. A day without anybody at all counts as not recorded."""

    key: Key
    slots: tuple[Slot, ...]
    dispersion: float | None
    """Variance over mean of an interval from day to day; 1 is what chance alone does."""
    doubt: float | None
    """How likely so large a dispersion is by chance."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The arrivals of all kinds."""

    zone: str
    interval: int
    """Minutes."""
    first: date
    days: tuple[tuple[int, int], ...]
    """Weekday, and how many of it were recorded."""
    kinds: tuple[Arrivals, ...]
    busyness: float | None
    """Shape of a gamma factor of whole days; None where days differ no more than by chance."""


def rhythm(
    comings: Iterable[tuple[Coming, About]], by: Iterable[str], zone: str, interval: int
) -> Rhythm:
    """Return the rates of contacts, by the fields that are named; at least one contact."""
    local, fields = ZoneInfo(zone), tuple(by)
    counts: dict[Key, Counter[tuple[date, int]]] = defaultdict(Counter)
    for one, about in comings:
        at = datetime.fromtimestamp(one.arrived / 1000, local)
        place = (at.hour * 60 + at.minute) // interval
        key = tuple((name, about.get(name, "")) for name in fields)
        counts[key][at.date(), place] += 1
    days = sorted({day for found in counts.values() for day, _ in found})
    weekdays = Counter(day.weekday() for day in days)
    kinds = tuple(_arrivals(key, found, days, interval) for key, found in sorted(counts.items()))
    totals = Counter[date]()
    for found in counts.values():
        for (day, _), number in found.items():
            totals[day] += number
    return Rhythm(
        zone, interval, days[0], tuple(sorted(weekdays.items())), kinds, _busyness(totals)
    )


def _arrivals(
    key: Key, counts: Counter[tuple[date, int]], days: list[date], interval: int
) -> Arrivals:
    slots, scatter, freedom = [], 0.0, 0
    for weekday in range(7):
        alike = [day for day in days if day.weekday() == weekday]
        for place in range(-(-MINUTES // interval)):
            numbers = [counts[day, place] for day in alike]
            total = sum(numbers)
            if not total:
                continue
            end = min((place + 1) * interval, MINUTES)
            slots.append(Slot(weekday, place * interval, end, total, len(alike)))
            mean = total / len(alike)
            scatter += sum((number - mean) ** 2 for number in numbers) / mean
            freedom += len(alike) - 1
    if not freedom:
        return Arrivals(key, tuple(slots), None, None)
    return Arrivals(key, tuple(slots), scatter / freedom, float(chdtrc(freedom, scatter)))


def _busyness(totals: Counter[date]) -> float | None:
    """Return the shape by moments: what the totals of like days scatter beyond a Poisson count."""
    extra = square = 0.0
    for weekday in range(7):
        alike = [number for day, number in totals.items() if day.weekday() == weekday]
        if len(alike) < 2:
            continue
        mean, free = sum(alike) / len(alike), len(alike) - 1
        extra += sum((number - mean) ** 2 for number in alike) - free * mean
        square += free * mean**2
    return square / extra if extra > 0 else None


_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def workload(found: Rhythm, name: str) -> dict[str, Any]:
    """Return a workload file's content: a week of the rates, beginning at the first day."""
    made: dict[str, Any] = {
        "workload": name, "time_zone": found.zone, "first": found.first.isoformat(), "days": 7,
    }  # fmt: skip
    if found.busyness is not None:
        made["busyness"] = max(round(found.busyness, 2), 0.01)
    made["contacts"] = {
        " ".join(value for _, value in kind.key if value) or "contacts": {
            "rate": _rates(kind),
            "contact": {"channel": "voice"} | {one: value for one, value in kind.key if value},
        }
        for kind in found.kinds
    }
    return made


def _rates(kind: Arrivals) -> dict[str, dict[str, str]]:
    rates: dict[str, dict[str, str]] = {}
    for slot in kind.slots:
        hours = rates.setdefault(_NAMES[slot.weekday], {})
        hours[f"{_clock(slot.begin)}-{_clock(slot.end)}"] = f"{slot.hourly:.4f}/h"
    return rates


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"

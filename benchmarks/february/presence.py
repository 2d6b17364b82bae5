"""Who was there: the log has no staffing, but each service tells that its server was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tierlane.replay.source.anonbank import Row


class Stay(NamedTuple):
    """One server was there from the first to the last moment of some services."""

    begin: datetime
    end: datetime


def presence(rows: Iterable[Row], gap: timedelta) -> Mapping[str, tuple[Stay, ...]]:
    """Return the stays of each server: services with less than `gap` between them are one stay."""
    served: dict[str, list[Stay]] = defaultdict(list)
    for row in rows:
        course = row.course
        if course.answered is not None and course.server is not None:
            served[course.server].append(Stay(course.answered, course.over))
    return {name: tuple(_joined(sorted(many), gap)) for name, many in sorted(served.items())}


def _joined(services: list[Stay], gap: timedelta) -> list[Stay]:
    found = services[:1]
    for one in services[1:]:
        if one.begin - found[-1].end < gap:
            found[-1] = Stay(found[-1].begin, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def at_internet(rows: Iterable[Row]) -> frozenset[str]:
    """Return the servers most of whose calls are about the internet service."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row.course.server is not None:
            counts[row.course.server][row.kind == "IN"] += 1
    return frozenset(name for name, (other, internet) in counts.items() if internet > other)


def by_day(rows: Iterable[Row]) -> Mapping[date, tuple[Row, ...]]:
    """Return the rows by the day of their arrival."""
    found: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.at.date()].append(row)
    return {day: tuple(found[day]) for day in sorted(found)}

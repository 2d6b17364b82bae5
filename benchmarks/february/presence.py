"""Who was there: the log has no staffing, but each service tells that its server was."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

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


def turnover(rows: Iterable[Row], gap: timedelta) -> timedelta:
    """Return how long servers take on average from the end of a service to the next one.

    Counted are those pairs of services of one server of which the next caller was waiting already
    when the first ended, and between which lies less than `gap`: nothing but the server was in the
    way. A pair that overlaps tells nothing.
    """
    served: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.course.answered is not None and row.course.server is not None:
            served[row.course.server].append(row)
    found = []
    for many in served.values():
        many.sort(key=lambda row: (row.course.answered or row.at, row.course.over))
        for one, after in pairwise(many):
            queue, answered = after.course.queue, after.course.answered
            if queue is None or answered is None or queue[0] >= one.course.over:
                continue
            took = answered - one.course.over
            if timedelta() <= took < gap:
                found.append(took)
    return sum(found, timedelta()) / len(found) if found else timedelta()


IDLE: Final = timedelta(seconds=10)
"""After a service a server counts as idle from here on: most are back sooner."""


def beside_idle(
    rows: Iterable[Row], stays: Mapping[str, Sequence[Stay]], internet: frozenset[str]
) -> tuple[int, int]:
    """Return how many callers queued, and of these how many while a server who was there was idle.

    The internet service and its servers are left out. If presence were right, nobody would.
    """
    served: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        course = row.course
        if course.answered is not None and course.server is not None:
            served[course.server].append((course.answered, course.over))
    for services in served.values():
        services.sort()
    queued = beside = 0
    for row in rows:
        queue = row.course.queue
        if queue is None or row.course.outcome == "PHANTOM" or row.kind == "IN":
            continue
        queued += 1
        beside += any(
            _idle(served[name], many, queue[0])
            for name, many in stays.items()
            if name not in internet
        )
    return queued, beside


def _idle(
    services: Sequence[tuple[datetime, datetime]], stays: Sequence[Stay], at: datetime
) -> bool:
    """Tell whether a server is there with nothing in hand since `IDLE`; all sorted by time."""
    place = bisect_right(stays, at, key=itemgetter(0)) - 1
    if place < 0 or at >= stays[place].end:
        return False
    last = bisect_right(services, at, key=itemgetter(0)) - 1
    return last < 0 or services[last][1] + IDLE <= at


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

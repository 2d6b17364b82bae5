"""Calendars: when a desk is open, and working time reckoned by that.

A span such as `09:00-18:00` is local wall time: the calendar is open whenever the clock on the wall
shows a time within it. So an hour that daylight saving leaves out is not there to be worked in, and
one that comes twice counts twice. A span over midnight belongs to the day on which it begins.

Moments are milliseconds since 1970 in UTC. A year's opening hours are worked out once, in
1 to 5 ms, and looked up by bisection after that.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY: Final = 86_400_000
MINUTE: Final = 60_000
HORIZON: Final = 10
"""Years looked ahead; what has not come by then never comes."""
MOST_TABLES: Final = 16
"""Years kept worked out; an event's time may be any, and one year takes up to 100 KB."""

_FIRST, _LAST = 2, 9998
"""The years in which every zone can tell its offset."""
_EPOCH: Final = date(1970, 1, 1).toordinal()

Spans = tuple[tuple[int, int], ...]
"""Opening hours of one day in minutes, ascending; an end above 1,440 lies on the next day."""


class Table(NamedTuple):
    """The opening hours of one year of UTC."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    """Open milliseconds of the year before each start."""
    total: int

    def worked(self, moment: int) -> int:
        """Return the open milliseconds of the year up to a moment."""
        number = bisect_right(self.starts, moment) - 1
        if number < 0:
            return 0
        return self.before[number] + min(moment, self.ends[number]) - self.starts[number]

    def at(self, worked: int) -> int:
        """Return the first moment by which so much, above 0 and at most `total`, is worked."""
        number = bisect_right(self.before, worked - 1) - 1
        return self.starts[number] + worked - self.before[number]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by weekday, and by date where a date has its own."""

    name: str
    time_zone: str
    weekly: tuple[Spans, ...]
    """Seven days, Monday first."""
    dates: tuple[tuple[int, Spans], ...] = ()
    """Days since 1970 whose hours are their own, ascending; no spans is closed."""
    _dates: dict[int, Spans] = field(init=False, compare=False, repr=False)
    _tables: dict[int, Table] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_dates", dict(self.dates))

    def is_open(self, moment: int) -> bool:
        """Tell whether it is open at a moment."""
        table = self._table(_year(moment))
        number = bisect_right(table.starts, moment) - 1
        return number >= 0 and moment < table.ends[number]

    def next_open(self, moment: int) -> int | None:
        """Return the first moment from this one on at which it is open, None in ten years."""
        if self.is_open(moment):
            return moment
        for table in self._ahead(moment):
            number = bisect_right(table.starts, moment)
            if number < len(table.starts):
                return table.starts[number]
        return None

    def next_close(self, moment: int) -> int | None:
        """Return the first moment from this one on at which it is closed, None in ten years."""
        for table in self._ahead(moment):
            number = bisect_right(table.starts, moment) - 1
            if number < 0 or moment >= table.ends[number]:
                return moment
            moment = table.ends[number]  # at the year's end it may go on in the next
        return None

    def working_between(self, begin: int, end: int) -> int:
        """Return the open milliseconds from `begin` to `end`; none where that is not later."""
        if end <= begin:
            return 0
        first, last = _year(begin), _year(end)
        whole = sum(self._table(year).total for year in range(first, last))
        return whole + self._table(last).worked(end) - self._table(first).worked(begin)

    def add_working(self, moment: int, working: int) -> int | None:
        """Return the first moment by which so many open milliseconds are over since `moment`.

        None where they do not come within ten years. Nothing to add is the moment itself.
        """
        if working <= 0:
            return moment
        left = working + self._table(_year(moment)).worked(moment)
        for table in self._ahead(moment):
            if left <= table.total:
                return table.at(left)
            left -= table.total
        return None

    def openings(self, moment: int) -> Iterator[int]:
        """Yield the moments from this one on at which it opens, for ten years."""
        for table in self._ahead(moment):
            yield from table.starts[bisect_right(table.starts, moment - 1) :]

    def _ahead(self, moment: int) -> Iterator[Table]:
        year = _year(moment)
        for later in range(year, min(year + HORIZON, _LAST) + 1):
            yield self._table(later)

    def _table(self, year: int) -> Table:
        table = self._tables.get(year)
        if table is None:
            if len(self._tables) >= MOST_TABLES:
                self._tables.clear()
            table = self._tables[year] = _joined(self._year_spans(year))
        return table

    def _year_spans(self, year: int) -> Iterator[tuple[int, int]]:
        """Yield the open intervals of one year of UTC, those of each offset by themselves."""
        if not _FIRST <= year <= _LAST:
            return
        weekly, dates = self.weekly, self._dates
        for begin, end, offset in _offsets(self.time_zone, _start(year), _start(year + 1)):
            # The day before reaches in by a span over midnight.
            for day in range((begin + offset) // DAY - 1, (end - 1 + offset) // DAY + 1):
                spans = dates.get(day)
                midnight = day * DAY - offset
                for opens, closes in weekly[(day + 3) % 7] if spans is None else spans:
                    one = max(midnight + opens * MINUTE, begin)
                    two = min(midnight + closes * MINUTE, end)
                    if one < two:
                        yield one, two


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in milliseconds: elapsed, or working time of a calendar."""

    ms: int
    calendar: Calendar | None = None

    def after(self, moment: int) -> int | None:
        """Return the moment it ends if it begins at this one; None if not within ten years."""
        if self.calendar is None:
            return moment + self.ms
        return self.calendar.add_working(moment, self.ms)


def day_number(day: date) -> int:
    """Return the days from 1970 to a date."""
    return day.toordinal() - _EPOCH


def _year(moment: int) -> int:
    """Return the year of UTC; one that cannot be reckoned in counts as the next that cannot."""
    try:
        return datetime.fromtimestamp(moment // 1000, UTC).year
    except (ValueError, OverflowError, OSError):
        return _FIRST - 1 if moment < 0 else _LAST + 1


def _start(year: int) -> int:
    return day_number(date(year, 1, 1)) * DAY


def _joined(spans: Iterator[tuple[int, int]]) -> Table:
    starts: list[int] = []
    ends: list[int] = []
    for begin, end in sorted(spans):
        if ends and begin <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(begin)
            ends.append(end)
    before, total = [], 0
    for begin, end in zip(starts, ends, strict=True):
        before.append(total)
        total += end - begin
    return Table(tuple(starts), tuple(ends), tuple(before), total)


def _offsets(zone: str, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the parts of a time in which the zone's offset is one; milliseconds.

    Offsets are looked at day by day: no zone changes its offset and back within one.
    """
    place = ZoneInfo(zone)
    part, offset = begin, _offset(place, begin)
    for moment in (*range(begin + DAY, end, DAY), end):
        later = _offset(place, moment)
        if later != offset:
            change = _change(place, moment - DAY, moment, offset)
            yield part, min(change, end), offset
            part, offset = change, later
    if part < end:
        yield part, end, offset


def _change(place: ZoneInfo, before: int, after: int, offset: int) -> int:
    """Return the second at which the offset is no longer this one, found by halving."""
    low, high = before // 1000, after // 1000
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(place, middle * 1000) == offset:
            low = middle
        else:
            high = middle
    return high * 1000


def _offset(place: ZoneInfo, moment: int) -> int:
    found = datetime.fromtimestamp(moment // 1000, place).utcoffset()
    return 0 if found is None else round(found.total_seconds() * 1000)

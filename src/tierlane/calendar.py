"""Calendars: when a desk is open, and working time reckoned by that.

A span such as `09:00-18:00` is local wall time: the calendar is open whenever the clock on the wall
shows a time within it. So an hour that daylight saving leaves out is not there to be worked in, and
one that comes twice counts twice. A span over midnight belongs to the day on which it begins.

Moments are milliseconds since 1970 in UTC. The opening hours of 366 days are worked out at once, in
1 to 5 ms, and looked up by bisection after that, which takes less than a microsecond.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY: Final = 86_400_000
MINUTE: Final = 60_000
HORIZON: Final = 3_660 * DAY
"""Ten years, as far as is looked ahead; what has not come by then never comes."""
MOST_TABLES: Final = 16
"""Tables kept; an event's time may be any, and one of them takes up to 100 KB."""

_LENGTH: Final = 366 * DAY
"""Of a table: a tenth of the horizon."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = (date(2, 1, 1).toordinal() - _EPOCH) * DAY
_LAST: Final = (date(9998, 1, 1).toordinal() - _EPOCH) * DAY
"""Between these every zone can tell its offset; a calendar is closed before and after."""

Spans = tuple[tuple[int, int], ...]
"""Opening hours of one day in minutes, ascending; an end above 1,440 lies on the next day."""


class Table(NamedTuple):
    """The opening hours of 366 days of UTC."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    """Open milliseconds of the table before each start."""
    total: int

    def worked(self, moment: int) -> int:
        """Return the open milliseconds of the table up to a moment."""
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
        table = self._table(moment // _LENGTH)
        number = bisect_right(table.starts, moment) - 1
        return number >= 0 and moment < table.ends[number]

    def next_open(self, moment: int) -> int | None:
        """Return the first moment from this one on at which it is open, None in ten years."""
        if self.is_open(moment):
            return moment
        for table in self._ahead(moment):
            number = bisect_right(table.starts, moment)
            if number < len(table.starts):
                return _near(table.starts[number], moment)
        return None

    def next_close(self, moment: int) -> int | None:
        """Return the first moment from this one on at which it is closed, None in ten years."""
        begin = moment
        for table in self._ahead(begin):
            number = bisect_right(table.starts, moment) - 1
            if number < 0 or moment >= table.ends[number]:
                return _near(moment, begin)
            moment = table.ends[number]  # at the table's end it may go on in the next
        return None

    def working_between(self, begin: int, end: int) -> int:
        """Return the open milliseconds from `begin` to `end`; none where that is not later."""
        if end <= begin:
            return 0
        first, last = begin // _LENGTH, end // _LENGTH
        whole = sum(self._table(number).total for number in range(first, last))
        return whole + self._table(last).worked(end) - self._table(first).worked(begin)

    def add_working(self, moment: int, working: int) -> int | None:
        """Return the first moment by which so many open milliseconds are over since `moment`.

        None where they do not come within ten years. Nothing to add is the moment itself.
        """
        if working <= 0:
            return moment
        left = working + self._table(moment // _LENGTH).worked(moment)
        for table in self._ahead(moment):
            if left <= table.total:
                return _near(table.at(left), moment)
            left -= table.total
        return None

    def openings(self, moment: int) -> Iterator[int]:
        """Yield the moments from this one on at which it opens, for ten years."""
        for table in self._ahead(moment):
            yield from table.starts[bisect_right(table.starts, moment - 1) :]

    def _ahead(self, moment: int) -> Iterator[Table]:
        first = moment // _LENGTH
        return map(self._table, range(first, first + HORIZON // _LENGTH + 1))

    def _table(self, number: int) -> Table:
        """Return the table of the days from 1970 + 366 × number on."""
        table = self._tables.get(number)
        if table is None:
            if len(self._tables) >= MOST_TABLES:
                self._tables.clear()
            begin = max(number * _LENGTH, _FIRST)
            end = min((number + 1) * _LENGTH, _LAST)
            table = self._tables[number] = _joined(self._intervals(begin, end))
        return table

    def _intervals(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the open intervals of a time in whole days, those of each offset by themselves."""
        if begin >= end:
            return
        weekly, dates = self.weekly, self._dates
        for first, last, offset in _offsets(self.time_zone, begin, end):
            # The day before reaches in by a span over midnight.
            for day in range((first + offset) // DAY - 1, (last - 1 + offset) // DAY + 1):
                spans = dates.get(day)
                midnight = day * DAY - offset
                for opens, closes in weekly[(day + 3) % 7] if spans is None else spans:
                    one = max(midnight + opens * MINUTE, first)
                    two = min(midnight + closes * MINUTE, last)
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


def _near(found: int, begin: int) -> int | None:
    return found if found - begin <= HORIZON else None


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

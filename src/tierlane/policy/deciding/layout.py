"""Where the values of slots come from: one contact, one profile and one memory → a list of values.

The slots are ordered by the map they stand in, so that a map is looked up once and its fields are
read in one go; what is reckoned from others comes last.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from tierlane.calendar import Calendar
from tierlane.policy.condition.slot import BAD, Slot

_DAY: Final = 86_400_000
_QUARTER: Final = 900_000
"""Offsets from UTC change at a quarter of an hour only, in every zone since 1972."""
MOST_QUARTERS: Final = 4_096
"""Quarters of an hour whose offset and year are remembered, each below 1 MB."""
_EARLIEST: Final = -62_135_596_800_000
_LATEST: Final = 253_402_300_799_999
"""The years 1 to 9999, which is what a time can be told in."""


class LocalTime:
    """Days and times as reckoned in one time zone."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._offsets: dict[int, int] = {}
        self._years: dict[int, int] = {}

    def day(self, ms: int) -> int:
        """Return the number of the calendar day that a moment falls on."""
        return (ms + self._offset(ms)) // _DAY

    def year(self, ms: int) -> int:
        """Return the calendar year."""
        quarter = ms // _QUARTER
        year = self._years.get(quarter)
        if year is None:
            offset = self._offset(ms)
            local = min(max(ms + offset, _EARLIEST), _LATEST)
            year = datetime.fromtimestamp(local // 1000, UTC).year
            if offset % _QUARTER == 0:  # else a year begins inside a quarter
                if len(self._years) >= MOST_QUARTERS:
                    self._years.clear()
                self._years[quarter] = year
        return year

    def parse(self, value: Any) -> Any:
        """Return milliseconds for a time as text or number, None for None, else `BAD`.

        A date alone is its first moment in the time zone.
        """
        if type(value) is str:
            try:
                moment = datetime.fromisoformat(value)
                if moment.tzinfo is None:
                    if len(value) > 10:
                        return BAD
                    moment = moment.replace(tzinfo=self.zone)
                value = round(moment.timestamp() * 1000)
            except (ValueError, OverflowError):
                return BAD
        if type(value) is int and _EARLIEST <= value <= _LATEST:
            return value
        return None if value is None else BAD

    def _offset(self, ms: int) -> int:
        quarter = ms // _QUARTER
        offset = self._offsets.get(quarter)
        if offset is None:
            moment = datetime.fromtimestamp(quarter * _QUARTER // 1000, UTC)
            try:
                found = moment.astimezone(self.zone).utcoffset()
            except OverflowError:  # the first or last day that a calendar can name
                found = None
            offset = round(found.total_seconds() * 1000) if found else 0
            if len(self._offsets) >= MOST_QUARTERS:
                self._offsets.clear()
            self._offsets[quarter] = offset
        return offset


FIRST: Final = ("profile", "now")
"""The slots that stand first: whether there is a profile, and the event's time."""


class Group(NamedTuple):
    """Fields of one map."""

    root: int
    """0 the contact, 1 the profile, 2 the memory."""
    inner: str
    """The map inside it, or nothing."""
    keys: tuple[str, ...]
    absent: tuple[None, ...]
    """What stands for the values where the map is not there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the values of one policy's slots are read: `FIRST`, the groups, what is reckoned."""

    groups: tuple[Group, ...]
    times: tuple[int, ...]
    """The slots whose text is parsed to milliseconds."""
    derived: tuple[tuple[Callable[[Any, int], Any], int], ...]
    """For each reckoned slot the function of a value and `now`, and the slot of the value."""
    local: LocalTime

    def read(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
    ) -> list[Any]:
        """Return a value per slot; what is absent is None."""
        values: list[Any] = [None if profile is None else True, now]
        roots = (contact, profile, memory)
        for root, inner, keys, absent in self.groups:
            found: Any = roots[root]
            if inner and found is not None:
                found = found.get(inner)
            values += map(found.get, keys) if isinstance(found, dict) else absent
        for slot in self.times:
            if values[slot] is not None:
                values[slot] = self.local.parse(values[slot])
        for reckon, slot in self.derived:
            values.append(reckon(values[slot], now))
        return values


def order(slots: Sequence[Slot]) -> list[str]:
    """Return the paths of the slots that are read, grouped by the map they stand in."""
    read = [slot for slot in slots if slot.known is not None and slot.path not in FIRST]
    return [*FIRST, *(slot.path for slot in sorted(read, key=_group))]


def _group(slot: Slot) -> tuple[str, str, str]:
    place = slot.known.place if slot.known else ()
    return place[0], place[1] if len(place) > 2 else "", ".".join(place)


def layout(slots: Sequence[Slot], zone: str, calendars: Mapping[str, Calendar]) -> Layout:
    """Return the layout of slots that stand in the order of `order`, reckoned ones last."""
    local = LocalTime(zone)
    groups: dict[tuple[str, str], list[str]] = {}
    for slot in slots[len(FIRST) :]:
        if slot.known is not None:
            groups.setdefault(_group(slot)[:2], []).append(slot.known.place[-1])
    roots = ("contact", "profile", "memory")
    return Layout(
        groups=tuple(
            Group(roots.index(root), inner, tuple(keys), (None,) * len(keys))
            for (root, inner), keys in groups.items()
        ),
        times=tuple(s.index for s in slots if s.type == "time" and s.known and s.path not in FIRST),
        derived=tuple(
            (_reckoner(s.derive[0], local, calendars), s.derive[1]) for s in slots if s.derive
        ),
        local=local,
    )


def _reckoner(
    how: str, local: LocalTime, calendars: Mapping[str, Calendar]
) -> Callable[[Any, int], Any]:
    how, _, name = how.partition(" ")
    if how == "in_calendar":
        is_open = calendars[name].is_open
        return lambda value, _now: is_open(value)

    def days_since(value: Any, now: int) -> int | None:
        return None if value is None or value is BAD else local.day(now) - local.day(value)

    def age(value: Any, now: int) -> int | None:
        return None if value is None or value is BAD else now - int(value)

    def years(value: Any, now: int) -> int | None:
        return local.year(now) - value if type(value) is int and 0 < value < 9999 else None

    def arrived(value: Any, now: int) -> Any:
        return now if value is None else value

    def or_zero(value: Any, _now: int) -> Any:
        return 0 if value is None else value

    return {
        "days_since": days_since,
        "age": age,
        "years": years,
        "arrived": arrived,
        "or_zero": or_zero,
    }[how]

"""Laws of calendars, and the same answers as a walk minute by minute with the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierlane.calendar import DAY, HORIZON, MINUTE, Calendar, day_number

ZONES = ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]
HOUR = 60 * MINUTE

# Each zone's clocks change around some of these; Lord Howe moves by half an hour, Shanghai never.
CHANGES = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4),
           date(2026, 10, 25), date(2026, 11, 1), date(2026, 12, 31), date(2028, 2, 29)]  # fmt: skip

span = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
spans = st.lists(span, max_size=3).map(lambda found: tuple(sorted(found)))
day = st.sampled_from(CHANGES).flatmap(
    lambda d: st.integers(-2, 2).map(lambda n: day_number(d) + n)
)
calendars = st.builds(
    lambda zone, week, dates: Calendar("c", zone, tuple(week), tuple(sorted(dates.items()))),
    st.sampled_from(ZONES),
    st.lists(spans, min_size=7, max_size=7),
    st.dictionaries(day, spans, max_size=4),
)
moments = st.tuples(day, st.integers(0, DAY - 1)).map(lambda pair: pair[0] * DAY + pair[1])
durations = st.one_of(st.integers(0, 3 * HOUR), st.integers(0, 40 * DAY))


def on_the_wall(calendar: Calendar, moment: int) -> bool:
    """Tell whether it is open by what the clock on the wall shows, one date after the other."""
    there = datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(calendar.time_zone))
    wall = there.hour * HOUR + there.minute * MINUTE + there.second * 1000 + moment % 1000
    dates = dict(calendar.dates)
    for back in (0, 1):
        that = there.date() - timedelta(days=back)
        hours = dates.get(day_number(that), calendar.weekly[that.weekday()])
        if any(a * MINUTE <= wall + back * DAY < b * MINUTE for a, b in hours):
            return True
    return False


@given(calendars, moments)
@settings(max_examples=300, deadline=None)
def test_open_is_what_the_clock_on_the_wall_shows(calendar: Calendar, moment: int) -> None:
    for at in (moment, moment - 1, moment - moment % MINUTE, moment - moment % HOUR):
        assert calendar.is_open(at) is on_the_wall(calendar, at)


@given(calendars, moments)
@settings(max_examples=60, deadline=None)
def test_equals_a_walk_minute_by_minute(calendar: Calendar, moment: int) -> None:
    begin = moment - moment % MINUTE
    walked = [begin + n * MINUTE for n in range(2 * 24 * 60)]
    opens = [on_the_wall(calendar, at) for at in walked]
    end = walked[-1] + MINUTE
    assert calendar.working_between(begin, end) == sum(opens) * MINUTE
    first = next((at for at, is_open in zip(walked, opens, strict=True) if is_open), None)
    found = calendar.next_open(begin)
    assert found == first if first is not None else found is None or found >= end
    shut = next((at for at, is_open in zip(walked, opens, strict=True) if not is_open), None)
    found = calendar.next_close(begin)
    assert found == shut if shut is not None else found is None or found >= end
    worked = 0
    for at, is_open in zip(walked, opens, strict=True):
        worked += is_open * MINUTE
        if is_open:
            assert calendar.add_working(begin, worked) == at + MINUTE


@given(calendars, moments, durations)
@settings(max_examples=300, deadline=None)
def test_add_then_measure_gives_back(calendar: Calendar, moment: int, duration: int) -> None:
    end = calendar.add_working(moment, duration)
    if end is None:
        assert calendar.working_between(moment, moment + HORIZON) < duration
        return
    assert calendar.working_between(moment, end) == duration
    # It is the first such moment: just before, less is worked.
    assert duration == 0 or calendar.working_between(moment, end - 1) == duration - 1


@given(calendars, moments, moments, durations, durations)
@settings(max_examples=200, deadline=None)
def test_later_and_longer_never_end_earlier(calendar, one, two, short, long) -> None:
    def added(moment: int, working: int) -> float:
        found = calendar.add_working(moment, working)
        return float("inf") if found is None else found

    (one, two), (short, long) = sorted((one, two)), sorted((short, long))
    assert added(one, short) <= added(one, long)
    # What begins later ends no earlier, save that nothing found is told of ten years only.
    if two - one < DAY:
        assert added(one, short) <= added(two, short) or added(one, short) == float("inf")
    assert 0 <= calendar.working_between(one, two) <= two - one
    assert calendar.working_between(two, one) == 0


@given(calendars, st.lists(moments, min_size=3, max_size=3))
@settings(max_examples=100, deadline=None)
def test_working_time_adds_up(calendar: Calendar, three: list[int]) -> None:
    a, b, c = sorted(three)
    whole = calendar.working_between(a, c)
    assert calendar.working_between(a, b) + calendar.working_between(b, c) == whole


@pytest.mark.parametrize("moment", [-(10**17), -(10**14), 0, 10**13, 253_402_300_799_999, 10**17])
@pytest.mark.parametrize("zone", ZONES)
def test_any_moment_is_answered(zone: str, moment: int) -> None:
    calendar = Calendar("c", zone, (((540, 1080),),) * 7)
    assert calendar.is_open(moment) in (True, False)
    calendar.next_open(moment)
    calendar.next_close(moment)
    calendar.add_working(moment, HOUR)

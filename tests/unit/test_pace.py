"""How long to wait before an event is sent."""

import pytest

from tierlane.errors import UsageError
from tierlane.stream.pace import Pace, parse_rate


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("text", "rate"), [("500/s", 500.0), ("30/m", 0.5), ("1800/h", 0.5), ("0.5/s", 0.5)]
)
def test_rates(text: str, rate: float) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["500", "0/s", "-1/s", "fast", "5/d", "5 /s", ""])
def test_what_is_no_rate_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError, match="is no rate") as caught:
        parse_rate(text)
    assert caught.value.hint == "write 500/s, 30/m or 1000/h"


def test_a_rate_spaces_events_evenly_and_catches_up() -> None:
    clock = Clock()
    pace = Pace(clock, rate=10)
    assert [round(pace.wait(None), 3) for _ in range(3)] == [0.0, 0.1, 0.2]
    clock.now += 5
    assert pace.wait(None) == 0.0
    assert not pace.timed


def test_real_time_follows_the_events_own_times_faster() -> None:
    clock = Clock()
    pace = Pace(clock, speed=60)
    assert pace.timed
    assert pace.wait(1_000_000) == 0.0
    assert pace.wait(1_060_000) == pytest.approx(1.0)
    clock.now += 1.5
    assert pace.wait(1_060_000) == 0.0
    assert pace.wait(1_120_000) == pytest.approx(0.5)


def test_a_late_event_goes_at_once() -> None:
    pace = Pace(Clock(), speed=1)
    pace.wait(5_000)
    assert pace.wait(1_000) == 0.0


def test_without_a_pace_nothing_waits() -> None:
    assert Pace(Clock()).wait(7) == 0.0

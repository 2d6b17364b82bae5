"""Rates of arrival against made-up arrivals, and back through a workload file."""

from datetime import date

import pytest
import yaml

from tierlane.replay.fitting.arrival import rhythm, workload
from tierlane.replay.fitting.record import about
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.staffing import MINUTES
from tierlane.replay.simulation.workload import Rate, Stream, Workload
from tierlane.replay.simulation.workload_file import read_workload

MONDAY = date(2026, 3, 2)
WEEKDAYS = frozenset(range(5))


def recorded(busyness=None, days=56):
    rates = (Rate(60, 480, 600, WEEKDAYS), Rate(20, 600, 1200, WEEKDAYS))
    stream = Stream("calls", {"channel": "voice", "subject": "order"}, rates)
    made = Workload("made", (stream,), MONDAY, days, "Asia/Shanghai", busyness)
    return about(list(made.comings(Chance(3, 1))), None)


def test_finds_the_rates_of_weekdays_and_hours():
    found = rhythm(recorded(), ("channel",), "Asia/Shanghai", 30)
    (kind,) = found.kinds
    assert {one.weekday for one in kind.slots} == WEEKDAYS
    for low, high, hourly in ((480, 600, 60), (600, 1200, 20)):
        slots = [one.hourly for one in kind.slots if low <= one.begin < high]
        assert sum(slots) / len(slots) == pytest.approx(hourly, rel=0.05)
    assert all(0 <= one.begin < one.end <= MINUTES for one in kind.slots)


def test_chance_alone_has_a_dispersion_of_one():
    (kind,) = rhythm(recorded(), (), "Asia/Shanghai", 60).kinds
    assert kind.dispersion == pytest.approx(1, abs=0.15)
    assert kind.doubt > 0.01


def test_busy_days_show_and_their_shape_is_found():
    found = rhythm(recorded(busyness=10, days=280), (), "Asia/Shanghai", 60)
    (kind,) = found.kinds
    assert kind.doubt < 1e-6
    assert found.busyness == pytest.approx(10, rel=0.35)


def test_a_day_without_anybody_counts_as_not_recorded():
    contacts = [one for one in recorded() if one[0].arrived >= 1_772_409_600_000 + 86_400_000 * 7]
    found = rhythm(contacts, (), "Asia/Shanghai", 60)
    assert dict(found.days) == dict.fromkeys(range(5), 7)


def test_the_workload_can_be_simulated_and_gives_as_many():
    found = rhythm(recorded(busyness=10), ("channel", "subject"), "Asia/Shanghai", 30)
    text = yaml.safe_dump(workload(found, "fitted"), sort_keys=False)
    read = read_workload(text.encode(), "workload.yaml")
    (stream,) = read.streams
    assert stream.contact == {"channel": "voice", "subject": "order"}
    weekly = sum(
        one.hourly * (one.end - one.begin) / 60 * len(one.weekdays) for one in stream.rates
    )
    assert weekly == pytest.approx(len(recorded(busyness=10)) / 8, rel=0.001)
    assert read.busyness == pytest.approx(found.busyness, abs=0.01)

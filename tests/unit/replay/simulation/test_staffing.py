"""Staffing: who is on duty when, in local time, and the faults of its file."""

import pytest

from tests.unit.replay.simulation.stage import ONE_LINE, group
from tierlane.errors import UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.simulation.distribution import Exponential, Gamma, LogNormal, Never, Survival
from tierlane.replay.simulation.staffing import Hours, Pause, Staffing
from tierlane.replay.simulation.staffing_file import StaffingError, read_staffing
from tierlane.value import parse_time

MONDAY = parse_time("2026-03-02T00:00:00Z")
HOUR = 3_600_000
POLICY = compile_policy(ONE_LINE, "p.yaml")


def turns(staffing, begin=MONDAY, end=MONDAY + 24 * HOUR):
    return [
        ((turn.at - MONDAY) / HOUR, turn.advisor.name, turn.state)
        for turn in staffing.roster(POLICY, begin, end)
    ]


def test_the_highest_numbers_leave_when_fewer_are_needed():
    hours = (Hours(2, 8 * 60, 12 * 60), Hours(1, 12 * 60, 16 * 60))
    assert turns(Staffing("s", (group("g", 0, hours=hours),))) == [
        (8, "g-1", "on"), (8, "g-2", "on"), (12, "g-2", "off"), (16, "g-1", "off"),
    ]  # fmt: skip


def test_breaks_are_taken_one_after_the_other_in_their_window():
    advisors = group(
        "g", 3, hours=(Hours(3, 8 * 60, 16 * 60),), pauses=(Pause(720, 840, HOUR // 2),)
    )
    found = [turn for turn in turns(Staffing("s", (advisors,))) if turn[2] == "break"]
    assert found == [(12, "g-1", "break"), (12.75, "g-2", "break"), (13.5, "g-3", "break")]


def test_a_night_goes_over_midnight_and_weekdays_are_those_of_its_beginning():
    nights = (Hours(1, 22 * 60, 30 * 60, frozenset({6, 0})),)  # Sunday and Monday
    assert turns(Staffing("s", (group("g", 0, hours=nights),))) == [
        (0, "g-1", "on"), (6, "g-1", "off"), (22, "g-1", "on"), (30, "g-1", "off"),
    ]  # fmt: skip


def test_hours_are_local_when_clocks_are_put_on():
    day = parse_time("2026-03-29T00:00:00+01:00")
    staffing = Staffing("s", (group("g", 0, hours=(Hours(1, 60, 240),)),), zone="Europe/Berlin")
    found = staffing.roster(POLICY, day, day + 24 * HOUR)
    assert [(turn.at - day) / HOUR for turn in found] == [1, 3]  # from 1:00 to 4:00 in two hours


def test_all_day_is_one_turn():
    assert turns(Staffing("s", (group("g", 1),))) == [(0, "g-1", "on"), (24, "g-1", "off")]


def test_a_peak_scales_the_other_hours_with_it():
    one = group("g", 0, hours=(Hours(10, 0, 60), Hours(4, 60, 120)))
    assert [hours.advisors for hours in one.scaled(15).hours] == [15, 6]
    assert [hours.advisors for hours in one.scaled(1).hours] == [1, 1]


@pytest.mark.parametrize(
    ("about", "told"),
    [({"desk": "x"}, "no desk `x`"), ({"desk": ""}, None)],
)
def test_a_desk_must_be_in_the_policy(about, told):
    staffing = Staffing("s", (group("g", 1, **about),))
    if told is None:
        assert len(turns(staffing)) == 2
    else:
        with pytest.raises(UsageError, match=told):
            turns(staffing)


WHOLE = b"""staffing: shop
time_zone: Asia/Shanghai
advisors:
  general:
    count: {mon-fri: {"08:00-12:00": 12, "12:00-20:00": 8}, sat: 3}
    skills: {claims: 3}
    languages: [zh, en]
    breaks: {"11:00-13:00": 30m}
    pace: 1.2
service:
  - {lane: [express, people], lognormal: {median: 3m, sigma: 0.8}}
  - recorded
  - {gamma: {mean: 4m, shape: 2}}
patience:
  - {tier: gold, survival: {times: [10s, 1m], remaining: [0.9, 0.5], tail: 5m}}
  - {exponential: 4m}
  - never
offers: {delay: {exponential: 3s}, declines: 5%}
"""


def test_a_whole_file():
    found = read_staffing(WHOLE, "s.yaml")
    (one,) = found.groups
    assert (one.name, one.peak, one.pace, found.zone) == ("general", 12, 1.2, "Asia/Shanghai")
    assert one.hours[2] == Hours(3, 0, 1440, frozenset({5}))
    assert one.advisor.skills == (("claims", 3),)
    assert one.pauses == (Pause(660, 780, 1_800_000),)
    assert [row.times for row in found.behaviour.service] == [
        LogNormal(180_000, 0.8), None, Gamma(240_000, 2),
    ]  # fmt: skip
    assert found.behaviour.service[0].fits == (("lane", frozenset({"express", "people"})),)
    assert [row.times for row in found.behaviour.patience] == [
        Survival((10_000, 60_000), (0.9, 0.5), 300_000), Exponential(240_000), Never(),
    ]  # fmt: skip
    assert (found.behaviour.delay, found.behaviour.declines) == (Exponential(3_000), 0.05)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("advisors: {g: {count: 1}}", "needs the key `staffing`"),
        (
            "staffing: s\nadvisors: {g: {}}",
            "s.yaml:2:15: error missing_key: group `g` needs the key `count`",
        ),
        ("staffing: s\nadvisors: {}", "names no group"),
        ("staffing: s\nadvisors: {g: {count: -1}}", "must not be below 0"),
        ("staffing: s\nadvisors: {g: {count: 1, colour: red}}", "no key `colour`"),
        (
            "staffing: s\nadvisors: {g: {count: {mon: {'08:00-10:00': 1, '09:00-11:00': 2}}}}",
            "overlap",
        ),
        ("staffing: s\nadvisors: {g: {count: {fri: {'22:00-06:00': 1}, sat: 2}}}", "overlap"),
        ("staffing: s\nadvisors: {g: {count: {someday: 1}}}", "no day `someday`"),
        (
            "staffing: s\nadvisors: {g: {count: 1, breaks: {'08:00-08:10': 30m}}}",
            "longer than its window",
        ),
        ("staffing: s\nadvisors: {g: {count: 2, names: [ann]}}", "names 1 of 2 advisors"),
        ("staffing: s\nadvisors: {g: {count: 2, names: [ann, ann]}}", "more than once"),
        ("staffing: s\nadvisors: {g: {count: 1, pace: 0}}", "`pace` must be above 0"),
        (
            "staffing: s\nadvisors: {g: {count: 1}}\nservice: [{tier: gold}]",
            "one distribution of times",
        ),
        ("staffing: s\nadvisors: {g: {count: 1}}\nservice: [4m]", "`recorded`, `never` or a map"),
        (
            "staffing: s\nadvisors: {g: {count: 1}}\npatience: [{group: g, fixed: 1s}]",
            "no key `group`",
        ),
        (
            "staffing: s\nadvisors: {g: {count: 1}}\nservice: [{lognormal: {median: 3m, sigma: 0}}]",
            "above 0",
        ),
        ("staffing: s\nadvisors: {g: {count: 1}}\nservice: [{empirical: []}]", "needs a time"),
        (
            "staffing: s\nadvisors: {g: {count: 1}}\npatience: [{survival: {times: [2s, 1s], remaining: [1, 0]}}]",
            "ascend",
        ),
        ("staffing: s\nadvisors: {g: {count: 1}}\noffers: {declines: 100%}", "a share below 100 %"),
        ("staffing: s\nadvisors: {g: {count: 1}}\ntime_zone: Mars/North", "no time zone"),
        ("[", "staffing cannot be used"),
    ],
)
def test_faults_are_told_with_their_place(text, told):
    with pytest.raises(StaffingError) as error:
        read_staffing(text.encode(), "s.yaml")
    assert told in str(error.value) and "s.yaml:" in str(error.value)

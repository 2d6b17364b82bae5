"""Calendars as a policy states them: hours, dates, zones, clocks that change, and each fault."""

import pytest

from tests.policy.writing import REST, policy
from tierlane.calendar import Calendar
from tierlane.policy.check.document import check
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.value import format_time, parse_time

CASE = "cases: [{case: one, contact: {channel: chat}, expect: {lane: people}}]\n"
HOUR = 3_600_000


def calendar(text: str, zone: str = "UTC") -> Calendar:
    written = policy(f"time_zone: {zone}\ncalendars: {{office: {text}}}\n")
    report = Report()
    document = read_document(written, "p.yaml", report)
    assert report.findings == []
    return document.calendars[0][0]


def found(text: str, **sections: str) -> dict[str, str]:
    return {one.code: one.severity for one in check(policy(CASE + text, **sections), "p.yaml")}


def open_at(one: Calendar, *times: str) -> list[bool]:
    return [one.is_open(parse_time(time)) for time in times]


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last():
    office = calendar("{weekly: {mon-fri: 09:00-18:00}}")
    assert open_at(
        office,
        "2026-03-02T08:59:59.999Z", "2026-03-02T09:00:00Z",
        "2026-03-02T17:59:59.999Z", "2026-03-02T18:00:00Z", "2026-03-07T12:00:00Z",
    ) == [False, True, True, False, False]  # fmt: skip


def test_several_spans_a_day_and_days_named_apart():
    office = calendar(
        "{weekly: {mon-fri: [09:00-12:00, 13:00-18:00], sat: 10:00-12:00, fri: 19:00-20:00}}"
    )
    assert open_at(
        office,
        "2026-03-02T11:00:00Z", "2026-03-02T12:30:00Z", "2026-03-02T13:00:00Z",
        "2026-03-06T19:30:00Z", "2026-03-05T19:30:00Z", "2026-03-07T11:00:00Z",
    ) == [True, False, True, True, False, True]  # fmt: skip


def test_days_may_go_over_the_end_of_the_week():
    office = calendar("{weekly: {sat-mon: 09:00-10:00}}")
    week = [f"2026-03-0{day}T09:30:00Z" for day in range(2, 9)]  # Monday to Sunday
    assert open_at(office, *week) == [True, False, False, False, False, True, True]


def test_a_night_belongs_to_the_day_on_which_it_begins():
    night = calendar("{weekly: {mon-fri: 22:00-06:00}, closed: [2026-03-04]}")
    assert open_at(
        night,
        "2026-03-02T05:00:00Z",  # Monday morning: Sunday has no night
        "2026-03-03T05:00:00Z", "2026-03-03T23:00:00Z",
        "2026-03-04T05:59:59Z",  # a closed Wednesday does not cut Tuesday's night
        "2026-03-04T23:00:00Z", "2026-03-05T05:00:00Z",
        "2026-03-07T05:00:00Z",  # Friday's, on Saturday morning
    ) == [False, True, True, True, False, False, True]  # fmt: skip


def test_holidays_and_working_days_made_up_for_them():
    office = calendar(
        "{weekly: {mon-fri: 09:00-18:00}, closed: [2026-10-01..2026-10-07], open: {2026-10-10: 09:00-18:00}}",
        "Asia/Shanghai",
    )
    assert open_at(
        office,
        "2026-09-30T12:00:00+08:00", "2026-10-01T12:00:00+08:00", "2026-10-07T12:00:00+08:00",
        "2026-10-08T12:00:00+08:00", "2026-10-10T12:00:00+08:00", "2026-10-11T12:00:00+08:00",
    ) == [True, False, False, True, True, False]  # fmt: skip
    # Sixteen hours from the eve of the holiday: one on the eve, nine on Thursday the 8th, six more.
    end = office.add_working(parse_time("2026-09-30T17:00:00+08:00"), 16 * HOUR)
    assert format_time(end) == "2026-10-09T07:00:00.000Z"


def test_a_date_that_is_open_stands_above_a_closed_range_and_the_week():
    office = calendar(
        "{weekly: {mon-fri: 09:00-18:00}, closed: [2026-10-01..2026-10-07], open: {2026-10-05: 12:00-13:00}}"
    )
    assert open_at(office, "2026-10-05T12:30:00Z", "2026-10-05T10:00:00Z") == [True, False]


def test_a_zone_of_its_own():
    tokyo = calendar("{time_zone: Asia/Tokyo, weekly: {mon-sun: 09:00-10:00}}", "Europe/Berlin")
    assert open_at(tokyo, "2026-03-02T09:30:00+09:00", "2026-03-02T09:30:00+01:00") == [True, False]


BERLIN = "Europe/Berlin"  # 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00


@pytest.mark.parametrize(
    ("hours", "day", "worked"),
    [
        ("01:00-04:00", "2026-03-29", 2),  # the hour from two to three is left out
        ("01:00-04:00", "2026-10-25", 4),  # and comes twice
        ("02:00-03:00", "2026-03-29", 0),
        ("02:00-03:00", "2026-10-25", 2),
        ("09:00-18:00", "2026-03-29", 9),
        ("00:00-24:00", "2026-03-29", 23),
        ("00:00-24:00", "2026-10-25", 25),
    ],
)
def test_clocks_that_change(hours, day, worked):
    office = calendar(f"{{weekly: {{mon-sun: {hours}}}}}", BERLIN)
    begin = parse_time(f"{day}T00:00:00{'+01:00' if '03-29' in day else '+02:00'}")
    length = 23 if "03-29" in day else 25
    assert office.working_between(begin, begin + length * HOUR) == worked * HOUR


def test_an_hour_that_comes_twice_is_open_twice():
    office = calendar("{weekly: {sun: 02:00-02:30}}", BERLIN)
    assert open_at(
        office,
        "2026-10-25T02:15:00+02:00", "2026-10-25T02:45:00+02:00",
        "2026-10-25T02:15:00+01:00", "2026-10-25T02:45:00+01:00",
    ) == [True, False, True, False]  # fmt: skip


def test_always_open_never_closes_and_never_open_never_opens():
    always = calendar("{weekly: {mon-sun: 00:00-24:00}}")
    assert always.next_close(0) is None
    assert always.add_working(0, 5 * HOUR) == 5 * HOUR
    never = Calendar("c", "UTC", ((),) * 7)
    assert (never.next_open(0), never.add_working(0, 1), never.next_close(7)) == (None, None, 7)
    assert never.add_working(9, 0) == 9


def test_an_end_is_the_close_of_the_day_and_not_the_next_morning():
    office = calendar("{weekly: {mon-fri: 09:00-18:00}}")
    end = office.add_working(parse_time("2026-03-02T16:00:00Z"), 2 * HOUR)
    assert format_time(end) == "2026-03-02T18:00:00.000Z"


WEEK = "{weekly: {mon-fri: 09:00-18:00}}"


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ("{weekly: {monday: 09:00-18:00}}", "{weekly: {mon: 09:00-18:00}}", "calendar_day"),
        ("{weekly: {mon-: 09:00-18:00}}", "{weekly: {mon-mon: 09:00-18:00}}", "calendar_day"),
        ("{weekly: {mon-fri: 09:00-18:00}, closed: [2026-02-29]}", "{weekly: {mon-fri: 09:00-18:00}, closed: [2028-02-29]}", "calendar_day"),
        ("{weekly: {mon-fri: 09:00-18:00}, closed: [2026-10-07..2026-10-01]}", "{weekly: {mon-fri: 09:00-18:00}, closed: [2026-10-01..2026-10-01]}", "calendar_day"),
        ("{weekly: {mon-fri: 09:00-18:00}, open: {20261010: 09:00-18:00}}", "{weekly: {mon-fri: 09:00-18:00}, open: {2026-10-10: 09:00-18:00}}", "wrong_type"),
        ("{weekly: {mon-fri: 09:00-25:00}}", "{weekly: {mon-fri: 09:00-24:00}}", "calendar_span"),
        ("{weekly: {mon-fri: 24:00-06:00}}", "{weekly: {mon-fri: 00:00-06:00}}", "calendar_span"),
        ("{weekly: {mon-fri: 09:00-09:00}}", "{weekly: {mon-fri: 09:00-09:01}}", "calendar_span"),
        ("{weekly: {mon-fri: 9-18}}", WEEK, "wrong_type"),
        ("{weekly: {mon-fri: [09:00-12:00, 11:00-14:00]}}", "{weekly: {mon-fri: [09:00-12:00, 12:00-14:00]}}", "calendar_overlap"),
        ("{weekly: {mon-fri: 09:00-18:00, fri: 17:00-20:00}}", "{weekly: {mon-fri: 09:00-18:00, fri: 18:00-20:00}}", "calendar_overlap"),
        ("{weekly: {mon: 22:00-06:00, tue: 05:00-09:00}}", "{weekly: {mon: 22:00-06:00, tue: 06:00-09:00}}", "calendar_overlap"),
        ("{weekly: {sun: 22:00-06:00, mon: 05:00-09:00}}", "{weekly: {sun: 22:00-06:00, tue: 05:00-09:00}}", "calendar_overlap"),
        ("{open: {2026-10-10: [09:00-12:00, 11:00-14:00]}}", "{open: {2026-10-10: [09:00-11:00, 11:00-14:00]}}", "calendar_overlap"),
        ("{weekly: {mon-fri: 09:00-18:00}, closed: [2026-10-10], open: {2026-10-10: 09:00-18:00}}", "{weekly: {mon-fri: 09:00-18:00}, closed: [2026-10-09..2026-10-11], open: {2026-10-10: 09:00-18:00}}", "calendar_date"),
        ("{open: {2026-10-10: 09:00-18:00, 2026-10-09..2026-10-11: 10:00-12:00}}", "{open: {2026-10-08: 09:00-18:00, 2026-10-09..2026-10-11: 10:00-12:00}}", "calendar_date"),
        ("{}", "{open: {2026-10-10: 09:00-18:00}}", "calendar_never_opens"),
        ("{weekly: {mon-fri: []}}", "{weekly: {mon-thu: [], fri: 09:00-10:00}}", "calendar_never_opens"),
        ("{weekly: {mon: 09:00-18:00}, closed: [2026-01-01..2036-01-12]}", "{weekly: {mon: 09:00-18:00}, closed: [2026-01-01..2035-12-28]}", "calendar_never_opens"),
        ("{time_zone: Europe/Berlin, open: {2026-03-29: 02:00-03:00}}", "{time_zone: Europe/Berlin, open: {2026-03-29: 02:00-03:01}}", "calendar_never_opens"),
        ("{time_zone: Mars/North, weekly: {mon: 09:00-18:00}}", "{time_zone: Asia/Tokyo, weekly: {mon: 09:00-18:00}}", "time_zone"),
        ("{weekly: {mon: 09:00-18:00}, closed: [2026-01-01..2037-01-01]}", "{weekly: {mon: 09:00-18:00}, closed: [2026-01-01..2030-01-01]}", "range"),
        ("{weekly: {mon: 09:00-18:00}, holidays: []}", "{weekly: {mon: 09:00-18:00}, closed: []}", "unknown_key"),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_its_look_alike_is_not(wrong, right, code):
    assert found(f"calendars: {{office: {wrong}}}\n").get(code) == "error"
    assert set(found(f"calendars: {{office: {right}}}\n")) == {"lane_unreached"}


OFFICE = f"calendars: {{office: {WEEK}}}\n"
ASKED = "scenarios: {default: a, rules: [{rule: r, when: \"in_calendar('%s')\", then: b}]}\n"


@pytest.mark.parametrize(
    ("wrong", "right", "code", "severity"),
    [
        ("promises: {default: {resolve: 16h working}}\n", "calendar: office\npromises: {default: {resolve: 16h working}}\n", "no_calendar", "error"),
        ("promises: {default: {resolve: 16h working}}\n", "promises: {default: {resolve: 16h working, calendar: office}}\n", "no_calendar", "error"),
        ("floors: [{rule: f, then: {answer: 1h working}}]\n", "floors: [{rule: f, then: {answer: 1h}}]\n", "no_calendar", "error"),
        ("calendar: offce\n", "calendar: office\n", "unknown_calendar", "error"),
        ("promises: {default: {answer: 1h working, calendar: x}}\n", "promises: {default: {answer: 1h working, calendar: office}}\n", "unknown_calendar", "error"),
        (ASKED % "offce", ASKED % "office", "unknown_calendar", "error"),
        ("scenarios: {default: a, rules: [{rule: r, when: in_calendar(contact.subject), then: b}]}\n", ASKED % "office", "wrong_type", "error"),
        # The office is open nine hours a day: ten end on the next, an hour after it opens.
        ("calendar: office\npromises: {default: {answer: 10h working}}\n", "calendar: office\npromises: {default: {answer: 9h working}}\n", "working_after_finally", "warning"),
        ("calendar: office\nfloors: [{rule: f, then: {start: 10h working}}]\n", "calendar: office\nfloors: [{rule: f, then: {resolve: 10h working}}]\n", "working_after_finally", "warning"),
        ("tiers: {order: [a], default: a, keep: 9h working}\n", "tiers: {order: [a], default: a, keep: 9h}\n", "wrong_type", "error"),
    ],
)  # fmt: skip
def test_calendars_that_are_asked_for(wrong, right, code, severity):
    end = "finally: {until: 10h, close: sorry}\nfallback: people\n"
    assert found(OFFICE + wrong, end=end).get(code) == severity
    assert set(found(OFFICE + right, end=end)) <= {"lane_unreached"}


def test_the_calendar_of_a_desk():
    lanes = REST["lanes"].replace("managed: false", "managed: false, calendar: %s")
    assert found(OFFICE, lanes=lanes % "offce").get("unknown_calendar") == "error"
    assert set(found(OFFICE, lanes=lanes % "office")) == {"lane_unreached"}
    assert set(found(OFFICE, lanes=lanes % "null")) == {"lane_unreached"}
    closed = REST["lanes"].replace("channels: [chat]", "closed: %s")
    assert found("", lanes=closed % "never").get("wrong_type") == "error"
    assert "wrong_type" not in found("", lanes=closed % "wait")


def test_a_step_behind_a_desk_that_closes_is_reached():
    lanes = REST["lanes"].replace("managed: false", "managed: false, calendar: office")
    plans = "plans: [{plan: all, steps: [{lane: people}, {lane: bot}]}]\n"
    assert "step_unreached" not in found(OFFICE, lanes=lanes, plans=plans)
    waits = lanes.replace("people: {", "people: {closed: wait, ")
    assert "step_unreached" in found(OFFICE, lanes=waits, plans=plans)
    assert "step_unreached" in found(OFFICE, plans=plans)


def test_more_calendars_or_spans_than_there_may_be():
    many = ", ".join(f"c{n}: {WEEK}" for n in range(101))
    assert found(f"calendars: {{{many}}}\n").get("range") == "error"
    spans = ", ".join(f"{n:02}:00-{n:02}:30" for n in range(7))
    assert found(f"calendars: {{office: {{weekly: {{mon: [{spans}]}}}}}}\n").get("range") == "error"


def test_a_plan_for_the_time_a_desk_is_closed_must_be_there():
    lanes = REST["lanes"].replace("channels: [chat]", "closed: plan al")
    assert found("", lanes=lanes).get("unknown_plan") == "error"
    assert "unknown_plan" not in found("", lanes=lanes.replace("plan al", "plan all"))

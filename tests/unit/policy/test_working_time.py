"""Working time in promises and floors, closed desks, and what the audit says of both."""

import dataclasses
import json

import pytest

from tests.policy.writing import compiled, policy
from tierlane.audit.explain import explain
from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial import trying as trial
from tierlane.value import format_time, parse_time

OFFICE = (
    "time_zone: Asia/Shanghai\n"
    "calendars: {office: {weekly: {mon-fri: 09:00-18:00}}, night: {weekly: {mon-sun: 22:00-06:00}}}\n"
    "calendar: office\n"
)
FRIDAY = parse_time("2026-03-06T17:00:00+08:00")
MONDAY = parse_time("2026-03-02T09:00:00+08:00")
CONTACT = {"contact_id": "k1", "channel": "chat", "subject": "order"}
HOUR = 3_600_000


def due(text: str, now: int, key: str = "resolve") -> str | None:
    """Return when it is due, in the time of Shanghai."""
    promise = compiled(OFFICE + text).decide(CONTACT, None, None, now).outcome.promise
    found = promise.due(key, now)
    return None if found is None else format_time(found + 8 * HOUR)[:16]


def test_working_time_runs_in_opening_hours_only():
    text = "promises: {default: {resolve: 16h working}}\n"
    assert due(text, MONDAY) == "2026-03-03T16:00"
    assert due(text, FRIDAY) == "2026-03-10T15:00"  # one hour, nine on Monday, six on Tuesday
    assert due(text, FRIDAY, "answer") is None


def test_a_row_may_mean_another_calendar():
    text = "promises: {default: {answer: 9h working, calendar: night, resolve: 48h}}\n"
    assert due(text, MONDAY, "answer") == "2026-03-03T23:00"
    assert due(text, MONDAY) == "2026-03-04T09:00"


@pytest.mark.parametrize(("promised", "floor"), [("48h", "16h working"), ("16h working", "48h")])
def test_the_strictest_of_elapsed_and_working_time_depends_on_the_moment(promised, floor):
    text = f"promises: {{default: {{resolve: {promised}}}}}\nfloors: [{{rule: f, then: {{resolve: {floor}}}}}]\n"
    assert due(text, MONDAY) == "2026-03-03T16:00"  # 31 hours of working days
    assert due(text, FRIDAY) == "2026-03-08T17:00"  # the weekend makes 48 hours the stricter


def test_of_one_calendar_the_shortest_counts_and_of_two_both_bind():
    text = (
        "promises: {default: {resolve: 16h working}}\n"
        "floors:\n"
        "  - {rule: a, then: {resolve: 8h working}}\n"
        "  - {rule: b, then: {resolve: 12h working}}\n"
        "  - {rule: c, then: {resolve: 4h working, calendar: night}}\n"
    )
    outcome = compiled(OFFICE + text).decide(CONTACT, None, None, MONDAY).outcome
    assert [(key, one.ms // HOUR, one.calendar.name) for key, one in outcome.promise.working] == [
        ("resolve", 8, "office"), ("resolve", 4, "night"),
    ]  # fmt: skip
    assert due(text, MONDAY) == "2026-03-02T17:00"
    assert due(text, parse_time("2026-03-06T23:00:00+08:00")) == "2026-03-07T03:00"


def test_contacts_of_one_class_share_an_outcome_and_not_the_moment():
    revision = compiled(OFFICE + "promises: {default: {resolve: 16h working}}\n")
    one = revision.decide(CONTACT, None, None, MONDAY).outcome
    two = revision.decide({**CONTACT, "contact_id": "k2"}, None, None, FRIDAY).outcome
    assert one is two
    assert one.promise.due("resolve", MONDAY) != one.promise.due("resolve", FRIDAY)


def record(revision, now: int, since: int | None = None) -> dict:
    written = decided(
        revision.decide(CONTACT, None, None, now), decision_id="d", owner="intake-0", seq=1,
        contact_id="k1", at=now, seen=now, cause={}, mask=Mask(b"k" * 32), since=since,
    )  # fmt: skip
    return json.loads(written)["data"]


def test_the_audit_has_what_was_promised_and_the_moment_it_makes():
    text = "promises: {default: {answer: 30s, resolve: 16h working}}\nfloors: [{rule: f, then: {resolve: 48h}}]\n"
    revision = compiled(OFFICE + text)
    audit = record(revision, FRIDAY)
    assert audit["promise"] == {
        "answer": 30.0, "resolve": [172800.0, {"working": 57600.0, "calendar": "office"}],
    }  # fmt: skip
    assert audit["due"] == {"resolve": "2026-03-08T09:00:00.000Z"}
    # Decided again later, the promise still counts from the arrival.
    assert record(revision, FRIDAY + HOUR, since=MONDAY)["due"] == {
        "resolve": "2026-03-03T08:00:00.000Z"
    }
    assert (
        "a solution within 2 d or 16 h of working time (calendar `office`), that is by "
        "2026-03-08T09:00:00.000Z" in explain(audit)
    )
    assert "16小时工作时间（按日历「office」）" in explain(audit, "zh")
    assert "due" not in record(compiled("promises: {default: {answer: 30s}}\n"), FRIDAY)


def test_working_time_that_never_comes_promises_no_moment():
    text = (
        "calendars: {once: {open: {2026-03-02: 09:00-12:00}}}\ncalendar: once\n"
        "promises: {default: {resolve: 2h working}}\n"
    )
    revision = compiled(text)
    promise = revision.decide(CONTACT, None, None, FRIDAY).outcome.promise
    assert promise.due("resolve", FRIDAY) is None
    assert record(revision, FRIDAY)["due"] == {"resolve": None}


# Conditions and closed desks.

NIGHTS = (
    "time_zone: Asia/Shanghai\n"
    "calendars:\n"
    "  day: {weekly: {mon-sun: 08:00-22:00}}\n"
    "  night: {weekly: {mon-sun: 22:00-08:00}}\n"
    "scenarios: {default: by day, rules: [{rule: at night, when: in_calendar('night'), then: by night}]}\n"
)
DESKS = """
desks: {centre: {managed: false, calendar: day}, watch: {managed: false, calendar: night}}
lanes:
  people: {kind: standard, desk: centre}
  night watch: {kind: standard, desk: watch, channels: [voice]}
  mailbox: {kind: selfservice, desk: centre, closed: wait}
"""
PLANS = "plans: [{plan: all, steps: [{lane: people}, {lane: night watch}, {lane: mailbox}]}]\n"
END = "finally: {until: 24h, close: sorry}\nfallback: mailbox\n"
BANK = compile_policy(policy(NIGHTS, lanes=DESKS, plans=PLANS, end=END), "bank.yaml")


@pytest.mark.parametrize(
    ("time", "channel", "lane", "scenario", "passed"),
    [
        ("2026-03-02T12:00:00+08:00", "voice", "people", "by day", []),
        ("2026-03-02T21:59:59.999+08:00", "voice", "people", "by day", []),
        ("2026-03-02T22:00:00+08:00", "voice", "night watch", "by night", [(1, "closed")]),
        ("2026-03-03T07:59:59+08:00", "voice", "night watch", "by night", [(1, "closed")]),
        ("2026-03-03T07:59:59+08:00", "chat", "mailbox", "by night", [(1, "closed"), (2, "channel")]),
        ("2026-03-03T08:00:00+08:00", "voice", "people", "by day", []),
    ],
)  # fmt: skip
def test_night_staffing_at_desks_that_others_serve(time, channel, lane, scenario, passed):
    contact = {**CONTACT, "channel": channel}
    outcome = BANK.decide(contact, None, None, parse_time(time)).outcome
    assert (outcome.lane, outcome.scenario) == (lane, scenario)
    assert [(step, why) for step, _, why in outcome.passed_over] == passed
    fresh = BANK.without_memo().decide(contact, None, None, parse_time(time))
    assert fresh.outcome == outcome


def test_a_closed_desk_is_told_after_what_keeps_a_contact_away_for_good():
    lanes = DESKS.replace("people: {", "people: {identity: 2, ")
    revision = compiled(NIGHTS, lanes=lanes, plans=PLANS, end=END)
    outcome = revision.decide(CONTACT, None, None, parse_time("2026-03-02T23:00:00+08:00")).outcome
    assert outcome.passed_over[0][2] == "identity"


def test_a_closed_desk_in_words():
    night = parse_time("2026-03-02T23:00:00+08:00")
    assert "was passed over: its desk is closed at that time" in explain(record(BANK, night))
    assert "不在该服务台的营业时间内" in explain(record(BANK, night), "zh")


# Cases.

STATED = (
    OFFICE
    + "promises: {default: {answer: 30s, resolve: 16h working}}\nfloors: [{rule: f, then: {resolve: 48h}}]\n"
)


@pytest.mark.parametrize(
    ("now", "expected", "passes"),
    [
        ("2026-03-02T09:00:00+08:00", "16h working", True),
        ("2026-03-02T09:00:00+08:00", "31h", True),
        ("2026-03-02T09:00:00+08:00", "2026-03-03T16:00:00+08:00", True),
        ("2026-03-02T09:00:00+08:00", "48h", False),
        ("2026-03-02T09:00:00+08:00", "15h working", False),
        ("2026-03-06T17:00:00+08:00", "48h", True),
        ("2026-03-06T17:00:00+08:00", "16h working", False),
        ("2026-03-06T17:00:00+08:00", "2026-03-08T17:00:00+08:00", True),
        ("2026-03-06T17:00:00+08:00", None, False),
    ],
)
def test_a_case_states_working_time_as_written_or_the_moment(now, expected, passes):
    stated = policy(
        f"{STATED}cases: [{{case: c, now: {now}, contact: {{channel: chat}}, "
        f"profile: null, expect: {{resolve_by: {expected or 'null'}}}}}]\n"
    )
    report = Report()
    (one,) = read_document(stated, "p.yaml", report).cases
    assert report.findings == []
    result = trial.run(compile_policy(stated, "p.yaml"), one)
    assert result.passed is passes, result.differences


def test_elapsed_promises_are_what_they_were():
    revision = compiled("promises: {default: {answer: 30s, resolve: 72h}}\n")
    promise = revision.decide(CONTACT, None, None, MONDAY).outcome.promise
    assert dataclasses.astuple(promise) == (30_000, None, 259_200_000, ())
    assert promise.due("answer", MONDAY) == MONDAY + 30_000
    assert promise.due("start", MONDAY) is None

"""Desks, lanes, plans and budgets as they are read: every key, every default, every fault."""

import pytest

from tests.policy.writing import policy
from tierlane.lane import NEXT_STEP, Detour
from tierlane.policy.form.capacity import Capacity, Use
from tierlane.policy.form.desk import Desk, Offering
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document


def read(text: str = "", **sections: str):
    report = Report()
    document = read_document(policy(text, **sections), "p.yaml", report)
    return document, [one.code for one in report.errors]


def desk(body: str) -> tuple[Desk, list[str]]:
    document, errors = read(
        "calendars: {day: {weekly: {mon-fri: 09:00-18:00}}}\n",
        lanes=f"desks: {{d: {body}}}\nlanes: {{people: {{kind: standard, desk: d}}}}\n",
    )
    return document.desks[0], errors


def step(body: str):
    document, errors = read(plans=f"plans: [{{plan: p, steps: [{{lane: people, {body}}}]}}]\n")
    return document.plans[0].steps[0], errors


def test_a_desk_without_a_word_is_managed_and_has_the_defaults():
    for body in ("null", "{}"):
        one, errors = desk(body)
        assert errors == [] and one.managed and one.calendar is None and one.bound is None
        assert [key.how for key in one.order] == ["rank", "score", "promise", "waited"]
        assert [key.how for key in one.choose] == ["load", "idle"]
        assert one.offer == Offering(30_000, 1, "next step")
        assert (one.capacity, one.duties, one.staffing) == (Capacity(), (), None)


def test_every_key_of_a_desk():
    one, errors = desk(
        "{managed: false, calendar: day, order: [{first: contact.region == 'CN'}, promise, {least: contact.attributes.value}], "
        "choose: [fit, {most: advisor.skills.ja}], offer: {lasts: 20s, at_once: 2, again: 90s}, "
        "capacity: {units: 100, voice: {costs: 100, beside: none}, chat: {costs: 20, most: 5, beside: [mail]}, task: {most: 1}, mail: {}}, "
        "wrap_up: {voice: 30s}, duties: {general: {people: 1, late: {rank: 2, after: 30s}}}, bound: 45m, "
        "silence: 45s, lapse: 2h, not_before: contact.arrived_at, staffing: {advisors: 30, arrivals: 4/m, service: 4m, patience: 5m, skills: {ja: 3}, enforce: true}}"
    )
    assert errors == [] and (one.managed, one.bound) == (False, 2_700_000)
    assert one.calendar is not None and one.calendar.name == "day"
    assert [(key.how, key.text) for key in one.order] == [
        ("first", "contact.region == 'CN'"), ("promise", ""), ("least", "contact.attributes.value"),
    ]  # fmt: skip
    assert [(key.how, key.text) for key in one.choose] == [
        ("fit", ""),
        ("most", "advisor.skills.ja"),
    ]
    assert one.offer == Offering(20_000, 2, 90_000)
    assert one.capacity == Capacity(
        100,
        (
            Use("voice", 100, ()),
            Use("chat", 20, ("mail",), 5),
            Use("task", 0, None, 1),
            Use("mail", 100),
        ),
    )
    assert one.wrap_up == (("voice", 30_000),)
    assert (one.silence, one.lapse) == (45_000, 7_200_000)
    assert one.not_before is not None and one.not_before.text == "contact.arrived_at"
    (duty,) = one.duties
    assert [(lane.lane, lane.rank, lane.after) for lane in duty.lanes] == [
        ("people", 1, 0),
        ("late", 2, 30_000),
    ]
    staffing = one.staffing
    assert (staffing.advisors, staffing.arrivals, staffing.service, staffing.patience) == (
        30,
        240,
        240_000,
        300_000,
    )
    assert (staffing.skills, staffing.enforce) == ((("ja", 3),), True)
    assert one.at("bound").column > one.place.column and one.at("nothing") == one.place


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{order: [age]}", "unknown_sort"),
        ("{order: [{first: a, least: b}]}", "wrong_type"),
        ("{choose: [{first: advisor.rank == 1}]}", "unknown_sort"),
        ("{choose: load}", "wrong_type"),
        ("{offer: {again: sometimes}}", "wrong_type"),
        ("{offer: {at_once: 0}}", "range"),
        ("{capacity: {chat: {most: 0}}}", "range"),
        ("{staffing: {advisors: 3, arrivals: 240}}", "wrong_type"),
        ("{staffing: {arrivals: 240/h}}", "missing_key"),
        ("{duties: {general: {people: {rang: 1}}}}", "unknown_key"),
        ("{colour: red}", "unknown_key"),
        ("{managed: maybe}", "wrong_type"),
    ],
)
def test_faults_of_a_desk(body, code):
    assert desk(body)[1] == [code]


def test_limits_and_detours_of_a_lane():
    document, errors = read(
        lanes="desks: {d: {}}\nlanes:\n"
        "  people: {kind: standard, desk: d, limit: {waiting: 2, expected_wait: 30m}, full: plan all, closed: wait}\n"
        "  rest: {kind: standard, desk: d, full: next}\n"
    )
    (people, _), (rest, _) = document.lanes
    assert errors == [] and (people.most_waiting, people.longest_wait) == (2, 1_800_000)
    assert (people.full, people.closed) == (Detour("plan", "all"), Detour("wait"))
    assert (rest.full, rest.closed, rest.most_waiting) == (NEXT_STEP, NEXT_STEP, None)
    assert [(one.lane, one.key, one.plan.text) for one in document.detours] == [
        ("people", "full", "all")
    ]
    assert read(lanes="desks: {d: {}}\nlanes: {people: {kind: standard, desk: d, full: later}}\n")[
        1
    ] == ["wrong_type"]


def test_every_key_of_a_step():
    one, errors = step(
        "when: contact.region == 'CN', until: 10s before answer, for: 90s, skip_if: lane.free == 0, who: [a, b], prefer: [c], "
        "borrow: [bot], choose: [turn, {least: advisor.rank}], priority: {start: 2, credit: 30s}"
    )
    assert errors == [] and (one.until, one.before_answer, one.lasts) == (None, 10_000, 90_000)
    assert (one.skip_if.text, [w.text for w in one.who], [w.text for w in one.prefer]) == (
        "lane.free == 0",
        ["a", "b"],
        ["c"],
    )
    assert ([w.text for w in one.borrow], [key.how for key in one.choose]) == (
        ["bot"],
        ["turn", "least"],
    )
    assert (one.priority.start, one.priority.credit) == (2, 30_000)
    one, errors = step("until: 5m")
    assert errors == [] and (one.until, one.before_answer, one.lasts, one.skip_if) == (
        300_000,
        None,
        None,
        None,
    )
    assert (
        "wrong_type" in step("for: 2h working")[1] and "no_calendar" in step("until: 2h working")[1]
    )
    assert step("skip_if: false")[0].skip_if.text == "false"
    assert step("until: soon before answer")[1] == step("for: long")[1] == ["wrong_type"]


def test_working_time_of_a_step_is_that_of_the_desk_else_of_the_policy():
    text = "calendars: {day: {weekly: {mon-fri: 09:00-18:00}}, all: {weekly: {mon-sun: 00:00-24:00}}}\ncalendar: all\n"
    lanes = "desks: {d: {calendar: day}, n: {}}\nlanes:\n  people: {kind: standard, desk: d}\n  night: {kind: standard, desk: n}\n"
    plans = "plans: [{plan: p, steps: [{lane: people, until: 1h working}, {until: 2h working}, {lane: night, until: 3h working}]}]\n"
    document, errors = read(text, lanes=lanes, plans=plans)
    spans = [one.working for one in document.plans[0].steps]
    assert errors == [] and [(span.ms // 3_600_000, span.calendar.name) for span in spans] == [
        (1, "day"), (2, "day"), (3, "all"),
    ]  # fmt: skip


def test_what_ends_a_plan():
    document, errors = read(
        plans="plans: [{plan: p, steps: [], finally: {plan: q}}, {plan: q, steps: [{lane: people}], finally: {close: bye}}]\n"
    )
    assert errors == [] and [plan.last.close for plan in document.plans] == ["", "bye"]
    assert document.plans[0].last.plan.text == "q"
    assert (document.last.until, document.last.close) == (86_400_000, "sorry")
    assert read(plans="plans: [{plan: p, steps: [], finally: {}}]\n")[1] == ["finally"]
    assert read(plans="plans: [{plan: p, steps: [], finally: {until: 3h, close: bye}}]\n")[1] == [
        "unknown_key"
    ]


def test_budgets():
    document, errors = read(
        "budgets:\n  - {budget: keepers, when: lane.kind == 'dedicated', per: advisor, most: 30}\n"
        "  - {budget: vip, per: customer, most: 2, within: 7d}\n  - {budget: day, per: desk, most: 9, within: day}\n"
    )
    assert errors == [] and [(one.name, one.per, one.most, one.within) for one in document.budgets] == [
        ("keepers", "advisor", 30, "open"), ("vip", "customer", 2, 604_800_000), ("day", "desk", 9, "day"),
    ]  # fmt: skip
    assert read("budgets: [{budget: b, per: team, most: 3}]\n")[1] == ["unknown_value"]
    assert read("budgets: [{budget: b, per: desk}]\n")[1] == ["missing_key"]
    twice = "{budget: b, per: desk, most: 3}"
    assert read(f"budgets: [{twice}, {twice}]\n")[1] == ["duplicate_name"]


def test_monotone_is_read():
    assert read("tiers: {order: [a], default: a, monotone: true}\n")[0].tiers.monotone
    assert read("tiers: {order: [a], default: a, monotone: perhaps}\n")[1] == ["wrong_type"]

"""Published outcomes of other routers, as far as no line is run for them.

TW: Twilio TaskRouter. AC: Azure Job Router. DY: Dynamics 365. CN: Amazon Connect.
"""

import pytest

from tests.policy.writing import compiled
from tierlane.policy.line.figure import Figures, LaneFigure

FIELDS = """
fields:
  contact.attributes.type: text
  contact.attributes.hardware: flag
  contact.attributes.sev: text
"""
LANES = """
desks: {d: {managed: false}}
lanes:
  A: {kind: standard, desk: d}
  B: {kind: standard, desk: d}
  C: {kind: standard, desk: d}
  NA: {kind: standard, desk: d}
  people: {kind: standard, desk: d}
"""


def outcome(revision, **contact):
    told = {"contact_id": "k", "channel": "chat", **contact}
    return revision.decide(told, None, None, 0).outcome


@pytest.mark.parametrize(
    ("kind", "lane", "priority"), [("lead", "A", 10), ("ticket", "B", 10), ("other", "C", 0)]
)
def test_tw_04_to_06_rules_top_down_and_a_default(kind, lane, priority):
    revision = compiled(
        "priorities: {default: 0, rules: [{rule: known, when: \"contact.attributes.type in ['lead', 'ticket']\", then: 10}]}\n",
        fields=FIELDS,
        lanes=LANES,
        plans=(
            "plans:\n"
            "  - {plan: leads, when: contact.attributes.type == 'lead', steps: [{lane: A}]}\n"
            "  - {plan: tickets, when: contact.attributes.type == 'ticket', steps: [{lane: B}]}\n"
            "  - {plan: default, steps: [{lane: C}]}\n"
        ),
    )
    got = outcome(revision, attributes={"type": kind})
    assert (got.lane, got.priority.start) == (lane, priority)


@pytest.mark.parametrize(
    ("region", "vip", "lane", "priority"),
    [("NA", False, "NA", 1), ("NA", True, "NA", 10), ("EU", False, "people", 1), (None, None, "people", 1)],
)  # fmt: skip
def test_ac_05_06_region_gives_the_lane_and_hardware_the_priority(region, vip, lane, priority):
    revision = compiled(
        "priorities: {default: 1, rules: [{rule: vip, when: contact.attributes.hardware, then: 10}]}\n",
        fields=FIELDS,
        lanes=LANES,
        plans=(
            "plans:\n"
            "  - {plan: america, when: contact.region == 'NA', steps: [{lane: NA}]}\n"
            "  - {plan: others, steps: [{lane: people}]}\n"
        ),
    )
    got = outcome(revision, region=region, attributes={"hardware": vip})
    assert (got.lane, got.priority.start) == (lane, priority)


def test_dy_01_02_first_hit_in_each_set_and_later_sets_see_earlier_ones():
    revision = compiled(
        "facts:\n"
        "  - fact: priority\n    default: low\n    rules:\n"
        "      - {rule: one, when: contact.attributes.type == 'outage', then: high}\n"
        "      - {rule: two, when: contact.attributes.type == 'outage', then: low}\n"
        "  - fact: severity\n    default: minor\n    rules:\n"
        "      - {rule: high is critical, when: fact.priority == 'high', then: critical}\n"
        "scenarios: {default: a, rules: [{rule: s, when: fact.severity == 'critical', then: b}]}\n",
        fields=FIELDS,
        lanes=LANES,
    )
    got = outcome(revision, attributes={"type": "outage"})
    assert dict(got.facts) == {"priority": "high", "severity": "critical"}
    assert got.scenario == "b"


def test_ac_14_an_advisor_wanted_comes_first_and_else_anybody():
    revision = compiled(
        fields="fields: {contact.attributes.wanted: text}\n",
        plans="plans: [{plan: all, steps: [{lane: keeper, who: [advisor.id == contact.attributes.wanted]}, {lane: people}]}]\n",
    )
    contact = {"contact_id": "k", "channel": "chat", "attributes": {"wanted": "a-1"}}
    decision = revision.decide(contact, None, None, 0)
    assert (decision.outcome.lane, decision.advisor) == ("keeper", "a-1")
    decision = revision.decide({"contact_id": "k", "channel": "chat"}, None, None, 0)
    assert (decision.outcome.lane, decision.advisor) == ("people", None)


def test_ge_01_the_parts_of_an_ageing_priority_go_along():
    priority = outcome(compiled("priorities: {default: {start: 10, by: 1, every: 1m}}\n")).priority
    assert (priority.start, priority.by, priority.every) == (10, 1, 60_000)


WAITING = """
desks: {d: {}}
lanes:
  A: {kind: standard, desk: d, channels: [voice, chat]}
  B: {kind: standard, desk: d, limit: {waiting: 2}}
  C: {kind: standard, desk: d}
  people: {kind: standard, desk: d}
"""


def waiting(plans: str, text: str = "", lanes: str = WAITING):
    return compiled(text, fields=FIELDS, lanes=lanes, plans=f"plans:\n{plans}\n")


def step_at(revision, plan: str, age: int, after: int = 0):
    """Return the step a contact of this age, in seconds, is in; and its lane and priority there."""
    found = revision.rules.plans[plan]
    number = found.transitions.next(after, age * 1000, None)
    if number is None:
        return found.then
    held = [one.priority.start for one in found.steps[:number] if one.priority is not None]
    return number, found.steps[number - 1].lane.name, held[-1] if held else 0


def test_tw_02_a_second_step_in_the_same_lane_raises_the_priority():
    revision = waiting(
        "  - {plan: all, steps: [{lane: C, priority: 1, until: 300s}, {priority: 10}]}"
    )
    assert [step_at(revision, "all", age) for age in (0, 299, 300, 9999)] == [
        (1, "C", 1), (1, "C", 1), (2, "C", 10), (2, "C", 10),
    ]  # fmt: skip
    assert step_at(revision, "all", 10, after=1) == (2, "C", 10)  # it never returns


def test_tw_07_a_priority_stays_where_the_next_step_names_none():
    revision = waiting("  - {plan: all, steps: [{lane: B, priority: 10, until: 300s}, {lane: C}]}")
    assert [step_at(revision, "all", age) for age in (299, 300)] == [(1, "B", 10), (2, "C", 10)]


@pytest.mark.parametrize(("free", "lane"), [(0, "C"), (1, "A")])
def test_tw_12_13_skipped_if_nobody_is_available(free, lane):
    revision = waiting(
        "  - {plan: all, steps: [{lane: A, skip_if: lane.free == 0, until: 5m}, {lane: C}]}"
    )
    told = {"contact_id": "k", "channel": "chat"}
    figures = Figures({"A": LaneFigure(on=1, free=free)})
    assert revision.decide(told, None, None, 0, figures=figures).outcome.lane == lane


def test_ac_08_after_300_s_another_plan_takes_over_with_its_own_priority():
    revision = waiting(
        "  - {plan: escalation, when: false, steps: [{lane: C, priority: 10}], finally: {close: sorry}}\n"
        "  - {plan: all, steps: [{lane: A, until: 300s}], finally: {plan: escalation}}"
    )
    assert step_at(revision, "all", 299) == (1, "A", 0)
    assert step_at(revision, "all", 300) == "escalation"
    assert step_at(revision, "escalation", 300) == (1, "C", 10)


def test_ac_09_after_60_s_a_priority_and_after_300_s_a_lane():
    revision = waiting(
        "  - {plan: all, steps: [{lane: A, until: 60s}, {priority: 10, until: 300s}, {lane: C}]}"
    )
    ages = [step_at(revision, "all", age) for age in (59, 60, 299, 300)]
    assert ages == [(1, "A", 0), (2, "A", 10), (2, "A", 10), (3, "C", 10)]


def test_dy_03_a_full_lane_overflows_into_the_next():
    revision = waiting("  - {plan: all, steps: [{lane: B}, {lane: C}]}")
    told = {"contact_id": "k", "channel": "chat"}
    figures = Figures({"B": LaneFigure(waiting=2)})
    outcome = revision.decide(told, None, None, 0, figures=figures).outcome
    assert (outcome.lane, outcome.passed_over) == ("C", ((1, "B", "full"),))


def test_dy_08_closed_counts_before_full():
    lanes = WAITING.replace("desks: {d: {}}", "desks: {d: {}, e: {calendar: night}}").replace(
        "B: {kind: standard, desk: d, limit: {waiting: 2}}",
        "B: {kind: standard, desk: e, limit: {waiting: 2}, full: plan over, closed: next}",
    )
    revision = waiting(
        "  - {plan: over, when: false, steps: [{lane: A}]}\n  - {plan: all, steps: [{lane: B}, {lane: C}]}",
        "calendars: {night: {weekly: {mon-sun: 22:00-23:00}}}\n",
        lanes,
    )
    told = {"contact_id": "k", "channel": "chat"}
    figures = Figures({"B": LaneFigure(waiting=2)})
    outcome = revision.decide(told, None, None, 0, figures=figures).outcome
    assert (outcome.lane, outcome.passed_over) == ("C", ((1, "B", "closed"),))

"""Published outcomes of other routers, as far as they need no waiting line.

TW: Twilio TaskRouter. AC: Azure Job Router. DY: Dynamics 365. CN: Amazon Connect.
"""

import pytest

from tests.policy.writing import compiled

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

"""What a decision is, beyond single conditions: order, obligations, steps, memory, totality."""

import dataclasses

import pytest

from tests.policy.writing import REST, compiled
from tierlane.decision import Fault

NOW = 1_772_800_000_000
CONTACT = {"contact_id": "k1", "channel": "chat", "subject": "order"}


def decide(revision, profile=None, memory=None, **contact):
    return revision.decide({**CONTACT, **contact}, profile, memory, NOW)


def test_a_choice_takes_the_first_row_that_holds():
    rows = (
        "scenarios:\n  default: other\n  rules:\n"
        "    - {rule: one, when: contact.subject == 'order', then: first}\n"
        "    - {rule: two, when: contact.channel == 'chat', then: second}\n"
    )
    outcome = decide(compiled(rows)).outcome
    assert (outcome.scenario, outcome.scenario_rule) == ("first", "scenarios/one")
    outcome = decide(compiled(rows), subject="claim").outcome
    assert (outcome.scenario, outcome.scenario_rule) == ("second", "scenarios/two")
    assert [(one.row, one.why) for one in outcome.missed if one.of == "scenarios"] == [
        ("scenarios/one", "contact.subject == 'order'")
    ]


def test_obligations_add_up_and_the_strictest_wins():
    rows = (
        "promises: {default: {answer: 5m, resolve: 8h}}\n"
        "priorities: {default: 3}\n"
        "floors:\n"
        "  - {rule: a, then: {answer: 2m, priority: 10}}\n"
        "  - {rule: b, when: contact.subject == 'order', then: {answer: 1m, start: 3m, priority: 7}}\n"
        "  - {rule: c, when: contact.subject == 'claim', then: {answer: 1s, priority: 99}}\n"
    )
    outcome = decide(compiled(rows)).outcome
    assert (outcome.promise.answer, outcome.promise.start, outcome.promise.resolve) == (
        60_000, 180_000, 28_800_000,
    )  # fmt: skip
    assert outcome.priority.start == 10
    assert outcome.because == ("floors/a", "floors/b", "plans/all")


def test_the_highest_tier_counts_and_the_first_set_named_at_a_tie():
    tiers = (
        "tiers:\n  order: [low, mid, top]\n  default: low\n  highest_of:\n"
        "    - {set: spend, ladder: profile.measures.spend, from: {10: mid, 100: top}}\n"
        "    - {set: card, table: {on: [profile.membership.level], rows: [[gold, top], [club, mid]]}}\n"
    )
    revision = compiled(tiers)
    both = {"measures": {"spend": 200}, "membership": {"level": "gold"}}
    assert decide(revision, both).outcome.tier_rule == "tiers/spend/100"
    mixed = {"measures": {"spend": 10}, "membership": {"level": "gold"}}
    outcome = decide(revision, mixed).outcome
    assert (outcome.tier, outcome.tier_rule, outcome.tier_earned) == (
        "top",
        "tiers/card/gold",
        True,
    )
    outcome = decide(revision, {"measures": {"spend": 9.99}}).outcome
    assert (outcome.tier, outcome.tier_rule, outcome.tier_earned) == ("low", "tiers/default", False)


def test_steps_are_examined_in_the_stated_order():
    lanes = (
        "desks: {d: {managed: false}}\nlanes:\n"
        "  voice only: {kind: standard, desk: d, channels: [voice]}\n"
        "  no record: {kind: standard, desk: d}\n"
        "  machine: {kind: selfservice, desk: d, can: [record]}\n"
        "  strict: {kind: standard, desk: d, can: [record], identity: 3}\n"
        "  own: {kind: dedicated, desk: d, can: [record]}\n"
        "  people: {kind: standard, desk: d, can: [record]}\n"
    )
    plans = (
        "plans:\n  - plan: all\n    steps:\n"
        "      - {lane: people, when: contact.subject == 'claim'}\n"
        "      - {lane: voice only}\n"
        "      - {lane: no record}\n"
        "      - {lane: machine}\n"
        "      - {lane: strict}\n"
        "      - {lane: own, who: [advisor.id == profile.dedicated_advisor]}\n"
        "      - {lane: people, priority: 9}\n"
    )
    bound = (
        "compliance: [{rule: kept, then: {can: [record]}}]\n"
        "floors: [{rule: human, then: {never: [selfservice]}}]\n"
    )
    revision = compiled(bound, lanes=lanes, plans=plans)
    outcome = decide(revision).outcome
    assert [(step, reason) for step, _, reason in outcome.passed_over] == [
        (1, "when: contact.subject == 'claim'"), (2, "channel"), (3, "compliance/kept"),
        (4, "floors/human"), (5, "identity"), (6, "who.missing"),
    ]  # fmt: skip
    assert (outcome.step, outcome.lane, outcome.priority.start) == (7, "people", 9)
    decision = decide(revision, {"dedicated_advisor": "a-7"})
    assert (decision.outcome.step, decision.outcome.lane, decision.advisor) == (6, "own", "a-7")
    assert decide(revision, identity=3).outcome.lane == "strict"
    assert decide(revision, subject="claim").outcome.step == 1


def test_no_step_leaves_the_fallback():
    plans = "plans: [{plan: all, steps: [{lane: bot}]}]\n"
    outcome = decide(compiled(plans=plans), channel="voice").outcome
    assert (outcome.step, outcome.lane) == ("fallback", "people")
    assert outcome.passed_over == ((1, "bot", "channel"),)


@pytest.mark.parametrize("channel", ["fax", None, 7, ["chat"]])
def test_an_unknown_channel_goes_to_the_fallback_with_the_reason(channel):
    plans = "plans: [{plan: all, steps: [{lane: keeper}]}]\n"
    outcome = decide(compiled(plans=plans), channel=channel).outcome
    assert (outcome.step, outcome.lane) == ("fallback", "people")
    assert "contact.channel" in [one.place for one in outcome.errors]


def test_who_is_unknown_and_who_has_no_profile_are_told_apart():
    revision = compiled()
    assert [e.code for e in decide(revision).errors] == ["unknown_customer"]
    assert [e.code for e in decide(revision, customer_id="u").errors] == ["missing_profile"]
    assert decide(revision, {}, customer_id="u").errors == ()


@pytest.mark.parametrize(
    ("contact", "profile", "memory"),
    [
        ({}, None, None),
        ({"contact_id": None, "attributes": 7}, {"measures": [1]}, {"tier": "x"}),
        ({"attributes": {"value": float("nan")}}, {"measures": None}, {}),
        ({"subject": {"a": 1}, "channel": {}}, {"segments": "x"}, {"contacts": "many"}),
        ({"attributes": {"at": "9999-12-31T23:59:59Z"}}, {"birth_year": 10**30}, None),
        ("text", [], 3),
    ],
)
def test_whatever_is_in_the_data_a_decision_comes_out(contact, profile, memory):
    revision = compiled("tiers: {order: [a, b], default: a, keep: 90d}\n")
    decision = revision.decide(contact, profile, memory, NOW)
    assert decision.outcome.lane == "people"


def test_code_that_raises_leads_to_the_fallback():
    revision = compiled(plans="plans: [{plan: all, steps: [{lane: keeper}]}]\n")
    broken = dataclasses.replace(revision, memo=None)
    decision = broken.decide(CONTACT, None, None, NOW)
    assert decision.outcome.lane == "people"
    assert decision.errors == (Fault("internal", "decide", "AttributeError"),)
    fault = Fault("internal", "intake", "KeyError")
    assert revision.fall_back(CONTACT, NOW, fault).errors == (fault,)


def test_serving_fills_key_by_key_and_carries_what_is_known():
    rows = (
        "facts: [{fact: stage, default: first, ladder: memory.contacts, from: {2: known}}]\n"
        "serving:\n"
        "  - {rule: a, when: contact.subject == 'order', then: {script: one, carry: [profile.preferences]}}\n"
        "  - {rule: b, then: {script: two, manner: kind, carry: [fact.stage]}}\n"
    )
    lanes = REST["lanes"].replace("people: {", "people: {serve: {manner: plain, checklist: all}, ")
    decision = decide(compiled(rows, lanes=lanes), {"preferences": ["call late"]}, {"contacts": 2})
    assert decision.serve == {
        "script": "one", "manner": "kind", "checklist": "all", "stage": "known",
        "preferences": ["call late"],
    }  # fmt: skip
    assert "profile.preferences" not in decision.inputs


def test_a_fact_by_shares_is_drawn_by_the_contact_s_id_alone():
    revision = compiled(
        "facts: [{fact: trial, default: old, salt: s, shares: {new: 20, old: 80}}]\n"
        "serving: [{rule: t, when: fact.trial == 'new', then: {script: new}}]\n"
    )
    drawn = [
        revision.decide({**CONTACT, "contact_id": f"k{n}"}, None, None, NOW) for n in range(4000)
    ]
    share = sum(dict(one.outcome.facts)["trial"] == "new" for one in drawn) / len(drawn)
    assert 0.17 < share < 0.23
    again = revision.decide({**CONTACT, "contact_id": "k7"}, None, None, NOW + 5)
    assert again.draws == drawn[7].draws
    assert (again.draws["trial"] < 20) == (dict(again.outcome.facts)["trial"] == "new")


def test_a_wide_table_finds_rows_and_does_not_fill_the_memo():
    rows = "".join(f"        - [item-{n}, {'gold' if n % 2 else 'plain'}]\n" for n in range(1000))
    revision = compiled(
        "facts:\n  - fact: worth\n    default: none\n    table:\n      on: [contact.product]\n"
        f"      rows:\n{rows}"
        "priorities: {default: 1, rules: [{rule: gold, when: fact.worth == 'gold', then: 5}]}\n"
    )
    for n in range(1000):
        decision = decide(revision, product=f"item-{n}")
        assert decision.outcome.priority.start == (5 if n % 2 else 1)
        assert decision.because[-1] == f"facts/worth/item-{n}"
    assert decide(revision, product="item-1000").outcome.facts == (("worth", "none"),)
    assert decide(revision, product=["item-1"]).outcome.facts == (("worth", "none"),)
    assert len(revision.memo) <= 4


def test_a_row_of_a_table_with_any_is_the_first_that_fits():
    table = (
        "facts:\n  - fact: days\n    default: 7\n    table:\n"
        "      on: [contact.platform, contact.product]\n"
        "      rows: [[any, x, 1], [a, any, 2], [a, y, 3], [any, any, 4]]\n"
    )
    revision = compiled(table)
    got = {
        pair: dict(decide(revision, platform=pair[0], product=pair[1]).outcome.facts)["days"]
        for pair in (("a", "x"), ("a", "y"), ("a", None), ("b", "x"), (None, None))
    }
    assert got == {("a", "x"): 1, ("a", "y"): 2, ("a", None): 2, ("b", "x"): 1, (None, None): 4}


def test_the_revision_is_named_by_what_it_says_not_how_it_is_laid_out():
    assert compiled().hash == compiled("# a remark\n").hash
    assert compiled().hash != compiled("time_zone: Asia/Shanghai\n").hash


def test_needs_names_just_what_is_read():
    needs = compiled(
        "promises: {rules: [{rule: r, when: profile.measures.spend > 3 && memory.contacts > 1, then: {}}]}\n"
    ).needs
    assert needs.profile == {"measures.spend"} and needs.memory == {"contacts"}
    assert needs.contact == {"channel", "customer_id", "identity"}


def test_a_decision_shows_nothing_of_the_contact():
    decision = decide(compiled(), subject="secret")
    assert "secret" not in repr(decision)


@pytest.mark.parametrize(
    ("language", "lane", "passed"),
    [("zh", "people", ()), ("en", "visitors", ((1, "people", "language"),)), (None, "people", ())],
)
def test_a_lane_takes_the_languages_it_speaks_and_who_states_none(language, lane, passed):
    revision = compiled(
        lanes="desks: {d: {managed: false}}\nlanes:\n"
        "  people: {kind: standard, desk: d, languages: [zh]}\n"
        "  visitors: {kind: standard, desk: d, languages: [en, ja]}\n",
        plans="plans: [{plan: all, steps: [{lane: people}, {lane: visitors}]}]\n",
    )
    decision = revision.decide(
        {"contact_id": "k", "channel": "chat", "language": language}, None, None, 0
    )
    assert (decision.outcome.lane, decision.outcome.passed_over) == (lane, passed)
    assert "contact.language" in dict(decision.outcome.used)

"""What is found by regions: each finding on a planted defect, and silent on its correct look-alike."""

import re

import pytest

from tests.policy.writing import REST, policy
from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import Finding

LANES = REST["lanes"]
EXPRESS = LANES + "  express: {kind: priority, desk: shop}\n"
ALL = "plans: [{plan: all, steps: [{lane: people}]}]\n"
SCENARIOS = "scenarios: {{default: a, rules: [{}]}}\n"


def found(code: str, text: str = "", *, gaps: bool = False, **sections: str) -> list[Finding]:
    told = check(policy(text, **sections), "p.yaml", gaps=gaps)
    wrong = [one for one in told if one.severity == "error" and one.code != code]
    assert wrong == [], "the policy of the test is meant to be sound otherwise"
    return [one for one in told if one.code == code]


def rows(*conditions: str) -> str:
    listed = ", ".join(
        f'{{rule: r{n}, when: "{one}", then: s{n}}}' for n, one in enumerate(conditions, 1)
    )
    return SCENARIOS.format(listed)


def facts(*bodies: str) -> str:
    return "facts:\n" + "".join(f"  - {{fact: f{n}, {one}}}\n" for n, one in enumerate(bodies, 1))


@pytest.mark.parametrize(
    ("planted", "alike"),
    [
        # Two terms that exclude each other.
        (
            rows("contact.subject == 'order' && contact.subject == 'claim'"),
            rows("contact.subject == 'order' || contact.subject == 'claim'"),
        ),
        # Between two whole numbers there is none, between two numbers there is.
        (
            rows("contact.identity > 1 && contact.identity < 2"),
            rows("contact.attributes.value > 1 && contact.attributes.value < 2"),
        ),
        # Null answers no comparison, and its negation neither; `!=` is answered.
        (
            rows("contact.attributes.value == null && !(contact.attributes.value > 5)"),
            rows("contact.attributes.value == null && contact.attributes.value != 5"),
        ),
        # What is reckoned has what it is reckoned from.
        (
            rows("contact.attributes.at == null && days_since(contact.attributes.at) < 3"),
            rows("contact.attributes.at != null && days_since(contact.attributes.at) < 3"),
        ),
        # Nothing is known of a customer without a profile.
        (
            rows("profile == null && profile.measures.spend > 5"),
            rows("profile == null || profile.measures.spend > 5"),
        ),
        # A text that is settled settles what is asked of it.
        (
            rows("contact.subject == 'order' && contact.subject.startsWith('re')"),
            rows("contact.subject != 'order' && contact.subject.startsWith('re')"),
        ),
        # Through a fact: it is `big` only from 5 on.
        (
            facts("default: small, ladder: contact.attributes.value, from: {5: big}")
            + rows("fact.f1 == 'big' && contact.attributes.value < 5"),
            facts("default: small, ladder: contact.attributes.value, from: {5: big}")
            + rows("fact.f1 == 'small' && contact.attributes.value < 5"),
        ),
        # Times and moments.
        (
            rows("now > timestamp('2026-01-01T00:00:00Z') && now < timestamp('2025-01-01T00:00:00Z')"),
            rows("now > timestamp('2025-01-01T00:00:00Z') && now < timestamp('2026-01-01T00:00:00Z')"),
        ),
        # A list has a text or it has not.
        (
            rows("'a' in profile.segments && !any_of(profile.segments, ['a', 'b'])"),
            rows("'a' in profile.segments && !any_of(profile.segments, ['b', 'c'])"),
        ),
        # Rows that bind.
        (
            "floors: [{rule: f, when: \"contact.subject == 'order' && contact.subject == 'claim'\", then: {priority: 1}}]\n",
            "floors: [{rule: f, when: \"contact.subject == 'order'\", then: {priority: 1}}]\n",
        ),
    ],
)  # fmt: skip
def test_a_row_that_never_holds(planted, alike):
    assert len(found("dead", planted)) == 1
    assert found("dead", alike) == []


def test_a_dead_row_tells_why():
    (one,) = found(
        "dead",
        rows("contact.channel == 'chat' && contact.identity > 3 && contact.identity < 2"),
    )
    assert one.message == "`r1` of `scenarios` can never hold"
    assert one.hint == "`contact.identity > 3` and `contact.identity < 2` exclude each other"
    (one,) = found(
        "dead",
        rows(
            "contact.identity in [1, 2] && contact.identity in [2, 3] && contact.identity in [1, 3]"
        ),
    )
    assert one.hint == "its terms exclude each other"


@pytest.mark.parametrize(
    ("planted", "alike"),
    [
        # By an equal condition, however it is written.
        (rows("contact.identity >= 3", "!(contact.identity < 3)"), rows("contact.identity >= 3", "!(contact.identity < 2)")),
        (rows("contact.identity > 2", "contact.identity >= 3"), rows("contact.attributes.value > 2", "contact.attributes.value <= 3")),
        # By two rows together; null is left without a row that asks for it.
        (
            rows("contact.attributes.vip == true", "contact.attributes.vip == false", "contact.attributes.vip != null"),
            rows("contact.attributes.vip == true", "contact.attributes.vip == false", "contact.attributes.vip == null"),
        ),
        # A closed set leaves null and what it does not name.
        (
            rows("contact.subject != null", "contact.subject == 'claim'"),
            rows("contact.subject in ['order', 'return', 'claim']", "contact.subject != null"),
        ),
        # Through a fact that says the same.
        (
            facts("default: false, rules: [{rule: r, when: contact.subject == 'order', then: true}]")
            + rows("contact.subject == 'order'", "fact.f1"),
            facts("default: false, rules: [{rule: r, when: contact.subject == 'order', then: true}]")
            + rows("fact.f1", "contact.subject == 'claim'"),
        ),
        # Words on open text are free: the second is not known to be within the first.
        (
            rows("contact.language.contains('a')", "contact.language.contains('a') && contact.identity > 1"),
            rows("contact.language.contains('a')", "contact.language.contains('ab')"),
        ),
        (
            "promises: {rules: [{rule: a, then: {}}, {rule: b, when: contact.identity > 1, then: {}}]}\n",
            "promises: {rules: [{rule: b, when: contact.identity > 1, then: {}}, {rule: a, then: {}}]}\n",
        ),
        (
            "priorities: {default: 1, rules: [{rule: a, when: contact.identity > 1, then: 2}, {rule: b, when: contact.identity > 2, then: 3}]}\n",
            "priorities: {default: 1, rules: [{rule: b, when: contact.identity > 2, then: 3}, {rule: a, when: contact.identity > 1, then: 2}]}\n",
        ),
        # Rows of a table behind one with `any`, also together with a fact that has no null.
        (
            facts("default: 0, table: {on: [contact.subject, contact.language], rows: [[order, any, 1], [order, zh, 2]]}"),
            facts("default: 0, table: {on: [contact.subject, contact.language], rows: [[order, zh, 2], [order, any, 1]]}"),
        ),
        (
            facts("default: no, ladder: memory.contacts, from: {1: yes}", "default: 0, table: {on: [fact.f1], rows: [[yes, 1], [no, 2], [any, 3]]}"),
            facts("default: no, ladder: memory.contacts, from: {1: yes}", "default: 0, table: {on: [fact.f1], rows: [[yes, 1], [any, 3]]}"),
        ),
        # What rows above have told already.
        (
            "serving: [{rule: a, then: {script: x}}, {rule: b, when: contact.identity > 1, then: {script: y}}]\n",
            "serving: [{rule: b, when: contact.identity > 1, then: {script: y}}, {rule: a, then: {script: x}}]\n",
        ),
    ],
)  # fmt: skip
def test_a_row_that_those_above_it_cover(planted, alike):
    assert len(found("shadowed", planted)) == 1
    assert found("shadowed", alike) == []


def test_a_term_that_may_fail_and_its_contrary_leave_who_has_no_answer():
    text = rows(
        "10 / contact.identity > 1 || !(10 / contact.identity > 1)", "contact.identity != null"
    )
    assert found("shadowed", text) == []
    contact = {"contact_id": "k", "channel": "chat", "identity": 0}
    outcome = compile_policy(policy(text), "p.yaml").decide(contact, None, None, 0).outcome
    assert outcome.scenario_rule == "scenarios/r2"


def test_a_shadowed_row_names_those_that_take_its_contacts():
    text = rows(
        "contact.attributes.vip == true", "contact.identity > 9", "contact.attributes.vip == false",
        "contact.attributes.vip != null",
    )  # fmt: skip
    (one,) = found("shadowed", text)
    assert one.message == (
        "`r4` of `scenarios` is never reached: `r1`, `r2` and `r3` take its contacts between them"
    )
    two = "plans:\n  - {plan: a, steps: [{lane: people}]}\n  - {plan: b, steps: [{lane: bot}]}\n"
    (one,) = found("shadowed", plans=two)
    line = policy(plans=two).splitlines().index("  - {plan: a, steps: [{lane: people}]}") + 1
    assert one.message == "`b` of `plans` is never reached: `a` takes its contacts"
    assert (one.place.line, one.hint) == (line + 1, f"see line {line}")


def test_a_plan_that_another_hands_over_to_may_have_no_contacts_of_its_own():
    def handing(end: str) -> dict[str, str]:
        two = f"{{plan: all, steps: [{{lane: people}}]{end}}}", plan("{lane: keeper}", name="last")
        lanes = LANES.replace("managed: false", "managed: true")
        return {"plans": plans(*two), "lanes": lanes}

    assert len(found("shadowed", **handing(""))) == 1
    assert found("shadowed", **handing(", finally: {plan: last}")) == []
    assert found("step_unreached", **handing(", finally: {plan: last}")) == []
    lanes = {one.message for one in found("lane_unreached", **handing(""))}
    assert "no contact can come to lane `keeper`" in lanes
    lanes = {one.message for one in found("lane_unreached", **handing(", finally: {plan: last}"))}
    assert lanes == {"no plan leads to lane `bot`"}


def large(rows: int, *more: str) -> str:
    table = ", ".join([f"[w{n}, {n}]" for n in range(rows)] + list(more))
    return facts(f"default: -1, table: {{on: [contact.language], rows: [{table}]}}")


@pytest.mark.parametrize("size", [100, 3_000])
def test_a_row_of_a_table_of_any_size(size):
    assert len(found("shadowed", large(size, "[any, 5]", "[x, 6]"))) == 1
    assert found("shadowed", large(size, "[x, 6]", "[any, 5]")) == []


@pytest.mark.parametrize("size", [2, 2_000])
def test_a_table_on_a_fact_is_covered_when_each_value_has_a_row(size):
    rows = ", ".join(f"[w{n}, yes, 1]" for n in range(size))
    tail = "[w1, no, 2], [w1, any, 3]", "[w1, any, 3]"
    for rest, count in zip(tail, (1, 0), strict=True):
        text = facts(
            "default: no, ladder: memory.contacts, from: {1: yes}",
            f"default: 0, table: {{on: [contact.language, fact.f1], rows: [{rows}, {rest}]}}",
        )
        assert len(found("shadowed", text)) == count


def test_a_step_of_a_ladder_that_no_value_comes_to():
    fields = REST["fields"] + "  contact.attributes.stars: [1, 2, 3]\n"
    ladder = "default: a, ladder: contact.attributes.stars, from: {2: b, %s: c}"
    (one,) = found("dead", facts(ladder % 5), fields=fields)
    assert one.message == "`5` of `facts/f1` can never hold"
    assert one.hint == "`contact.attributes.stars` is one of 1, 2, 3"
    assert found("dead", facts(ladder % 3), fields=fields) == []
    step = "default: 0, ladder: fact.f1, from: {1: 1, 9: 2}"
    text = facts("default: 0, ladder: memory.contacts, from: {1: 5}", step)
    (one,) = found("dead", text)
    assert one.message == "`9` of `facts/f2` can never hold"
    assert found("dead", text.replace("9: 2", "5: 2")) == []


def plan(*steps: str, name: str = "all", when: str = "") -> str:
    condition = f", when: {when}" if when else ""
    return f"{{plan: {name}{condition}, steps: [{', '.join(steps)}]}}"


def plans(*listed: str) -> str:
    return f"plans: [{', '.join(listed)}]\n"


@pytest.mark.parametrize(
    ("planted", "alike"),
    [
        (plan("{lane: people}", "{lane: bot}"), plan("{lane: bot}", "{lane: people}")),
        (
            plan("{lane: people, when: contact.identity != 1}", "{lane: people, when: contact.identity == 1}", "{lane: keeper}"),
            plan("{lane: people, when: contact.identity > 1}", "{lane: people, when: contact.identity == 1}", "{lane: keeper}"),
        ),
        (
            plan("{lane: keeper, when: contact.subject == 'order' && contact.subject == null}", "{lane: people}"),
            plan("{lane: keeper, when: contact.subject == null}", "{lane: people}"),
        ),
    ],
)  # fmt: skip
def test_a_step_that_nobody_reaches(planted, alike):
    assert len(found("step_unreached", plans=plans(planted))) == 1
    assert found("step_unreached", plans=plans(alike)) == []


def test_a_step_whose_lane_a_floor_closes_to_all_who_come():
    when = "contact.subject == 'claim'"
    floor = f"floors: [{{rule: f, when: {when}, then: {{never: [selfservice]}}}}]\n"
    two = plans(
        plan("{lane: bot}", "{lane: people}", name="claims", when=when), plan("{lane: people}")
    )
    step, lane = sorted(found("barred", floor, plans=two), key=lambda one: one.message)[::-1]
    assert (step.severity, step.message) == ("note", "step 1 of `claims` takes nobody")
    assert step.hint == "`floors/f` keeps them all out of lane `bot`"
    assert lane.message == "no contact can come to lane `bot`"
    two = two.replace("'claim'", "'order'")
    assert found("barred", floor, plans=two) == []


def test_a_lane_that_no_contact_can_come_to():
    listed = plans(plan("{lane: people}", "{lane: keeper}"))
    messages = {one.message for one in found("lane_unreached", plans=listed)}
    assert messages == {"no plan leads to lane `bot`", "no contact can come to lane `keeper`"}
    listed = plans(
        plan("{lane: bot}", "{lane: keeper, when: contact.identity > 1}", "{lane: people}")
    )
    assert found("lane_unreached", plans=listed) == []


def test_a_tier_and_a_scenario_that_nobody_has():
    tiers = "tiers: {order: [a, b, c], default: a, highest_of: [{set: s, ladder: memory.contacts, from: {1: b%s}}]}\n"
    (one,) = found("tier_unreached", tiers % "")
    assert one.message == "no contact is ever given the tier `c`"
    assert found("tier_unreached", tiers % ", 5: c") == []
    (one,) = found("scenario_unreached", rows("contact.identity > 1", "contact.identity > 2"))
    assert one.message == "no contact is ever of the scenario `s2`"
    assert found("scenario_unreached", rows("contact.identity > 2", "contact.identity > 1")) == []


MEMBERS = "contact.subject == 'order'", "contact.subject == 'return'"


def test_a_member_of_a_closed_set_that_no_row_asks_for():
    (one,) = found("gap", rows(*MEMBERS))
    assert one.severity == "note" and one.place.line == len(policy().splitlines()) + 1
    assert one.message == (
        "no row of `scenarios` asks for 1 of the 3 values of `contact.subject`: `claim`; "
        "there the scenario is `a`"
    )
    assert one.hint == "for example {contact: {channel: voice, subject: claim}, profile: null}"
    assert found("gap", rows(*MEMBERS, "contact.subject == 'claim'")) == []
    assert found("gap", rows(*MEMBERS, "contact.subject != null")) == []


def test_a_member_of_the_name_of_the_default_was_not_forgotten():
    text = rows(*MEMBERS).replace("default: a", "default: claim")
    assert found("gap", text, gaps=True) == []


def test_a_gap_that_is_likely_meant_is_told_when_asked_for():
    one = rows("contact.subject == 'order'")
    assert found("gap", one) == [] and len(found("gap", one, gaps=True)) == 1
    table = facts("default: 0, table: {on: [contact.subject], rows: [[order, 1], [claim, 2]]}")
    assert found("gap", table) == [] and len(found("gap", table, gaps=True)) == 1
    listed = plans(
        *(
            plan("{lane: people}", name=n, when=f"contact.subject == '{n}'")
            for n in ("order", "claim")
        ),
        plan("{lane: people}"),
    )
    assert "the plan is `all`" in found("gap", plans=listed)[0].message


@pytest.mark.parametrize(
    ("planted", "alike"),
    [
        (("contact.attributes.value < 5", "contact.attributes.value > 5"), ("contact.attributes.value <= 5", "contact.attributes.value > 5")),
        (("contact.identity <= 1", "contact.identity >= 3"), ("contact.identity <= 1", "contact.identity >= 2")),
        (("contact.attributes.value >= 10 && contact.attributes.value < 20", "contact.attributes.value > 20"), ("contact.attributes.value >= 10 && contact.attributes.value < 20", "contact.attributes.value >= 20")),
        (("days_since(contact.attributes.at) < 7", "days_since(contact.attributes.at) > 7"), ("days_since(contact.attributes.at) < 7", "days_since(contact.attributes.at) > 6")),
    ],
)  # fmt: skip
def test_a_hole_between_two_rows(planted, alike):
    (one,) = found("hole", rows(*planted))
    assert "` leave a hole in `" in one.message and "` at `" in one.message
    assert one.hint.startswith("for example {contact:")
    assert found("hole", rows(*alike)) == []


def test_a_wide_space_between_two_rows_is_likely_meant():
    text = rows("contact.identity < 30", "contact.identity >= 60")
    assert found("hole", text) == found("gap", text) == []
    (one,) = found("gap", text, gaps=True)
    assert (
        one.message
        == "the rows of `scenarios` leave a hole in `contact.identity` around `30`: the scenario is `a`"
    )


def test_a_promise_that_a_floor_always_shortens():
    promise = (
        "promises: {rules: [{rule: p, when: contact.subject == 'claim', then: {resolve: 72h}}]}\n"
    )
    floor = "floors: [{rule: f, when: contact.subject%s, then: {resolve: 48h}}]\n"
    (one,) = found("promise_over_floor", promise + floor % " != 'order'")
    assert one.message == "`promises/p` promises `resolve: 3d`, which `floors/f` always shortens"
    assert one.hint == "at most 2d will be promised"
    assert found("promise_over_floor", promise + floor % " == 'order'") == []
    some = promise.replace("contact.subject == 'claim'", "contact.identity > 1")
    assert found("promise_over_floor", some + floor % " == 'claim'") == []


def test_a_priority_that_a_floor_always_raises():
    floor = "floors: [{rule: f, when: contact.subject == 'claim', then: {priority: 20}}]\n"
    row = 'priorities: {default: 1, rules: [{rule: p, when: "%s", then: 5}]}\n'
    (one,) = found("priority_under_floor", floor + row % "contact.subject == 'claim'")
    assert one.message == "`priorities/p` starts at 5, which `floors/f` always raises"
    assert found("priority_under_floor", floor + row % "contact.subject != 'order'") == []
    two = plans(
        plan("{lane: people, priority: 7}", name="c", when="contact.subject == 'claim'"),
        plan("{lane: people}"),
    )
    (one,) = found("priority_under_floor", floor, plans=two)
    assert one.message == "`plans/c/1` starts at 7, which `floors/f` always raises"


def test_contacts_that_no_step_takes():
    (one,) = found("left_to_fallback", plans=plans(plan("{lane: bot}")))
    assert (
        one.message == "some contacts of `all` may enter none of its steps and go to the fallback"
    )
    assert one.hint == "for example {contact: {channel: voice}, profile: null}"
    assert found("left_to_fallback", plans=plans(plan("{lane: bot}", "{lane: people}"))) == []
    known = "{lane: keeper, who: [advisor.id == profile.dedicated_advisor]}"
    assert len(found("left_to_fallback", plans=plans(plan(known)))) == 1
    assert found("left_to_fallback", plans=plans(plan(known, "{lane: people}"))) == []


def test_contacts_of_a_language_that_no_lane_speaks():
    lanes = LANES.replace("people: {", "people: {languages: [zh], ")
    (one,) = found("left_to_fallback", lanes=lanes)
    assert one.hint == "for example {contact: {channel: voice, language: other}, profile: null}"
    both = plans(plan("{lane: people}", "{lane: keeper}"))
    assert found("left_to_fallback", lanes=lanes, plans=both) == []
    assert found("step_unreached", lanes=lanes, plans=both) == []


def test_a_rule_that_leaves_all_it_binds_to_the_fallback():
    lanes = LANES.replace("people: {", "people: {can: [record], ").replace(
        "keeper: {", "keeper: {can: [record, verify], "
    )
    marks = "compliance: [{rule: m, when: contact.subject == 'claim', then: {can: [verify]}}]\n"
    end = "finally: {until: 24h, close: sorry}\nfallback: keeper\n"
    (one,) = found("left_to_fallback", marks, lanes=lanes, end=end)
    assert one.message == "`compliance/m` leaves every contact it binds to the fallback `keeper`"
    assert one.hint == "for example {contact: {channel: voice, subject: claim}, profile: null}"
    two = plans(
        plan("{lane: people}", name="weak", when="contact.identity == null"), plan("{lane: keeper}")
    )
    assert found("left_to_fallback", marks, lanes=lanes, end=end, plans=two) == []
    (one,) = found("fallback_serves", marks, lanes=lanes, end=end, plans=two, gaps=True)
    assert one.severity == "note" and "leaves some contacts of plan `weak`" in one.message


def test_a_fallback_that_may_not_take_whom_it_gets():
    floor = 'floors: [{rule: f, when: "%s", then: {never: [standard]}}]\n'
    (one,) = found("fallback_breaks_floor", floor % "contact.subject == 'claim'")
    assert one.severity == "error" and one.allowable
    assert one.hint == "for example {contact: {channel: voice, subject: claim}, profile: null}"
    # Every contact by chat finds a step, so none of them comes to the fallback.
    listed = plans(plan("{lane: bot, when: contact.channel == 'chat'}", "{lane: people}"))
    assert found("fallback_breaks_floor", floor % "contact.channel == 'chat'", plans=listed) == []
    lanes = LANES.replace("bot: {", "bot: {can: [record], ")
    mark = 'compliance: [{rule: m, when: "%s", then: {can: [record]}}]\n'
    listed = plans(plan("{lane: bot}", "{lane: people}"))
    assert (
        len(
            found(
                "fallback_breaks_mark",
                mark % "contact.subject == 'claim'",
                lanes=lanes,
                plans=listed,
            )
        )
        == 1
    )
    assert (
        found("fallback_breaks_mark", mark % "contact.channel == 'chat'", lanes=lanes, plans=listed)
        == []
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (facts("default: x, shares: {x: 20, y: 80}"), "nothing asks for `fact.f1`"),
        # A word that looks like it is no use of it.
        (
            facts("default: x, shares: {x: 20, y: 80}") + "serving: [{rule: fact.f1, then: {say: fact.f1}}]\n",
            "nothing asks for `fact.f1`",
        ),
        (
            facts("default: a, ladder: memory.contacts, from: {1: b}", "default: 1, table: {on: [fact.f1], rows: [[a, 2]]}"),
            "only facts that nothing asks for ask for `fact.f1`",
        ),
    ],
)  # fmt: skip
def test_a_fact_that_nothing_asks_for(text, message):
    assert found("unused_fact", text)[0].message == message


@pytest.mark.parametrize(
    "text",
    [
        facts("default: x, shares: {x: 20, y: 80}") + rows("fact.f1 == 'y'"),
        facts("default: x, shares: {x: 20, y: 80}") + "serving: [{rule: s, then: {carry: [fact.f1]}}]\n",
        facts("default: a, ladder: memory.contacts, from: {1: b}", "default: 1, table: {on: [fact.f1], rows: [[a, 2]]}") + rows("fact.f2 == 2"),
        facts("default: a, ladder: memory.contacts, from: {1: b}")
        + "tiers: {order: [a, b], default: a, highest_of: [{set: s, table: {on: [fact.f1], rows: [[b, b]]}}]}\n",
    ],
)  # fmt: skip
def test_a_fact_that_is_asked_for(text):
    assert found("unused_fact", text) == []


TIERS = "tiers: {order: [club, gold], default: club, monotone: true, highest_of: [{set: card, table: {on: [profile.membership.level], rows: [[gold, gold]]}}]}\n"
RICH = "tier_is_at_least('gold')"


@pytest.mark.parametrize(
    ("planted", "alike", "said"),
    [
        (
            plans(plan("{lane: bot}", "{lane: people}", name="gold", when=RICH), plan("{lane: people}")),
            plans(plan("{lane: express}", name="gold", when=RICH), plan("{lane: people}")),
            "the kind of lane worse than `club` does: selfservice instead of standard",
        ),
        (
            f"priorities: {{default: 5, rules: [{{rule: g, when: {RICH}, then: 4}}]}}\n",
            f"priorities: {{default: 5, rules: [{{rule: g, when: {RICH}, then: 6}}]}}\n",
            "the priority worse than `club` does: 4 instead of 5",
        ),
        # Starts higher and is overtaken with age.
        (
            f"priorities: {{default: {{start: 1, by: 1, every: 1m, to: 9}}, rules: [{{rule: g, when: {RICH}, then: 6}}]}}\n",
            f"priorities: {{default: {{start: 1, by: 1, every: 1m, to: 6}}, rules: [{{rule: g, when: {RICH}, then: 6}}]}}\n",
            "6 instead of 1 with 1 more every 1m up to 9",
        ),
        (
            f"promises: {{default: {{answer: 30s}}, rules: [{{rule: g, when: {RICH}, then: {{resolve: 1h}}}}]}}\n",
            f"promises: {{default: {{answer: 30s}}, rules: [{{rule: g, when: {RICH}, then: {{answer: 10s}}}}]}}\n",
            "the promised `answer` worse than `club` does: none instead of 30s",
        ),
        # A floor lifts both to the same.
        (
            f"floors: [{{rule: f, when: contact.subject == 'claim', then: {{priority: 9}}}}]\npriorities: {{default: 5, rules: [{{rule: g, when: {RICH}, then: 4}}]}}\n",
            f"floors: [{{rule: f, then: {{priority: 9}}}}]\npriorities: {{default: 5, rules: [{{rule: g, when: {RICH}, then: 4}}]}}\n",
            "4 instead of 5",
        ),
        # A scenario that ignores the tier ignores what the tier would spoil.
        (
            f"scenarios: {{default: a, rules: [{{rule: c, when: contact.subject == 'claim', then: c}}]}}\npriorities: {{default: 5, rules: [{{rule: g, when: {RICH} && scenario == 'c', then: 4}}]}}\n",
            f"scenarios: {{default: a, rules: [{{rule: c, when: contact.subject == 'claim', then: c}}], ignore_tier: [c]}}\npriorities: {{default: 5, rules: [{{rule: g, when: {RICH} && scenario == 'c', then: 4}}]}}\n",
            "4 instead of 5",
        ),
    ],
)  # fmt: skip
def test_a_tier_that_makes_something_worse(planted, alike, said):
    def ask(text: str) -> list[Finding]:
        if text.startswith("plans"):
            return found("not_monotone", TIERS, plans=text, lanes=EXPRESS)
        return found("not_monotone", TIERS + text, lanes=EXPRESS)

    (one,) = ask(planted)
    assert one.severity == "error" and one.allowable and said in one.message
    assert one.hint.startswith("for example {contact:") and "is better served than" in one.hint
    assert ask(alike) == []


def test_what_is_not_declared_is_not_asked():
    tiers = TIERS.replace("monotone: true, ", "")
    row = f"priorities: {{default: 5, rules: [{{rule: g, when: {RICH}, then: 4}}]}}\n"
    assert found("not_monotone", tiers + row) == []


def test_every_example_does_what_is_claimed():
    """The contact of a hint can be decided as it stands, and comes where the finding says."""
    import yaml

    text = policy(rows(*MEMBERS))
    (gap,) = [one for one in check(text, "p.yaml") if one.code == "gap"]
    example = yaml.safe_load(re.search(r"\{.*\}", gap.hint)[0])
    decision = compile_policy(text, "p.yaml").decide(
        {"contact_id": "k", **example["contact"]}, example["profile"], None, 1_772_800_000_000
    )
    assert decision.outcome.scenario_rule == "scenarios/default"


FLAGS = [f"contact.attributes.{one}{n}" for one in "ab" for n in range(25)]
ENTANGLED = REST["fields"] + "".join(f"  {one}: flag\n" for one in FLAGS)
ALL_FIRST = " && ".join(FLAGS[:25])
PAIRS = [f"{a} && {b}" for a, b in zip(FLAGS[:25], FLAGS[25:], strict=True)]


@pytest.mark.parametrize(("last", "reached"), [(FLAGS[3], False), (f"!{FLAGS[25]}", True)])
def test_a_list_too_entangled_to_be_looked_through_is_tried_and_says_so(last, reached):
    # Its diagram would have 2^25 parts: every first half of a pair is asked for before any second.
    pair = PAIRS[0] if not reached else FLAGS[1]
    text = rows(ALL_FIRST, *PAIRS, f"{last} && {pair}")
    (note,) = found("sampled", text, fields=ENTANGLED)
    assert note.message == "`scenarios` has too many combinations to look through them all"
    assert (note.severity, note.hint) == ("note", "64 contacts were tried for each row")
    told = [one.message for one in found("shadowed", text, fields=ENTANGLED)]
    assert told == ([] if reached else ["`r27` of `scenarios` seems never to be reached"])


def test_more_rules_than_can_be_compared_are_looked_at_for_equal_conditions(monkeypatch):
    monkeypatch.setattr("tierlane.policy.check.region.draw.MOST_RULES", 2)
    monkeypatch.setattr("tierlane.policy.check.region.sampling.MOST_WALKS", 1)
    listed = "contact.identity > 1", "contact.identity > 2", "contact.identity  > 1"
    (one,) = found("shadowed", rows(*listed))
    assert one.message == "`r3` of `scenarios` is never reached: `r1` takes its contacts"
    (note,) = found("sampled", rows(*listed))
    assert note.message == "`scenarios` has too many rows to compare them all"
    assert note.hint == "only rows with equal conditions were looked for"


def test_a_policy_with_too_many_conditions_is_looked_at_for_equal_conditions(monkeypatch):
    monkeypatch.setattr("tierlane.policy.check.region.report.MOST_CONDITIONS", 2)
    text = rows("contact.identity > 1", "contact.identity > 2", "contact.identity  > 1")
    (one,) = found("shadowed", text)
    assert one.message == "`r3` of `scenarios` is never reached: `r1` takes its contacts"
    assert found("sampled", text)[0].message == "the policy has more than 2 conditions"
    assert found("shadowed", text.replace("identity  > 1", "identity > 0")) == []

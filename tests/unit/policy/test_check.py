"""What `policy check` finds, each with its code and its place."""

import pytest

from tests.policy.writing import REST, policy
from tierlane.policy.check.document import check

CASE = "cases: [{case: one, contact: {channel: chat}, expect: {lane: people}}]\n"
LANES = REST["lanes"]


def found(text: str) -> dict[str, str]:
    return {one.code: one.severity for one in check(text, "p.yaml")}


def test_a_plain_policy_has_only_what_it_leaves_unused():
    assert found(policy(CASE)) == {"lane_unreached": "warning"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour: red\n", "unknown_key"),
        ("facts: [{fact: a b, default: 1, ladder: memory.contacts, from: {1: 2}}]\n", "not_a_name"),
        ("facts: [{fact: a, default: 1, ladder: memory.contacts, from: {5: 2, 1: 3}}]\n", "order"),
        ("facts: [{fact: a, default: 1, ladder: contact.subject, from: {5: 2}}]\n", "wrong_type"),
        ("facts: [{fact: a, default: x, ladder: memory.contacts, from: {1: 2}}]\n", "mixed_types"),
        ("facts: [{fact: a, default: x, shares: {x: 20, y: 70}}]\n", "shares"),
        ("facts: [{fact: a, default: x}]\n", "body"),
        ("facts: [{fact: a, default: x, table: {on: [contact.subject], rows: [[order, y], [order, z]]}}]\n", "equal_keys"),
        ("facts: [{fact: a, default: x, table: {on: [contact.subject], rows: [[oder, y]]}}]\n", "unknown_value"),
        ("facts: [{fact: a, default: x, table: {on: [contact.subject], rows: [[5, y]]}}]\n", "wrong_type"),
        ("facts: [{fact: a, default: x, rules: []}, {fact: a, default: x, rules: []}]\n", "duplicate_name"),
        ("tiers: {order: [a, b], default: c}\n", "unknown_tier"),
        ("tiers: {order: [a, b], default: a, highest_of: [{set: s, ladder: memory.contacts, from: {1: z}}]}\n", "unknown_tier"),
        ("scenarios: {default: a, ignore_tier: [b]}\n", "unknown_scenario"),
        ("scenarios: {default: a, rules: [{rule: r, when: scenario == 'a', then: b}]}\n", "unknown_name"),
        ("scenarios: {default: a, rules: [{rule: r, when: \"tier == 'z'\", then: b}]}\n", "unknown_value"),
        ("promises: {default: {answer: soon}}\n", "wrong_type"),
        ("promises: {default: {answer: 2h working}}\n", "no_calendar"),
        ("promises: {default: {answer: 40000d}}\n", "range"),
        ("floors: [{rule: f, then: {never: [robot]}}]\n", "unknown_kind"),
        ("floors: [{rule: f, then: {never: [standard]}}]\n", "fallback_breaks_floor"),
        ("compliance: [{rule: f, then: {can: [fly]}}]\n", "mark_not_kept"),
        ("priorities: {default: {start: 1, by: 1}}\n", "priority"),
        ("priorities: {default: {start: -1}}\n", "range"),
        ("time_zone: Mars/North\n", "time_zone"),
        ("masking: {contact.txt: drop}\n", "unknown_field"),
        ("masking: {contact.text: hide}\n", "unknown_mask"),
        ("compliance: [{rule: r}]\n", "missing_key"),
        ("priorities: {rules: [{rule: r}]}\n", "missing_key"),
        ("cases: [{case: c, contact: {}, expect: {because: 5}}]\n", "wrong_type"),
        ("cases: [{case: c, contact: {}, expect: {passed_over: [x]}}]\n", "wrong_type"),
        ("extends: base.yaml\n", "base_missing"),
        ("budgets: [{budget: b, per: desk, most: 3}]\n", "plan_needs_managed_desk"),
        ("cases: [{case: c, contact: {}, expect: {lain: people}}]\n", "unknown_key"),
        ("cases: [{case: c, now: noon, contact: {}, expect: {lane: people}}]\n", "wrong_type"),
    ],
)  # fmt: skip
def test_errors(text, code):
    assert found(policy(text)).get(code) == "error"


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        ({"fields": "fields: {contact.colour: text}\n"}, "unknown_field"),
        ({"fields": "fields: {contact.identity: text}\n"}, "wrong_type"),
        ({"fields": "fields: {contact.attributes.x: money}\n"}, "unknown_type"),
        ({"lanes": LANES.replace("standard", "normal")}, "unknown_kind"),
        ({"lanes": LANES.replace("desk: shop}", "desk: shp}")}, "unknown_desk"),
        ({"lanes": LANES.replace("[chat]", "[fax]")}, "unknown_value"),
        ({"lanes": LANES.replace("channels: [chat]", "limit: {waiting: 2}")}, "plan_needs_managed_desk"),
        ({"plans": "plans: [{plan: all, steps: [{lane: peeple}]}]\n"}, "unknown_lane"),
        ({"plans": "plans: [{plan: all, steps: [{priority: 1}]}]\n"}, "missing_key"),
        ({"plans": "plans: [{plan: all, when: contact.subject == 'order', steps: [{lane: people}]}]\n"}, "last_plan"),
        ({"plans": "plans: [{plan: all, steps: [{lane: people, until: 5m}]}]\n"}, "plan_needs_managed_desk"),
        ({"plans": "plans: [{plan: all, steps: []}]\n"}, "no_steps"),
        ({"plans": "plans: [{plan: all, steps: [{lane: people, who: [advisor.skills.ja >= 3]}]}]\n"}, "plan_needs_managed_desk"),
        ({"end": "finally: {until: 24h}\nfallback: people\n"}, "finally"),
        ({"end": "finally: {close: sorry}\nfallback: nowhere\n"}, "unknown_lane"),
        ({"end": "fallback: people\n"}, "missing_key"),
    ],
)  # fmt: skip
def test_errors_of_a_section(sections, code):
    assert found(policy(**sections)).get(code) == "error"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_cases"),
        ("facts: [{fact: unasked, default: x, rules: []}]\n", "unused_fact"),
        ("scenarios: {default: a, rules: [{rule: r, then: b}, {rule: s, when: contact.subject == 'order', then: c}]}\n", "shadowed"),
        ("promises: {rules: [{rule: r, when: contact.subject == 'order', then: {}}, {rule: s, when: contact.subject  == 'order', then: {}}]}\n", "shadowed"),
        ("floors: [{rule: f, when: contact.region != 'CN', then: {priority: 1}}]\n", "nullable_not_equal"),
        ("compliance: [{rule: f, then: {can: []}}, {rule: g, then: {identity: 2}}]\nlanes2: 1\n", "unknown_key"),
        ("facts: [{fact: a, default: false, rules: [{rule: r, when: contact.text.matches('x+'), then: true}]}]\n", "slow_pattern"),
    ],
)  # fmt: skip
def test_doubts(text, code):
    assert code in found(policy(text))


@pytest.mark.parametrize("pattern", ["x", "third time|lawyer", "(?i)third time|第三次"])
def test_a_pattern_that_is_a_list_of_words_is_not_slow(pattern):
    row = f"{{rule: r, when: \"contact.text.matches('{pattern}')\", then: true}}"
    assert "slow_pattern" not in found(
        policy(f"facts: [{{fact: a, default: false, rules: [{row}]}}]\n")
    )


def test_a_step_that_nobody_reaches():
    plans = "plans: [{plan: all, steps: [{lane: people}, {lane: bot}]}]\n"
    assert found(policy(plans=plans))["step_unreached"] == "warning"
    plans = "plans: [{plan: all, steps: [{lane: bot}, {lane: people}]}]\n"
    assert "step_unreached" not in found(policy(plans=plans))


def test_a_fallback_that_keeps_no_mark():
    lanes = LANES.replace("people: {", "people: {can: [record], ").replace(
        "keeper: {", "keeper: {can: [record, verify], "
    )
    text = "compliance: [{rule: r, then: {scripts: [s]}}]\n"
    assert found(policy(text, lanes=LANES))["mark_not_kept"] == "error"
    kept = lanes.replace("keeper: {", "keeper: {scripts: [s], ")
    assert found(policy(text, lanes=kept))["fallback_breaks_mark"] == "warning"


def test_one_run_tells_all_and_in_order():
    text = policy("tiers: {order: [a], default: b}\nscenarios: {default: x, ignore_tier: [y]}\n")
    places = [one.place.line for one in check(text, "p.yaml") if one.severity == "error"]
    assert len(places) >= 2 and places == sorted(places)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1]", "p.yaml:1:1: error wrong_type: the policy must be a map, not a list"),
        (
            "policy: other.yaml\ncases: []",
            (
                "p.yaml:1:1: error missing_key: this is a file of cases, no policy\n"
                "  hint: run it by `tierlane policy test`"
            ),
        ),
    ],
)
def test_of_what_is_no_policy_one_thing_is_said(text, told):
    assert [str(one) for one in check(text, "p.yaml")] == [told]


def test_a_finding_reads_as_file_line_column_and_hint():
    text = policy(plans="plans: [{plan: all, steps: [{lane: peeple}]}]\n")
    (one,) = [one for one in check(text, "p.yaml") if one.code == "unknown_lane"]
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "peeple" in row)
    column = text.splitlines()[line - 1].index("peeple") + 1
    assert str(one) == (
        f"p.yaml:{line}:{column}: error unknown_lane: no lane `peeple`\n"
        "  hint: did you mean `people`?"
    )


@pytest.mark.parametrize(
    ("lane", "told"),
    [
        ("priority", "lane `people` must be a map, not `priority`|such as `{kind: …, desk: …}`"),
        ("{kind: standard, desk: d, can: chat}", "`can` must be a list, not `chat`|write `[chat]`"),
    ],
)
def test_a_value_of_the_wrong_shape_is_one_fault_and_told_how_it_is_written(lane, told):
    faults = check(policy(lanes=f"lanes: {{people: {lane}}}\n"), "p.yaml")
    (wrong,) = (one for one in faults if one.code == "wrong_type")
    assert f"{wrong.message}|{wrong.hint}" == told
    assert [one for one in faults if one.code == "missing_key"] == []


@pytest.mark.parametrize(
    ("lane", "codes"),
    [
        ("{kind: standard, dsk: shop}", ["unknown_key"]),
        ("{kind: standard, colour: red}", ["missing_key", "unknown_key"]),
    ],
)
def test_a_key_that_is_misspelt_is_not_also_missing(lane, codes):
    faults = check(policy(lanes=f"lanes: {{people: {lane}}}\n"), "p.yaml")
    assert sorted(one.code for one in faults if one.code.endswith("_key")) == codes

"""Plans at a managed desk: why a step is passed over, detours, budgets, figures, handing over."""

import pytest

from tests.policy.writing import REST, compiled, policy
from tierlane.decision import Fault
from tierlane.policy.check.document import check
from tierlane.policy.deciding.asking import missing
from tierlane.policy.deciding.evaluation import Evaluation
from tierlane.policy.line.figure import NOBODY, DeskFigure, Figures, LaneFigure, figures_of
from tierlane.policy.line.ordering import Waiting

LANES = """
desks: {d: {order: [score, waited]}}
lanes:
  bot: {kind: selfservice, desk: d, channels: [chat]}
  people: {kind: standard, desk: d, limit: {waiting: 2, expected_wait: 30m}}
  late: {kind: priority, desk: d}
  keeper: {kind: dedicated, desk: d}
"""


def plans(*steps: str, more: str = "", last: str = "") -> str:
    listed = ", ".join("{" + step + "}" for step in steps)
    return f"plans:\n{more}  - {{plan: all, steps: [{listed}]{last}}}\n"


def decide(revision, figures: Figures = NOBODY, profile=None, **contact):
    told = {"contact_id": "k1", "channel": "voice", **contact}
    return revision.decide(told, profile, None, 1_772_800_000_000, figures=figures)


def placed(
    text: str = "",
    figures: Figures = NOBODY,
    lanes: str = LANES,
    profile=None,
    *,
    steps: str,
    **contact,
):
    outcome = decide(compiled(text, lanes=lanes, plans=steps), figures, profile, **contact).outcome
    assert outcome.errors in ((), (Fault("unknown_customer", "contact.customer_id"),)), (
        outcome.errors
    )
    return outcome.step, outcome.lane, outcome.passed_over


def lane(**figure) -> Figures:
    return Figures({"people": LaneFigure(**figure)})


def test_a_full_lane_is_passed_over():
    steps = plans("lane: people, until: 5m", "lane: late")
    assert placed(steps=steps) == (1, "people", ())
    assert placed(steps=steps, figures=lane(waiting=1)) == (1, "people", ())
    assert placed(steps=steps, figures=lane(waiting=2)) == (2, "late", ((1, "people", "full"),))
    slow = lane(expected_wait=1_800_001)
    assert placed(steps=steps, figures=slow) == (2, "late", ((1, "people", "full"),))
    assert placed(steps=steps, figures=lane(expected_wait=1_800_000)) == (1, "people", ())


def test_a_full_lane_may_keep_the_contact_or_send_it_to_another_plan():
    steps = plans(
        "lane: people",
        "lane: late",
        more="  - {plan: more, when: false, steps: [{lane: bot}, {lane: late, priority: 7}]}\n",
    )
    full = lane(waiting=9)
    waits = LANES.replace("expected_wait: 30m}", "expected_wait: 30m}, full: wait")
    assert placed(steps=steps, figures=full, lanes=waits) == (1, "people", ())
    sends = LANES.replace("expected_wait: 30m}", "expected_wait: 30m}, full: plan more")
    outcome = decide(compiled(lanes=sends, plans=steps), full).outcome
    assert (outcome.plan, outcome.step, outcome.lane, outcome.priority.start) == (
        "more",
        2,
        "late",
        7,
    )
    assert outcome.plan_rule == "plans/all"
    assert outcome.passed_over == (("all/1", "people", "full"), (1, "bot", "channel"))


def test_a_full_lane_that_waits_keeps_nobody_for_an_advisor_who_is_not_known():
    """`wait` takes `full` away as a reason, and none of those behind it."""
    full = lane(waiting=9)
    waits = LANES.replace("expected_wait: 30m}", "expected_wait: 30m}, full: wait")
    wanted = plans("lane: people, who: [advisor.id == profile.dedicated_advisor]", "lane: late")
    missing = (2, "late", ((1, "people", "who.missing"),))
    assert placed(steps=wanted, figures=full, lanes=waits) == missing
    known = {"dedicated_advisor": "a7"}
    assert placed(steps=wanted, figures=full, lanes=waits, profile=known)[0] == 1
    skips = plans("lane: people, skip_if: lane.free == 0", "lane: late")
    assert placed(steps=skips, figures=full, lanes=waits)[0] == 2


@pytest.mark.parametrize(
    ("promises", "step"),
    [("{answer: 10s}", 2), ("{answer: 9s}", 2), ("{answer: 10001ms}", 1), ("{resolve: 5s}", 1)],
)
def test_a_step_that_ends_before_it_begins_is_passed_over(promises, step):
    steps = plans("lane: people, until: 10s before answer", "lane: late")
    text = f"promises: {{default: {promises}}}\n"
    passed = ((1, "people", "until"),) if step == 2 else ()
    assert placed(text, steps=steps) == (step, "people" if step == 1 else "late", passed)


def test_what_is_over_hangs_on_promise_and_floor_of_each_contact():
    """One revision for all, so that a place that is remembered tells them apart."""
    steps = plans("lane: people, until: 10s before answer", "lane: late")
    text = (
        "promises: {default: {answer: 1m}, rules: [{rule: r, when: contact.subject == 'order', then: {answer: 5s}}]}\n"
        "floors: [{rule: f, when: contact.subject == 'claim', then: {answer: 8s}}]\n"
    )
    revision = compiled(text, lanes=LANES, plans=steps)
    asked = ("return", "order", "claim", "return", "order")
    assert [decide(revision, subject=one).outcome.step for one in asked] == [1, 2, 2, 1, 2]


def test_a_plan_without_an_eligible_step_hands_over_or_leaves_the_fallback():
    more = "  - {plan: first, when: contact.channel == 'voice', steps: [{lane: bot}]%s}\n"
    handing = plans("lane: late", more=more % ", finally: {plan: all}")
    assert placed(steps=handing) == (1, "late", (("first/1", "bot", "channel"),))
    closing = plans("lane: late", more=more % "")
    assert placed(steps=closing) == ("fallback", "people", ((1, "bot", "channel"),))


def test_a_plan_without_steps_goes_straight_to_the_next():
    steps = plans(
        "lane: late",
        more="  - {plan: none, when: contact.channel == 'voice', steps: [], finally: {plan: all}}\n",
    )
    outcome = decide(compiled(lanes=LANES, plans=steps)).outcome
    assert (outcome.plan, outcome.plan_rule, outcome.lane) == ("all", "plans/none", "late")


@pytest.mark.parametrize(
    ("skip", "figures", "skipped"),
    [
        ("lane.free == 0", NOBODY, True),
        ("lane.free == 0", lane(free=1), False),
        ("lane.waiting > 3", lane(waiting=1, free=1), False),
        ("lane.waiting >= 1", lane(waiting=1), True),
        ("lane.oldest > duration('1m')", NOBODY, False),
        ("lane.oldest > duration('1m')", lane(oldest=60_001), True),
        ("lane.oldest > duration('1m')", lane(oldest=60_000), False),
        ("desk.free == 0 && lane.on > 2", lane(on=3), True),
        ("desk.waiting > 9", Figures(desks={"d": DeskFigure(waiting=10)}), True),
        ("lane.name == 'people' && lane.kind == 'standard'", NOBODY, True),
        ("contact.subject == 'order' && lane.free == 0", NOBODY, False),
        ("lane.not_asked == 0", lane(on=4), True),
        ("lane.expected_wait == null", NOBODY, True),
        ("budget.left == null", NOBODY, True),
        ("true", NOBODY, True),
        ("false", NOBODY, False),
    ],
)
def test_skip_if_is_asked_while_nobody_can_take_the_contact(skip, figures, skipped):
    steps = plans(f'lane: people, skip_if: "{skip}"', "lane: late")
    expected = (2, "late", ((1, "people", f"skip_if: {skip}"),)) if skipped else (1, "people", ())
    assert placed(steps=steps, figures=figures) == expected


WANT = "lane: keeper, who: [advisor.id == profile.dedicated_advisor]"


def test_a_want_without_anything_to_compare_with_is_passed_over_unless_it_says_otherwise():
    steps = plans(WANT, "lane: late")
    assert placed(steps=steps) == (2, "late", ((1, "keeper", "who.missing"),))
    decision = decide(compiled(lanes=LANES, plans=steps), profile={"dedicated_advisor": "a7"})
    assert (decision.outcome.lane, decision.advisor) == ("keeper", "a7")
    assert placed(steps=plans(WANT + ', skip_if: "false"', "lane: late")) == (1, "keeper", ())
    assert placed(steps=plans(WANT + ", skip_if: who.missing", "lane: late"))[2] == (
        (1, "keeper", "who.missing"),
    )
    some = plans(WANT + ', skip_if: "who.missing || lane.free == 0"', "lane: late")
    assert placed(steps=some)[2] == ((1, "keeper", "skip_if: who.missing || lane.free == 0"),)


def test_whom_a_step_names_may_be_absent_and_that_is_the_reason_where_it_is_the_only_one():
    """Intake knows of nobody that they are there; a case may say that somebody is on."""
    profile = {"dedicated_advisor": "a7"}
    on = Figures({"keeper": LaneFigure(on=1)})
    for skip, figures, told in (
        ("who.absent", NOBODY, "advisor_absent"),
        ("who.absent || who.missing", NOBODY, "advisor_absent"),
        ("who.absent && lane.waiting == 0", NOBODY, "advisor_absent"),
        ("who.absent || lane.free == 0", NOBODY, "skip_if: who.absent || lane.free == 0"),
        ("who.absent", on, ""),
    ):
        steps = plans(f'{WANT}, skip_if: "{skip}"', "lane: late")
        found = placed(steps=steps, figures=figures, profile=profile)
        assert found[2] == (((1, "keeper", told),) if told else ())
    assert placed(steps=plans(WANT + ", skip_if: who.absent", "lane: late"))[2] == (
        (1, "keeper", "who.missing"),
    )


@pytest.mark.parametrize(
    ("wants", "contact", "unknown"),
    [
        ("contact.language in advisor.languages", {}, True),
        ("contact.language in advisor.languages", {"language": "ja"}, False),
        ("contact.language in advisor.languages || 'en' in advisor.languages", {}, False),
        ("contact.language == null || contact.language in advisor.languages", {}, False),
        ("contact.region == 'CN' || contact.language in advisor.languages", {"region": "US"}, True),
        ("advisor.skills.claims >= contact.attributes.value", {}, True),
        ("advisor.skills.claims >= contact.attributes.value", {"attributes": {"value": 3}}, False),
        ("advisor.skills.claims >= contact.attributes.value / 2", {}, True),
        ("advisor.skills.claims >= 3", {}, False),
        ("any_of(profile.languages, advisor.languages)", {}, True),
        ("'en' in advisor.languages && contact.language in advisor.languages", {}, True),
        ("advisor.team == scenario", {}, False),
    ],
)  # fmt: skip
def test_who_is_missing(wants, contact, unknown):
    steps = plans(f'lane: people, who: ["{wants}"]', "lane: late")
    assert placed(steps=steps, **contact)[0] == (2 if unknown else 1)


@pytest.mark.parametrize("want", ["advisor.team in profile.segments", "any_of(profile.segments, advisor.languages)"])  # fmt: skip
def test_an_empty_list_is_nothing_to_compare_with(want):
    """One revision for all, so that a class of contacts that is remembered tells them apart."""
    steps = plans(f'lane: people, who: ["{want}"]', "lane: late")
    revision = compiled(lanes=LANES, plans=steps)
    known = ({"segments": ["a"]}, {"segments": []}, {"segments": ["b"]}, {})
    found = [decide(revision, profile=one).outcome.step for one in known]
    assert found == [1, 2, 1, 2]


BUDGET = "budgets: [{budget: keepers, when: lane.kind == 'dedicated', per: advisor, most: 30}]\n"


def test_a_spent_budget_passes_the_step_over():
    steps = plans(WANT, "lane: late")
    known = {"dedicated_advisor": "a7"}
    assert placed(BUDGET, steps=steps, profile=known)[1] == "keeper"
    spent = Figures(left={"keepers": 0})
    assert placed(BUDGET, spent, steps=steps, profile=known) == (
        2,
        "late",
        ((1, "keeper", "budget"),),
    )
    assert placed(BUDGET, Figures(left={"keepers": 1}), steps=steps, profile=known)[1] == "keeper"
    thrifty = plans(WANT + ", skip_if: budget.left < 5", "lane: late")
    assert placed(BUDGET, Figures(left={"keepers": 4}), steps=thrifty, profile=known)[1] == "late"
    assert placed(BUDGET, steps=thrifty, profile=known)[1] == "keeper"
    assert placed(BUDGET, spent, steps=plans("lane: late"))[1] == "late"


def test_reasons_come_in_the_stated_order():
    lanes = LANES.replace(
        "limit: {waiting: 2, expected_wait: 30m}",
        "channels: [chat], identity: 3, limit: {waiting: 0}",
    )
    steps = plans("lane: people, when: contact.subject == 'order', skip_if: true", "lane: late")
    text = "floors: [{rule: f, when: contact.region == 'X', then: {never: [standard]}}]\nbudgets: [{budget: b, per: desk, most: 0}]\n"
    reasons = []
    full = lanes
    for change in (
        {}, {"subject": "order"}, {"channel": "chat"}, {"region": "Y"}, {"identity": 3},
    ):  # fmt: skip
        contact = {"region": "X"} if not reasons else contact  # noqa: F821 # set in the round before
        contact |= change
        reasons.append(placed(text, steps=steps, lanes=full, **contact)[2][0][2])
    roomy = full.replace("limit: {waiting: 0}", "limit: {waiting: 1}")
    reasons.append(placed(text, steps=steps, lanes=roomy, **contact)[2][0][2])
    paid = text.replace("most: 0", "most: 1")
    reasons.append(placed(paid, steps=steps, lanes=roomy, **contact)[2][0][2])
    assert reasons == [
        "when: contact.subject == 'order'", "channel", "floors/f", "identity", "full", "budget", "skip_if: true",
    ]  # fmt: skip


def test_what_is_remembered_is_not_mixed_with_figures():
    revision = compiled(lanes=LANES, plans=plans("lane: people", "lane: late"))
    full = lane(waiting=2)
    for _ in range(2):
        assert decide(revision).outcome.lane == "people"
        assert decide(revision, full).outcome.lane == "late"


def test_a_number_compared_with_a_figure_is_told_apart_from_others():
    steps = plans("lane: people, skip_if: contact.attributes.value > lane.waiting", "lane: late")
    revision = compiled(lanes=LANES, plans=steps)
    lanes = [decide(revision, attributes={"value": value}).outcome.lane for value in (0, 1, 0, 5)]
    assert lanes == ["people", "late", "people", "late"]


def test_figures_of_a_case():
    lanes = compiled(lanes=LANES, plans=plans("lane: people")).lanes
    given = {
        "people": {"waiting": 3, "free": 1, "oldest": 30_000},
        "late": {"waiting": 1, "on": 4},
        "keepers": {"left": 2},
    }
    figures = figures_of(given, lanes, ["keepers"])
    assert figures.lanes["people"] == LaneFigure(3, 1, 1, 1, 30_000)
    assert (figures.desks["d"], figures.left) == (DeskFigure(4, 4, 1), {"keepers": 2})
    assert figures_of({"d": {"free": 2}}, lanes, []).desks["d"] == DeskFigure(free=2)


def bound(want: str, **contact):
    revision = compiled(
        lanes=LANES, plans=plans(f'lane: people, who: ["{want}"], prefer: [advisor.rank <= 2]')
    )
    values = revision.layout.read({"contact_id": "k", "channel": "chat", **contact}, None, None, 0)
    rules = revision.rules
    step = rules.plans["all"].steps[0]
    evaluation = Evaluation(rules.paths, rules.types, values, (1,) * 40)
    assert missing(step.wants, evaluation) is False
    return step.wants[0].bind(evaluation), step.prefer[0].bind(evaluation)


def test_a_want_is_worked_out_once_on_entering():
    want, prefer = bound(
        "contact.language in advisor.languages || advisor.skills.ja >= contact.attributes.value + 1",
        language="ja",
        attributes={"value": 2},
    )
    assert [(one.field, one.sign, one.value) for one in want.tests] == [
        ("languages", "has", "ja"),
        ("skills.ja", ">=", 3),
    ]
    assert (
        want.holds({"languages": ["ja"]})
        and want.holds({"skills.ja": 3})
        and not want.holds({"skills.ja": 2})
    )
    assert prefer.fit({"rank": 2}) == 0.5 and hash(want)
    assert bound("advisor.id in ['a', 'b']")[0].tests[0].value == ("a", "b")
    assert bound("3 <= advisor.skills.ja")[0].tests[0].sign == ">="


def test_a_desk_s_line_is_compiled():
    text = "desks: {d: {order: [{first: contact.region == 'CN'}, score, {least: contact.attributes.value}], choose: [fit, {most: advisor.skills.ja - contact.attributes.value}]}}\n"
    lanes = text + LANES.partition("}}\n")[2]
    revision = compiled(lanes=lanes, plans=plans("lane: people, choose: [rank, idle]"))
    (line,) = revision.lines
    rules = revision.rules
    values = revision.layout.read(
        {"contact_id": "k", "channel": "chat", "region": "CN", "attributes": {"value": 2}},
        None,
        None,
        0,
    )
    evaluation = Evaluation(rules.paths, rules.types, values, (1,) * 40)
    assert [one.of(evaluation) for one in line.sorts] == [True, 2]
    (most,) = line.choose.sorts
    value = most.bind(evaluation)
    assert (value({"skills.ja": 5}), value({})) == (3, None)
    assert line.order.keys == ("first", "score", "least") and line.choose.choosing.keys == (
        "fit",
        "most",
    )
    assert rules.plans["all"].steps[0].choose.choosing.keys == ("rank", "idle")
    assert line.order.key(Waiting("k", 0, rules.default_priority, values=(True, 2)), 0)[0] == 0


@pytest.mark.parametrize(
    ("sections", "code", "told"),
    [
        ({"plans": plans("lane: people, who: [advisor.hat == 'red']")}, "unknown_field", "advisor.hat"),
        ({"plans": plans("lane: people, who: [advisor.attributes.cost <= 3]")}, "unknown_field", "advisor.attributes.cost"),
        ({"plans": plans("lane: people, who: [advisor.rank == advisor.skills.x]")}, "want", ""),
        ({"plans": plans("lane: people, who: [contact.language == 'en']")}, "want", ""),
        ({"plans": plans("lane: people, who: [\"!('en' in advisor.languages)\"]")}, "want", ""),
        ({"plans": plans("lane: people, who: [size(advisor.languages) > 1]")}, "want", ""),
        ({"plans": plans("lane: people, who: [advisor.id == null]")}, "want", ""),
        ({"plans": plans("lane: people, who: [advisor.rank == 'one']")}, "wrong_type", ""),
        ({"plans": plans("lane: people, when: lane.free == 0")}, "unknown_name", "lane.free"),
        ({"plans": plans("lane: people, skip_if: lane.fre == 0")}, "unknown_name", "lane.fre"),
        ({"plans": plans("lane: people, borrow: [lat]")}, "unknown_lane", "lat"),
        ({"plans": plans("lane: people", last=", finally: {plan: al}")}, "unknown_plan", "al"),
        ({"plans": plans("lane: people", last=", finally: {plan: all}")}, "plan_cycle", "all"),
        ({"lanes": LANES.replace("30m}", "30m}, full: plan nobody")}, "unknown_plan", "nobody"),
        ({"lanes": LANES.replace("30m}", "30m}, full: plan all")}, "plan_cycle", "`all` → `all`"),
        ({"end": "finally: {until: 4h, plan: all}\nfallback: people\n"}, "plan_cycle", "all"),
        ({"lanes": LANES.replace("[score, waited]", "[{first: contact.attributes.value}]")}, "wrong_type", ""),
        ({"lanes": LANES.replace("[score, waited]", "[{least: contact.region}]")}, "wrong_type", ""),
        ({"lanes": LANES.replace("order: [score, waited]", "duties: {g: {peeple: 1}}")}, "unknown_lane", "peeple"),
    ],
)  # fmt: skip
def test_faults(sections, code, told):
    parts = {"lanes": LANES, "plans": plans("lane: people", "lane: late"), **sections}
    found = [one for one in check(policy(**parts), "p.yaml") if one.severity == "error"]
    assert [one.code for one in found] == [code], found
    assert told in str(found[0])


def test_look_alikes_of_the_faults():
    fields = REST["fields"] + "  advisor.attributes.cost: number\n"
    good = plans(
        "lane: people, until: 5m, who: [advisor.attributes.cost <= 3, advisor.rank == 1], skip_if: lane.free == 0, borrow: [late]",
        "lane: late, when: lane.name == 'late'",
        more="  - {plan: one, when: contact.region == 'X', steps: [{lane: late}], finally: {plan: two}}\n"
        "  - {plan: two, when: contact.region == 'Y', steps: [{lane: late}], finally: {plan: all}}\n",
    )
    lanes = LANES.replace("30m}", "30m}, full: plan two")
    found = [
        one
        for one in check(policy(fields=fields, lanes=lanes, plans=good), "p.yaml")
        if one.severity == "error"
    ]
    assert [one.code for one in found] == [
        "plan_cycle"
    ]  # `two` → `all`, whose lane is full → `two`
    lanes = LANES.replace("  late: {", "  late: {full: wait, ")
    assert [
        one
        for one in check(policy(fields=fields, lanes=lanes, plans=good), "p.yaml")
        if one.severity == "error"
    ] == []


def test_budgets_of_no_lane_and_of_an_outside_desk():
    steps = plans("lane: people")
    codes = {
        one.code
        for one in check(
            policy(BUDGET.replace("dedicated", "priority"), lanes=LANES, plans=steps), "p.yaml"
        )
    }
    assert "budget_unused" not in codes
    none = "budgets: [{budget: b, when: lane.name == 'bot' && lane.kind == 'standard', per: desk, most: 1}]\n"
    assert "budget_unused" in {
        one.code for one in check(policy(none, lanes=LANES, plans=steps), "p.yaml")
    }
    outside = LANES.replace(
        "desks: {d: {order: [score, waited]}}", "desks: {d: {}, e: {managed: false}}"
    ).replace("keeper: {kind: dedicated, desk: d", "keeper: {kind: dedicated, desk: e")
    codes = {one.code for one in check(policy(BUDGET, lanes=outside, plans=steps), "p.yaml")}
    assert "plan_needs_managed_desk" in codes
    one_desk = BUDGET.replace("lane.kind == 'dedicated'", "lane.desk == 'd'")
    assert "plan_needs_managed_desk" not in {
        one.code for one in check(policy(one_desk, lanes=outside, plans=steps), "p.yaml")
    }
    wrong = BUDGET.replace("'dedicated'", "'dedicatd'")
    assert "unknown_value" in {
        one.code for one in check(policy(wrong, lanes=LANES, plans=steps), "p.yaml")
    }

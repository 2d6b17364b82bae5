"""The check's regions against `decide`: what it says of a row, a step or a tier, contacts obey."""

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.writing import policy
from tierlane.policy.check.region.draw import draw, plane_of
from tierlane.policy.check.region.example import Examples
from tierlane.policy.check.region.monotone import worse_off
from tierlane.policy.check.region.report import look
from tierlane.policy.check.region.sampling import turns
from tierlane.policy.compiling.compile import compile_policy, known_fields
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document

NOW = 1_772_800_000_000

SETTLED = [
    "contact.attributes.n >= 5", "contact.attributes.n < 5.5", "contact.attributes.n == 7",
    "contact.attributes.n in [1, 2.5, 7]", "5 < contact.attributes.n", "contact.attributes.n != 5",
    "contact.identity > 1", "contact.identity <= 2", "contact.identity == 2",
    "contact.attributes.w == 'a'", "contact.attributes.w in ['a', 'b']", "contact.attributes.w != 'a'",
    "contact.attributes.w == null", "contact.subject == 'order'", "contact.subject != 'order'",
    "contact.subject in ['order', 'claim']", "contact.subject == null",
    "'a' in contact.attributes.l", "any_of(contact.attributes.l, ['a', 'b'])",
    "contact.attributes.l.exists(x, x in ['b'])", "contact.attributes.l == null",
    "contact.attributes.f", "!contact.attributes.f", "contact.attributes.f == true",
    "days_since(contact.attributes.t) <= 3", "days_since(contact.attributes.t) <= fact.limit",
    "contact.attributes.t == null", "contact.attributes.n <= fact.limit",
    "contact.attributes.w == fact.word", "fact.limit > 3 && fact.word == 'b'", "fact.word != 'a'",
    "profile == null", "profile.membership.level == 'gold'", "memory.contacts >= 2",
    "contact.channel == 'chat'",
]  # fmt: skip
FREE = [
    "contact.attributes.w.contains('a')", "contact.attributes.n > contact.attributes.m",
    "contact.attributes.w.startsWith(fact.word)", "contact.attributes.n / contact.attributes.m > 1",
    "contact.attributes.w in contact.attributes.l", "size(contact.attributes.l) > 1",
    "contact.attributes.l.all(x, x != 'a')", "contact.attributes.w == contact.language",
    "contact.attributes.w != contact.language", "contact.attributes.w > 'b'",
    "contact.language.matches('z|e')", "contact.attributes.n + 1 > 6",
    "contact.attributes.l.exists(x, x == contact.attributes.w)", "contact.attributes.t < now",
]  # fmt: skip
LATER = ["tier == 'gold'", "tier_is_at_least('silver')", "tier != 'club'"]
LAST = ["scenario == 's1'", "scenario != 's2'", "scenario in ['s0', 's3']"]
FIELDS = """
fields:
  contact.channel: [chat, voice]
  contact.subject: [order, return, claim]
  contact.attributes.n: number
  contact.attributes.m: number
  contact.attributes.w: text
  contact.attributes.l: list of text
  contact.attributes.f: flag
  contact.attributes.t: time
  profile.membership.level: [club, gold]
"""
LANES = """
desks: {shop: {managed: false}}
lanes:
  bot: {kind: selfservice, desk: shop, channels: [chat]}
  people: {kind: standard, desk: shop, can: [record]}
  express: {kind: priority, desk: shop, can: [verify], identity: 1}
  keeper: {kind: dedicated, desk: shop, can: [record, verify]}
"""


def conditions(atoms: list[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(atoms),
        lambda inner: st.one_of(
            inner.map(lambda one: f"!({one})"),
            st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(
                lambda part: f"({part[0]}) {part[1]} ({part[2]})"
            ),
        ),
        max_leaves=4,
    )


def listed(atoms: list[str], value: str, most: int = 4) -> st.SearchStrategy[str]:
    """Return rows `r0`, `r1` … each giving `value` with its number in place of `#`."""
    return st.lists(conditions(atoms), max_size=most).map(
        lambda rows: ", ".join(
            f'{{rule: r{n}, when: "{one}", then: {value.replace("#", str(n))}}}'
            for n, one in enumerate(rows)
        )
    )


@st.composite
def policies(draw_one, atoms: list[str]) -> str:
    early = [one for one in atoms if "fact." not in one]
    later, last = atoms + LATER, atoms + LATER + LAST

    def take(strategy: st.SearchStrategy[str]) -> str:
        return draw_one(strategy)

    steps = st.lists(
        st.tuples(st.sampled_from(["bot", "people", "express", "keeper"]), conditions(last)),
        min_size=1, max_size=3,
    )  # fmt: skip
    plans = [
        f'  - {{plan: p{n}, when: "{when}", steps: [{_steps(some)}]}}\n'
        for n, (when, some) in enumerate(
            draw_one(st.lists(st.tuples(conditions(last), steps), max_size=3))
        )
    ]
    return policy(
        "facts:\n"
        "  - {fact: limit, default: 3, ladder: memory.contacts, from: {1: 5, 2: 7}}\n"
        "  - {fact: word, default: a, table: {on: [contact.language, contact.subject], "
        "rows: [[zh, any, b], [any, order, c], [en, order, b]]}}\n"
        f"  - {{fact: seen, default: false, rules: [{take(listed(early, 'true', 2))}]}}\n"
        "tiers: {order: [club, silver, gold], default: club, highest_of: [\n"
        "  {set: card, table: {on: [profile.membership.level], rows: [[gold, gold]]}},\n"
        "  {set: n, ladder: contact.attributes.n, from: {5: silver, 7: gold}, margin: 20%},\n"
        f"  {{set: said, rules: [{take(listed(atoms, 'silver', 2))}]}}], keep: 10d}}\n"
        f"scenarios: {{default: s9, rules: [{take(listed(later, 's#'))}, "
        "{rule: z0, when: contact.identity == 77, then: s0}, {rule: z1, when: contact.identity == 78, then: s1}, "
        "{rule: z2, when: contact.identity == 79, then: s2}, {rule: z3, when: contact.identity == 80, then: s3}], "
        "ignore_tier: [s1]}\n".replace("[, ", "[")
        + f"promises: {{rules: [{take(listed(last, '{answer: #1s}'))}]}}\n"
        f"floors: [{take(listed(last, '{never: [selfservice], priority: 4#}', 2))}]\n"
        f"compliance: [{take(listed(last, '{can: [record], identity: 2}', 2))}]\n"
        f"priorities: {{rules: [{take(listed(last, '#'))}]}}\n",
        fields=FIELDS,
        lanes=LANES,
        plans="plans:\n"
        + "".join(plans)
        + "  - {plan: all, steps: [{lane: bot}, {lane: people}]}\n",
        end="finally: {until: 24h, close: sorry}\nfallback: keeper\n",
    ).replace("rules: [, ", "rules: [")


def _steps(some: list[tuple[str, str]]) -> str:
    return ", ".join(f'{{lane: {lane}, when: "{when}"}}' for lane, when in some)


values = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from([0, 1, 2.5, 4.999, 5, 5.0, 5.5, 6, 7, 8, -1, "5", True, None]),
        "m": st.sampled_from([0, 1, 5, 5.0, -2, None, "x"]),
        "w": st.sampled_from(["a", "b", "c", "ab", "", None, 5]),
        "l": st.sampled_from([[], ["a"], ["b", "c"], ["a", "c"], None, "a", [1]]),
        "f": st.sampled_from([True, False, None, 1, "true"]),
        "t": st.sampled_from([None, "x", "2026-03-06T12:00:00Z", "2026-03-01", "2026-03-04"]),
    },
)  # fmt: skip
flat = st.fixed_dictionaries(
    {"channel": st.sampled_from(["chat", "voice", "fax"])},
    optional={
        "subject": st.sampled_from(["order", "return", "claim", "oder", None]),
        "language": st.sampled_from(["zh", "en", "a", None]),
        "identity": st.sampled_from([None, 0, 1, 2, 3, 77, 78]),
    },
)  # fmt: skip
people = st.sampled_from(
    [None, {}, {"membership": {"level": "gold"}}, {"membership": {"level": "x"}}]
)
memories = st.sampled_from(
    [None, {"contacts": 0}, {"contacts": 1}, {"contacts": 3}, {"tier": {"name": "gold", "earned_at": NOW - 10**8}},
     {"contacts": 2, "tier": {"name": "silver", "earned_at": NOW - 10**9}}]
)  # fmt: skip
contacts = st.builds(
    lambda one, inner: {"contact_id": "k", **one, "attributes": inner}, flat, values
)
asked = st.tuples(contacts, people, memories)


def drawn(text: str):
    document = read_document(text, "p.yaml", Report())
    plane = plane_of(document, known_fields(document, Report()))
    return document, draw(document, plane), compile_policy(text, "p.yaml").without_memo()


@given(text=policies(SETTLED), seed=st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_a_contact_of_any_cell_is_decided_as_the_regions_say(text, seed):
    document, atlas, revision = drawn(text)
    assert atlas.entangled == []
    examples = Examples(atlas.judge.plane, document)
    chance = turns(seed, "cells")
    for _ in range(8):
        classes = examples.some(1, chance)
        if classes.get("contact.identity", 0) and _below_zero(atlas, classes):
            continue
        decision = revision.decide(*examples.build(classes).asked())
        bits = {
            depth: bit
            for name, number in classes.items()
            for depth, bit in atlas.judge.plane.lines[name].code(number).items()
        }
        where = _told(atlas, bits)
        because = set(decision.because) - {"tiers/keep", "tiers/margin"}
        assert because == where["rows"], (text, examples.build(classes))
        outcome = decision.outcome
        assert (outcome.tier, outcome.scenario) == (where["tier"], where["scenario"])
        assert (outcome.plan, outcome.step) == where["step"]


def _below_zero(atlas, classes) -> bool:
    line = atlas.judge.plane.lines["contact.identity"]
    return (line.values[classes["contact.identity"]] or 0) < 0


def _told(atlas, bits) -> dict:
    holds = atlas.diagram.holds
    rows = {
        f"{one.name}/{row.name}"
        for one in (*atlas.lists.values(), *atlas.binding.values())
        for row in one.rows
        if holds(row.takes, bits)
    }
    (tier,) = [name for name, region in atlas.judge.given["tier"].items() if holds(region, bits)]
    (scenario,) = [n for n, region in atlas.judge.given["scenario"].items() if holds(region, bits)]
    (plan,) = [row.name for row in atlas.lists["plans"].rows if holds(row.takes, bits)]
    steps = [n for n, stop in enumerate(atlas.stops[plan], 1) if holds(stop.enters, bits)]
    assert len(steps) <= 1 and (not steps) == (
        holds(atlas.left[plan], bits) or holds(atlas.unplaced, bits)
    )
    step = (plan, steps[0] if steps else "fallback")
    return {"rows": rows, "tier": tier, "scenario": scenario, "step": step}


@given(policies(SETTLED + FREE), st.lists(asked, min_size=20, max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_contact_comes_where_the_check_says_that_none_does(text, questions):
    _, atlas, revision = drawn(text)
    never = {
        f"{one.name}/{row.name}"
        for one in (*atlas.lists.values(), *atlas.binding.values())
        for row in one.rows
        if not atlas.occurs(row.takes)
    }
    tiers = {n for n, region in atlas.judge.given["tier"].items() if not atlas.occurs(region)}
    steps = {
        (plan, number)
        for plan, stops in atlas.stops.items()
        for number, stop in enumerate(stops, 1)
        if not atlas.occurs(stop.enters)
    }
    for contact, profile, memory in questions:
        decision = revision.decide(contact, profile, memory, NOW)
        assert never.isdisjoint(decision.because)
        assert decision.outcome.tier not in tiers
        assert (decision.outcome.plan, decision.outcome.step) not in steps


@given(policies(SETTLED + FREE))
@settings(max_examples=40, deadline=None)
def test_every_finding_can_be_made_and_shows_what_it_claims_or_says_possible(text):
    document, _, revision = drawn(text)
    report = Report()
    look(document, revision, report, gaps=True)
    hints = [one.hint for one in report.findings if "{contact:" in one.hint]
    assert all(
        one.startswith(("for example {", "possible, if a contact can be as {")) for one in hints
    )


TINY = [
    "contact.attributes.f", "contact.identity >= 1", "contact.attributes.w == 'a'",
    "contact.attributes.f != true", "contact.identity == 1 || contact.attributes.w == 'a'",
    "!(contact.attributes.w != null && contact.attributes.f)", "contact.attributes.w in ['a', 'b']",
    "contact.attributes.f && contact.identity > 0 || contact.attributes.w == null",
]  # fmt: skip
EVERY = [
    {"contact_id": "k", "channel": "chat", "identity": identity, "attributes": {"f": f, "w": w}}
    for f, identity, w in product([None, True, False], [None, -1, 0, 1, 2], [None, "a", "b", "c"])
]


@given(st.lists(conditions(TINY), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_on_a_tiny_domain_the_diagram_agrees_with_trying_every_contact(rows):
    scenarios = ", ".join(f'{{rule: r{n}, when: "{one}", then: s}}' for n, one in enumerate(rows))
    text = policy(f"scenarios: {{default: d, rules: [{scenarios}]}}\n", fields=FIELDS)
    _, atlas, revision = drawn(text)
    reached, held = set(), set()
    for contact in EVERY:
        outcome = revision.decide(contact, None, None, NOW).outcome
        reached.add(outcome.scenario_rule)
        missed = {one.row for one in outcome.missed}
        held |= {f"scenarios/r{n}" for n in range(len(rows))} - missed if missed else set()
    listed = atlas.lists["scenarios"]
    for row in listed.rows:
        assert atlas.occurs(row.takes) == (f"scenarios/{row.name}" in reached)
    assert atlas.occurs(listed.rest) == ("scenarios/default" in reached)


MONOTONE = policy(
    "tiers: {order: [club, silver, gold], default: club, monotone: true, highest_of: [\n"
    "  {set: card, table: {on: [profile.membership.level], rows: [[club, silver], [gold, gold]]}}]}\n"
    "scenarios: {default: a, rules: [{rule: c, when: contact.subject == 'claim', then: c}], ignore_tier: [c]}\n"
    "promises: {default: {answer: 2m}, rules: [{rule: g, when: tier_is_at_least('gold'), then: {answer: 30s}}]}\n"
    "floors: [{rule: f, when: contact.identity > 1, then: {never: [selfservice], priority: 3, answer: 1m}}]\n"
    "priorities: {default: 1, rules: [{rule: g, when: tier_is_at_least('gold'), then: {start: 5, by: 1, every: 1m, to: 9}},\n"
    "  {rule: s, when: tier_is_at_least('silver'), then: {start: 2, by: 1, every: 2m, to: 9}}]}\n",
    lanes=LANES,
    plans="plans:\n"
    "  - {plan: gold, when: tier_is_at_least('gold'), steps: [{lane: keeper, who: [advisor.id == profile.dedicated_advisor]}, {lane: express}, {lane: people}]}\n"
    "  - {plan: silver, when: tier == 'silver', steps: [{lane: express, when: contact.identity > 1}, {lane: people}]}\n"
    "  - {plan: all, steps: [{lane: bot, when: contact.attributes.vip != true}, {lane: people}]}\n",
    end="finally: {until: 24h, close: sorry}\nfallback: people\n",
)  # fmt: skip


@given(
    st.fixed_dictionaries(
        {"channel": st.sampled_from(["chat", "voice", "fax"])},
        optional={
            "subject": st.sampled_from(["order", "claim", "oder", None]),
            "identity": st.sampled_from([None, 0, 1, 2]),
            "attributes": st.fixed_dictionaries({"vip": st.sampled_from([True, False, None])}),
        },
    ),
    st.sampled_from([None, "a-1"]),
)
@settings(max_examples=200, deadline=None)
def test_raising_only_the_tier_never_worsens_lane_priority_or_promise(contact, advisor):
    revision = drawn(MONOTONE)[2]
    outcomes = [
        revision.decide(
            {"contact_id": "k", **contact}, {"membership": {"level": level}, "dedicated_advisor": advisor}, None, NOW
        ).outcome
        for level in (None, "club", "gold")
    ]  # fmt: skip
    assert [one.earned_tier for one in outcomes] == ["club", "silver", "gold"]
    for before, after in pairwise(outcomes):
        assert not worse_off(before, after)


def test_the_policy_above_is_proven_monotone_and_one_change_is_found():
    def worse(text: str) -> list[str]:
        document, _, revision = drawn(text)
        report = Report()
        look(document, revision, report)
        return [one.code for one in report.findings if one.code == "not_monotone"]

    assert worse(MONOTONE) == []
    assert worse(MONOTONE.replace("{lane: express}, {lane: people}]}", "{lane: bot}]}")) != []


@pytest.mark.parametrize("number", range(20))
def test_turns_are_the_same_for_a_seed_and_differ_between_seeds(number):
    def bits(seed: int) -> list[int]:
        return [bit for bit, _ in zip(turns(seed, "x"), range(64), strict=False)]

    assert bits(number) == bits(number) != bits(number + 1)

"""Laws of loading: whatever is written, a policy is refused with places or decides every contact.

Policies that are sound are changed at random places: a part is taken out, doubled, exchanged for
another or for something foreign. Nothing but findings may come of it, and what still compiles is
total, runs its cases, and stays the same revision when it is written out.
"""

import contextlib
import copy
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.docs.snippet import blocks
from tests.policy.writing import policy
from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.case import Case
from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.canonical import _written, canonical
from tierlane.policy.reading.chain import Base
from tierlane.policy.reading.overlay import gather
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.source import plain, read
from tierlane.policy.reading.whole import inherited, whole
from tierlane.policy.trial import trying as trial
from tierlane.policy.trial.register import check_cases

NOW = 1_772_800_000_000
EXAMPLES = [
    block.body
    for block in blocks(Path("docs/reference/policy.md").read_text())
    if block.mark.startswith("file:") and "tierlane: 1" in block.body
]
SOUND = [
    plain(read(text, "sound.yaml"))
    for text in (*EXAMPLES, Path("tests/policy/shop.yaml").read_text(), policy())
]
NORTH = plain(read(
    "tierlane: 1\npolicy: north\nextends: base.yaml\nbase_cases: true\n"
    "drop: [scenarios/quality, facts/allowed_days/own+shoes, lanes/bot]\n"
    "facts: [{fact: stage, from: {2: new}}, {fact: more, default: 1, ladder: memory.contacts, from: {1: 2}}]\n"
    "floors: [{rule: mine, when: contact.subject == 'order', then: {priority: 3}}]\n"
    "masking: {contact.subject: hash}\n"
    "plans: [{plan: mine, when: contact.subject == 'order', steps: [{lane: people}]}]\n",
    "north.yaml",
))  # fmt: skip
CONTACTS = [
    ({"contact_id": "k", "channel": "chat"}, None, None),
    ({"contact_id": "k", "channel": "voice", "subject": "return", "platform": "own", "product": "shoes",
      "text": "third time", "identity": 1, "attributes": {"delivered_at": "2026-03-01"}},
     {"measures": {"spend_12m": 6000}, "membership": {"level": "gold"}, "birth_year": 1950, "dedicated_advisor": "a"},
     {"contacts": 3, "tier": {"name": "gold", "earned_at": NOW}}),
    ({"contact_id": [], "channel": {}, "attributes": 7, "subject": 5}, {"measures": []}, {"tier": 1}),
]  # fmt: skip

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([10**17, -1.5, 1e300, 0.1, 100]),
    st.sampled_from(
        ["", "order", "gold", "people", "30s", "2h working", "0s", "999999d", "5%", "any", "true", "x/y",
         "contact.subject", "profile.measures.spend_12m", "contact.subject == 'order'", "fact.stage == 'x'",
         "tier == 'gold'", "1 / 0 > 1", "contact.identity % 0 == 1", "drop", "keep", "a" * 300, "北京", "no", "-"]
    ),
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=6),
)  # fmt: skip
names = st.sampled_from(
    ["rule", "when", "then", "default", "fact", "table", "rows", "on", "from", "ladder", "shares", "lane",
     "steps", "finally", "until", "close", "plan", "kind", "desk", "extends", "drop", "cases", "x"]
)  # fmt: skip
foreign = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
changes = st.lists(
    st.tuples(st.sampled_from(["out", "double", "swap", "foreign"]), st.integers(0, 10**6),
              st.integers(0, 10**6), foreign),
    min_size=1, max_size=4,
)  # fmt: skip


def spots(tree) -> list[tuple]:
    """Return every place of a tree that can be changed: the container and the key or index."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        found += [(node, key) for key in keys]
        waiting += [node[key] for key in keys if isinstance(node[key], dict | list)]
    return found


def changed(sound, listed) -> bytes:
    tree = copy.deepcopy(sound)
    for how, one, two, value in listed:
        there = spots(tree)
        if not there:
            break
        (node, key), (other, place) = there[one % len(there)], there[two % len(there)]
        if how == "out":
            del node[key]
        elif how == "double" and isinstance(node, list):
            node.insert(key, copy.deepcopy(node[key]))
        elif how == "foreign":
            node[key] = copy.deepcopy(value)
        else:
            node[key] = copy.deepcopy(other[place])
    return _written(tree)


def holds(text: bytes, find) -> None:
    """Load a text every way there is."""
    found = check(text, "p.yaml", find)
    for one in found:
        assert one.place.line >= 1 and one.place.column >= 1
        assert str(one).isprintable() or "\n  hint: " in str(one)
    report = Report()
    try:
        document = read_document(text, "p.yaml", report, find)
        revision = compile_document(document, report)
    except PolicyError:
        revision = None
    errors = [one.code for one in found if one.severity == "error"]
    if revision is None:
        assert errors
        return
    for contact, profile, memory in CONTACTS:
        decision = revision.decide(contact, profile, memory, NOW)
        assert decision.outcome.lane in {lane.name for lane in revision.lanes}
        assert "internal" not in [fault.code for fault in decision.errors]
    check_cases(document.cases, document, report, to_run=True)
    if not report.errors:
        for case in document.cases:
            done = trial.run(revision, case)
            assert isinstance(case, Case) is (not done.skipped)
    if not errors:
        alone = whole(text, "p.yaml", find)
        assert canonical(read(alone, "p.yaml")) == document.canonical
        inherited(text, "p.yaml", find)


def nothing(asked: str, beside: str) -> None:
    return None


def test_what_is_changed_is_sound_before():
    assert len(SOUND) >= 3
    for one in SOUND:
        assert [f.code for f in check(_written(one), "p.yaml") if f.severity == "error"] == []


@pytest.mark.parametrize("number", range(len(SOUND)))
@given(listed=changes)
@settings(max_examples=60, deadline=None)
def test_a_changed_policy_is_refused_or_decides_every_contact(number, listed):
    holds(changed(SOUND[number], listed), nothing)


@given(over=st.lists(changes, max_size=1), base=st.lists(changes, max_size=1))
@example(over=[], base=[])
@settings(max_examples=80, deadline=None)
def test_a_changed_overlay_on_a_changed_base_too(over, base):
    shop = SOUND[-2]
    below = changed(shop, base[0]) if base else _written(shop)
    above = changed(NORTH, over[0]) if over else _written(NORTH)

    def find(asked: str, beside: str) -> Base | None:
        return Base(below, "base.yaml") if asked == "base.yaml" else None

    holds(above, find)


@given(foreign)
@settings(max_examples=150, deadline=None)
def test_any_tree_is_a_policy_or_refused(tree):
    holds(_written(tree), nothing)


@given(st.dictionaries(st.sampled_from(
    ["tierlane", "policy", "lanes", "plans", "finally", "fallback", "facts", "tiers", "scenarios", "promises",
     "floors", "compliance", "serving", "priorities", "desks", "cases", "fields", "masking", "budgets",
     "calendars", "memory", "time_zone", "extends", "drop", "base_cases"]
), foreign))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_sections_are_a_policy_or_refused(sections):
    holds(_written({"tierlane": 1, "policy": "p", **sections}), nothing)


@given(changes)
@settings(max_examples=60, deadline=None)
def test_gathering_alone_raises_findings_only(listed):
    with contextlib.suppress(PolicyError):
        gather(changed(NORTH, listed), "p.yaml", Report(), nothing)

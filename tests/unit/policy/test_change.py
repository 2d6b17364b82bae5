"""What one policy says otherwise than another, by the addresses of its rows."""

import pytest

from tierlane.policy.reading.change import changes
from tierlane.policy.reading.source import read
from tierlane.sample.pack import pack, packs

POLICY = """tierlane: 1
policy: p
tiers: {order: [standard, gold], highest_of: [{set: spend, ladder: profile.spend, from: {5000: gold}}]}
promises: {default: {answer: 5m}, rules: [{rule: a, when: x, then: {answer: 1m}}, {rule: b, when: y, then: {answer: 2m}}]}
desks: {d: {managed: false}}
cases: [{case: one}]
"""


def changed(old, new, text=POLICY):
    assert old in text
    return [tuple(one) for one in changes(read(text, "a"), read(text.replace(old, new), "b"))]


@pytest.mark.parametrize("name", packs())
def test_a_policy_says_what_it_says(name):
    node = read(pack(name), name)
    assert changes(node, node) == ()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("answer: 5m", "answer: 4m", [("promises/default/answer", '"5m"', '"4m"')]),
        ("5000: gold", "4000: gold", [("tiers/spend/5000", '"gold"', None), ("tiers/spend/4000", None, '"gold"')]),
        ("managed: false", "managed: false, wrap_up: 1m", [("desks/d/wrap_up", None, '"1m"')]),
        ("{rule: a, when: x", "{rule: a, when: z",
         [("promises/a", '{"when":"x","then":{"answer":"1m"}}', '{"when":"z","then":{"answer":"1m"}}')]),
        ("rules: [", "rules: [{rule: c, then: {answer: 3m}}, ", [("promises/c", None, '{"then":{"answer":"3m"}}')]),
        ("{case: one}", "{case: two}", []), ("policy: p", "policy: q", []),
    ],
)  # fmt: skip
def test_what_changes_is_told_by_its_address(old, new, found):
    assert changed(old, new) == found


def test_rows_in_another_order_are_one_change():
    one = "{rule: a, when: x, then: {answer: 1m}}, {rule: b, when: y, then: {answer: 2m}}"
    other = "{rule: b, when: y, then: {answer: 2m}}, {rule: a, when: x, then: {answer: 1m}}"
    assert changed(one, other) == [("promises", "a, b", "b, a")]

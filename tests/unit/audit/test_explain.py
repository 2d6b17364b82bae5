"""Decisions in words, in both languages."""

import orjson
import pytest

from tests.unit.audit.test_record import decide, encode
from tierlane.audit.explain import LANGUAGES, explain

PLANS = (
    "plans: [{plan: all, steps: [{lane: keeper, who: [advisor.id == profile.dedicated_advisor]}, "
    "{lane: people}]}]\n"
)


def test_english_says_where_why_and_by_when():
    text = "promises: {default: {answer: 90s, resolve: 48h}}\npriorities: {default: 3}\n"
    data = encode(decide(text, plans=PLANS))["data"]
    assert explain(data).splitlines() == [
        "Contact k1 goes to lane `people` (standard queue) at desk `shop`.",
        "Its customer counts as `standard`, as no row says otherwise.",
        "The situation is `general`, as no row says otherwise.",
        "Step 1, lane `keeper`, was passed over: no advisor is known to be this customer's.",
        "So plan `all` applies; it is at step 2.",
        "Promised: an answer within 90 s, a solution within 2 d. Priority 3.",
        "Rows that held: plans/all.",
        "Note: the customer is not known.",
    ]


def test_chinese_says_the_same():
    data = encode(decide(plans=PLANS, profile={"dedicated_advisor": "a-7"}))["data"]
    assert explain(data, "zh").splitlines()[0] == (
        "联络 k1 进入通道「keeper」(专属顾问),由「shop」受理,交给顾问「a-7」。"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("contact", [{"channel": "fax"}, {"subject": "claim", "customer_id": "u"}])
def test_every_line_is_a_sentence(language, contact):
    text = (
        "tiers: {order: [a, b], default: a, highest_of: [{set: s, rules: [{rule: r, then: b}]}]}\n"
        "scenarios: {default: x, rules: [{rule: r, when: contact.subject == 'claim', then: y}], ignore_tier: [y]}\n"
    )
    data = encode(decide(text, contact))["data"]
    for line in explain(orjson.loads(orjson.dumps(data)), language).splitlines():
        assert line.endswith((".", "。")) and "{" not in line

"""Decisions in words, in both languages: the literal sentences, and that nothing is left unsaid."""

import re

import orjson
import pytest

from tests.policy.writing import compiled, policy
from tests.unit.audit.test_record import NOW, decide, encode
from tierlane.audit.explain import LANGUAGES, explain
from tierlane.audit.wording import FAULTS, KINDS, REASONS, TEXT, UNITS
from tierlane.policy.form.finding import Report
from tierlane.policy.form.row import listed
from tierlane.policy.reading.reader import read_document

PLANS = (
    "plans: [{plan: all, steps: [{lane: keeper, who: [advisor.id == profile.dedicated_advisor]}, "
    "{lane: people}]}]\n"
)
FULL = """\
facts:
  - {fact: stage, default: first, ladder: memory.contacts, from: {1: known}}
  - {fact: trial, default: old, shares: {new: 20, old: 80}}
  - {fact: upset, default: false, rules: [{rule: strong words, when: "contact.text.contains('lawyer')", then: true}]}
tiers: {order: [standard, gold], default: standard, highest_of: [{set: spend, ladder: profile.measures.spend, from: {100: gold}, margin: 10%}], keep: 90d}
scenarios:
  default: general
  rules:
    - {rule: claims, when: contact.subject == 'claim', then: claim}
    - {rule: upset, when: fact.upset, then: claim}
    - {rule: returns, when: contact.subject == 'return', then: return}
    - {rule: orders, when: contact.subject == 'order' && contact.attributes.value > 5, then: order}
promises: {default: {answer: 90s}}
floors:
  - {rule: never slow, when: contact.subject == 'order', then: {resolve: 48h}}
  - {rule: no bot, when: contact.subject == 'order', then: {never: [selfservice]}}
compliance: [{rule: keep it, when: contact.subject == 'order', then: {retain: 5y}}]
"""
STEPS = (
    "plans: [{plan: claims, when: scenario == 'claim', steps: [{lane: people}]}, "
    "{plan: all, steps: [{lane: bot}, {lane: people, when: contact.attributes.vip}, {lane: people}]}]\n"
)


def told(language: str, memory=None, profile=None, contact=None, **given) -> list[str]:
    data = {"contact_id": "k1", "channel": "chat", "subject": "order", **(contact or {})}
    decision = compiled(FULL, plans=STEPS).decide(data, profile, memory, NOW, {"trial": 15.25})
    names = listed(read_document(policy(FULL, plans=STEPS), "p", Report()))
    return explain(encode(decision)["data"], language, names=names, **given).splitlines()


def test_english_says_where_why_and_by_when():
    text = "promises: {default: {answer: 90s, resolve: 48h}}\npriorities: {default: 3}\n"
    data = encode(decide(text, plans=PLANS))["data"]
    assert explain(data).splitlines() == [
        "Contact `k1` goes to lane `people` (standard queue) at desk `shop`.",
        "Its customer counts as `standard`, as no row says otherwise.",
        "The situation is `general`, as no row says otherwise.",
        (
            "Step 1, lane `keeper`, was passed over: "
            "what it asks of an advisor is not known of this contact."
        ),
        "So plan `all` applies; it is at step 2.",
        "Promised: an answer within 90 s, a solution within 2 d. Priority 3.",
        "Rows that held: `plans/all`.",
        "Note: the customer is not known.",
    ]


def test_chinese_says_the_same():
    data = encode(decide(plans=PLANS, profile={"dedicated_advisor": "a-7"}))["data"]
    assert explain(data, "zh").splitlines()[0] == (
        "联络「k1」进入通道「keeper」（专属顾问），由「shop」受理，交给顾问「a-7」。"
    )


def test_all_grounds_in_english():
    assert told("en") == [
        "Contact `k1` goes to lane `people` (standard queue) at desk `shop`.",
        "Its customer counts as `standard`, as no row says otherwise.",
        "The situation is `general`, as no row says otherwise.",
        "Derived from what is known: `stage` is `first`, `trial` is `new` (drawn: 15.25 of 100), `upset` is no.",
        "Step 1, lane `bot`, was passed over: the row `floors/no bot` forbids it.",
        "Step 2, lane `people`, was passed over: `contact.attributes.vip` is not known.",
        "So plan `all` applies; it is at step 3.",
        "Bottom lines that apply: `floors/never slow`, `floors/no bot`.",
        "Compliance that applies: `compliance/keep it`.",
        "Promised: an answer within 90 s, a solution within 2 d. Priority 0.",
        "Rows that held: `facts/trial/new`, `floors/never slow`, `floors/no bot`, `compliance/keep it`, `plans/all`.",
        "Looked at in `facts/upset` and not met: `strong words` because of `contact.text`.",
        "Looked at in `scenarios` and not met: `claims`, `returns` because of `contact.subject`; `upset` because of `fact.upset`; `orders` because of `contact.attributes.value`.",
        "Looked at in `plans` and not met: `claims` because of `scenario`.",
        "No row fits, or what they ask for is not known: `facts/stage`, `tiers/spend`.",
        "Note: the customer is not known.",
    ]


def test_all_grounds_in_chinese():
    assert told("zh") == [
        "联络「k1」进入通道「people」（标准队列），由「shop」受理。",
        "客户等级为「standard」，没有规则另作规定。",
        "情形为「general」，没有规则另作规定。",
        "由已知情况推定：「stage」为「first」、「trial」为「new」（抽取值 15.25，满分 100）、「upset」为否。",
        "第 1 步的通道「bot」被跳过：规则「floors/no bot」不允许。",
        "第 2 步的通道「people」被跳过：「contact.attributes.vip」未知。",
        "因此采用方案「all」，处于第 3 步。",
        "适用的底线：「floors/never slow」、「floors/no bot」。",
        "适用的合规要求：「compliance/keep it」。",
        "承诺：90秒内应答、2天内解决。优先级 0。",
        "成立的规则：「facts/trial/new」、「floors/never slow」、「floors/no bot」、「compliance/keep it」、「plans/all」。",
        "「facts/upset」中逐条看过而不成立的：「strong words」（因「contact.text」）。",
        "「scenarios」中逐条看过而不成立的：「claims」、「returns」（因「contact.subject」）；「upset」（因「fact.upset」）；「orders」（因「contact.attributes.value」）。",
        "「plans」中逐条看过而不成立的：「claims」（因「scenario」）。",
        "没有一行相符，或所问的内容未知：「facts/stage」、「tiers/spend」。",
        "注意：客户身份未知。",
    ]


def test_in_brief_neither_what_was_derived_nor_what_did_not_hold_is_told():
    brief = told("en", brief=True)
    assert [
        line for line in brief if line.startswith(("Derived", "Looked", "No row", "Bottom"))
    ] == []
    assert brief[-1] == "Note: the customer is not known."


@pytest.mark.parametrize(
    ("spend", "earned_at", "english", "chinese"),
    [
        (
            95,
            None,
            "Its customer counts as `gold`: it was held before, and what it was given for has fallen by less than the margin, by `tiers/margin`.",
            "客户等级为「gold」：此前曾达到，所依据的数值虽有下降，但未超出「tiers/margin」的余量。",
        ),
        (
            10,
            "2026-03-01T00:00:00Z",
            "Its customer counts as `gold`: no row gives it now, but it was held before and is kept for a time, by `tiers/keep`.",
            "客户等级为「gold」：目前没有一行给出该等级，但此前曾达到，按「tiers/keep」在期限内保留。",
        ),
        (
            120,
            None,
            "Its customer counts as `gold`, by the row `tiers/spend/100`.",
            "客户等级为「gold」，依据规则「tiers/spend/100」。",
        ),
    ],
)
def test_a_tier_that_is_kept_says_so(spend, earned_at, english, chinese):
    given = {
        "memory": {"tier": {"name": "gold", "earned_at": earned_at}},
        "profile": {"measures": {"spend": spend}},
    }
    assert told("en", **given)[1] == english
    assert told("zh", **given)[1] == chinese


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        ("channel", "it does not serve this channel", "不受理这一渠道"),
        ("closed", "its desk is closed at that time", "此时不在该服务台的营业时间内"),
        ("full", "it is full", "该通道已满"),
        ("budget", "its budget is used up", "该通道的服务限额已用完"),
        ("identity", "the customer is not identified strongly enough", "客户身份核验强度不够"),
        (
            "who.missing",
            "what it asks of an advisor is not known of this contact",
            "它对顾问的要求，在本次联络中没有可对照的信息",
        ),
        (
            "when: tier == 'a'",
            "the condition `tier == 'a'` is not met",
            "条件「tier == 'a'」不成立",
        ),
        ("when: missing contact.region", "`contact.region` is not known", "「contact.region」未知"),
        (
            "skip_if: lane.free == 0",
            "it is skipped while `lane.free == 0`",
            "「lane.free == 0」时跳过",
        ),
        ("floors/no bot", "the row `floors/no bot` forbids it", "规则「floors/no bot」不允许"),
        ("compliance/rec", "the row `compliance/rec` forbids it", "规则「compliance/rec」不允许"),
        ("something new", "`something new`", "「something new」"),
    ],
)
def test_each_reason_for_passing_a_step_over(reason, english, chinese):
    data = encode(decide())["data"]
    data["considered"]["lanes"] = [{"step": 1, "lane": "bot", "reason": reason}]
    assert f"Step 1, lane `bot`, was passed over: {english}." in explain(data).splitlines()
    assert f"第 1 步的通道「bot」被跳过：{chinese}。" in explain(data, "zh").splitlines()


@pytest.mark.parametrize(
    ("fault", "english", "chinese"),
    [
        ({"error": "wrong_type", "at": "contact.identity"}, "`contact.identity` is not of the type the policy states and was not used", "「contact.identity」的类型与策略声明不符，未采用"),
        ({"error": "unknown_value", "at": "contact.subject"}, "`contact.subject` has a value the policy does not know", "「contact.subject」的取值不在策略所列范围内"),
        ({"error": "missing_profile", "at": "profile"}, "the customer has no profile", "没有该客户的档案"),
        ({"error": "condition", "at": "plans/a"}, "a condition of `plans/a` could not be answered and counts as not met", "「plans/a」的条件无法判断，按不成立处理"),
        ({"error": "internal", "at": "decide", "detail": "KeyError"}, "deciding failed (`KeyError`), so the fallback lane takes the contact", "决策过程出错（「KeyError」），按策略转入兜底通道"),
        ({"error": "odd", "at": "x"}, "`odd` at `x`", "「odd」，位于「x」"),
    ],
)  # fmt: skip
def test_each_fault(fault, english, chinese):
    data = {**encode(decide())["data"], "errors": [fault]}
    assert explain(data).splitlines()[-1] == f"Note: {english}."
    assert explain(data, "zh").splitlines()[-1] == f"注意：{chinese}。"


def test_rows_without_names_are_told_by_number_and_many_are_counted():
    data = encode(decide())["data"]
    data["considered"] = {"scenarios": {"contact.subject": "2-4,8"}}
    assert (
        "Looked at in `scenarios` and not met: row 2-4,8 because of `contact.subject`."
        in explain(data)
    )
    names = {"scenarios": tuple(f"r{i}" for i in range(1, 10))}
    data["considered"] = {"scenarios": {"contact.subject": "1-9"}}
    line = "Looked at in `scenarios` and not met: `r1`, `r2`, `r3`, `r4`, `r5`, `r6`, 3 more because of `contact.subject`."
    assert line in explain(data, names=names)
    assert "另外 3 行（因「contact.subject」）。" in explain(data, "zh", names=names)


def test_what_was_decided_anew_or_left_out_is_said():
    data = {**encode(decide())["data"], "again": True, "truncated": 3}
    english, chinese = explain(data).splitlines(), explain(data, "zh").splitlines()
    assert english[1] == "It was decided anew, since something about it had changed."
    assert english[-1] == "Left out of the record for its size: 3."
    assert chinese[1] == "联络的情况有变，因此重新作了决定。"
    assert chinese[-1] == "因记录大小所限而略去：3 项。"


def test_a_record_cut_for_its_size_is_told_all_the_same():
    data = encode(decide(FULL, plans=STEPS))["data"]
    for key in ("considered", "inputs", "facts", "because", "errors"):
        data.pop(key, None)
    assert explain(data).startswith("Contact `k1` goes to lane `people`")


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


@pytest.mark.parametrize(
    "texts", [KINDS, REASONS, FAULTS, TEXT], ids=["kinds", "reasons", "faults", "text"]
)
def test_both_languages_say_the_same_things(texts):
    assert texts["en"].keys() == texts["zh"].keys()
    for key, text in texts["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", texts["zh"][key])), key
    assert len(UNITS["en"]) == len(UNITS["zh"])


@pytest.mark.parametrize("language", sorted(REASONS))
def test_every_word_for_passing_a_step_over_is_told_in_a_sentence(language):
    """The words of `passed_over` in docs/reference/policy-cases.md that are no term and no row."""
    words = {"until", "channel", "language", "identity", "closed", "full", "budget", "who.missing"}
    assert words <= REASONS[language].keys()

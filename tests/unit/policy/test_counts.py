"""`memory`: what a policy may count and join, what it may ask of counts, and each fault."""

import pytest

from tests.policy.writing import compiled, policy
from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.trying import run

CASE = "cases: [{case: one, contact: {channel: chat}, expect: {lane: people}}]\n"
ASKED = "floors: [{rule: f, when: memory.count.returns >= 2, then: {priority: 5}}]\n"
RETURNS = "memory: {counts: [{count: returns, when: contact.subject == 'return', within: 30d}]}\n"
NOW = 1_772_800_000_000
CONTACT = {"contact_id": "k1", "channel": "chat", "subject": "return"}


def found(text: str) -> dict[str, str]:
    return {one.code: one.severity for one in check(policy(CASE + text), "p.yaml")}


def counting(row: str) -> str:
    return f"memory: {{counts: [{row}]}}\n" + ASKED


@pytest.mark.parametrize(
    ("wrong", "right", "code", "severity"),
    [
        (counting("{count: returns}"), counting("{count: returns, within: 30d}"), "missing_key", "error"),
        (counting("{count: two words, within: 30d}"), counting("{count: returns, within: 30d}"), "not_a_name", "error"),
        (counting("{count: returns, within: 30d}, {count: returns, within: 1d}"), counting("{count: returns, within: 30d}"), "duplicate_name", "error"),
        (counting("{count: returns, within: 30d, per: contact.attributes.job}"), counting("{count: returns, within: 30d, per: contact.attributes.word}"), "unknown_field", "error"),
        (counting("{count: returns, within: 30d, per: profile.membership.level}"), counting("{count: returns, within: 30d, per: customer}"), "unknown_field", "error"),
        (counting("{count: returns, within: 30d, per: contact.attributes.at}"), counting("{count: returns, within: 30d, per: contact.attributes.value}"), "wrong_type", "error"),
        (counting("{count: returns, within: 9h working}"), counting("{count: returns, within: 9h}"), "wrong_type", "error"),
        (counting("{count: returns, within: 30d, when: contact.subject == 'retrun'}"), counting("{count: returns, within: 30d, when: \"scenario == 'general'\"}"), "unknown_value", "error"),
        (RETURNS + ASKED.replace("returns", "retruns"), RETURNS + ASKED, "unknown_field", "error"),
        (RETURNS, RETURNS + ASKED, "unused_count", "warning"),
        (RETURNS + ASKED.replace(">= 2", "> 64").replace("> 64", ">= 65"), RETURNS + ASKED.replace(">= 2", ">= 64"), "count_too_high", "warning"),
        ("memory: {same_contact: {within: 30m, then: merge}}\n", "memory: {same_contact: {within: 30m, then: join}}\n", "wrong_type", "error"),
        ("memory: {same_contact: {then: join}}\n", "memory: {same_contact: {within: 30m, then: new}}\n", "missing_key", "error"),
        (counting(", ".join(f"{{count: c{n}, within: 1d}}" for n in range(9))), counting("{count: returns, within: 30d}"), "range", "error"),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_its_look_alike_is_not(wrong, right, code, severity):
    assert found(wrong).get(code) == severity
    assert set(found(right)) == {"lane_unreached"}


def test_a_count_that_nobody_has_is_none():
    revision = compiled(RETURNS + ASKED)
    for memory in (None, {}, {"count": None}, {"count": {}}, {"count": {"returns": 1}}):
        outcome = revision.decide(CONTACT, None, memory, NOW).outcome
        assert (outcome.priority.start, outcome.errors[0].code) == (0, "unknown_customer")
    assert (
        revision.decide(CONTACT, None, {"count": {"returns": 2}}, NOW).outcome.priority.start == 5
    )


def test_a_count_that_is_no_number_is_told():
    outcome = compiled(RETURNS + ASKED).decide(CONTACT, None, {"count": {"returns": "2"}}, NOW)
    assert ("wrong_type", "memory.count.returns") in [
        (one.code, one.place) for one in outcome.errors
    ]


def test_a_decision_tells_what_it_counts_as_and_decides_nothing_by_it():
    revision = compiled(RETURNS + ASKED)
    outcome = revision.decide(CONTACT, None, None, NOW).outcome
    assert outcome.counted == ("returns",)
    assert outcome.because[-1] == "memory/returns"
    other = revision.decide({**CONTACT, "subject": "order"}, None, None, NOW).outcome
    assert other.counted == ()
    assert "memory/returns" not in other.because


def test_a_contact_without_the_field_counts_towards_nothing():
    revision = compiled(counting("{count: returns, within: 30d, per: contact.attributes.word}"))
    assert revision.decide(CONTACT, None, None, NOW).outcome.counted == ()
    with_it = {**CONTACT, "attributes": {"word": "w"}}
    assert revision.decide(with_it, None, None, NOW).outcome.counted == ("returns",)


def test_the_field_counted_by_is_kept_of_a_contact():
    text = counting("{count: returns, within: 30d, per: contact.attributes.word}")
    assert "attributes.word" in compiled(text).needs.contact


def test_a_masked_field_may_be_counted_by():
    text = counting("{count: returns, within: 30d, per: contact.attributes.word}")
    masked = f"masking: {{contact.attributes.word: drop}}\n{text}"
    assert compiled(masked).counts[0].per == ("contact", "attributes", "word")


def test_cases_state_counts():
    stated = policy(
        RETURNS + ASKED + "cases:\n"
        "  - {case: c, contact: {channel: chat, subject: return}, memory: {count: {returns: 2}}, profile: {},"
        " expect: {priority: 5, because: [floors/f, memory/returns]}}\n"
    )
    report = Report()
    (case,) = read_document(stated, "p.yaml", report).cases
    assert run(compile_policy(stated, "p.yaml"), case).passed
    wrong = stated.replace("{count: {returns: 2}}", "{count: {retruns: 2}}")
    assert "unknown_field" in {one.code for one in check(wrong, "p.yaml")}

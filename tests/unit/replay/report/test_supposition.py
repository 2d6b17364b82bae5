"""What if: sentences and pieces as overlays, each one checked as a policy is."""

import pytest

from tests.unit.replay.report.asked import POLICY
from tierlane.errors import UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.chain import Base
from tierlane.policy.reading.reader import read_document
from tierlane.replay.report.supposition import SENTENCES, what_if

FLOOR = "floors: [{rule: calm, when: scenario == 'results', then: {priority: 9}}]\n"


def supposed(*texts, policy=POLICY):
    return what_if(texts, read_document(policy.encode(), "p.yaml", Report()), "p.yaml")


def compiled(found, policy=POLICY):
    return compile_policy(
        found.overlay.encode(), "what-if", lambda *_: Base(policy.encode(), "p.yaml")
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("gold is promised 60s", "  - {rule: gold is promised 60s, when: tier == 'gold', then: {answer: 1m}}"),
        ("gold waits at most 60s", "  front: {order: [{first: tier_is_at_least('gold')}, waited]}"),
        ("results waits at most 2m", "  front: {order: [{first: scenario == 'results'}, waited]}"),
        ("everybody waits at most 2m", "  front: {order: [promise, waited]}"),
        ("everybody waits at most 2m", "  - {rule: everybody waits at most 2m, then: {answer: 2m}}"),
        ("gold and above is served first", "  front: {order: [{first: tier_is_at_least('gold')}, waited]}"),
        ("tier gold is served first", "  front: {order: [{first: tier == 'gold'}, waited]}"),
        ("everybody in order of arrival", "  front: {order: [rank, waited]}"),
        ("promises: {default: {answer: 1m}}", "  default: {answer: 1m}"),
    ],
)  # fmt: skip
def test_what_a_sentence_stands_for(text, line):
    found = supposed(text)
    assert line in found.overlay.splitlines()
    assert compiled(found).name == "clinic-what-if"


@pytest.mark.parametrize("text", SENTENCES)
def test_each_sentence_that_is_shown_is_understood(text):
    assert supposed(text).supposed[0].kind != "piece"


def test_whom_a_floor_puts_forward_stays_before_them():
    found = supposed("gold waits at most 60s", policy=POLICY + FLOOR)
    assert "{first: tier_is_at_least('gold') || (scenario == 'results')}" in found.overlay
    assert compiled(found, POLICY + FLOOR)


def test_where_another_system_keeps_the_line_it_is_kept_here():
    policy = POLICY.replace("{front: {order: [waited]}}", "{front: {managed: false}}")
    found = supposed("gold is served first", policy=policy)
    assert "front: {managed: true, order: [{first: tier == 'gold'}, rank," in found.overlay
    assert compiled(found, policy)


def test_several_count_together():
    found = supposed(
        "gold is promised 60s",
        "everybody is promised 3m",
        "serving: [{rule: x, then: {manner: calm}}]",
    )
    assert [one.kind for one in found.supposed] == ["promised", "promised", "piece"]
    assert found.overlay.count("  - {rule:") == 3
    assert found.time == 60_000
    assert compiled(found)


def test_a_name_of_both_kinds_must_say_which():
    policy = POLICY.replace("results, when", "gold, when").replace("then: results", "then: gold").replace(
        "scenario == 'results'", "scenario == 'gold'")  # fmt: skip
    with pytest.raises(UsageError, match="is a tier and a scenario"):
        supposed("gold is promised 60s", policy=policy)
    assert "scenario == 'gold'" in supposed("scenario gold is promised 60s", policy=policy).overlay


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("golf is promised 60s", "did you mean `gold`"), ("gold waits at most soon", "`soon` in"),
        ("gold waits at most 0s", "is no time"), ("nobody is served first", "the tiers are"),
        ("gold is happy", "no change that is understood"), ("", "no change that is understood"),
        ("a: [", "no change that is understood"), ("extends: x.yaml", "has no `extends` of its own"),
        ("results and above is served first", "no tier or scenario `results`"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told(text, told):
    with pytest.raises(UsageError) as found:
        supposed(text)
    assert told in str(found.value)


def test_a_piece_is_checked_as_an_overlay():
    from tierlane.policy.form.finding import PolicyError

    with pytest.raises(PolicyError, match="what-if:"):
        compiled(supposed("promises: {default: {answer: soon}}"))

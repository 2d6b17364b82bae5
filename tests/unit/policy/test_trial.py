"""Cases: what agrees passes, and what differs is shown from both sides."""

import pytest
import yaml

from tests.policy.writing import policy
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.register import check_cases
from tierlane.policy.trial.trying import run

TEXT = (
    "facts: [{fact: stage, default: first, ladder: memory.contacts, from: {1: known}}]\n"
    "promises: {default: {answer: 90s}}\n"
    "serving: [{rule: s, then: {script: one}}]\n"
)


def tried(expect, text=TEXT, **given):
    case = {"case": "c", "contact": {"channel": "chat"}, "profile": None, "expect": expect, **given}
    report = Report()
    written = yaml.safe_dump({"cases": [case]}, sort_keys=False)
    document = read_document(policy(text + written), "p.yaml", report)
    revision = compile_document(document, report)
    check_cases(document.cases, document, report)
    report.stop_on_errors()
    return run(revision, document.cases[0])


def differences(expect, text=TEXT, **given):
    return [(one.key, one.expected, one.got) for one in tried(expect, text, **given).differences]


@pytest.mark.parametrize(
    "expect",
    [
        {
            "lane": "people",
            "step": 1,
            "fact.stage": "first",
            "answer_by": "90s",
            "resolve_by": None,
        },
        {"answer_by": "1m30s", "because": ["plans/all"], "serve": {"script": "one"}},
        {
            "answer_by": "2026-01-01T08:01:30+08:00",
            "missed": {"facts/stage": "missing memory.contacts"},
        },
        {"errors": []},
        {"errors": ["unknown_customer"]},
    ],
)
def test_what_agrees(expect):
    assert differences(expect) == []


@pytest.mark.parametrize(
    ("expect", "key", "wanted", "got"),
    [
        ({"lane": "bot"}, "lane", "bot", "people"),
        ({"fact.stage": True}, "fact.stage", "true", "first"),
        ({"fact.stage": "known"}, "fact.stage", "known", "first"),
        ({"answer_by": "30s"}, "answer_by", "30s", "90s"),
        ({"answer_by": None}, "answer_by", "null", "90s"),
        ({"because": ["plans/all", "lanes/bot"]}, "because", "lanes/bot", "serving/s, plans/all"),
        ({"serve": {"script": "two", "manner": "x"}}, "serve", "script: two, manner: x", "script: one"),
        ({"passed_over": {1: "channel"}}, "passed_over", "1: channel", "nothing"),
        ({"errors": ["condition x"]}, "errors", "condition x", "none"),
    ],
)  # fmt: skip
def test_what_differs(expect, key, wanted, got):
    assert differences(expect) == [(key, wanted, got)]


def test_an_unexpected_error_fails_any_case():
    text = "promises: {rules: [{rule: r, when: contact.subject == 'order', then: {}}]}\n"
    contact = {"channel": "chat", "subject": "ordr"}
    assert differences({}, text, contact=contact) == [
        ("errors", "none", "unknown_value contact.subject")
    ]
    assert differences({"errors": ["unknown_value"]}, text, contact=contact) == []


@pytest.mark.parametrize(
    ("priority", "score"),
    [
        ("7", 7),
        ("{start: 5, by: 1, every: 1m, to: 30, credit: 90s}", 6),
        ("{start: 5, by: 1, every: 1s, to: 30, credit: 90s}", 30),
        ("{start: 5, by: 1, every: 1m}", 5),
    ],
)
def test_the_score_on_arrival_counts_the_credit(priority, score):
    text = f"priorities: {{default: {priority}}}\n"
    assert differences({"score": score}, text) == []
    assert differences({"score": score + 1}, text) == [("score", str(score + 1), str(score))]


def test_a_draw_stands_in_for_the_digest_and_entries_are_lanes():
    text = "facts: [{fact: trial, default: old, shares: {new: 20, old: 80}}]\n"
    for draw, part in ((0, "new"), (19.9, "new"), (20, "old"), (100, "old")):
        expect = {"fact.trial": part, "entries": ["people"], "because": [f"facts/trial/{part}"]}
        assert differences(expect, text, draws={"trial": draw}) == []
    assert differences({"entries": ["bot"]}) == [("entries", "bot", "people")]


def test_figures_of_a_desk_stand_in_for_what_it_knows():
    desk = {"people": {"waiting": 3, "free": 0, "oldest": "30s"}}
    one = tried({"lane": "people"}, desk=desk)
    assert (one.skipped, one.passed, one.differences) == ("", True, ())

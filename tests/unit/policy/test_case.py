"""Cases: what agrees passes, and what differs is shown from both sides."""

import pytest

from tests.policy.writing import compiled
from tierlane.policy.case import run
from tierlane.policy.finding import Place

PLACE = Place("p.yaml", 1, 1)
TEXT = (
    "facts: [{fact: stage, default: first, ladder: memory.contacts, from: {1: known}}]\n"
    "promises: {default: {answer: 90s}}\n"
    "serving: [{rule: s, then: {script: one}}]\n"
)


def differences(expect, **given):
    case = {"case": "c", "contact": {"channel": "chat"}, "profile": None, "expect": expect, **given}
    return [
        (one.key, one.expected, one.got) for one in run(compiled(TEXT), case, PLACE).differences
    ]


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
        ({"step": True}, "step", "true", "1"),
        ({"fact.stage": "known"}, "fact.stage", "known", "first"),
        ({"answer_by": "30s"}, "answer_by", "30s", "90s"),
        ({"answer_by": None}, "answer_by", "null", "90s"),
        ({"because": ["plans/all", "plans/x"]}, "because", "plans/x", "serving/s, plans/all"),
        ({"serve": {"script": "two", "manner": "x"}}, "serve", "script: two, manner: x", "script: one"),
        ({"passed_over": {1: "channel"}}, "passed_over", "1: channel", "nothing"),
        ({"errors": ["condition x"]}, "errors", "condition x", "none"),
    ],
)  # fmt: skip
def test_what_differs(expect, key, wanted, got):
    assert differences(expect) == [(key, wanted, got)]


def test_an_unexpected_error_fails_any_case():
    contact = {"channel": "chat", "subject": "ordr"}
    case = {"case": "c", "contact": contact, "expect": {}}
    revision = compiled(
        "promises: {rules: [{rule: r, when: contact.subject == 'order', then: {}}]}\n"
    )
    (one,) = run(revision, case, PLACE).differences
    assert one.got == "unknown_value contact.subject"

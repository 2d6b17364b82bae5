"""Which floors are told to have shortened a time or raised a priority."""

import json

import pytest

from tests.policy.writing import policy
from tierlane.audit.explain import explain
from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.tightening import tightened
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document

NOW = 1_772_800_000_000
OFFICE = "calendars: {office: {weekly: {mon-fri: 09:00-18:00}}}\ncalendar: office\n"
GIVEN = "promises: {default: {answer: 60s, resolve: 72h}}\npriorities: {default: 5}\n"


def told(floors: str, text: str = GIVEN, **sections: str):
    written = policy(f"{OFFICE}{text}floors: [{floors}]\n", **sections)
    contact = {"contact_id": "k1", "channel": "chat"}
    decision = compile_policy(written, "p").decide(contact, None, None, NOW)
    record = decided(
        decision, decision_id="d", owner="o", seq=1, contact_id="k1", at=NOW, seen=NOW,
        cause={}, mask=Mask(b"k" * 32),
    )  # fmt: skip
    audit = json.loads(record)["data"]
    return tightened(read_document(written, "p", Report()), audit), audit


@pytest.mark.parametrize(
    ("floors", "found"),
    [
        ("{rule: a, then: {resolve: 48h}}", {"floors/a": ("resolve",)}),
        ("{rule: a, then: {resolve: 72h, answer: 61s, priority: 5}}", {}),
        ("{rule: a, then: {start: 5m}}", {"floors/a": ("start",)}),
        ("{rule: a, then: {answer: 9s, priority: 6}}", {"floors/a": ("answer", "priority")}),
        (
            "{rule: a, then: {resolve: 48h, priority: 9}}, {rule: b, then: {resolve: 24h, priority: 8}}",
            {"floors/b": ("resolve",), "floors/a": ("priority",)},
        ),
        ("{rule: a, when: contact.region == 'X', then: {resolve: 1h}}", {}),
        ("{rule: a, then: {resolve: 9h working}}", {"floors/a": ("resolve",)}),
    ],
)
def test_a_floor_is_told_where_it_is_stricter_than_what_was_given(floors, found):
    assert told(floors)[0] == found


def test_the_row_that_held_and_the_step_that_sets_are_what_it_is_compared_with():
    rows = "promises: {default: {answer: 9s}, rules: [{rule: slow, then: {answer: 90s}}]}\n"
    assert told("{rule: a, then: {answer: 30s}}", rows)[0] == {"floors/a": ("answer",)}
    plans = "plans: [{plan: all, steps: [{lane: people, priority: 20}]}]\n"
    assert told("{rule: a, then: {priority: 10}}", plans=plans)[0] == {}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Stricter by `floors/a`: the time to a solution, the priority."),
        ("zh", "「floors/a」使之更严：解决时限、优先级。"),
    ],
)
def test_it_is_told_in_a_sentence(language, sentence):
    stricter, audit = told("{rule: a, then: {resolve: 48h, priority: 6}}")
    assert sentence in explain(audit, language, stricter=stricter).splitlines()
    assert sentence not in explain(audit, language)

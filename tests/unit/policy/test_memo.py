"""What is remembered stays bounded, is shared by equal answers, and changes no decision."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding import composing, memo, rulebook, tiering
from tierlane.policy.deciding.memo import Reads
from tierlane.policy.deciding.revision import Revision

NOW = 1_772_800_000_000
FEW = 3


def sample() -> Revision:
    path = Path("src/tierlane/policy/packs/sample.yaml")
    return compile_policy(path.read_bytes(), str(path))


def questions() -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    subjects, businesses = ("order", "return", "transfer", "outage"), ("retail", "bank", "luxury")
    for subject, business, spend in product(subjects, businesses, (None, 100, 6_000, 60_000)):
        contact = {"contact_id": "k", "channel": "chat", "subject": subject, "language": "zh"}
        contact["attributes"] = {"business": business}
        yield contact, None if spend is None else {"measures": {"spend_12m": spend}}


def test_bounds_of_a_few_entries_change_no_decision_and_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(memo, "MEMO", FEW)
    monkeypatch.setattr(composing, "MOST_HALVES", FEW)
    monkeypatch.setattr(rulebook, "MOST_OUTCOMES", FEW)
    monkeypatch.setattr(tiering, "MOST_EARNED", FEW)
    revision, fresh = sample(), sample().without_memo()
    for contact, profile in (*questions(), *questions()):
        one = revision.decide(contact, profile, None, NOW)
        assert one.outcome == fresh.decide(contact, profile, None, NOW).outcome
    rules = revision.rules
    suites = (rules.facts, rules.tiering.sets, rules.after_scenario)
    memos = [one for suite in suites for _, one in suite.members]
    kept = [rules.composer.fronts, rules.composer.halves, rules.composer.inputs, rules.outcomes]
    kept += [
        rules.tiering.known,
        *(held for suite in suites for held in (suite.entries, suite.known)),
    ]
    kept += [held for one in memos for held in (one.entries, one.answers)]
    assert max(map(len, kept)) == FEW


def test_nothing_is_remembered_of_a_revision_that_shall_not() -> None:
    fresh = sample().without_memo()
    for contact, profile in questions():
        fresh.decide(contact, profile, None, NOW)
    rules = fresh.rules
    assert not rules.facts.entries
    assert not rules.composer.fronts
    assert not rules.composer.halves
    assert not rules.composer.inputs
    assert not rules.outcomes


def test_equal_answers_to_other_classes_are_one_object() -> None:
    revision = sample()
    for contact, profile in questions():
        revision.decide(contact, profile, None, NOW)
    facts = revision.rules.facts
    assert len(facts.entries) == 12  # by subject and business: no fact asks what was spent
    assert len(facts.known) == 3  # an order at a shop, a transfer at a bank, and all the others
    assert len(set(map(id, facts.entries.values()))) == len(facts.known)


def test_a_suite_is_found_by_all_that_its_sets_read_but_for_what_they_decide() -> None:
    facts = sample().rules.facts
    decided = {variable for variable, _ in facts.members}
    assert all(one.reads.names <= decided for _, one in facts.members)
    picks, given = Reads(frozenset({2, 0}), frozenset()).pickers()
    assert picks(("a", "b", "c")) == ("a", "c")
    assert given is None


@pytest.mark.parametrize("names", [{"tier"}, {"tier", "scenario"}])
def test_reads_pick_what_was_decided_before_by_name(names) -> None:
    _, given = Reads(frozenset(), frozenset(names)).pickers()
    assert given is not None
    found = given({"tier": "gold", "scenario": "return", "rank": 2})
    assert found == ("gold" if len(names) == 1 else ("return", "gold"))

"""What cases reach, and what could go without their noticing: each kind of row, by name."""

from tests.policy.writing import policy
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.finding import Report
from tierlane.policy.form.row import rows
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.coverage import coverage, percent
from tierlane.policy.trial.mutation import NEGATED, SILENCED, Survey, mutants
from tierlane.policy.trial.trying import run

TEXT = """\
facts:
  - {fact: stage, default: first, ladder: memory.contacts, from: {1: known, 5: regular}}
  - {fact: days, default: 7, table: {on: [contact.subject], rows: [[order, 9], [return, 3]]}}
  - {fact: trial, default: old, shares: {new: 20, old: 80}}
  - {fact: upset, default: false, rules: [{rule: word, when: contact.attributes.word == 'x', then: true}]}
tiers:
  order: [standard, gold]
  default: standard
  highest_of: [{set: spend, ladder: profile.measures.spend, from: {5: gold}, margin: 10%}]
  keep: 9d
scenarios:
  default: general
  rules: [{rule: claims, when: contact.subject == 'claim', then: claim}]
  ignore_tier: [claim]
promises: {default: {answer: 2m}, rules: [{rule: gold, when: tier_is_at_least('gold'), then: {answer: 1m}}]}
floors:
  - {rule: no bot, when: scenario == 'claim', then: {never: [selfservice]}}
  - {rule: idle floor, when: scenario == 'claim', then: {answer: 1h}}
serving: [{rule: calm, when: fact.upset, then: {manner: patient}}]
priorities: {default: 1, rules: [{rule: claims, when: scenario == 'claim', then: 5}]}
"""
PLANS = "plans: [{plan: claims, when: scenario == 'claim', steps: [{lane: bot}, {lane: people}]}, {plan: all, steps: [{lane: people}]}]\n"
CLAIM = "{case: claim, contact: {channel: chat, subject: claim}, profile: {measures: {spend: 6}}, expect: {lane: people, priority: 5}}"
ORDER = "{case: order, contact: {channel: chat, subject: order}, profile: null, memory: {contacts: 1}, draws: {trial: 5}, expect: {fact.days: 9, lane: people}}"


def read(*cases: str, text: str = TEXT, plans: str = PLANS):
    report = Report()
    whole = policy(f"{text}cases: [{', '.join(cases)}]\n", plans=plans)
    document = read_document(whole, "p.yaml", report)
    revision = compile_document(document, report)
    report.stop_on_errors()
    return document, [(case, run(revision, case)) for case in document.cases]


def test_rows_are_named_as_in_evidence_and_stand_where_they_stand():
    document, _ = read()
    found = {row.name: row for row in rows(document)}
    assert len(found) == len(rows(document))
    assert list(found)[:8] == [
        "facts/stage/1", "facts/stage/5", "facts/days/order", "facts/days/return",
        "facts/trial/new", "facts/trial/old", "facts/upset/word", "tiers/spend/5",
    ]  # fmt: skip
    lines = policy(TEXT, plans=PLANS).splitlines()
    for name, at in (
        ("plans/claims/2", "{lane: people}"),
        ("lanes/bot", "bot:"),
        ("floors/no bot", "{rule: no bot"),
    ):
        place = found[name].place
        assert lines[place.line - 1][place.column - 1 :].startswith(at)


def test_coverage_counts_what_held_or_was_taken():
    document, tried = read(CLAIM, ORDER)
    found = coverage(document, tried)
    assert found.cases == 2
    reached = {row.name for row, count in found.rows if count}
    assert reached == {
        "facts/stage/1", "facts/days/order", "facts/trial/new", "facts/trial/old", "tiers/spend/5",
        "scenarios/claims", "scenarios/ignore_tier/claim", "floors/no bot", "priorities/claims",
        "plans/claims", "plans/claims/2", "plans/all", "plans/all/1", "lanes/people",
    }  # fmt: skip
    assert found.by_kind()["floor"] == (1, 2), "a floor that changes nothing is not reached"
    assert found.by_kind()["fact"] == (4, 7)


def test_a_share_of_less_than_all_is_never_said_to_be_all():
    assert percent(9_999, 10_000) == "99.9 %"
    assert percent(3, 3) == "100.0 %" and percent(0, 0) == "100.0 %" and percent(1, 3) == "33.3 %"


def test_every_row_but_those_a_policy_needs_is_changed():
    document, _ = read()
    found = {(one.row.name, one.how) for one in mutants(document)}
    silenced = {name for name, how in found if how == SILENCED}
    needed = {"fallback", "plans/all", "lanes/bot", "lanes/people", "lanes/keeper"}
    assert {row.name for row in rows(document)} - silenced == needed
    assert ("scenarios/claims", NEGATED) in found and ("plans/claims", NEGATED) in found
    assert ("facts/stage/1", NEGATED) not in found, "a step of a ladder has no condition"


def test_a_row_that_no_case_would_miss_is_found_and_others_are_not():
    document, tried = read(CLAIM, ORDER)
    survey = Survey(tuple(case for case, _ in tried))
    for one in mutants(document):
        survey.look(one)
    unnoticed = {(one.row.name, one.how) for one in survey.unnoticed}
    assert {("floors/no bot", SILENCED), ("serving/calm", SILENCED)} & unnoticed == {
        ("serving/calm", SILENCED)
    }
    assert ("tiers/keep", SILENCED) in unnoticed and ("tiers/margin", SILENCED) in unnoticed
    for name in ("scenarios/claims", "priorities/claims", "facts/days/order"):
        assert (name, SILENCED) not in unnoticed
    assert survey.tried == len(list(mutants(document)))


def test_what_does_not_compile_is_noticed_by_the_check():
    text = "facts: [{fact: days, default: seven, table: {on: [contact.subject], rows: [[order, nine]]}}]\nscenarios: {default: a, rules: [{rule: r, when: fact.days == 'nine', then: b}]}\n"
    document, _ = read(text=text, plans="plans: [{plan: all, steps: [{lane: people}]}]\n")
    survey = Survey(())
    noticed = {one.row.name for one in mutants(document) if survey.look(one)}
    assert noticed == {"facts/days/order"}, "no case is asked, and `nine` is no longer a value"
    assert survey.by_check == 1

"""Each practice of service is expressed in a pack: tried by a hit, a near miss and a conflict.

And each row that expresses one is needed: without it, or with its condition turned round, a case of
its pack fails.
"""

from dataclasses import replace

import pytest

from tests.policy.practice import (
    Pack,
    Practice,
    changes,
    names,
    pack,
    practices,
    unnoticed,
)
from tierlane.decision import FALLBACK, Decision
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Case
from tierlane.policy.form.document import Recalled
from tierlane.policy.form.finding import Report
from tierlane.policy.trial.mutation import SILENCED
from tierlane.policy.trial.trying import decide, run
from tierlane.replay.timeline.running import run_timeline

ALL = practices()
AT_ENTRY = [one for one in ALL if not one.timeline]
"""What shows when a contact comes in; the others show on a timeline."""
AT_DESK = [one for one in ALL if one.timeline]


def ids(one: Practice) -> str:
    return f"{one.number}-{one.pack}"


def held(decision: Decision) -> set[str]:
    """Return the rows that a decision hangs on, the step of the plan among them."""
    outcome = decision.outcome
    found = {*decision.because}
    if outcome.step != FALLBACK:
        found |= {f"plans/{outcome.plan}", f"plans/{outcome.plan}/{outcome.step}"}
    if outcome.tier != outcome.earned_tier:
        found.add(f"scenarios/ignore_tier/{outcome.scenario}")
    return found


def effect(decision: Decision) -> tuple[object, ...]:
    """Return what of a decision stands in the lane entry."""
    one = decision.outcome
    return (
        one.lane, one.kind, one.desk, one.tier, one.scenario, one.priority, one.promise, one.step,
        decision.advisor, tuple(sorted(decision.serve.items(), key=str)),
    )  # fmt: skip


def case(of: Pack, name: str) -> Case:
    assert name in of.cases, f"no case `{name}`"
    return of.cases[name]


def test_every_practice_is_there_once() -> None:
    assert [one.number for one in ALL] == list(range(1, 41))


@pytest.mark.parametrize("name", names())
def test_cases_of_a_pack_pass(name: str) -> None:
    of = pack(name)
    assert [one for one in of.cases.values() if not run(of.revision, one).passed] == []


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_the_three_cases_are_there_and_differ(one: Practice) -> None:
    of = pack(one.pack)
    found = {case(of, name).name for name in (one.hit, one.near, one.conflict)}
    assert len(found) == 3


@pytest.mark.parametrize("one", AT_ENTRY, ids=ids)
def test_a_hit_hangs_on_a_row_of_the_practice_and_the_near_miss_does_not(one: Practice) -> None:
    of = pack(one.pack)
    hit = held(decide(of.revision, case(of, one.hit))) & set(one.rows)
    near = held(decide(of.revision, case(of, one.near))) & set(one.rows)
    assert hit
    assert hit - near or one.number == 1, (hit, near)


@pytest.mark.parametrize("one", AT_ENTRY, ids=ids)
def test_in_a_conflict_the_other_row_holds(one: Practice) -> None:
    of = pack(one.pack)
    assert one.against in held(decide(of.revision, case(of, one.conflict)))


@pytest.mark.parametrize("one", AT_ENTRY, ids=ids)
def test_its_rows_are_needed(one: Practice) -> None:
    changed = {mutant.row.name for mutant in changes(one.pack)}
    assert set(one.rows) <= changed, set(one.rows) - changed
    assert [mutant.row.name for mutant in unnoticed(one.pack) if mutant.row.name in one.rows] == []


@pytest.mark.parametrize("one", AT_ENTRY, ids=ids)
def test_it_shows_in_the_lane_entry(one: Practice) -> None:
    """With one of its rows silenced, what the hit's entry holds is another."""
    of = pack(one.pack)
    given = case(of, one.hit)
    before = effect(decide(of.revision, given))
    seen = False
    for mutant in changes(one.pack):
        if mutant.row.name in one.rows and mutant.how == "silenced":
            revision = compile_document(mutant.document, Report())
            seen |= revision is not None and effect(decide(revision, given)) != before
    assert seen


@pytest.mark.parametrize("one", AT_DESK, ids=ids)
def test_a_timeline_shows_it_and_does_not_without_any_of_its_rows(one: Practice) -> None:
    of = pack(one.pack)
    staged = of.timelines[one.timeline]
    assert run_timeline(of.revision, staged).differences == ()
    for row in one.rows:
        revision = without(of, row)
        assert revision is not None and not run_timeline(revision, staged).passed, row


def without(of: Pack, row: str) -> Revision | None:
    """Return a pack with one of its rows silenced, or without joining."""
    if row == "memory/same_contact":
        return compile_document(replace(of.document, memory=Recalled()), Report())
    mutant = next(m for m in changes(of.document.name) if m.row.name == row and m.how == SILENCED)
    return compile_document(mutant.document, Report())


@pytest.mark.parametrize("name", names())
def test_timelines_of_a_pack_hold(name: str) -> None:
    of = pack(name)
    for one in of.timelines.values():
        assert run_timeline(of.revision, one).differences == ()

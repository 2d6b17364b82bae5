"""Each practice of service is expressed in a pack: tried by a hit, a near miss and a conflict.

And each row that expresses one is needed: without it, or with its condition turned round, a case of
its pack fails.
"""

from functools import cache

import pytest

from tests.policy.practice import Pack, Practice, names, pack, practices
from tierlane.decision import FALLBACK, Decision
from tierlane.policy.case import Case
from tierlane.policy.compile import compile_document
from tierlane.policy.finding import Report
from tierlane.policy.mutation import Survey, mutants
from tierlane.policy.trial import decide, run

ALL = practices()
AT_ENTRY = [one for one in ALL if not one.desk]
"""What shows when a contact comes in; the others take a desk that holds a line."""


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


@cache
def unnoticed(name: str) -> tuple[tuple[str, str], ...]:
    """Return the changes of a pack that none of its cases notices: row, and how it was changed.

    What is counted over time is given in a case, so it shows in `test_pack_over_time.py`.
    """
    of = pack(name)
    survey = Survey(tuple(one for one in of.cases.values() if run(of.revision, one).passed))
    for one in mutants(of.document):
        survey.look(one)
    return tuple((one.row.name, one.how) for one in survey.unnoticed if one.row.kind != "count")


def test_every_practice_is_there_once() -> None:
    assert [one.number for one in ALL] == list(range(1, 41))


@pytest.mark.parametrize("name", names())
def test_cases_of_a_pack_pass(name: str) -> None:
    of = pack(name)
    assert [one for one in of.cases.values() if not run(of.revision, one).passed] == []


SHOWS_ALL = [name for name in names() if name not in ("sample", "bank", "travel")]
"""Packs whose cases notice every row.

The sample and the log's bank tell more than cases ask; a step of `travel` takes a desk that waits.
"""


@pytest.mark.parametrize("name", SHOWS_ALL)
def test_no_row_of_a_pack_can_go_unnoticed(name: str) -> None:
    assert unnoticed(name) == ()


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
    of = pack(one.pack)
    changed = {mutant.row.name for mutant in mutants(of.document)}
    assert set(one.rows) <= changed, set(one.rows) - changed
    assert [row for row, _ in unnoticed(one.pack) if row in one.rows] == []


@pytest.mark.parametrize("one", AT_ENTRY, ids=ids)
def test_it_shows_in_the_lane_entry(one: Practice) -> None:
    """With one of its rows silenced, what the hit's entry holds is another."""
    of = pack(one.pack)
    given = case(of, one.hit)
    before = effect(decide(of.revision, given))
    seen = False
    for mutant in mutants(of.document):
        if mutant.row.name in one.rows and mutant.how == "silenced":
            revision = compile_document(mutant.document, Report())
            seen |= revision is not None and effect(decide(revision, given)) != before
    assert seen

"""Which rows of a policy its cases reach.

A row is reached when it held in a case; a lane or step when a contact took it; a floor only when
it changed what came out: without it the case is decided otherwise. So is a budget.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tierlane.decision import FALLBACK, Decision
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report
from tierlane.policy.form.row import KINDS, StatedRow, rows
from tierlane.policy.trial.trying import Result, decide


@dataclass(frozen=True, slots=True)
class Coverage:
    """The rows of one policy, and the cases that reach each."""

    cases: int
    rows: tuple[tuple[StatedRow, int], ...]
    """Each row with the number of cases that reach it, in the order of evaluation."""

    @property
    def unreached(self) -> tuple[StatedRow, ...]:
        """The rows that no case reaches."""
        return tuple(row for row, count in self.rows if not count)

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """Return rows reached and rows there are, per kind that the policy has."""
        found = {}
        for kind in KINDS:
            counts = [count for row, count in self.rows if row.kind == kind]
            if counts:
                found[kind] = (sum(1 for count in counts if count), len(counts))
        return found


def percent(reached: int, there: int) -> str:
    """Return a share such as `92.9 %`; all is never said of less than all."""
    share = reached / there * 100 if there else 100.0
    return f"{min(share, 99.9) if reached < there else share:.1f} %"


def coverage(document: Document, tried: Iterable[tuple[Case | Timeline, Result]]) -> Coverage:
    """Return how often each row of the document is reached by the cases that were run."""
    run: list[tuple[Case, Decision]] = []
    held: dict[str, int] = {}
    cases = 0
    for case, one in tried:
        names = set(one.reached)
        if one.decision is not None and isinstance(case, Case):
            run.append((case, one.decision))
            names |= _reached(one.decision)
        run += one.decided
        cases += 1
        for name in names:
            held[name] = held.get(name, 0) + 1
    for rule in document.floors:
        name = f"floors/{rule.name}"
        if name in held:
            concerned = [(case, was) for case, was in run if name in was.because]
            rest = tuple(one for one in document.floors if one is not rule)
            held[name] = _changed(replace(document, floors=rest), concerned)
    for budget in document.budgets:
        concerned = [(case, was) for case, was in run if _over(was)]
        rest_of = tuple(one for one in document.budgets if one is not budget)
        changed = _changed(replace(document, budgets=rest_of), concerned)
        held[f"budgets/{budget.name}"] = held.get(f"budgets/{budget.name}", 0) + changed
    return Coverage(cases, tuple((row, held.get(row.name, 0)) for row in rows(document)))


def _reached(decision: Decision) -> set[str]:
    outcome = decision.outcome
    names = {*decision.because, f"lanes/{outcome.lane}"}
    if outcome.step == FALLBACK:
        names.add(FALLBACK)
    else:
        names.add(f"plans/{outcome.plan}/{outcome.step}")
    if outcome.tier != outcome.earned_tier:
        names.add(f"scenarios/ignore_tier/{outcome.scenario}")
    return names


def _over(decision: Decision) -> bool:
    """Tell whether a budget passed a step over."""
    return any(reason == "budget" for _, _, reason in decision.outcome.passed_over)


def _changed(document: Document, concerned: list[tuple[Case, Decision]]) -> int:
    """Return how many cases are decided otherwise by a document that lacks a row."""
    if not concerned:
        return 0
    without = compile_document(document, Report())
    return sum(
        without is None or _effect(decide(without, case)) != _effect(was) for case, was in concerned
    )


def _effect(decision: Decision) -> tuple[Any, ...]:
    """Return what a floor or a budget can change."""
    one = decision.outcome
    return one.lane, one.step, one.priority, one.promise

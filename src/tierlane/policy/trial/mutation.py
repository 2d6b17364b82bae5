"""A policy with one row silenced or negated at a time, to see which rows no case would miss.

Silenced means that the row never holds: its condition is `false`, or it is taken out of its table
or ladder. Negated means that its condition holds where it did not. What then does not compile is
noticed by the check, before any case is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.document import (
    Body,
    Budget,
    Document,
    Ladder,
    Plan,
    Rule,
    Rules,
    Shares,
    Step,
    Table,
    ValueSet,
    Written,
)
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.form.row import StatedRow, body_rows, ignored, rows
from tierlane.policy.trial.trying import Result, run

SILENCED: Final = "silenced"
NEGATED: Final = "negated"
HOW: Final = (SILENCED, NEGATED)

_Conditional = TypeVar("_Conditional", Rule, Plan, Step, Budget)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A document with one row changed."""

    row: StatedRow
    how: str
    document: Document


def mutants(document: Document) -> Iterator[Mutant]:
    """Yield a document for each row silenced, and for each row with a condition negated.

    Lanes, the fallback and the last plan are not silenced: a policy needs them.
    """
    stated = {row.name: row for row in rows(document)}
    for name, how, changed in _changes(document):
        yield Mutant(stated[name], how, changed)


_Change = tuple[str, str, Document]


def _changes(document: Document) -> Iterator[_Change]:
    for number, fact in enumerate(document.facts):
        for name, how, body in _bodies(f"facts/{fact.name}", fact.body):
            sets = _with(document.facts, number, replace(fact, body=body))
            yield name, how, replace(document, facts=sets)
    yield from _tiers(document)
    for name in ("floors", "compliance", "serving"):
        for row, how, listed in _listed(name, getattr(document, name)):
            changed: Any = {name: listed}
            yield row, how, replace(document, **changed)
    yield from _scenarios(document)
    for row, how, listed in _listed("promises", document.promises[1]):
        yield row, how, replace(document, promises=(document.promises[0], listed))
    for row, how, listed in _listed("priorities", document.priorities[1]):
        yield row, how, replace(document, priorities=(document.priorities[0], listed))
    yield from _plans(document)
    yield from _budgets(document)


def _scenarios(document: Document) -> Iterator[_Change]:
    for row, how, listed in _listed("scenarios", document.scenarios.rules):
        yield row, how, replace(document, scenarios=replace(document.scenarios, rules=listed))
    for number, one in enumerate(document.scenarios.ignore_tier):
        rest = _without(document.scenarios.ignore_tier, number)
        scenarios = replace(document.scenarios, ignore_tier=rest)
        yield ignored(one), SILENCED, replace(document, scenarios=scenarios)


def _budgets(document: Document) -> Iterator[_Change]:
    for number, budget in enumerate(document.budgets):
        for how, changed in _conditional(budget):
            budgets = _with(document.budgets, number, changed)
            yield f"budgets/{budget.name}", how, replace(document, budgets=budgets)
    for row, how, listed in _listed("memory", document.memory.counts):
        yield row, how, replace(document, memory=replace(document.memory, counts=listed))


def _tiers(document: Document) -> Iterator[_Change]:
    tiers = document.tiers
    for number, one in enumerate(tiers.sets):
        for name, how, body in _bodies(f"tiers/{one.name}", one.body):
            sets = _with(tiers.sets, number, replace(one, body=body))
            yield name, how, replace(document, tiers=replace(tiers, sets=sets))
    if any(isinstance(one.body, Ladder) and one.body.margin for one in tiers.sets):
        sets = tuple(_without_margin(one) for one in tiers.sets)
        yield "tiers/margin", SILENCED, replace(document, tiers=replace(tiers, sets=sets))
    if tiers.keep is not None:
        yield "tiers/keep", SILENCED, replace(document, tiers=replace(tiers, keep=None))


def _without_margin(one: ValueSet) -> ValueSet:
    body = one.body
    return replace(one, body=replace(body, margin=0.0)) if isinstance(body, Ladder) else one


def _plans(document: Document) -> Iterator[_Change]:
    plans = document.plans
    for number, plan in enumerate(plans):
        if plan.when is not None:
            for how, changed in _conditional(plan):
                yield (
                    f"plans/{plan.name}",
                    how,
                    replace(document, plans=_with(plans, number, changed)),
                )
        for at, step in enumerate(plan.steps):
            for how, changed_step in _conditional(step):
                changed = replace(plan, steps=_with(plan.steps, at, changed_step))
                row = f"plans/{plan.name}/{at + 1}"
                yield row, how, replace(document, plans=_with(plans, number, changed))


def _conditional(one: _Conditional) -> Iterator[tuple[str, _Conditional]]:
    """Yield a row that never holds, and one that holds where it did not."""
    place = one.place if one.when is None else one.when.place
    yield SILENCED, replace(one, when=Written("false", place))
    if one.when is not None:
        yield NEGATED, replace(one, when=Written(f"!({one.when.text})", place))


def _listed(name: str, listed: tuple[Rule, ...]) -> Iterator[tuple[str, str, tuple[Rule, ...]]]:
    for number, rule in enumerate(listed):
        for how, changed in _conditional(rule):
            yield f"{name}/{rule.name}", how, _with(listed, number, changed)


def _bodies(name: str, body: Body) -> Iterator[tuple[str, str, Body]]:
    if isinstance(body, Rules):
        for row, how, listed in _listed(name, body.rows):
            yield row, how, Rules(listed)
        return
    for number, one in enumerate(body_rows("", name, body, Place("", 1, 1))):
        yield one.name, SILENCED, _shorter(body, number)


def _shorter(body: Body, number: int) -> Body:
    if isinstance(body, Ladder):
        return replace(body, steps=_without(body.steps, number))
    if isinstance(body, Table):
        return replace(body, rows=_without(body.rows, number))
    if isinstance(body, Shares):
        return replace(body, parts=_without_share(body, number))
    return body


def _without_share(body: Shares, number: int) -> tuple[Any, ...]:
    """Return the parts with one of no share, the part beside it taking it over."""
    parts = list(body.parts)
    value, share = parts[number]
    beside = number - 1 if number else min(1, len(parts) - 1)
    parts[number] = (value, 0.0)
    parts[beside] = (parts[beside][0], parts[beside][1] + share)
    return tuple(parts)


def _with(items: tuple[Any, ...], number: int, one: Any) -> tuple[Any, ...]:
    return (*items[:number], one, *items[number + 1 :])


def _without(items: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    return (*items[:number], *items[number + 1 :])


@dataclass(slots=True)
class Survey:
    """Which mutants nobody notices: neither the check nor one of the cases that hold."""

    cases: tuple[Case | Timeline, ...]
    """Cases that pass on the policy as it is."""
    run: Callable[[Revision, Case | Timeline], Result] = run
    """Runs one; this default runs no timeline, so it notices nothing by one."""
    tried: int = 0
    by_check: int = 0
    """Mutants that do not compile."""
    unnoticed: list[Mutant] = field(default_factory=list)
    cut: bool = False
    """Whether more mutants were left than were tried."""

    def look(self, one: Mutant) -> bool:
        """Try a mutant; tells whether it was noticed."""
        self.tried += 1
        revision = compile_document(one.document, Report())
        if revision is None:
            self.by_check += 1
            return True
        if any(self.run(revision, case).differences for case in self.cases):
            return True
        self.unnoticed.append(one)
        return False

"""Every row of a document by the name that evidence and cases give it, with its place."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from tierlane.policy.form.document import (
    Body,
    Document,
    Ladder,
    Plan,
    Rule,
    Rules,
    Shares,
    Table,
    Written,
    word,
)
from tierlane.policy.form.finding import Place

KINDS: Final = (
    "fact", "tier", "keep", "scenario", "ignored tier", "promise", "floor", "compliance",
    "serving", "priority", "plan", "step", "budget", "count", "lane", "fallback",
)  # fmt: skip
"""What rows there are, in the order of evaluation."""


class StatedRow(NamedTuple):
    """A row: what it is, its name such as `scenarios/return in time`, and where it stands."""

    kind: str
    name: str
    place: Place


def rows(document: Document) -> tuple[StatedRow, ...]:
    """Return every row, in the order of evaluation."""
    return tuple(_rows(document))


def _rows(document: Document) -> Iterator[StatedRow]:
    for fact in document.facts:
        yield from body_rows("fact", f"facts/{fact.name}", fact.body, fact.place)
    yield from _tiers(document)
    yield from _listed("scenario", "scenarios", document.scenarios.rules)
    for one in document.scenarios.ignore_tier:
        yield StatedRow("ignored tier", ignored(one), one.place)
    yield from _listed("promise", "promises", document.promises[1])
    for kind, name in (("floor", "floors"), ("compliance", "compliance"), ("serving", "serving")):
        yield from _listed(kind, name, getattr(document, name))
    yield from _listed("priority", "priorities", document.priorities[1])
    for plan in document.plans:
        yield StatedRow("plan", f"plans/{plan.name}", plan.place)
        yield from _steps(plan)
    for budget in document.budgets:
        yield StatedRow("budget", f"budgets/{budget.name}", budget.place)
    yield from _listed("count", "memory", document.memory.counts)
    for lane, place in document.lanes:
        yield StatedRow("lane", f"lanes/{lane.name}", place)
    yield StatedRow("fallback", "fallback", document.fallback.place)


def _tiers(document: Document) -> Iterator[StatedRow]:
    tiers = document.tiers
    for one in tiers.sets:
        yield from body_rows("tier", f"tiers/{one.name}", one.body, one.place)
    if any(isinstance(one.body, Ladder) and one.body.margin for one in tiers.sets):
        yield StatedRow("keep", "tiers/margin", tiers.place)
    if tiers.keep is not None:
        place = tiers.keep.place if isinstance(tiers.keep, Written) else tiers.place
        yield StatedRow("keep", "tiers/keep", place)


def _listed(kind: str, name: str, listed: tuple[Rule, ...]) -> Iterator[StatedRow]:
    for one in listed:
        yield StatedRow(kind, f"{name}/{one.name}", one.place)


def _steps(plan: Plan) -> Iterator[StatedRow]:
    for number, step in enumerate(plan.steps, 1):
        yield StatedRow("step", f"plans/{plan.name}/{number}", step.place)


def body_rows(kind: str, name: str, body: Body, place: Place) -> Iterator[StatedRow]:
    """Yield the rows of a fact or of a set of tiers, which stands at `place`."""
    if isinstance(body, Rules):
        yield from _listed(kind, name, body.rows)
    elif isinstance(body, Ladder):
        for point, _, where in body.steps:
            yield StatedRow(kind, f"{name}/{word(point)}", where)
    elif isinstance(body, Table):
        for row in body.rows:
            yield StatedRow(kind, f"{name}/{row.name}", row.place)
    elif isinstance(body, Shares):
        for value, _ in body.parts:
            yield StatedRow(kind, f"{name}/{word(value)}", place)


def ignored(scenario: Written) -> str:
    """Return the name of the row by which a scenario ignores the tier."""
    return f"scenarios/ignore_tier/{scenario.text}"


def listed(document: Document) -> dict[str, tuple[str, ...]]:
    """Return the names of the rules of each list in their order: `scenarios`, `facts/upset` …"""
    lists: dict[str, tuple[Rule | Plan, ...]] = {
        "scenarios": document.scenarios.rules,
        "promises": document.promises[1],
        "floors": document.floors,
        "compliance": document.compliance,
        "serving": document.serving,
        "priorities": document.priorities[1],
        "plans": document.plans,
    }
    for of, sets in (("facts", document.facts), ("tiers", document.tiers.sets)):
        lists |= {f"{of}/{one.name}": one.body.rows for one in sets if isinstance(one.body, Rules)}
    return {of: tuple(one.name for one in rules) for of, rules in lists.items()}

"""Gathers from a document every constant that cuts the line of a field."""

from collections.abc import Iterator, Mapping
from typing import Any

from tierlane.policy.check.region.cut import Cuts, tree_of
from tierlane.policy.compiling.assemble import results
from tierlane.policy.deciding.tiering import lowered
from tierlane.policy.form.document import Document, Ladder, Rules, Table, Written
from tierlane.policy.form.field import HIDDEN, Field

EARNED_AT = "age(memory.tier.earned_at)"
"""The line on which a tier held grows old."""


def cuts_of(document: Document, fields: Mapping[str, Field]) -> Cuts:
    """Return the constants of all conditions, tables, ladders, lanes and marks."""
    cuts = Cuts({**fields, **HIDDEN})
    given = given_values(document)
    for written in conditions(document):
        cuts.take(tree_of(written.text), given)
    for one in (*document.facts, *document.tiers.sets):
        if isinstance(one.body, Ladder):
            _ladder(one.body, cuts)
        elif isinstance(one.body, Table):
            _table(one.body, cuts)
    for lane, _ in document.lanes:
        cuts.add("contact.language", "text", lane.languages)
    least = [lane.identity for lane, _ in document.lanes]
    cuts.add("contact.identity", "integer", least)
    cuts.add("contact.identity", "integer", [rule.then.identity for rule in document.compliance])
    cuts.add("memory.tier.name", "text", document.tiers.order)
    keep = document.tiers.keep
    if isinstance(keep, int):
        cuts.add(EARNED_AT, "duration", (keep,))
    elif keep is not None:
        cuts.add(f"age({keep.text})", "duration", (0,))
    return cuts


def given_values(document: Document) -> dict[str, tuple[Any, ...]]:
    """Return the values of everything decided on the way: facts, tier, scenario."""
    found: dict[str, tuple[Any, ...]] = {
        f"fact.{one.name}": tuple(dict.fromkeys(value for value, _ in results(one)))
        for one in document.facts
    }
    found["tier"] = document.tiers.order
    written = document.scenarios
    found["scenario"] = tuple(
        dict.fromkeys((written.default, *(str(row.then) for row in written.rules)))
    )
    return found


def conditions(document: Document) -> Iterator[Written]:
    """Return every condition of a document."""
    for one in (*document.facts, *document.tiers.sets):
        if isinstance(one.body, Rules):
            yield from (row.when for row in one.body.rows if row.when is not None)
    lists = (
        document.scenarios.rules, document.promises[1], document.floors, document.compliance,
        document.serving, document.priorities[1], document.plans, document.memory.counts,
    )  # fmt: skip
    for rows in lists:
        yield from (row.when for row in rows if row.when is not None)
    for plan in document.plans:
        yield from (step.when for step in plan.steps if step.when is not None)


def lists_of(document: Document) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Return the lists of rules of which the first that holds counts, by their names."""
    for of, sets in (("facts", document.facts), ("tiers", document.tiers.sets)):
        for one in sets:
            if isinstance(one.body, Rules):
                yield f"{of}/{one.name}", one.body.rows
    yield "scenarios", document.scenarios.rules
    yield "promises", document.promises[1]
    yield "priorities", document.priorities[1]
    yield "plans", document.plans


def _ladder(body: Ladder, cuts: Cuts) -> None:
    points = [point for point, _, _ in body.steps]
    cuts.add(body.field.text, "number", points)
    if body.margin:
        cuts.add(body.field.text, "number", [lowered(point, body.margin) for point in points])


def _table(body: Table, cuts: Cuts) -> None:
    for column, written in enumerate(body.on):
        known = cuts.fields.get(written.text)
        if known is not None:
            cuts.add(written.text, known.type, {row.cells[column] for row in body.rows})

"""Facts and counts that nothing asks for, or only facts of the same kind."""

from collections.abc import Iterator

from tierlane.policy.check.region.cut import paths, tree_of
from tierlane.policy.condition.expression import NotCel
from tierlane.policy.form.document import Document, Ladder, Rules, Table, ValueSet, Written
from tierlane.policy.form.field import COUNTS
from tierlane.policy.form.finding import Report


def find_unasked(document: Document, report: Report) -> None:
    """Report facts that neither a row below them nor another fact that is asked for reads."""
    asked = {name for written in _beyond(document) for name in _facts(written)}
    for fact in reversed(document.facts):
        if fact.name in asked:
            asked.update(name for written in _of(fact) for name in _facts(written))
            continue
        readers = [one.name for one in document.facts if fact.name in _read(one)]
        message = f"nothing asks for `fact.{fact.name}`"
        hint = ""
        if readers:
            message = f"only facts that nothing asks for ask for `fact.{fact.name}`"
            hint = f"see `fact.{readers[0]}`"
        report.warn("unused_fact", fact.place, message, hint)


def find_uncounted(document: Document, report: Report) -> None:
    """Report counts that no condition, table or ladder reads."""
    read = {name for written in _beyond(document) for name in _names(written)}
    read |= {name for fact in document.facts for one in _of(fact) for name in _names(one)}
    for count in document.memory.counts:
        if f"{COUNTS}{count.name}" not in read:
            message = f"nothing asks for `{COUNTS}{count.name}`"
            report.warn("unused_count", count.place, message)


def _read(one: ValueSet) -> set[str]:
    return {name for written in _of(one) for name in _facts(written)}


def _of(one: ValueSet) -> Iterator[Written]:
    """Return what a fact or a set of tiers reads."""
    body = one.body
    if isinstance(body, Rules):
        yield from (row.when for row in body.rows if row.when is not None)
    elif isinstance(body, Ladder):
        yield body.field
    elif isinstance(body, Table):
        yield from body.on


def _beyond(document: Document) -> Iterator[Written]:
    """Return what is read after the facts."""
    for one in document.tiers.sets:
        yield from _of(one)
    lists = (
        document.scenarios.rules, document.promises[1], document.floors, document.compliance,
        document.serving, document.priorities[1], document.plans, document.budgets,
        document.memory.counts,
    )  # fmt: skip
    for rows in lists:
        yield from (row.when for row in rows if row.when is not None)
    for rule in document.serving:
        yield from rule.then.carry
    for step in (one for plan in document.plans for one in plan.steps):
        yield from (one for one in (step.when, step.skip_if) if one is not None)
        yield from (*step.who, *step.prefer)
        yield from (Written(key.text, key.place) for key in step.choose if key.text)
    for desk in document.desks:
        keys = (*desk.order, *desk.choose)
        yield from (Written(key.text, key.place) for key in keys if key.text)


def _facts(written: Written) -> list[str]:
    return [name[5:] for name in _names(written) if name.startswith("fact.")]


def _names(written: Written) -> tuple[str, ...]:
    try:
        return paths(tree_of(written.text))
    except NotCel:  # what is not a condition here is looked at by whoever reads it
        return ()

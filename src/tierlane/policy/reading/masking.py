"""Which fields a policy masks, and the tables whose rows would tell what is masked."""

from dataclasses import replace

from tierlane.policy.form.document import Table, ValueSet
from tierlane.policy.form.field import PERSONAL
from tierlane.policy.form.finding import Place

Masking = tuple[tuple[str, str, Place], ...]


def masks_of(masking: Masking) -> dict[str, str]:
    """Return the mask of each field that has one, empty where the policy releases it."""
    masks = dict.fromkeys(PERSONAL, "drop")
    stated = {path: "" if how == "keep" else how for path, how, _ in masking}
    if "profile.birth_year" in stated and "profile.age" not in stated:
        stated["profile.age"] = stated["profile.birth_year"]
    return masks | stated


def hidden(facts: tuple[ValueSet, ...], masking: Masking) -> tuple[ValueSet, ...]:
    """Return the facts with rows named by number where a table looks at a masked field.

    A row is otherwise named by its cells, and the row that held stands in the audit record.
    """
    masks = masks_of(masking)
    return tuple(_hidden(fact, masks) for fact in facts)


def _hidden(fact: ValueSet, masks: dict[str, str]) -> ValueSet:
    body = fact.body
    if not isinstance(body, Table) or not any(masks.get(one.text) for one in body.on):
        return fact
    rows = tuple(replace(row, number=number) for number, row in enumerate(body.rows, 1))
    return replace(fact, body=replace(body, rows=rows))

"""Reads `memory`: what intake counts per customer, and which contacts it takes for one."""

from typing import Final

from tierlane.policy.form.document import Count, Recalled, Rule, Written
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Node

MOST_COUNTS: Final = 8
MOST_COUNTED: Final = 64
"""Contacts that intake remembers for one count, so no count is ever above it."""
CUSTOMER: Final = "customer"


def recalled(shape: Shape, node: Node | None) -> Recalled:
    """Read `memory`; a policy without it counts nothing and joins nothing."""
    if node is None:
        return Recalled()
    entries = shape.keys(node, "`memory`", ("counts", "same_contact"))
    nodes = shape.items(entries.get("counts"), "`counts`")
    if len(nodes) > MOST_COUNTS:
        place = entries["counts"].place
        shape.report.error("range", place, f"`counts` has more than {MOST_COUNTS} entries")
        nodes = ()
    counts = tuple(_count(shape, one) for one in nodes)
    shape.unique(((one.name, one.place) for one in counts), "count")
    joins = _joins(shape, entries["same_contact"]) if "same_contact" in entries else None
    return Recalled(counts, joins)


def _count(shape: Shape, node: Node) -> Rule:
    entries = shape.keys(node, "a count", ("when", "per"), ("count", "within"))
    name = shape.name(entries["count"], "`count`") if "count" in entries else ""
    per = shape.written(entries["per"], "`per`") if "per" in entries else None
    if per is not None and per.text in ("", CUSTOMER):
        per = None
    within = shape.duration(entries["within"], "`within`") if "within" in entries else 1
    when = shape.condition(entries.get("when"), "`when`")
    return Rule(name, when, Count(name, within, _path(per)), per.place if per else node.place)


def _path(per: Written | None) -> tuple[str, ...]:
    return tuple(per.text.split(".")) if per else ()


def _joins(shape: Shape, node: Node) -> int | None:
    """Return within how many milliseconds contacts of one customer are joined, None for never."""
    entries = shape.keys(node, "`same_contact`", (), ("within", "then"))
    within = shape.duration(entries["within"], "`within`") if "within" in entries else None
    then = shape.text(entries["then"], "`then`") if "then" in entries else "new"
    if then not in ("join", "new"):
        shape.wrong(entries["then"], "`then` of `same_contact`", "`join` or `new`")
    return within if then == "join" else None

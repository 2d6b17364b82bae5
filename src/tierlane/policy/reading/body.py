"""Reads the bodies of value sets: rules, ladders, tables and shares."""

from collections.abc import Callable
from typing import Any

from tierlane.policy.form.document import (
    Body,
    Constant,
    Ladder,
    Rule,
    Rules,
    Shares,
    Table,
    TableRow,
    ValueSet,
)
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence

MOST_ROWS = 100_000
"""Rows of one table."""

Then = Callable[[Shape, Node], Any]


def rules(shape: Shape, node: Node | None, what: str, then: Then) -> tuple[Rule, ...]:
    """Read a list of `{rule, when, then}`; `then` reads what a row gives."""
    rows = tuple(_rule(shape, item, what, then) for item in shape.items(node, f"`{what}`"))
    shape.unique(((row.name, row.place) for row in rows), f"rule of `{what}`")
    return rows


def _rule(shape: Shape, node: Node, what: str, then: Then) -> Rule:
    entries = shape.keys(node, f"a rule of `{what}`", ("when",), ("rule", "then"))
    name = shape.label(entries["rule"], "`rule`") if "rule" in entries else ""
    when = shape.condition(entries.get("when"), "`when`")
    if "then" in entries:
        value = then(shape, entries["then"])
    else:  # reported as missing; what stands in for it must bear being compiled
        value = then(Shape(Report()), Mapping((), Place("", 1, 1)))
    return Rule(name, when, value, node.place)


def constant(shape: Shape, node: Node) -> Constant:
    """Read the value a row gives."""
    return shape.constant(node, "`then`")


def fact(shape: Shape, node: Node) -> ValueSet:
    """Read one entry of `facts`."""
    bodies = ("rules", "ladder", "from", "table", "shares", "salt")
    entries = shape.keys(node, "a fact", bodies, ("fact", "default"))
    name = shape.name(entries["fact"], "`fact`") if "fact" in entries else ""
    default = shape.constant(entries["default"], "`default`") if "default" in entries else ""
    return ValueSet(name, default, _body(shape, entries, node, f"facts/{name}"), node.place)


def tier_set(shape: Shape, node: Node) -> ValueSet:
    """Read one entry of `tiers.highest_of`."""
    bodies = ("rules", "ladder", "from", "margin", "table")
    entries = shape.keys(node, "a set of tiers", bodies, ("set",))
    name = shape.label(entries["set"], "`set`") if "set" in entries else ""
    return ValueSet(name, None, _body(shape, entries, node, f"tiers/{name}"), node.place)


def _body(shape: Shape, entries: dict[str, Node], node: Node, what: str) -> Body:
    found = [key for key in ("rules", "ladder", "table", "shares") if key in entries]
    if len(found) != 1:
        hint = "`rules`, `ladder` with `from`, `table` or `shares`"
        shape.report.error("body", node.place, f"`{what}` needs exactly one body", hint)
        return Rules(())
    if found[0] == "rules":
        return Rules(rules(shape, entries["rules"], what, constant))
    if found[0] == "ladder":
        return _ladder(shape, entries, node, what)
    if found[0] == "table":
        return _table(shape, entries["table"], what)
    return _shares(shape, entries, what)


def _ladder(shape: Shape, entries: dict[str, Node], node: Node, what: str) -> Ladder:
    field = shape.written(entries["ladder"], "`ladder`")
    margin = _margin(shape, entries["margin"]) if "margin" in entries else 0.0
    source = entries.get("from")
    if not isinstance(source, Mapping):
        shape.wrong(source or node, f"`from` of `{what}`", "a map from number to value")
        return Ladder(field, (), margin)
    steps: list[tuple[float, Constant, Any]] = []
    for key, value in source.entries:
        if type(key.value) not in (int, float):
            shape.wrong(key, "a step", "a number")
            continue
        if steps and key.value <= steps[-1][0]:  # type: ignore[operator] # a number, as tested
            shape.report.error(
                "order", key.place, f"step `{key.value}` is not above the one before"
            )
        steps.append((key.value, constant(shape, value), key.place))  # type: ignore[arg-type] # same
    return Ladder(field, tuple(steps), margin)


def _margin(shape: Shape, node: Node) -> float:
    if isinstance(node, Leaf) and isinstance(node.value, str) and node.value.endswith("%"):
        digits = node.value[:-1]
        if digits.replace(".", "", 1).isdigit() and float(digits) < 100:
            return float(digits) / 100
    shape.wrong(node, "`margin`", "a share such as `5%`")
    return 0.0


def _table(shape: Shape, node: Node, what: str) -> Table:
    entries = shape.keys(node, f"the table of `{what}`", (), ("on", "rows"))
    columns = shape.items(entries.get("on"), "`on`")
    on = tuple(shape.written(item, "a column") for item in columns)
    nodes = shape.items(entries.get("rows"), f"`rows` of `{what}`", MOST_ROWS)
    rows = tuple(row for item in nodes if (row := _row(shape, item, len(on))) is not None)
    return Table(on, rows)


def _row(shape: Shape, node: Node, columns: int) -> TableRow | None:
    if not isinstance(node, Sequence) or len(node.items) != columns + 1:
        message = f"a row must be a list of {columns} cells and a value"
        shape.report.error("wrong_type", node.place, message)
        return None
    cells = tuple(_cell(shape, item) for item in node.items[:-1])
    return TableRow(cells, shape.constant(node.items[-1], "the value of a row"), node.place)


def _cell(shape: Shape, node: Node) -> Constant | None:
    if isinstance(node, Leaf) and node.value == "any":
        return None
    return shape.constant(node, "a cell")


def _shares(shape: Shape, entries: dict[str, Node], what: str) -> Shares:
    salt = shape.text(entries["salt"], "`salt`") if "salt" in entries else what
    source = entries["shares"]
    if not isinstance(source, Mapping):
        shape.wrong(source, f"`shares` of `{what}`", "a map from value to percent")
        return Shares(salt, ())
    parts = tuple(
        (constant(shape, key), shape.number(value, "a share", 0)) for key, value in source.entries
    )
    if abs(sum(share for _, share in parts) - 100) > 1e-9:
        shape.report.error("shares", source.place, f"the shares of `{what}` do not add up to 100")
    return Shares(salt, parts)

"""Reads the sections of a policy that decide: tiers, scenarios, promises, floors and the rest."""

import re
from typing import Final

from tierlane.decision import Priority, Promise
from tierlane.lane import KINDS
from tierlane.policy.form.document import (
    Declared,
    Floor,
    Mark,
    Rule,
    Scenarios,
    Service,
    Tiers,
    Written,
)
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.body import rules, tier_set
from tierlane.policy.reading.shape import Shape, near
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence, plain

TYPES: Final = ("number", "text", "flag", "time", "list of text")
MASKS: Final = ("drop", "hash", "last 4", "year", "keep")
_TIMES: Final = ("answer", "start", "resolve")


def declared(shape: Shape, node: Node | None) -> tuple[tuple[str, Declared], ...]:
    """Read `fields`."""
    if node is None:
        return ()
    found = []
    for path, (_, value) in shape.entries(node, "`fields`").items():
        if isinstance(value, Sequence):
            values = tuple(shape.constant(item, f"a value of `{path}`") for item in value.items)
            kinds = {type(one) for one in values}
            if len(kinds) != 1 or float in kinds:
                shape.wrong(value, f"`{path}`", "a list of text or of whole numbers")
            kind = {str: "text", int: "number", bool: "flag"}.get(
                type(values[0]) if values else str
            )
            found.append((path, Declared(kind or "text", values, value.place)))
            continue
        kind = shape.text(value, f"the type of `{path}`")
        if kind and kind not in TYPES:
            shape.report.error("unknown_type", value.place, f"no type `{kind}`", near(kind, TYPES))
        found.append((path, Declared(kind if kind in TYPES else "text", (), value.place)))
    return tuple(found)


def masking(shape: Shape, node: Node | None) -> tuple[tuple[str, str, Place], ...]:
    """Read `masking`."""
    if node is None:
        return ()
    found = []
    for path, (key, value) in shape.entries(node, "`masking`").items():
        how = shape.text(value, f"the mask of `{path}`")
        if how and how not in MASKS:
            shape.report.error("unknown_mask", value.place, f"no mask `{how}`", near(how, MASKS))
        found.append((path, how, key.place))
    return tuple(found)


def tiers(shape: Shape, node: Node | None) -> Tiers:
    """Read `tiers`; a policy without them has the one tier `standard`."""
    if node is None:
        return Tiers()
    entries = shape.keys(node, "`tiers`", ("highest_of", "keep", "monotone"), ("order", "default"))
    order = shape.texts(entries.get("order"), "`order`")
    default = shape.label(entries["default"], "`default`") if "default" in entries else ""
    if default and default not in order:
        place = entries["default"].place
        shape.report.error("unknown_tier", place, f"no tier `{default}`", near(default, order))
    sets = tuple(tier_set(shape, item) for item in shape.items(entries.get("highest_of"), "sets"))
    shape.unique(((one.name, one.place) for one in sets), "set")
    keep = _keep(shape, entries["keep"]) if "keep" in entries else None
    monotone = shape.flag(entries["monotone"], "`monotone`") if "monotone" in entries else False
    return Tiers(order or ("standard",), default, sets, keep, node.place, monotone)


def _keep(shape: Shape, node: Node) -> int | Written:
    if isinstance(node, Leaf) and isinstance(node.value, str) and "." in node.value:
        return Written(node.value, node.place)
    return shape.duration(node, "`keep`")


def scenarios(shape: Shape, node: Node | None) -> Scenarios:
    """Read `scenarios`."""
    if node is None:
        return Scenarios()
    entries = shape.keys(node, "`scenarios`", ("rules", "ignore_tier"), ("default",))
    default = shape.text(entries["default"], "`default`") if "default" in entries else ""
    rows = rules(shape, entries.get("rules"), "scenarios", _scenario)
    ignored = shape.items(entries.get("ignore_tier"), "`ignore_tier`")
    return Scenarios(default, rows, tuple(shape.written(item, "a scenario") for item in ignored))


def _scenario(shape: Shape, node: Node) -> str:
    return shape.label(node, "a scenario")


def promise(shape: Shape, node: Node) -> Promise:
    """Read `{answer, start, resolve}`."""
    return _times(shape, shape.keys(node, "a promise", (*_TIMES, "calendar")))


def _times(shape: Shape, entries: dict[str, Node]) -> Promise:
    """Read the times of a promise or floor; `calendar` says what `working` means in this row."""
    calendar = shape.calendar(entries["calendar"]) if "calendar" in entries else None
    spans = {k: shape.span(entries[k], f"`{k}`", calendar) for k in _TIMES if k in entries}
    elapsed = {key: span.ms for key, span in spans.items() if span.calendar is None}
    working = tuple((key, span) for key, span in spans.items() if span.calendar is not None)
    return Promise(**elapsed, working=working)


def promises(shape: Shape, node: Node | None) -> tuple[Promise, tuple[Rule, ...]]:
    """Read `promises`."""
    if node is None:
        return Promise(), ()
    entries = shape.keys(node, "`promises`", ("default", "rules"))
    default = promise(shape, entries["default"]) if "default" in entries else Promise()
    return default, rules(shape, entries.get("rules"), "promises", promise)


def floor(shape: Shape, node: Node) -> Floor:
    """Read what a floor asks."""
    entries = shape.keys(node, "a floor", (*_TIMES, "calendar", "never", "priority"))
    never = tuple(kind(shape, item) for item in shape.items(entries.get("never"), "`never`"))
    least = shape.number(entries["priority"], "`priority`", 0) if "priority" in entries else None
    return Floor(_times(shape, entries), least, never)


def kind(shape: Shape, node: Node) -> str:
    """Read a kind of lane."""
    found = shape.text(node, "a kind of lane")
    if found and found not in KINDS:
        shape.report.error("unknown_kind", node.place, f"no kind `{found}`", near(found, KINDS))
    return found


def mark(shape: Shape, node: Node) -> Mark:
    """Read what a compliance rule asks."""
    entries = shape.keys(node, "a mark", ("can", "scripts", "identity", "retain"))
    identity = shape.integer(entries["identity"], "`identity`") if "identity" in entries else 0
    years, ms = _retain(shape, entries["retain"]) if "retain" in entries else (0, 0)
    can = shape.texts(entries.get("can"), "`can`")
    return Mark(can, shape.texts(entries.get("scripts"), "`scripts`"), identity, years, ms)


def _retain(shape: Shape, node: Node) -> tuple[int, int]:
    text = node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""
    if years := re.fullmatch(r"([1-9][0-9]?)y", text):
        return int(years[1]), 0
    return 0, shape.duration(node, "`retain`")


def service(shape: Shape, node: Node) -> Service:
    """Read what a serving rule tells who serves."""
    constants = []
    carry: tuple[Written, ...] = ()
    for key, (_, value) in shape.entries(node, "`then` of `serving`").items():
        if key == "carry":
            listed = shape.items(value, "`carry`")
            carry = tuple(shape.written(item, "a field to carry") for item in listed)
        else:
            constants.append((key, plain(value)))
    return Service(tuple(constants), carry)


def priority(shape: Shape, node: Node) -> Priority:
    """Read a number, or `{start, by, every, to, credit}`."""
    if not isinstance(node, Mapping):
        return Priority(shape.number(node, "a priority", 0))
    entries = shape.keys(node, "a priority", ("by", "every", "to", "credit"), ("start",))
    number = {
        k: shape.number(v, f"`{k}`", 0) for k, v in entries.items() if k in ("start", "by", "to")
    }
    times = {k: shape.duration(v, f"`{k}`") for k, v in entries.items() if k in ("every", "credit")}
    if ("by" in entries) != ("every" in entries):
        hint = "`by: 1, every: 1m` adds 1 each minute"
        shape.report.error("priority", node.place, "`by` and `every` go together", hint)
    return Priority(
        start=number.get("start", 0), by=number.get("by", 0), every=times.get("every", 0),
        to=number.get("to"), credit=times.get("credit", 0),
    )  # fmt: skip


def priorities(shape: Shape, node: Node | None) -> tuple[Priority, tuple[Rule, ...]]:
    """Read `priorities`."""
    if node is None:
        return Priority(), ()
    entries = shape.keys(node, "`priorities`", ("default", "rules"))
    default = priority(shape, entries["default"]) if "default" in entries else Priority()
    return default, rules(shape, entries.get("rules"), "priorities", priority)

"""Reads `plans`, `finally` and `budgets`."""

import re
from collections.abc import Mapping as Calendars
from typing import Final

from tierlane.calendar import Calendar, Span
from tierlane.policy.form.document import Budget, LastResort, Plan, Step, Written
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.desk import choices
from tierlane.policy.reading.section import priority
from tierlane.policy.reading.shape import Shape, near
from tierlane.policy.reading.source import Leaf, Mapping, Node

_STEP: Final = (
    "lane", "when", "until", "for", "skip_if", "who", "prefer", "borrow", "choose", "priority",
)  # fmt: skip
_PER: Final = ("advisor", "desk", "customer")
_BEFORE: Final = re.compile(r"(\S+) before answer\Z")


def plans(shape: Shape, node: Node | None, calendars: Calendars[str, Calendar]) -> tuple[Plan, ...]:
    """Read `plans`; `calendars` are those of the lanes' desks, by lane, for `until: 2h working`."""
    found = tuple(_plan(shape, item, calendars) for item in shape.items(node, "`plans`"))
    shape.unique(((plan.name, plan.place) for plan in found), "plan")
    return found


def _plan(shape: Shape, node: Node, calendars: Calendars[str, Calendar]) -> Plan:
    entries = shape.keys(node, "a plan", ("when", "finally"), ("plan", "steps"))
    return Plan(
        name=shape.label(entries["plan"], "`plan`") if "plan" in entries else "",
        when=shape.condition(entries.get("when"), "`when`"),
        steps=_steps(shape, entries.get("steps"), calendars),
        place=node.place,
        last=_last(shape, entries["finally"], ()) if "finally" in entries else None,
    )


def _steps(
    shape: Shape, node: Node | None, calendars: Calendars[str, Calendar]
) -> tuple[Step, ...]:
    found, lane = [], ""
    for item in shape.items(node, "`steps`"):
        entries = shape.keys(item, "a step", _STEP)
        stated = shape.written(entries["lane"], "`lane`") if "lane" in entries else None
        lane = lane if stated is None else stated.text
        found.append(_step(shape, item, entries, stated, calendars.get(lane)))
    return tuple(found)


def _step(
    shape: Shape,
    node: Node,
    entries: dict[str, Node],
    lane: Written | None,
    calendar: Calendar | None,
) -> Step:
    until, working, before = None, None, None
    if "until" in entries:
        until, working, before = _until(shape, entries["until"], calendar)
    return Step(
        lane=lane,
        when=shape.condition(entries.get("when"), "`when`"),
        who=_texts(shape, entries.get("who"), "`who`", "a want"),
        priority=priority(shape, entries["priority"]) if "priority" in entries else None,
        place=node.place,
        until=until,
        working=working,
        before_answer=before,
        lasts=shape.duration(entries["for"], "`for`") if "for" in entries else None,
        skip_if=shape.condition(entries.get("skip_if"), "`skip_if`"),
        prefer=_texts(shape, entries.get("prefer"), "`prefer`", "a want"),
        borrow=_texts(shape, entries.get("borrow"), "`borrow`", "a lane"),
        choose=choices(shape, entries["choose"]) if "choose" in entries else (),
        stated=tuple((key, value.place) for key, value in entries.items()),
    )


def _texts(shape: Shape, node: Node | None, what: str, one: str) -> tuple[Written, ...]:
    return tuple(shape.written(item, one) for item in shape.items(node, what))


def _until(
    shape: Shape, node: Node, calendar: Calendar | None
) -> tuple[int | None, Span | None, int | None]:
    """Read `5m`, the contact's age, `2h working` of it, or `10s before answer`."""
    text = node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""
    if before := _BEFORE.match(text):
        return None, None, shape.duration(Leaf(before[1], node.place), "`until`")
    span = shape.span(node, "`until`", calendar)
    return (span.ms, None, None) if span.calendar is None else (None, span, None)


def last_resort(shape: Shape, node: Node | None, place: Place) -> LastResort:
    """Read the policy's `finally`."""
    return LastResort(None, "", None, place) if node is None else _last(shape, node, ("until",))


def _last(shape: Shape, node: Node, more: tuple[str, ...]) -> LastResort:
    entries = shape.keys(node, "`finally`", ("close", "plan", *more))
    if isinstance(node, Mapping) and ("close" in entries) == ("plan" in entries):
        shape.report.error("finally", node.place, "`finally` needs `close` or `plan`, one of them")
    return LastResort(
        until=shape.duration(entries["until"], "`until`") if "until" in entries else None,
        close=shape.text(entries["close"], "`close`") if "close" in entries else "",
        plan=shape.written(entries["plan"], "`plan`") if "plan" in entries else None,
        place=node.place,
    )


def budgets(shape: Shape, node: Node | None) -> tuple[Budget, ...]:
    """Read `budgets`."""
    found = tuple(_budget(shape, item) for item in shape.items(node, "`budgets`"))
    shape.unique(((one.name, one.place) for one in found), "budget")
    return found


def _budget(shape: Shape, node: Node) -> Budget:
    entries = shape.keys(node, "a budget", ("when", "within"), ("budget", "per", "most"))
    per = shape.text(entries["per"], "`per`") if "per" in entries else "advisor"
    if per and per not in _PER:
        place = entries["per"].place
        shape.report.error("unknown_value", place, f"`per` is never `{per}`", near(per, _PER))
    within: str | int = "open"
    if "within" in entries:
        value = entries["within"]
        word = str(value.value) if isinstance(value, Leaf) else ""
        within = word if word in ("open", "day") else shape.duration(value, "`within`")
    return Budget(
        name=shape.label(entries["budget"], "`budget`") if "budget" in entries else "",
        when=shape.condition(entries.get("when"), "`when`"),
        per=per,
        most=shape.integer(entries["most"], "`most`") if "most" in entries else 0,
        within=within,
        place=node.place,
    )

"""Reads numbers by weekday and hours, `{mon-fri: {"08:00-12:00": 12}}`, or one for always."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from tierlane.policy.form.finding import Place
from tierlane.policy.reading.calendar import span, weekdays
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Mapping, Node
from tierlane.replay.simulation.staffing import EVERY_DAY, MINUTES

Value = TypeVar("Value")


class Entry(NamedTuple):
    """One span of hours on some weekdays, with the node of its value."""

    begin: int
    end: int
    weekdays: frozenset[int]
    node: Node
    place: Place


def timetable(shape: Shape, node: Node, what: str) -> tuple[Entry, ...]:
    """Return the spans of a timetable; a bare value holds always. Overlaps are reported."""
    if not isinstance(node, Mapping):
        return (Entry(0, MINUTES, EVERY_DAY, node, node.place),)
    found: list[Entry] = []
    for days, (key, hours) in shape.entries(node, what).items():
        named = frozenset(weekdays(shape, days, key.place))
        if not isinstance(hours, Mapping):
            found.append(Entry(0, MINUTES, named, hours, key.place))
            continue
        for text, (at, value) in shape.entries(hours, f"`{days}` of {what}").items():
            minutes = span(shape, Leaf(text, at.place), f"a span of {what}")
            if minutes is not None:
                found.append(Entry(*minutes, named, value, at.place))
    _report_overlap(shape, found, what)
    return tuple(found)


def values(
    shape: Shape, node: Node, what: str, reader: Callable[[Node, str], Value]
) -> tuple[tuple[Entry, Value], ...]:
    """Return the spans with their values as `reader` takes them."""
    return tuple((one, reader(one.node, what)) for one in timetable(shape, node, what))


def _report_overlap(shape: Shape, entries: list[Entry], what: str) -> None:
    week = 7 * MINUTES
    spans = sorted(
        (day * MINUTES + one.begin, day * MINUTES + one.end, one.place)
        for one in entries
        for day in one.weekdays
    )
    again = [(begin + week, end + week, place) for begin, end, place in spans[:1]]
    for (_, end, _), (begin, _, place) in zip(spans, [*spans[1:], *again], strict=False):
        if begin < end:
            shape.report.error("calendar_overlap", place, f"two spans of {what} overlap")
            return

"""Reads a workload file: contacts made up at rates that change by weekday and hour."""

from datetime import date
from typing import Final

from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.desk import rate
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Mapping, Node, plain, read
from tierlane.replay.simulation.timetable import values
from tierlane.replay.simulation.workload import Rate, Stream, Workload

_TOP: Final = ("time_zone", "days", "busyness")
MOST_DAYS: Final = 366


class WorkloadError(PolicyError):
    """the workload cannot be used"""


def read_workload(text: bytes, source: str) -> Workload:
    """Return what a workload file says; raises WorkloadError with every fault and its place."""
    report = Report()
    try:
        workload = _workload(Shape(report), read(text, source))
    except PolicyError as error:  # no YAML at all
        raise WorkloadError(error.findings) from None
    if report.errors:
        raise WorkloadError(report.errors)
    return workload


def _workload(shape: Shape, node: Node) -> Workload:
    entries = shape.keys(node, "a workload file", _TOP, ("workload", "first", "contacts"))
    days = shape.integer(entries["days"], "`days`", 1) if "days" in entries else 1
    if days > MOST_DAYS:
        shape.report.error("range", entries["days"].place, f"`days` must not exceed {MOST_DAYS}")
    streams = shape.entries(entries["contacts"], "`contacts`") if "contacts" in entries else {}
    return Workload(
        name=shape.label(entries["workload"], "`workload`") if "workload" in entries else "",
        streams=tuple(_stream(shape, name, value) for name, (_, value) in streams.items()),
        first=_date(shape, entries.get("first")),
        days=days,
        zone=shape.time_zone(entries["time_zone"]) if "time_zone" in entries else "UTC",
        busyness=float(shape.number(entries["busyness"], "`busyness`", 0.01))
        if "busyness" in entries else None,
    )  # fmt: skip


def _date(shape: Shape, node: Node | None) -> date:
    if node is not None:
        try:
            return date.fromisoformat(str(node.value if isinstance(node, Leaf) else ""))
        except ValueError:
            shape.wrong(node, "`first`", "a date such as `2026-03-02`")
    return date(2026, 1, 1)


def _stream(shape: Shape, name: str, node: Node) -> Stream:
    what = f"contacts `{name}`"
    entries = shape.keys(node, what, ("profile",), ("rate", "contact"))
    contact = plain(entries["contact"]) if "contact" in entries else {}
    if not isinstance(contact, dict) or not isinstance(contact.get("channel"), str):
        place = entries.get("contact", node).place
        shape.report.error("missing_key", place, f"the contact of {what} needs a `channel`")
        contact = {"channel": ""}
    profile = entries.get("profile")
    rates: tuple[Rate, ...] = ()
    if "rate" in entries:
        named = values(
            shape, entries["rate"], f"`rate` of {what}", lambda one, said: rate(shape, one, said)
        )
        rates = tuple(Rate(number, one.begin, one.end, one.weekdays) for one, number in named)
    return Stream(name, contact, rates, plain(profile) if isinstance(profile, Mapping) else None)

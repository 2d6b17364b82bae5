"""The log's rows as events and profiles."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from tierlane.replay.source.anonbank.row import Row

STANDING: Final = {0: "regular", 1: "regular", 2: "high"}
"""`membership.level` by recorded priority."""


class _Due(NamedTuple):
    """An event by the order it is written in: time, contact, and its place in the contact."""

    at: datetime
    line: str
    number: str
    step: int
    text: str


def contact_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield an event a line, by time, from rows by time: arrivals and what became of them.

    Only what is yet to come of calls that have begun is held in memory.
    """
    due: list[_Due] = []
    for row in rows:
        arrival = _arrival(row)
        while due and due[0] < arrival:
            yield heapq.heappop(due).text
        yield arrival.text
        for event in _course(row):
            heapq.heappush(due, event)
    while due:
        yield heapq.heappop(due).text


def profile_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the profile of each customer, by id, dated by his last contact."""
    last = {row.customer: row for row in sorted(rows, key=_moment) if row.customer}
    for customer, row in sorted(last.items()):
        membership = {"programme": "priority", "level": STANDING[row.priority]}
        data = {"customer_id": customer, "membership": membership}
        yield _event("customer.profile", customer, "anonbank", row.at, data)


def in_time(rows: Iterable[Row]) -> list[Row]:
    """Return the rows by time of arrival: the files are ordered by line of the centre."""
    return sorted(rows, key=_moment)


def _moment(row: Row) -> tuple[datetime, str, str]:
    return row.at, row.line, row.number


def _arrival(row: Row) -> _Due:
    contact = _contact(row)
    data: dict[str, object] = {"contact_id": contact, "channel": "voice"}
    if row.customer:
        data["customer_id"] = row.customer
    if row.kind == "PE":
        data["language"] = "en"
    data |= {"subject": row.kind, "attributes": {"priority": row.priority}}
    text = _event("contact.arrived", contact, _source(row), row.at, data)
    return _Due(row.at, row.line, row.number, 0, text)


def _course(row: Row) -> Iterator[_Due]:
    """Yield what came after the arrival."""
    course = row.course
    if course.outcome == "HANG":
        place = "queue" if course.queued else "vru"
        yield _later(row, 1, course.over, "abandoned", {"reason": f"hung up in the {place}"})
        return
    advisor = {"advisor_id": course.server} if course.server else {}
    if course.answered:
        yield _later(row, 1, course.answered, "answered", advisor)
    yield _later(row, 2, course.over, "ended", {**advisor, "outcome": course.outcome})


def _later(row: Row, step: int, at: datetime, name: str, more: Mapping[str, object]) -> _Due:
    contact = _contact(row)
    data = {"contact_id": contact, **more}
    # Named here, since who sends the file in parts remembers no arrival, and by the contact's own
    # id the event would miss the partition of a customer who is known.
    event_id, key = f"{contact}-{name}", row.customer or contact
    text = _event(
        f"contact.{name}", event_id, _source(row), at, data, subject=contact, partitionkey=key
    )
    return _Due(at, row.line, row.number, step, text)


def _contact(row: Row) -> str:
    return f"{row.line}-{row.number}"


def _source(row: Row) -> str:
    return f"anonbank/{row.line}"


def _event(
    kind: str,
    event_id: str,
    source: str,
    at: datetime,
    data: Mapping[str, object],
    **more: str,
) -> str:
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": f"tierlane.{kind}.v1",
        "time": at.isoformat(),
        "subject": event_id,
        **more,
        "data": data,
    }
    return orjson.dumps(event).decode() + "\n"

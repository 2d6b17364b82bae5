"""Waits as our own records tell them: lane entries, and what became of the contacts.

A contact waits from its arrival to its `answered`, whoever wrote that, or until it was over. Its
priority and its promise are those of its last lane entry, its kind that entry's lane.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tierlane.contact.event import ABANDONED, ANSWERED, ENDED
from tierlane.replay.discovery.wait import Wait
from tierlane.replay.source.source import Source
from tierlane.routing.entry import ENTERED
from tierlane.topic import CONTACT_EVENTS, lane_topic
from tierlane.value import parse_time

LANES: Final = tuple(
    lane_topic(kind) for kind in ("standard", "priority", "dedicated", "selfservice")
)
ENDS: Final = frozenset({ABANDONED, ENDED})


@dataclass(slots=True)
class _Entered:
    """A contact that waits: since its first entry, as its last one says."""

    day: str
    since: int
    data: dict[str, Any]


def recorded_waits(source: Source) -> Iterator[Wait]:
    """Yield the waits of contacts that were over, or answered, by the end of the source.

    Records are taken as the source merges them. What cannot be read as JSON is passed over: it
    never had a lane entry.
    """
    waiting: dict[str, _Entered] = {}
    for batch in source.batches((CONTACT_EVENTS, *LANES)):
        for record in batch:
            event = _event(record.value)
            kind, contact = event.get("type"), event.get("subject")
            if type(contact) is not str:
                continue
            if kind == ENTERED:
                data, day = event["data"], event["time"][:10]
                since = parse_time(data["entered_at"])
                before = waiting.get(contact)
                if before is not None:
                    day, since = before.day, before.since
                waiting[contact] = _Entered(day, since, data)
            elif kind == ANSWERED or kind in ENDS:
                entered = waiting.pop(contact, None)
                if entered is not None:
                    advisor = event["data"].get("advisor_id") if kind == ANSWERED else None
                    yield _wait(contact, entered, record.timestamp, advisor or "")


def _event(value: bytes | None) -> dict[str, Any]:
    try:
        event = orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        return {}
    return event if type(event) is dict else {}


def _wait(contact: str, entered: _Entered, until: int, advisor: str) -> Wait:
    data = entered.data
    respond = data.get("respond_by")
    return Wait(
        contact=contact,
        day=entered.day,
        since=entered.since / 1000,
        until=until / 1000,
        priority=float(data["priority"]),
        kind=data["lane"],
        taken_by=advisor,
        promised=None if respond is None else parse_time(respond) / 1000,
    )

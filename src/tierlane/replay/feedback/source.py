"""Reads decisions and outcomes from a source: the audit where there is one, else decided anew."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from tierlane.advisor import LISTED, SIGNED_ON
from tierlane.contact.event import (
    ABANDONED,
    ANSWERED,
    ARRIVED,
    CONTACT_EVENTS,
    ENDED,
    FEEDBACK,
)
from tierlane.contact.reading import Event, Reader
from tierlane.contact.returned import RETURN_ANSWERED, RETURN_EVENTS, RETURN_FINISHED
from tierlane.decision import FALLBACK, Decision
from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.ports import Record
from tierlane.replay.feedback.deciding import Deciding
from tierlane.replay.feedback.joining import Decided, Joined, Joining
from tierlane.topic import (
    ADVISOR_DIRECTORY,
    ADVISOR_EVENTS,
    CUSTOMER_PROFILES,
    INTAKE_RETURNS,
    ROUTING_AUDIT,
)
from tierlane.topic import CONTACT_EVENTS as CONTACTS
from tierlane.value import parse_time

TOPICS: Final = frozenset(
    {CONTACTS, INTAKE_RETURNS, CUSTOMER_PROFILES, ROUTING_AUDIT, ADVISOR_DIRECTORY, ADVISOR_EVENTS}
)
_OVER: Final = frozenset({"closed", "lapsed"})
"""Kinds of audit records that end a contact without any event of it."""


class Reading:
    """Takes records in the order of time; hands out contacts that are done with."""

    def __init__(self, joining: Joining, anew: Revision | None) -> None:
        """`anew` decides arrivals where the source has no audit; None follows the audit."""
        self._joining = joining
        self._deciding = None if anew is None else Deciding(anew)
        self._named = "" if anew is None else f"{anew.name}@{anew.hash}"
        self._contacts = Reader(CONTACT_EVENTS)
        self._returns = Reader(RETURN_EVENTS)
        self._rows: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.advisors: Final[dict[str, str]] = {}
        """Advisor → team, or rank, as directory and signing on say."""
        self.unexplained = 0
        """Decisions whose audit has no room for the rows that held."""
        self.now = 0

    @property
    def anew(self) -> bool:
        """Whether contacts are decided anew, not by the audit."""
        return self._deciding is not None

    def take(self, record: Record) -> Iterator[Joined]:
        """Take in a record and yield the contacts whose window is over by its time."""
        self.now = max(self.now, record.timestamp)
        topic, value = record.topic, record.value
        if topic == CUSTOMER_PROFILES:
            if self._deciding is not None:
                self._deciding.profile(record.key or b"", value)
        elif value is not None:
            self._told(topic, record, value)
        return self._joining.past(self.now)

    def _told(self, topic: str, record: Record, value: bytes) -> None:
        if topic == CONTACTS:
            self._contact(record)
        elif topic == INTAKE_RETURNS:
            self._return(record)
        elif topic == ROUTING_AUDIT and self._deciding is None:
            self._audited(value)
        elif topic in (ADVISOR_DIRECTORY, ADVISOR_EVENTS):
            self._advisor(value)

    # ------------------------------------------------------------------ contacts

    def _contact(self, record: Record) -> None:
        try:
            event = self._contacts.read(record)
        except Unreadable:
            return
        kind, data, at = event.type, event.data, record.timestamp
        contact_id, joining = data["contact_id"], self._joining
        advisor = str(data.get("advisor_id") or "")
        if kind == ARRIVED:
            joining.arrived(contact_id, at, data["channel"])
            self._decide(record.key or b"", event, at)
        elif kind == ANSWERED:
            joining.answered(contact_id, at, advisor)
        elif kind in (ABANDONED, ENDED):
            outcome = str(data.get("outcome") or "")
            left = kind == ABANDONED
            joining.over(contact_id, at, left=left, outcome=outcome, advisor=advisor)
            if type(said := data.get("feedback")) is dict:
                joining.said(contact_id, at, said)
        elif kind == FEEDBACK:
            joining.said(contact_id, at, data)
        if kind in (ANSWERED, ENDED) and self._deciding is not None:
            self._deciding.told(record.key or b"", data)

    def _return(self, record: Record) -> None:
        try:
            event = self._returns.read(record)
        except Unreadable:
            return
        data, at = event.data, record.timestamp
        advisor = str(data.get("advisor_id") or "")
        if event.type == RETURN_ANSWERED:
            self._joining.answered(data["contact_id"], at, advisor)
        elif event.type == RETURN_FINISHED:
            outcome = str(data.get("outcome") or "")
            self._joining.over(data["contact_id"], at, left=False, outcome=outcome, advisor=advisor)

    def _advisor(self, value: bytes) -> None:
        event = _parsed(value)
        if event.get("type") not in (LISTED, SIGNED_ON) or type(event.get("data")) is not dict:
            return
        data = event["data"]
        kind = data.get("team") or (f"rank {data['rank']}" if data.get("rank") is not None else "")
        if kind and type(data.get("advisor_id")) is str:
            self.advisors[data["advisor_id"]] = str(kind)

    # ------------------------------------------------------------------ decisions

    def _audited(self, value: bytes) -> None:
        data = _parsed(value).get("data")
        if type(data) is not dict or type(data.get("contact_id")) is not str:
            return
        at = parse_time(data["seen"])
        if data["kind"] == "decided":
            self._joining.decided(data["contact_id"], at, self._of(data, at))
        elif data["kind"] in _OVER:
            self._joining.over(data["contact_id"], at, left=True, outcome="", advisor="")

    def _of(self, data: dict[str, Any], at: int) -> Decided:
        if "because" not in data:
            self.unexplained += 1
        policy = data.get("policy") or {}
        return Decided(
            self._kept(tuple(data.get("because") or ())),
            _passed(data),
            f"{policy.get('name')}@{policy.get('revision')}",
            str((data.get("tier") or {}).get("name")),
            str((data.get("scenario") or {}).get("name")),
            str(data.get("lane")),
            data.get("lane_kind") == "dedicated",
            self._due(data, at),
        )

    def _due(self, data: dict[str, Any], at: int) -> int | None:
        """Return when an answer is due; promises count from the arrival."""
        due = (data.get("due") or {}).get("answer")
        if due is not None:
            return parse_time(due)
        seconds = (data.get("promise") or {}).get("answer")
        if not isinstance(seconds, int | float):
            return None
        since = self._joining.since(data["contact_id"])
        return (at if since is None else since) + int(seconds * 1000)

    def _decide(self, key: bytes, event: Event, at: int) -> None:
        if self._deciding is not None:
            decision = self._deciding.decided(key, event)
            self._joining.decided(event.data["contact_id"], at, self._anew(decision, at))

    def _anew(self, decision: Decision, at: int) -> Decided:
        outcome = decision.outcome
        return Decided(
            self._kept(decision.because),
            _passed(
                {"lane": outcome.lane, "plan": outcome.plan, "step": outcome.step}
                | {"scenario": {"name": outcome.scenario}}
            ),
            self._named,
            outcome.tier,
            outcome.scenario,
            outcome.lane,
            outcome.kind == "dedicated",
            outcome.promise.due("answer", at),
        )

    def _kept(self, rows: tuple[str, ...]) -> tuple[str, ...]:
        """Return the rows as one object for all contacts that have the same."""
        return self._rows.setdefault(rows, rows)


def _passed(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the rows that a decision's audit shows by where the contact went."""
    step, plan = data.get("step"), data.get("plan")
    return (
        f"lanes/{data.get('lane')}",
        FALLBACK if step == FALLBACK else f"plans/{plan}/{step}",
        f"scenarios/ignore_tier/{(data.get('scenario') or {}).get('name')}",
    )


def _parsed(value: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return event if type(event) is dict else {}

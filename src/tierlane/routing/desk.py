"""Desk: follows the advisors of the desks whose key lies on one partition.

This is the unmanaged desk: an outside system assigns contacts, and tells by `accepted` and
`finished` what it did. The desk passes that on to the intake of the contact's customer through
`intake.returns`, by the key that the lane entry carries. What belongs to a managed desk (contacts
put into its line, answers to offers) has no effect here, and that is audited.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from tierlane.advisor import (
    ACCEPTED,
    ADVISOR_EVENTS,
    FINISHED,
    HEARTBEAT,
    SIGNED_OFF,
    SIGNED_ON,
    STATE,
)
from tierlane.contact.reading import READABLE_BYTES, Event, Reader
from tierlane.contact.returned import RETURN_ANSWERED, RETURN_FINISHED
from tierlane.errors import Unreadable
from tierlane.routing.effect import Effects, Output
from tierlane.routing.ledger import framed
from tierlane.routing.limit import DAY
from tierlane.routing.machine import Machine, key_of
from tierlane.routing.memory import event_name
from tierlane.routing.timetable import rounded
from tierlane.routing.turn import Place
from tierlane.topic import ADVISOR_EVENTS as ADVISORS
from tierlane.topic import DESK_CONTACTS, DESK_INPUTS, INTAKE_RETURNS
from tierlane.value import format_time


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """Bounds on what a desk keeps; times in milliseconds."""

    silence: int = 2 * DAY
    """An advisor of whom nothing is heard for so long is forgotten, as if signed off."""
    held: int = 64
    """Contacts remembered per advisor; past it the oldest is forgotten."""
    heard: int = 64
    """Events remembered per advisor, by which one that comes twice is known."""


@dataclass(slots=True)
class KeptAdvisor:
    """An advisor as the desk keeps it."""

    id: str
    desk: str
    state: str = "unknown"
    """As the advisor's events say, or `unknown` before the first of them."""
    until: int = 0
    """When nothing was heard for too long, on the `seen` clock."""
    held: tuple[str, ...] = ()
    """The contacts the advisor has, oldest first."""
    heard: tuple[str, ...] = ()
    """Names of the events heard, oldest first."""


class Desk(Machine):
    """The owner of one partition of `advisor.events` and `desk.contacts`."""

    name = "desk"
    inputs = DESK_INPUTS

    def __init__(
        self, *, partition: int, deployment: str, limits: DeskLimits | None = None
    ) -> None:
        """Begin with nothing. Raises `SettingError` for a deployment that cannot be in an id."""
        super().__init__(partition=partition, deployment=deployment, record_bytes=READABLE_BYTES)
        self._limits = limits or DeskLimits()
        self._events = Reader(ADVISOR_EVENTS)
        self._handlers = {ADVISORS: self._on_advisor, DESK_CONTACTS: self._on_contact}

    def _on_contact(self, effects: Effects, place: Place) -> None:
        """Note that a desk which assigns nothing was given a contact."""
        key_of(place.record)
        self._note(effects, place, place.seen, "no_effect", {"reason": "desk not managed"})

    def _on_advisor(self, effects: Effects, place: Place) -> None:
        event = self._events.read(place.record)
        data = event.data
        if key_of(place.record) != data["desk"].encode():
            raise Unreadable("wrong-key", "data.desk: not the key")
        key = _key(data["advisor_id"], data["desk"])
        advisor = self._find(key, data["advisor_id"], data["desk"])
        name = event_name(event.source, event.id)
        if name in advisor.heard:
            effects.count("duplicate")
            self._note(effects, place, event.at, "duplicate", _about(event))
            return
        advisor.heard = (*advisor.heard, name)[-self._limits.heard :]
        advisor.until = place.seen + self._limits.silence
        self._follow(effects, place, event, advisor)
        self._save(effects, key, advisor)

    def _follow(self, effects: Effects, place: Place, event: Event, advisor: KeptAdvisor) -> None:
        """Do what the advisor's event does."""
        kind, data = event.type, event.data
        if kind in (ACCEPTED, FINISHED):
            self._tell_intake(effects, place, event, advisor)
        elif kind in (SIGNED_ON, STATE, SIGNED_OFF):
            advisor.state = data.get("state", "available")
            if kind == SIGNED_OFF:
                advisor.state = "signed off"
            self._note(effects, place, event.at, kind.split(".")[2], _about(event))
        elif kind == HEARTBEAT:
            self._note(
                effects, place, event.at, "no_effect", _about(event, "noted as a sign of life")
            )
        else:
            self._note(effects, place, event.at, "no_effect", _about(event, "no such offer"))

    def _tell_intake(
        self, effects: Effects, place: Place, event: Event, advisor: KeptAdvisor
    ) -> None:
        """Tell the contact's intake that it is answered or finished."""
        data = event.data
        contact_id, key = data.get("contact_id"), data.get("contact_key")
        if contact_id is None or key is None:
            why = "no such offer" if data.get("offer_id") else "no contact_id or contact_key"
            self._note(effects, place, event.at, "no_effect", _about(event, why))
            return
        held = tuple(one for one in advisor.held if one != contact_id)
        if event.type == ACCEPTED:
            held = (*held, contact_id)[-self._limits.held :]
        advisor.held = held
        value = orjson.dumps(self._returned(place, event))
        effects.outputs.append(Output(INTAKE_RETURNS, key.encode(), value))
        told = _about(event) | {"contact": contact_id}
        self._note(effects, place, event.at, event.type.split(".")[2], told)

    def _returned(self, place: Place, event: Event) -> dict[str, Any]:
        data = event.data
        told = {"contact_id": data["contact_id"], "desk": data["desk"]}
        told |= {"advisor_id": data["advisor_id"], "outcome": data.get("outcome")}
        return {
            "specversion": "1.0",
            "id": f"{place.base}.r0",
            "source": self._journal.source,
            "type": RETURN_ANSWERED if event.type == ACCEPTED else RETURN_FINISHED,
            "time": format_time(event.at),
            "subject": data["contact_id"],
            "data": told,
        }

    def _begin(self, effects: Effects, seen: int) -> None:
        """Do nothing: a desk that assigns nothing has no revision to announce."""

    def _due(self, effects: Effects, key: bytes, now: int) -> None:  # noqa: ARG002
        """Forget an advisor of whom nothing was heard for too long."""
        self._ledger.put(key, None, 0)
        effects.changes[key] = None

    def _note(
        self, effects: Effects, place: Place, at: int, kind: str, detail: dict[str, Any]
    ) -> None:
        self._journal.noted(
            effects,
            kind,
            record_id=f"{place.base}.n0",
            at=at,
            seen=place.seen,
            cause=place.cause,
            contact_id=detail.get("contact"),
            detail=detail,
        )

    def _find(self, key: bytes, advisor_id: str, desk: str) -> KeptAdvisor:
        value = self._ledger.values.get(key)
        return KeptAdvisor(advisor_id, desk) if value is None else _read(value)

    def _save(self, effects: Effects, key: bytes, advisor: KeptAdvisor) -> None:
        deadline = rounded(advisor.until)
        told = (advisor.id, advisor.desk, advisor.state, advisor.until)
        value = framed(deadline, orjson.dumps((*told, advisor.held, advisor.heard)))
        self._ledger.put(key, value, deadline)
        effects.changes[key] = value


def _key(advisor_id: str, desk: str) -> bytes:
    """Return what an advisor at a desk is kept under; the lengths keep two from being one."""
    return f"{len(desk)}:{desk}{advisor_id}".encode()


def _read(value: bytes) -> KeptAdvisor:
    _, _, advisor_id, desk, state, until, held, heard = orjson.loads(value)
    return KeptAdvisor(advisor_id, desk, state, until, tuple(held), tuple(heard))


def _about(event: Event, reason: str = "") -> dict[str, Any]:
    """Return what an audit record tells of an advisor's event."""
    told = {
        "event": event.type.split(".")[2],
        "advisor": event.data["advisor_id"],
        "desk": event.data["desk"],
    }
    return told | ({"reason": reason} if reason else {})

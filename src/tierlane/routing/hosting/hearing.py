"""What advisors and operators tell a managed desk: its events, and what the audit tells besides."""

from collections.abc import Mapping
from typing import Any, Final

from tierlane.advisor import (
    ACCEPTED,
    FINISHED,
    HEARTBEAT,
    SIGNED_OFF,
    SIGNED_ON,
    STATE,
)
from tierlane.contact.reading import Event
from tierlane.operator import ORDERS
from tierlane.routing.waiting import told
from tierlane.routing.waiting.event import Accepted, Declined, Finished
from tierlane.routing.waiting.event import Event as DeskEvent
from tierlane.routing.waiting.state import DeskState

NOTED: Final = {SIGNED_ON: "signed_on", STATE: "state", SIGNED_OFF: "signing_off"}
"""Type → kind of the audit record of an event that brings no change by itself."""


def told_of(event: Event, state: DeskState, now: int) -> tuple[list[DeskEvent], dict[str, Any]]:
    """Return the events of the desk, and what its records are to tell besides.

    Raises `Unreadable` for a time in the data that is none.
    """
    data = event.data
    if event.type in ORDERS:
        about = {"why": data["reason"], "by": data.get("by"), "until": data.get("until")}
        known = {name: value for name, value in about.items() if value is not None}
        return [told.order(event.type, data)], known
    if event.type == FINISHED:
        outcome = data.get("outcome")
        done = Finished(data["advisor_id"], data["contact_id"])
        return [done], {} if outcome is None else {"outcome": outcome}
    return [_told(event.type, data, state, now)], {}


def _told(kind: str, data: Mapping[str, Any], state: DeskState, now: int) -> DeskEvent:
    if kind == SIGNED_ON:
        return told.signed_on(data, state.book.line, now)
    if kind == STATE:
        return told.stood(data)
    if kind == SIGNED_OFF:
        return told.signed_off(data)
    if kind == HEARTBEAT:
        return told.heard(data)
    offer_id = data.get("offer_id") or ""
    offer = state.offers.get(offer_id)
    contact_id = (data.get("contact_id") or "") if offer is None else offer.contact_id
    answer = Accepted if kind == ACCEPTED else Declined
    return answer(data["advisor_id"], contact_id, offer_id)

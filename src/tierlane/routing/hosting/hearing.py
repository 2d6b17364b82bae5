"""What advisors and operators tell a managed desk: its events, and what the audit tells besides."""

from collections.abc import Mapping
from typing import Any, Final

from tierlane.advisor import (
    ACCEPTED,
    DECLINED,
    FINISHED,
    SIGNED_OFF,
    STATE,
)
from tierlane.contact.reading import Event
from tierlane.operator import ORDERS
from tierlane.routing.hosting.shelf import Shelf
from tierlane.routing.waiting import told
from tierlane.routing.waiting.event import Accepted, Declined, Finished
from tierlane.routing.waiting.event import Event as DeskEvent
from tierlane.routing.waiting.state import DeskState

NOTED: Final = {STATE: "state", SIGNED_OFF: "signing_off"}
"""Type → kind of the audit record of an event that brings no change by itself."""


def told_of(event: Event, state: DeskState, shelf: Shelf) -> tuple[list[DeskEvent], dict[str, Any]]:
    """Return the events of the desk, and what its records are to tell besides.

    Signing on is dealt with by `claiming`. Raises `Unreadable` for a time in the data that is none.
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
    if event.type in (ACCEPTED, DECLINED):
        return [_answer(event.type, data, state, shelf)], {}
    return [_told(event.type, data)], {}


def _told(kind: str, data: Mapping[str, Any]) -> DeskEvent:
    if kind == STATE:
        return told.stood(data)
    if kind == SIGNED_OFF:
        return told.signed_off(data)
    return told.heard(data)


def _answer(kind: str, data: Mapping[str, Any], state: DeskState, shelf: Shelf) -> DeskEvent:
    answer = Accepted if kind == ACCEPTED else Declined
    offer_id, advisor_id = data.get("offer_id") or "", data["advisor_id"]
    contact_id = _contact_of(offer_id, advisor_id, state, shelf) or data.get("contact_id") or ""
    return answer(advisor_id, contact_id, offer_id)


def _contact_of(offer_id: str, advisor_id: str, state: DeskState, shelf: Shelf) -> str:
    """Return the contact of an offer that is open, was taken up or is over; else nothing."""
    offer, seat = state.offers.get(offer_id), state.seats.get(advisor_id)
    if offer is not None:
        return offer.contact_id
    if seat is None or not offer_id:
        return ""
    taken = (name for name in seat.held if shelf.held[name].card.offer == offer_id)
    return next(taken, seat.lately.get(offer_id, ""))

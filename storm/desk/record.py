"""The records of managed desks as the laws look at them: the contracts of the topics, no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from storm.law import AUDIT, INPUT, LANES, REJECTED, RETURNS, Place

DESK_CONTACTS: Final = "desk.contacts"
ADVISORS: Final = "advisor.events"
OFFERS: Final = "advisor.offers"
INPUTS: Final = (INPUT, RETURNS, DESK_CONTACTS, ADVISORS)
TOPICS: Final = (*INPUTS, OFFERS, *LANES, AUDIT, REJECTED)

NOT_NAMED: Final = "-"
"""Stands for the contact of an offer that is not known any more."""
QUIET: Final = frozenset(
    {"tierlane.advisor.heartbeat.v1", "tierlane.desk.updated.v1", "tierlane.desk.noticed.v1"}
)
"""Types of inputs that lead to an audit record only if something is mended, or moves, by them."""
ACCEPTED: Final = "tierlane.advisor.accepted.v1"
HEARTBEAT: Final = "tierlane.advisor.heartbeat.v1"
OFFERED: Final = "tierlane.offer.offered.v1"
CONFIRMED: Final = "tierlane.offer.confirmed.v1"
REVOKED: Final = "tierlane.offer.revoked.v1"
SIGNED_OFF: Final = "tierlane.offer.signed_off.v1"
REFUSED: Final = "tierlane.offer.refused.v1"
SIGNED_ON: Final = "tierlane.offer.signed_on.v1"
ANSWERS: Final = frozenset({"confirmed", "revoked"})
"""Kinds of audit record of which each acceptance has one."""
TOLD_AS: Final = {
    "offered": OFFERED,
    "confirmed": CONFIRMED,
    **dict.fromkeys(("revoked", "declined", "expired", "returned", "withdrawn"), REVOKED),
    **dict.fromkeys(("signed_off", "signed_off_again", "vanished"), SIGNED_OFF),
    "refused": REFUSED,
    "signed_on": SIGNED_ON,
}
"""Kind of a desk's audit record → what the advisor is told."""
OVER: Final = frozenset({"finished", "left", "closed", "lapsed"})
"""Kinds of a desk's audit record after which a contact is over."""


class Bounds(NamedTuple):
    """What the storm's policy promises."""

    at_once: int
    """Advisors to whom one contact is offered at a time."""
    units: float
    costs: Mapping[str, float]
    """Units that a contact of a channel takes."""
    silence: int
    """Ms without news after which an advisor who sent heartbeats has vanished."""
    ends: Mapping[str, Sequence[int]] = {}
    """By plan the age in ms at which each step ends, those without an end at its end left out."""
    again: int = 0
    """Ms after which one who declined a contact, or said nothing, is asked for it again."""
    wrap_up: Mapping[str, int] = {}
    """Ms by channel."""


class Noted(NamedTuple):
    """What the laws need of an audit record."""

    id: str
    kind: str
    owner: str
    seq: int
    contact_id: str
    advisor_id: str
    offer_id: str
    cause: Place | None
    due: int
    """Of the timer that brought it about, else 0; ms, as all times here."""
    again: bool
    fired: int = 0
    """When that timer fired, else 0."""
    seen: int = 0
    moment: int = 0
    """When it counts, by the owner's clock; 0 where it does not say."""
    heard_to: int = 0
    """The offset up to which `advisor.events` had been read before."""
    of_advisor: bool = False
    """Whether the record at that offset brought it about."""
    plan: str = ""
    step: int = 0
    """From 1 on; 0 is none that is numbered."""
    expires: int = 0
    """Of an offer that was made."""
    desk: str = ""


class Told(NamedTuple):
    """What the laws need of a record of `advisor.offers`."""

    kind: str
    offer_id: str
    contact_id: str
    advisor_id: str
    expires_at: int


class Heard(NamedTuple):
    """What the laws need of a record of `advisor.events`."""

    kind: str
    advisor_id: str
    logged: int
    """Ms, by the broker's clock."""


def told(event: Mapping[str, Any]) -> Told:
    """Read a record of `advisor.offers`."""
    data = event["data"]
    ends = milliseconds(data["expires_at"]) if event["type"] == OFFERED else 0
    contact = "" if data["contact_id"] == NOT_NAMED else data["contact_id"]
    return Told(event["type"], data["offer_id"], contact, data["advisor_id"], ends)


def noted(data: Mapping[str, Any]) -> Noted:
    """Read the data of an audit record."""
    cause = data.get("cause") or {}
    place = None
    if "offset" in cause:
        place = Place(cause["topic"], cause["partition"], cause["offset"])
    of_advisor = place is not None and place.topic == ADVISORS
    step = data.get("step")
    return Noted(
        data["decision_id"],
        data["kind"],
        data["owner"],
        data["seq"],
        str(data.get("contact_id") or ""),
        str(data.get("advisor") or ""),
        str(data.get("offer") or ""),
        place,
        int(cause.get("due") or 0),
        bool(data.get("again")),
        fired=int(cause.get("fired") or 0),
        seen=_time(data, "seen"),
        moment=_moment(data, cause),
        heard_to=cause["offset"] if of_advisor else cause.get("next", {}).get(ADVISORS, 0),
        of_advisor=of_advisor,
        plan=str(data.get("plan") or ""),
        step=step if isinstance(step, int) else 0,
        expires=_time(data, "expires_at"),
        desk=str(data.get("desk") or ""),
    )


def _moment(data: Mapping[str, Any], cause: Mapping[str, Any]) -> int:
    """Return when something counts: a timer when it was due, a record when the log took it.

    An owner whose clock was ahead of the record by then says so. One that finds that it stood
    still is not there yet.
    """
    if "offset" in cause:
        return max(_time(data, "seen"), int(cause.get("clock") or 0))
    when = {"desk": "due", "caught_up": "fired"}.get(cause.get("timer", ""), "")
    return int(cause.get(when) or 0)


def _time(data: Mapping[str, Any], name: str) -> int:
    return milliseconds(data[name]) if data.get(name) else 0


def milliseconds(text: str) -> int:
    """Return ms since 1970 of a time in ISO 8601."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)

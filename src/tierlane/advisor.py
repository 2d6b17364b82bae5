"""Advisors: their events on `advisor.events`, their directory, and offers made to them."""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.word import OPEN, Id, Json, Word

SIGNED_ON: Final = "tierlane.advisor.signed_on.v1"
STATE: Final = "tierlane.advisor.state.v1"
HEARTBEAT: Final = "tierlane.advisor.heartbeat.v1"
ACCEPTED: Final = "tierlane.advisor.accepted.v1"
DECLINED: Final = "tierlane.advisor.declined.v1"
FINISHED: Final = "tierlane.advisor.finished.v1"
SIGNED_OFF: Final = "tierlane.advisor.signed_off.v1"

ContactKey = Annotated[
    Id | None, Field(description="the contact's key of arrival, as the lane entry's `key` gives it")
]


@with_config(OPEN)
class Present(TypedDict):
    """An advisor at a desk."""

    advisor_id: Id
    desk: Id


@with_config(OPEN)
class SignedOn(Present):
    """An advisor begins to serve at a desk."""

    skills: NotRequired[Annotated[Json, Field(description="skill → level, or a list")]]
    languages: NotRequired[list[Word] | None]
    channels: NotRequired[list[Word] | None]
    capacity: NotRequired[Json]
    lanes: NotRequired[list[Word] | None]


@with_config(OPEN)
class Standing(Present):
    """An advisor's readiness changed."""

    state: Literal["available", "break", "wrap-up", "away"]


@with_config(OPEN)
class Heartbeat(Present):
    """An advisor's desktop is alive."""

    contacts: NotRequired[Annotated[list[Id] | None, Field(description="contacts held")]]


@with_config(OPEN)
class Accepted(Present):
    """An advisor took a contact: by offer, or as an outside system assigned it."""

    offer_id: NotRequired[Id | None]
    contact_id: NotRequired[Id | None]
    contact_key: NotRequired[ContactKey]


@with_config(OPEN)
class Declined(Present):
    """An advisor declined an offer."""

    offer_id: Id


@with_config(OPEN)
class Finished(Present):
    """An advisor is done with a contact."""

    contact_id: Id
    contact_key: NotRequired[ContactKey]
    outcome: NotRequired[Word | None]


@with_config(OPEN)
class SignedOff(Present):
    """An advisor leaves the desk."""


@with_config(OPEN)
class Listed(TypedDict):
    """An advisor as workforce management lists them: home desk and what they can do."""

    advisor_id: Id
    desk: Id
    rank: NotRequired[int | None]
    skills: NotRequired[Json]
    languages: NotRequired[list[Word] | None]
    channels: NotRequired[list[Word] | None]


@with_config(OPEN)
class Offer(TypedDict):
    """A contact put to one advisor, or what became of that."""

    offer_id: Id
    contact_id: Id
    advisor_id: Id
    desk: Id


@with_config(OPEN)
class Offered(Offer):
    """A contact is put to an advisor; beside these fields stands the lane entry's content."""

    expires_at: Word


@with_config(OPEN)
class Revoked(Offer):
    """The contact is not the advisor's, or no longer."""

    reason: Word


@with_config(OPEN)
class SignedOnEvent(Envelope):
    """`tierlane.advisor.signed_on.v1`"""

    type: Literal["tierlane.advisor.signed_on.v1"]
    data: SignedOn


@with_config(OPEN)
class StateEvent(Envelope):
    """`tierlane.advisor.state.v1`"""

    type: Literal["tierlane.advisor.state.v1"]
    data: Standing


@with_config(OPEN)
class HeartbeatEvent(Envelope):
    """`tierlane.advisor.heartbeat.v1`"""

    type: Literal["tierlane.advisor.heartbeat.v1"]
    data: Heartbeat


@with_config(OPEN)
class AcceptedEvent(Envelope):
    """`tierlane.advisor.accepted.v1`"""

    type: Literal["tierlane.advisor.accepted.v1"]
    data: Accepted


@with_config(OPEN)
class DeclinedEvent(Envelope):
    """`tierlane.advisor.declined.v1`"""

    type: Literal["tierlane.advisor.declined.v1"]
    data: Declined


@with_config(OPEN)
class FinishedEvent(Envelope):
    """`tierlane.advisor.finished.v1`"""

    type: Literal["tierlane.advisor.finished.v1"]
    data: Finished


@with_config(OPEN)
class SignedOffEvent(Envelope):
    """`tierlane.advisor.signed_off.v1`"""

    type: Literal["tierlane.advisor.signed_off.v1"]
    data: SignedOff


ADVISOR_EVENTS: Final = {
    SIGNED_ON: SignedOnEvent,
    STATE: StateEvent,
    HEARTBEAT: HeartbeatEvent,
    ACCEPTED: AcceptedEvent,
    DECLINED: DeclinedEvent,
    FINISHED: FinishedEvent,
    SIGNED_OFF: SignedOffEvent,
}
"""Type → model of `advisor.events`."""


@with_config(OPEN)
class ListedEvent(Envelope):
    """`tierlane.advisor.listed.v1`"""

    type: Literal["tierlane.advisor.listed.v1"]
    data: Listed


@with_config(OPEN)
class OfferedEvent(Envelope):
    """`tierlane.offer.offered.v1`"""

    type: Literal["tierlane.offer.offered.v1"]
    data: Offered


@with_config(OPEN)
class ConfirmedEvent(Envelope):
    """`tierlane.offer.confirmed.v1`"""

    type: Literal["tierlane.offer.confirmed.v1"]
    data: Offer


@with_config(OPEN)
class RevokedEvent(Envelope):
    """`tierlane.offer.revoked.v1`"""

    type: Literal["tierlane.offer.revoked.v1"]
    data: Revoked

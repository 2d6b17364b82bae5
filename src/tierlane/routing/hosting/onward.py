"""Contacts on their way to a desk: the records of `desk.contacts`, written by intakes and desks.

The contact stands in them in a form of its own, with the version of that form; a reader that does
not know the version refuses the record.
"""

from dataclasses import replace
from typing import Annotated, Any, Final, Literal, NamedTuple, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.reading import READABLE_BYTES, Event
from tierlane.contact.word import OPEN, Id, Json, Word
from tierlane.errors import Unreadable
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.routing.effect import Output
from tierlane.routing.envelope import enveloped
from tierlane.routing.hosting.card import Card
from tierlane.routing.hosting.form import Misfit, form
from tierlane.routing.waiting.event import Arrived, Gone, Noticed, Updated
from tierlane.topic import DESK_CONTACTS

ARRIVED: Final = "tierlane.desk.arrived.v1"
UPDATED: Final = "tierlane.desk.updated.v1"
GONE: Final = "tierlane.desk.gone.v1"
NOTICED: Final = "tierlane.desk.noticed.v1"

FORMAT: Final = 1
"""The version in which contacts are written, and the only one there has been."""

LARGEST: Final = READABLE_BYTES - 64 * 1024
"""Bytes of a record; the rest is room for the batch around it."""


@with_config(OPEN)
class Handed(TypedDict):
    """A contact as desks keep it, in their own format."""

    contact_id: Id
    key: Annotated[Id, Field(description="the contact's key of arrival")]
    format: Annotated[int, Field(description="version of `contact`, `card` and `itinerary`")]
    card: Annotated[dict[str, Json], Field(description="how it was decided, and entries so far")]
    itinerary: Annotated[dict[str, Json], Field(description="its steps, and what is wanted there")]


@with_config(OPEN)
class Come(Handed):
    """A contact comes to the desk, from intake or from another desk."""

    contact: Annotated[
        dict[str, Json], Field(description="where it is in its plan, and since when")
    ]


@with_config(OPEN)
class Left(TypedDict):
    """A contact is not the desk's any more."""

    contact_id: Id
    key: Annotated[Id, Field(description="the contact's key of arrival")]
    how: Literal["abandoned", "ended", "answered", "transferred", "finished", "lapsed"]
    reason: NotRequired[Word | None]
    advisor_id: NotRequired[
        Annotated[Id | None, Field(description="with `answered`: who has it, where that was told")]
    ]


@with_config(OPEN)
class Heard(TypedDict):
    """Something was heard of a contact that somebody serves."""

    contact_id: Id
    key: Annotated[Id, Field(description="the contact's key of arrival")]
    channel: NotRequired[
        Annotated[Word | None, Field(description="where its customer is from now on")]
    ]
    joined: NotRequired[
        Annotated[Id | None, Field(description="the contact by which they came there")]
    ]


@with_config(OPEN)
class ArrivedEvent(Envelope):
    """`tierlane.desk.arrived.v1`"""

    type: Literal["tierlane.desk.arrived.v1"]
    data: Come


@with_config(OPEN)
class UpdatedEvent(Envelope):
    """`tierlane.desk.updated.v1`"""

    type: Literal["tierlane.desk.updated.v1"]
    data: Handed


@with_config(OPEN)
class GoneEvent(Envelope):
    """`tierlane.desk.gone.v1`"""

    type: Literal["tierlane.desk.gone.v1"]
    data: Left


@with_config(OPEN)
class NoticedEvent(Envelope):
    """`tierlane.desk.noticed.v1`"""

    type: Literal["tierlane.desk.noticed.v1"]
    data: Heard


ONWARD_EVENTS: Final = {
    ARRIVED: ArrivedEvent,
    UPDATED: UpdatedEvent,
    GONE: GoneEvent,
    NOTICED: NoticedEvent,
}
"""Type → model of `desk.contacts`."""

_ARRIVED: Final = form(Arrived, without=("itinerary",))
_CARD: Final = form(Card, without=("heard",))
_ITINERARY: Final = form(Itinerary)


class Parcel(NamedTuple):
    """A record of `desk.contacts` that was read."""

    event: Arrived | Updated | Gone | Noticed
    card: Card | None
    """None with `Gone` and `Noticed`."""
    key: str
    """The contact's key of arrival."""
    joined: str = ""
    """With `Noticed`: the contact by which its customer came to another channel."""


class Sender(NamedTuple):
    """Who writes, and by what: the parts of a record that are not the contact's."""

    source: str
    """Of the envelope."""
    id: str
    """The record's id."""
    at: int
    """Ms."""


def arrived(sender: Sender, desk: str, event: Arrived, card: Card) -> Output:
    """Return the record by which a contact comes to a desk. Raises `Unreadable` as `updated`."""
    more = {"contact": _ARRIVED.pack(event)}
    return _fitting((sender, desk, ARRIVED), event, card, more)


def updated(sender: Sender, desk: str, event: Updated, card: Card) -> Output:
    """Return the record by which a desk learns what was decided anew.

    Where it would be larger than `LARGEST` it goes without what is told to who serves. Raises
    `Unreadable` where that is too large, too.
    """
    return _fitting((sender, desk, UPDATED), event, card, {})


def gone(sender: Sender, desk: str, event: Gone, key: str) -> Output:
    """Return the record by which a desk learns that a contact is over, or another's."""
    data = {"key": key, "how": event.how} | ({"advisor_id": event.by} if event.by else {})
    return _output(sender, desk, GONE, event.contact_id, data)


def noticed(sender: Sender, desk: str, event: Noticed, key: str, joined: str = "") -> Output:
    """Return the record by which a desk learns that something was heard of a contact.

    `joined` is the contact by which its customer came to another channel.
    """
    told = {"key": key, "channel": event.channel, "joined": joined}
    data = {name: value for name, value in told.items() if value}
    return _output(sender, desk, NOTICED, event.contact_id, data)


def read(event: Event) -> Parcel:
    """Return what an event of `desk.contacts` says. Raises `Unreadable`."""
    data = event.data
    if event.type == GONE:
        gone = Gone(data["contact_id"], data["how"], data.get("advisor_id") or "")
        return Parcel(gone, None, data["key"])
    if event.type == NOTICED:
        heard = Noticed(data["contact_id"], data.get("channel") or "")
        return Parcel(heard, None, data["key"], data.get("joined") or "")
    if data["format"] != FORMAT:
        raise Unreadable("unknown-format", "data.format")
    try:
        itinerary = _ITINERARY.unpack(data["itinerary"])
        card = _CARD.unpack(data["card"])
        if event.type == UPDATED:
            return Parcel(Updated(data["contact_id"], itinerary), card, card.key)
        fields = _ARRIVED.fields(data["contact"])
    except Misfit as error:
        raise Unreadable("wrong-type", f"data: {error}") from None
    if fields["contact_id"] != data["contact_id"]:
        raise Unreadable("wrong-value", "data.contact.contact_id")
    return Parcel(Arrived(**fields, itinerary=itinerary), card, card.key)


def _fitting(
    head: tuple[Sender, str, str], event: Arrived | Updated, card: Card, more: dict[str, Any]
) -> Output:
    for itinerary in (event.itinerary, _silent(event.itinerary)):
        data = {**more, **_handed(itinerary, card)}
        output = _output(*head, event.contact_id, data)
        if len(output.value or b"") <= LARGEST:
            return output
    raise Unreadable("too-large", "itinerary")


def _silent(itinerary: Itinerary) -> Itinerary:
    """Return an itinerary that tells those who serve nothing."""
    legs = tuple(
        (plan, tuple([leg._replace(serve=()) for leg in many])) for plan, many in itinerary.legs
    )
    return replace(itinerary, legs=legs, last=itinerary.last._replace(serve=()))


def _handed(itinerary: Itinerary, card: Card) -> dict[str, Any]:
    packed = _CARD.pack(card)
    return {
        "key": card.key,
        "format": FORMAT,
        "card": packed,
        "itinerary": _ITINERARY.pack(itinerary),
    }


def _output(sender: Sender, desk: str, kind: str, contact_id: str, data: dict[str, Any]) -> Output:
    told = {"contact_id": contact_id, **data}
    value = enveloped(
        kind, told, event_id=sender.id, source=sender.source, at=sender.at, subject=contact_id
    )
    return Output(DESK_CONTACTS, desk.encode(), value)

"""Profiles: what is known of a customer, as they lie on `customer.profiles`."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.reading import Reader, leave_out, parse, unwrap
from tierlane.contact.word import OPEN, Id, Word
from tierlane.errors import Unreadable

PROFILE: Final = "tierlane.customer.profile.v1"

Measure = Annotated[float, Field(allow_inf_nan=False)]


@with_config(OPEN)
class Membership(TypedDict):
    """A programme the customer belongs to."""

    programme: NotRequired[Word | None]
    level: NotRequired[Word | None]
    until: NotRequired[Annotated[Word | None, Field(description="a date or a time")]]


@with_config(OPEN)
class Profile(TypedDict):
    """A customer; every field but the id may be absent or null."""

    customer_id: Id
    segments: NotRequired[list[Word] | None]
    birth_year: NotRequired[Annotated[int | None, Field(ge=1850, le=2200)]]
    languages: NotRequired[list[Word] | None]
    region: NotRequired[Word | None]
    measures: NotRequired[dict[str, Measure | None] | None]
    membership: NotRequired[Membership | None]
    dedicated_advisor: NotRequired[Id | None]
    account_team: NotRequired[Id | None]
    preferences: NotRequired[list[Word] | None]
    signals: NotRequired[dict[str, Measure | None] | None]


@with_config(OPEN)
class ProfileEvent(Envelope):
    """`tierlane.customer.profile.v1`"""

    type: Literal["tierlane.customer.profile.v1"]
    data: Profile


PROFILE_EVENTS: Final = {PROFILE: ProfileEvent}
"""Type → model of `customer.profiles`."""


class BareProfile(TypedDict):
    """A profile written without an envelope, as it is looked at for faults."""

    data: Profile


_events: Final = Reader(PROFILE_EVENTS)
_bare: Final = TypeAdapter(BareProfile).validator.validate_python
_VITAL: Final = frozenset({"customer_id"})


def read_profile(
    value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return a profile, and the place and fault of each field left out of it.

    Reads a CloudEvent in both content modes and a bare profile. Raises `Unreadable`.
    """
    raw = parse(value)
    if headers:
        raw = unwrap(headers, raw)
    if type(raw) is not dict:
        raise Unreadable("not-an-object", "value")
    if "specversion" in raw or "data" in raw:
        event = _events.check(raw)
        return event.data, event.left_out
    wrapped = {"data": raw}
    try:
        _bare(wrapped)
    except ValidationError as error:
        return raw, leave_out(wrapped, error, _VITAL)
    return raw, ()


def plain_profile(value: bytes, customer_id: str) -> dict[str, Any]:
    """Return the customer's profile without looking at its fields' types.

    For deciding: the rules look at the types of what they read, and the profile was looked at
    when it came in. That saves two thirds of the time. Raises `Unreadable`.
    """
    raw = parse(value)
    if type(raw) is dict and "data" in raw:
        raw = raw["data"]
    if type(raw) is not dict:
        raise Unreadable("not-an-object", "value")
    if raw.get("customer_id") != customer_id:
        raise Unreadable("wrong-key", "customer_id: not the key")
    return raw

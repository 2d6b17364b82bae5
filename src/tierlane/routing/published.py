"""The records that intake and desk write for others, as models: the source of their schemas.

What is written is put together from bytes; tests hold it to these models.
"""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.word import OPEN, Id, Json, Word

Kind = Literal["standard", "priority", "dedicated", "selfservice"]
OFFERED: Final = "tierlane.offer.offered.v1"
CONFIRMED: Final = "tierlane.offer.confirmed.v1"
REVOKED: Final = "tierlane.offer.revoked.v1"
SWITCHED: Final = "tierlane.offer.switched.v1"
SIGNED_OFF: Final = "tierlane.offer.signed_off.v1"
REFUSED: Final = "tierlane.offer.refused.v1"
SIGNED_ON: Final = "tierlane.offer.signed_on.v1"

Time = Annotated[str, Field(description="ISO 8601 in UTC with milliseconds")]


@with_config(OPEN)
class PolicyName(TypedDict):
    """Which revision decided."""

    name: Word
    revision: Word


@with_config(OPEN)
class LanePlace(TypedDict):
    """Which entry of which contact into which lane."""

    entry_id: Id
    entry_no: Annotated[int, Field(ge=1, description="counts up per contact; the highest is true")]
    contact_id: Id
    customer_id: Id | None
    lane: Word
    kind: Kind
    desk: Word


@with_config(OPEN)
class LaneEntered(LanePlace):
    """A contact waits in a lane."""

    key: Annotated[Id, Field(description="the contact's key of arrival, for what a desk returns")]
    tier: Word
    scenario: Word
    priority: float
    step: Annotated[int | str, Field(description="the plan's step from 1, or `fallback`")]
    policy: PolicyName
    entered_at: Time
    respond_by: Time | None
    resolve_by: Time | None
    advisor: Annotated[Id | None, Field(description="of a dedicated lane")]
    serve: Annotated[dict[str, Json], Field(description="just what the policy names")]
    decision_id: Id
    place: NotRequired[
        Annotated[int, Field(ge=1, description="of a managed desk: no more than that are before")]
    ]
    expected_at: NotRequired[
        Annotated[Time | None, Field(description="when it is likely taken on; null: not known")]
    ]


@with_config(OPEN)
class LaneLeft(LanePlace):
    """A contact no longer waits in a lane."""

    left_at: Time
    reason: Literal["moved", "answered", "abandoned", "ended", "finished", "lapsed"]


@with_config(OPEN)
class Offer(TypedDict):
    """A contact put to one advisor, or what became of that."""

    offer_id: Id
    contact_id: Id
    advisor_id: Id
    desk: Word


@with_config(OPEN)
class Offered(Offer, LaneEntered):
    """A contact is put to an advisor, with the content of its lane entry."""

    channel: Word
    expires_at: Annotated[Time, Field(description="an answer at this moment comes too late")]
    joined: NotRequired[
        Annotated[list[Id], Field(description="contacts on other channels that are one with it")]
    ]


@with_config(OPEN)
class Revoked(Offer):
    """The contact is not the advisor's, or no longer."""

    reason: Word


@with_config(OPEN)
class Switched(Offer):
    """The customer of a contact that the advisor serves is on another channel from now on."""

    channel: Word
    joined: NotRequired[
        Annotated[Id, Field(description="the contact by which they came there, one with it")]
    ]


@with_config(OPEN)
class SignedOn(Offer):
    """The advisor is at the desk from now on; contact and offer are `-`."""


@with_config(OPEN)
class SignedOff(Offer):
    """The advisor is at the desk no more, and may sign on anywhere; contact and offer are `-`."""

    reason: Annotated[Word, Field(description="`off`: as they asked; `silent`: not heard of")]


@with_config(OPEN)
class Refused(Offer):
    """The advisor may not sign on here, since another desk has them; contact and offer are `-`."""

    reason: Word
    at_desk: Annotated[Word, Field(description="the desk that they have to sign off from first")]


@with_config(OPEN)
class Looked(TypedDict):
    """An advisor who was looked up in the directory."""

    advisor: Id
    desk: Annotated[Word | None, Field(description="the home desk; null: not known")]
    partition: int
    offset: Annotated[int, Field(description="of the record; without one, up to where was read")]


@with_config(OPEN)
class Cause(TypedDict):
    """What an audit record goes back to: a record, a timer or a revision."""

    topic: NotRequired[str]
    partition: NotRequired[int]
    offset: NotRequired[int]
    joined: NotRequired[
        Annotated[Id, Field(description="the contact it names, which is one with it")]
    ]
    profile: NotRequired[Annotated[dict[str, int], Field(description="its partition and offset")]]
    directory: NotRequired[list[Looked]]
    timer: NotRequired[str]
    due: NotRequired[int]
    fired: NotRequired[int]
    next: NotRequired[
        Annotated[
            dict[str, int],
            Field(
                description="at a desk, of the inputs beside: the next offset to be read by then"
            ),
        ]
    ]
    ahead_of: NotRequired[
        Annotated[str, Field(description="the topic whose next record let the timer fire first")]
    ]
    clock: NotRequired[
        Annotated[int, Field(description="ms; where a timer had fired later than the log's time")]
    ]
    revision: NotRequired[str]


@with_config(OPEN)
class Audit(TypedDict):
    """The kept evidence of one decision, or of another thing that happened to a contact."""

    decision_id: Id
    kind: Annotated[Word, Field(description="decided, moved, duplicate, no_effect, erased, …")]
    owner: Annotated[Word, Field(description="who wrote it, such as `intake-3`")]
    seq: Annotated[int, Field(ge=1, description="without a gap per owner")]
    contact_id: Id | None
    at: Time
    seen: Time
    cause: Cause
    policy: NotRequired[PolicyName]
    engine: NotRequired[dict[str, Json]]
    again: NotRequired[bool]
    inputs: NotRequired[Annotated[dict[str, Json], Field(description="path → value, as used")]]
    masked: NotRequired[Annotated[dict[str, str], Field(description="path → receipt")]]
    facts: NotRequired[dict[str, Json]]
    tier: NotRequired[dict[str, Json]]
    scenario: NotRequired[dict[str, Json]]
    plan: NotRequired[Word]
    lane: NotRequired[Word]
    because: NotRequired[list[str]]
    considered: NotRequired[dict[str, Json]]
    errors: NotRequired[list[dict[str, str]]]
    draws: NotRequired[dict[str, float]]
    truncated: NotRequired[int]


@with_config(OPEN)
class EnteredEvent(Envelope):
    """`tierlane.lane.entered.v1`"""

    type: Literal["tierlane.lane.entered.v1"]
    data: LaneEntered


@with_config(OPEN)
class LeftEvent(Envelope):
    """`tierlane.lane.left.v1`"""

    type: Literal["tierlane.lane.left.v1"]
    data: LaneLeft


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


@with_config(OPEN)
class SwitchedEvent(Envelope):
    """`tierlane.offer.switched.v1`"""

    type: Literal["tierlane.offer.switched.v1"]
    data: Switched


@with_config(OPEN)
class SignedOnEvent(Envelope):
    """`tierlane.offer.signed_on.v1`"""

    type: Literal["tierlane.offer.signed_on.v1"]
    data: SignedOn


@with_config(OPEN)
class SignedOffEvent(Envelope):
    """`tierlane.offer.signed_off.v1`"""

    type: Literal["tierlane.offer.signed_off.v1"]
    data: SignedOff


@with_config(OPEN)
class RefusedEvent(Envelope):
    """`tierlane.offer.refused.v1`"""

    type: Literal["tierlane.offer.refused.v1"]
    data: Refused


@with_config(OPEN)
class AuditEvent(Envelope):
    """`tierlane.audit.v1`"""

    type: Literal["tierlane.audit.v1"]
    data: Audit

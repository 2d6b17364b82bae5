"""The events of a contact, as they lie on `contact.events` and `intake.returns`.

These models are the one source of the JSON schemas in `topics/schemas/`. They are typed
dictionaries, not classes, since decisions read mappings and a contact is decoded once.
"""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.word import OPEN, Id, Json, Word

ARRIVED: Final = "tierlane.contact.arrived.v1"
UPDATED: Final = "tierlane.contact.updated.v1"
IDENTIFIED: Final = "tierlane.contact.identified.v1"
ANSWERED: Final = "tierlane.contact.answered.v1"
TRANSFERRED: Final = "tierlane.contact.transferred.v1"
ABANDONED: Final = "tierlane.contact.abandoned.v1"
ENDED: Final = "tierlane.contact.ended.v1"
FEEDBACK: Final = "tierlane.contact.feedback.v1"


@with_config(OPEN)
class Situation(TypedDict):
    """What a contact is about; every field may be absent or null."""

    language: NotRequired[Annotated[Word | None, Field(description="BCP 47, such as `zh`")]]
    region: NotRequired[Word | None]
    platform: NotRequired[Word | None]
    product: NotRequired[Word | None]
    subject: NotRequired[Word | None]
    text: NotRequired[Annotated[str | None, Field(description="the customer's own words")]]
    identity: NotRequired[
        Annotated[int | None, Field(ge=0, le=99, description="strength of identification")]
    ]
    attributes: NotRequired[Annotated[dict[str, Json] | None, Field(description="open map")]]


@with_config(OPEN)
class Arrived(Situation):
    """A customer asks for help."""

    contact_id: Id
    channel: Annotated[Id, Field(description="voice, chat, mail, sms, app, counter, …")]
    customer_id: NotRequired[Annotated[Id | None, Field(description="null: unknown")]]


@with_config(OPEN)
class Updated(Situation):
    """Something about the contact changed: fields given replace, attributes merge by name."""

    contact_id: Id
    channel: NotRequired[Annotated[Id | None, Field(description="null: the same as before")]]


@with_config(OPEN)
class Transferred(Updated):
    """Who served the contact puts it back into line; its age is kept."""

    reason: NotRequired[Word | None]


@with_config(OPEN)
class Identified(TypedDict):
    """The customer of the contact became known."""

    contact_id: Id
    customer_id: Id


@with_config(OPEN)
class Answered(TypedDict):
    """Somebody or something began to serve the contact."""

    contact_id: Id
    advisor_id: NotRequired[Id | None]


@with_config(OPEN)
class Abandoned(TypedDict):
    """The customer left before being served."""

    contact_id: Id
    reason: NotRequired[Word | None]


@with_config(OPEN)
class Ended(TypedDict):
    """The contact is over; a second one may bring the outcome or feedback later."""

    contact_id: Id
    advisor_id: NotRequired[Id | None]
    outcome: NotRequired[Word | None]
    feedback: NotRequired[Json]


@with_config(OPEN)
class Feedback(TypedDict):
    """What the customer says afterwards of how the contact was served; days later, too."""

    contact_id: Id
    score: NotRequired[Annotated[float | None, Field(description="the mark given")]]
    scale: NotRequired[
        Annotated[
            list[float] | None,
            Field(
                min_length=2,
                max_length=2,
                description="the worst mark and the best, such as `[1, 5]`, which is meant by null",
            ),
        ]
    ]
    resolved: NotRequired[Annotated[bool | None, Field(description="whether it is settled")]]
    advisor_id: NotRequired[Id | None]


@with_config(OPEN)
class Envelope(TypedDict):
    """A CloudEvent 1.0; `data` is what the type says."""

    specversion: Literal["1.0"]
    id: Id
    source: Id
    time: Annotated[str, Field(max_length=64, description="the event's own time, with an offset")]
    subject: NotRequired[Annotated[str | None, Field(description="the contact's id")]]


@with_config(OPEN)
class ArrivedEvent(Envelope):
    """`tierlane.contact.arrived.v1`"""

    type: Literal["tierlane.contact.arrived.v1"]
    data: Arrived


@with_config(OPEN)
class UpdatedEvent(Envelope):
    """`tierlane.contact.updated.v1`"""

    type: Literal["tierlane.contact.updated.v1"]
    data: Updated


@with_config(OPEN)
class IdentifiedEvent(Envelope):
    """`tierlane.contact.identified.v1`"""

    type: Literal["tierlane.contact.identified.v1"]
    data: Identified


@with_config(OPEN)
class AnsweredEvent(Envelope):
    """`tierlane.contact.answered.v1`"""

    type: Literal["tierlane.contact.answered.v1"]
    data: Answered


@with_config(OPEN)
class TransferredEvent(Envelope):
    """`tierlane.contact.transferred.v1`"""

    type: Literal["tierlane.contact.transferred.v1"]
    data: Transferred


@with_config(OPEN)
class AbandonedEvent(Envelope):
    """`tierlane.contact.abandoned.v1`"""

    type: Literal["tierlane.contact.abandoned.v1"]
    data: Abandoned


@with_config(OPEN)
class EndedEvent(Envelope):
    """`tierlane.contact.ended.v1`"""

    type: Literal["tierlane.contact.ended.v1"]
    data: Ended


@with_config(OPEN)
class FeedbackEvent(Envelope):
    """`tierlane.contact.feedback.v1`"""

    type: Literal["tierlane.contact.feedback.v1"]
    data: Feedback


CONTACT_EVENTS: Final = {
    ARRIVED: ArrivedEvent,
    UPDATED: UpdatedEvent,
    IDENTIFIED: IdentifiedEvent,
    ANSWERED: AnsweredEvent,
    TRANSFERRED: TransferredEvent,
    ABANDONED: AbandonedEvent,
    ENDED: EndedEvent,
    FEEDBACK: FeedbackEvent,
}
"""Type → model of `contact.events`."""

"""Advisors: what their desktops report on `advisor.events`, and their directory."""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, StringConstraints, with_config
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
LISTED: Final = "tierlane.advisor.listed.v1"
"""An entry of the directory; the others are events of a desk."""

ContactKey = Annotated[
    Id | None, Field(description="the contact's key of arrival, as the lane entry's `key` gives it")
]


@with_config(OPEN)
class Present(TypedDict):
    """An advisor at a desk."""

    advisor_id: Id
    desk: Id


Skills = Annotated[
    dict[Word, float] | list[Word] | None,
    Field(description="skill → level; a list gives each the level 1"),
]
Duration = Annotated[
    str,
    StringConstraints(max_length=40, pattern=r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$"),
    Field(description="such as `30s` or `1m30s`"),
]


@with_config(OPEN)
class ChannelUse(TypedDict):
    """What one contact of a channel takes of an advisor; not stated, it is as the desk has it."""

    costs: NotRequired[Annotated[float | None, Field(ge=0, description="units")]]
    most: NotRequired[Annotated[int | None, Field(ge=1, description="contacts at once")]]
    beside: NotRequired[
        Annotated[
            list[Word] | Literal["any", "none"] | None,
            Field(description="other channels that may come in while one of this is held"),
        ]
    ]


@with_config(OPEN)
class Room(TypedDict):
    """An advisor's capacity; what is not stated is as the desk has it."""

    units: NotRequired[Annotated[float | None, Field(gt=0)]]
    channels: NotRequired[dict[Word, ChannelUse] | None]


@with_config(OPEN)
class Served(TypedDict):
    """A lane that an advisor serves."""

    lane: Word
    rank: NotRequired[
        Annotated[int | None, Field(description="low first; unless stated, its place in the list")]
    ]
    after: NotRequired[
        Annotated[Duration | None, Field(description="age from which the contact is seen")]
    ]


@with_config(OPEN)
class Able(TypedDict):
    """What an advisor can do, as wants and keys of choice read it."""

    skills: NotRequired[Skills]
    languages: NotRequired[Annotated[list[Word] | None, Field(description="BCP 47")]]
    channels: NotRequired[Annotated[list[Word] | None, Field(description="null: every channel")]]
    can: NotRequired[list[Word] | None]
    team: NotRequired[Word | None]
    rank: NotRequired[int | None]
    attributes: NotRequired[Annotated[dict[str, Json] | None, Field(description="open map")]]


@with_config(OPEN)
class SignedOn(Present, Able):
    """An advisor begins to serve at a desk; once more, and what they can do is replaced."""

    capacity: NotRequired[Room | None]
    duty: NotRequired[
        Annotated[Word | None, Field(description="a duty of the desk, instead of `lanes`")]
    ]
    lanes: NotRequired[
        Annotated[
            list[Served | Word] | None, Field(description="null: every lane of the desk, rank 1")
        ]
    ]
    idle_since: NotRequired[
        Annotated[Word | None, Field(description="ISO 8601 with an offset; null: since now")]
    ]
    holds: NotRequired[
        Annotated[
            dict[Word, Annotated[int, Field(ge=0)]] | None,
            Field(description="contacts that came another way, by channel: they take room, too"),
        ]
    ]


@with_config(OPEN)
class Standing(Present):
    """An advisor's readiness changed."""

    state: Literal["available", "break", "wrap-up", "away"]


@with_config(OPEN)
class Heartbeat(Present):
    """An advisor's desktop is alive."""

    contacts: NotRequired[
        Annotated[list[Id] | None, Field(description="every contact held; null: not known")]
    ]


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
    reason: NotRequired[Word | None]


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
class Listed(Present, Able):
    """An advisor as workforce management lists them: home desk and what they can do."""


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

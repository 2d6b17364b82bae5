"""What comes back to a customer's intake on `intake.returns`, from desks and from other intakes."""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.word import OPEN, Id, Json, Word

RETURN_ANSWERED: Final = "tierlane.return.answered.v1"
RETURN_FINISHED: Final = "tierlane.return.finished.v1"
RETURN_RETURNED: Final = "tierlane.return.returned.v1"
RETURN_REPLAN: Final = "tierlane.return.replan.v1"
RETURN_IDENTIFIED: Final = "tierlane.return.identified.v1"
RETURN_FORWARDED: Final = "tierlane.return.forwarded.v1"


@with_config(OPEN)
class DeskReturn(TypedDict):
    """A desk tells what became of a contact."""

    contact_id: Id
    desk: NotRequired[Id | None]
    advisor_id: NotRequired[Id | None]
    outcome: NotRequired[Word | None]
    reason: NotRequired[
        Annotated[Word | None, Field(description="why it is over, or was taken back")]
    ]
    entry_no: NotRequired[
        Annotated[int | None, Field(ge=0, description="its entries into lanes so far")]
    ]


@with_config(OPEN)
class Replan(TypedDict):
    """A desk asks for a new plan."""

    contact_id: Id
    desk: NotRequired[Id | None]
    reason: NotRequired[Word | None]
    revision: NotRequired[
        Annotated[Word | None, Field(description="the revision it is to be decided by")]
    ]


@with_config(OPEN)
class HandedOver(TypedDict):
    """An intake hands a contact to the customer it turned out to belong to."""

    contact_id: Id
    customer_id: Id
    contact: Annotated[
        list[Json], Field(description="the contact as intake keeps it, in its own format")
    ]
    format: Annotated[int, Field(description="version of that format")]


@with_config(OPEN)
class Forwarded(TypedDict):
    """An event of a contact that was handed over, on its way after it."""

    contact_id: Id
    event: Annotated[dict[str, Json], Field(description="the event as it was read")]


@with_config(OPEN)
class ReturnAnswered(Envelope):
    """`tierlane.return.answered.v1`"""

    type: Literal["tierlane.return.answered.v1"]
    data: DeskReturn


@with_config(OPEN)
class ReturnFinished(Envelope):
    """`tierlane.return.finished.v1`"""

    type: Literal["tierlane.return.finished.v1"]
    data: DeskReturn


@with_config(OPEN)
class ReturnReturned(Envelope):
    """`tierlane.return.returned.v1`: an advisor has it no more, and it waits again"""

    type: Literal["tierlane.return.returned.v1"]
    data: DeskReturn


@with_config(OPEN)
class ReturnReplan(Envelope):
    """`tierlane.return.replan.v1`"""

    type: Literal["tierlane.return.replan.v1"]
    data: Replan


@with_config(OPEN)
class ReturnIdentified(Envelope):
    """`tierlane.return.identified.v1`"""

    type: Literal["tierlane.return.identified.v1"]
    data: HandedOver


@with_config(OPEN)
class ReturnForwarded(Envelope):
    """`tierlane.return.forwarded.v1`"""

    type: Literal["tierlane.return.forwarded.v1"]
    data: Forwarded


RETURN_EVENTS: Final = {
    RETURN_ANSWERED: ReturnAnswered,
    RETURN_FINISHED: ReturnFinished,
    RETURN_RETURNED: ReturnReturned,
    RETURN_REPLAN: ReturnReplan,
    RETURN_IDENTIFIED: ReturnIdentified,
    RETURN_FORWARDED: ReturnForwarded,
}
"""Type → model of `intake.returns`."""

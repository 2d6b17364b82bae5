"""Orders of an operator to a desk. They lie on `advisor.events`, keyed by the desk as all there."""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.word import OPEN, Id, Word

CLOSED: Final = "tierlane.desk.closed.v1"
OPENED: Final = "tierlane.desk.opened.v1"
MOVED: Final = "tierlane.desk.moved.v1"
RELEASED: Final = "tierlane.desk.released.v1"
HALTED: Final = "tierlane.desk.halted.v1"
RESUMED: Final = "tierlane.desk.resumed.v1"


@with_config(OPEN)
class Order(TypedDict):
    """What every order states: the desk, why, and who ordered it."""

    desk: Id
    reason: Word
    by: NotRequired[Annotated[Word | None, Field(description="null: nobody is named")]]


@with_config(OPEN)
class Closed(Order):
    """A lane takes nobody new; who waits in it is served."""

    lane: Id
    until: NotRequired[
        Annotated[
            Word | None,
            Field(description="ISO 8601 with an offset; null: until it is opened by order"),
        ]
    ]


@with_config(OPEN)
class Opened(Order):
    """A lane that was closed by order takes contacts again."""

    lane: Id


@with_config(OPEN)
class Moved(Order):
    """A contact that waits is put into another lane of its desk."""

    contact_id: Id
    lane: Id


@with_config(OPEN)
class Released(Order):
    """A contact is taken back from whoever it was offered to or serves it."""

    contact_id: Id


@with_config(OPEN)
class Halted(Order):
    """Nobody is offered anything at the desk; all else goes on."""


@with_config(OPEN)
class Resumed(Order):
    """A desk that was halted by order makes its offers again, all that can be made at once."""


@with_config(OPEN)
class ClosedEvent(Envelope):
    """`tierlane.desk.closed.v1`"""

    type: Literal["tierlane.desk.closed.v1"]
    data: Closed


@with_config(OPEN)
class OpenedEvent(Envelope):
    """`tierlane.desk.opened.v1`"""

    type: Literal["tierlane.desk.opened.v1"]
    data: Opened


@with_config(OPEN)
class MovedEvent(Envelope):
    """`tierlane.desk.moved.v1`"""

    type: Literal["tierlane.desk.moved.v1"]
    data: Moved


@with_config(OPEN)
class ReleasedEvent(Envelope):
    """`tierlane.desk.released.v1`"""

    type: Literal["tierlane.desk.released.v1"]
    data: Released


@with_config(OPEN)
class HaltedEvent(Envelope):
    """`tierlane.desk.halted.v1`"""

    type: Literal["tierlane.desk.halted.v1"]
    data: Halted


@with_config(OPEN)
class ResumedEvent(Envelope):
    """`tierlane.desk.resumed.v1`"""

    type: Literal["tierlane.desk.resumed.v1"]
    data: Resumed


ORDERS: Final = {
    CLOSED: ClosedEvent,
    OPENED: OpenedEvent,
    MOVED: MovedEvent,
    RELEASED: ReleasedEvent,
    HALTED: HaltedEvent,
    RESUMED: ResumedEvent,
}
"""Type → model of the orders on `advisor.events`."""

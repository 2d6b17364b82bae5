"""Claims of desks to advisors: an advisor is at one managed desk of a deployment at a time.

Who has an advisor is kept by the owner of the partition on which the advisor's id lies as a key,
on `desk.contacts` as on every topic. A desk at which somebody signs on claims them there, and is
answered by a record keyed by the desk. So each of the two keeps its part in its own state, and
nobody need know them all.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

import orjson
from pydantic import Field, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.word import OPEN, Id
from tierlane.routing.effect import Effects, Output
from tierlane.routing.envelope import enveloped
from tierlane.routing.hosting.shelf import key
from tierlane.routing.journal import Journal
from tierlane.routing.ledger import LINE_FORMAT, Ledger, framed
from tierlane.routing.timetable import NEVER
from tierlane.topic import DESK_CONTACTS

CLAIMED: Final = "tierlane.desk.claimed.v1"
GRANTED: Final = "tierlane.desk.granted.v1"
WITHHELD: Final = "tierlane.desk.withheld.v1"
YIELDED: Final = "tierlane.desk.yielded.v1"


@with_config(OPEN)
class Claim(TypedDict):
    """A desk's claim to an advisor."""

    advisor_id: Id
    desk: Annotated[Id, Field(description="the desk that claims, or did")]
    claim: Annotated[Id, Field(description="the claim's id")]


@with_config(OPEN)
class Withheld(Claim):
    """A claim that is not granted."""

    at_desk: Annotated[Id, Field(description="the desk that has the advisor")]


@with_config(OPEN)
class ClaimedEvent(Envelope):
    """`tierlane.desk.claimed.v1`"""

    type: Literal["tierlane.desk.claimed.v1"]
    data: Claim


@with_config(OPEN)
class GrantedEvent(Envelope):
    """`tierlane.desk.granted.v1`"""

    type: Literal["tierlane.desk.granted.v1"]
    data: Claim


@with_config(OPEN)
class WithheldEvent(Envelope):
    """`tierlane.desk.withheld.v1`"""

    type: Literal["tierlane.desk.withheld.v1"]
    data: Withheld


@with_config(OPEN)
class YieldedEvent(Envelope):
    """`tierlane.desk.yielded.v1`"""

    type: Literal["tierlane.desk.yielded.v1"]
    data: Claim


CLAIM_EVENTS: Final = {
    CLAIMED: ClaimedEvent,
    GRANTED: GrantedEvent,
    WITHHELD: WithheldEvent,
    YIELDED: YieldedEvent,
}
"""Type → model of claims on `desk.contacts`; the first and the last are keyed by the advisor."""


class Sender(NamedTuple):
    """Who writes of claims, and by what."""

    journal: Journal
    effects: Effects
    base: str
    """What ids begin with that are made by the cause."""
    at: int
    """Ms."""

    def send(self, kind: str, to: str, data: Mapping[str, Any]) -> str:
        """Write a record of a claim, keyed by a desk or an advisor, and return its id.

        Without a claim in `data` it is the first record of one, which is named by its id.
        """
        own = f"{self.base}.w{self.journal.next}"
        told = {"claim": own, **data}
        value = enveloped(
            kind, told, event_id=own, source=self.journal.source, at=self.at,
            subject=data["advisor_id"],
        )  # fmt: skip
        self.effects.outputs.append(Output(DESK_CONTACTS, to.encode(), value))
        return own


class Asked(NamedTuple):
    """What an advisor's desktop said since they signed on, while the desk waits to be answered."""

    data: dict[str, Any]
    """Of the record by which they signed on."""
    since: int
    """When that was, in ms."""
    state: str = ""
    """The readiness that was told last; nothing where none was."""
    alive: bool = False
    """Whether a heartbeat came."""
    contacts: list[str] | None = None
    """Those that the latest heartbeat listed; None: it did not say."""


class Kept(NamedTuple):
    """A claim as the desk that made it keeps it."""

    claim: str
    asked: Asked | None
    """None once it is granted."""


class Claims:
    """The claims of the desks of one owner, in its ledger: from signing on to signing off."""

    __slots__ = ("_ledger",)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def find(self, desk: str, advisor_id: str) -> Kept | None:
        """Return the claim of a desk to an advisor."""
        value = self._ledger.values.get(key("a", desk, advisor_id))
        if value is None:
            return None
        claim, asked = orjson.loads(value)[2]
        return Kept(claim, None if asked is None else Asked(*asked))

    def keep(self, effects: Effects, desk: str, advisor_id: str, kept: Kept | None) -> None:
        """Keep a claim; None forgets it."""
        name = key("a", desk, advisor_id)
        value = None
        if kept is not None:
            asked = None if kept.asked is None else [*kept.asked]
            value = framed(NEVER, orjson.dumps([[kept.claim, asked]]), LINE_FORMAT)
        self._ledger.put(name, value, NEVER)
        effects.changes[name] = value

    def yield_up(self, sender: Sender, desk: str, advisor_id: str) -> None:
        """Let other desks have an advisor who is not at this one any more."""
        kept = self.find(desk, advisor_id)
        if kept is not None:
            self.keep(sender.effects, desk, advisor_id, None)
            told = {"advisor_id": advisor_id, "desk": desk, "claim": kept.claim}
            sender.send(YIELDED, advisor_id, told)

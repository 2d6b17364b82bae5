"""A record's place, and one event's turn: what is at hand while it is dealt with."""

from typing import Any, NamedTuple

from tierlane.contact.reading import Event
from tierlane.decision import Fault
from tierlane.ports import Record
from tierlane.routing.effect import Effects
from tierlane.routing.memory import Memory


class Place(NamedTuple):
    """A record on its way through a machine."""

    record: Record
    seen: int
    """When the log took it, ms."""
    base: str
    """What the ids of all that it causes begin with."""
    cause: dict[str, Any]
    """What their audit records state as the cause."""
    fault: str | None
    """Name of the error our own code raised on it before, where it is tried again."""


class Turn:
    """An event of one contact, the memory of its key, and where the effects go."""

    __slots__ = (
        "base",
        "cause",
        "contact_id",
        "effects",
        "event",
        "fault",
        "key",
        "key_text",
        "memory",
        "seen",
    )

    def __init__(
        self,
        effects: Effects,
        event: Event,
        key: bytes,
        *,
        seen: int,
        base: str,
        cause: dict[str, Any],
        fault: Fault | None = None,
    ) -> None:
        self.effects = effects
        self.event = event
        self.key = key
        self.key_text = key.decode()
        self.seen = seen
        self.base = base
        self.cause = cause
        self.fault = fault
        """Set where our own code raised on this record: decide by the fallback, run no rule."""
        self.contact_id: str = event.data["contact_id"]
        self.memory = Memory()

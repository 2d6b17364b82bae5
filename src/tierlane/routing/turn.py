"""One event's turn: what is at hand while it is dealt with."""

from typing import Any

from tierlane.contact.reading import Event
from tierlane.decision import Fault
from tierlane.routing.effect import Effects
from tierlane.routing.memory import Memory


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
        *,
        key: bytes,
        base: str,
        cause: dict[str, Any],
        seen: int,
        fault: Fault | None = None,
    ) -> None:
        self.effects = effects
        self.event = event
        self.key = key
        self.key_text = key.decode()
        self.base = base
        """What the ids of this turn begin with: deployment, topic, partition, offset."""
        self.cause = cause
        self.seen = seen
        self.fault = fault
        """Set where our own code raised on this record: decide by the fallback, run no rule."""
        self.contact_id: str = event.data["contact_id"]
        self.memory = Memory()

"""Contacts to come: who asks, when, and what the record knows of their patience and service."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from tierlane.replay.simulation.chance import Chance


class Coming(NamedTuple):
    """One contact that will arrive. Times are ms."""

    contact_id: str
    arrived: int
    contact: Mapping[str, Any]
    """The data of its arrival, with `contact_id` and `channel`."""
    profile: Mapping[str, Any] | None = None
    lasted: float | None = None
    """How long serving it took, where the record tells."""
    gave_up: float | None = None
    """After which wait it gave up, where it did."""
    waited: float = 0.0
    """How long it did wait for its answer: it would have waited so long at least."""


class Demand(Protocol):
    """Where contacts come from."""

    @property
    def begin(self) -> int:
        """The first moment of the period, ms since 1970."""

    @property
    def end(self) -> int:
        """The moment from which on nobody counts."""

    def comings(self, chance: Chance) -> Iterable[Coming]:
        """Yield the contacts of one replication by time of arrival."""

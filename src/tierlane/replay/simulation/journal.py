"""What one replication leaves behind: how each contact fared, and what each advisor did."""

from collections.abc import Sequence
from typing import Final, NamedTuple

ANSWERED: Final = "answered"
LEFT: Final = "left"
"""Gave up before an answer."""
CLOSED: Final = "closed"
"""Ended by the policy before an answer, because time ran out."""
WAITING: Final = "waiting"
"""Still there when the simulation ended."""


class Fared(NamedTuple):
    """How one contact fared. Times are ms."""

    contact_id: str
    arrived: int
    channel: str
    tier: str
    scenario: str
    first_lane: str
    lane: str
    """Where it was answered, or was last."""
    skill: str
    """The fields of an advisor that its step wanted there; empty: anybody."""
    how: str
    wait: int
    """From arrival to answer, or until it left or the simulation ended."""
    lane_wait: int
    """The same from entering that lane."""
    promised: int | None
    """Within which time an answer was promised."""
    group: str = ""
    advisor: str = ""
    service: int = 0


class Worked(NamedTuple):
    """What one advisor did within the period that counts. Times are ms."""

    advisor: str
    group: str
    desk: str
    duty: int
    """On duty, breaks left out, and what was served beyond it."""
    busy: int
    """With at least one contact, or wrapping up."""
    contacts: int


class Journal(NamedTuple):
    """One replication."""

    replication: int
    begin: int
    """From here on contacts and work count."""
    end: int
    fared: Sequence[Fared]
    """By arrival."""
    worked: tuple[Worked, ...]
    events: int
    """Events and deadlines given to the desks."""
    why_real: str = ""
    """Why the real desks were needed; nothing: they were not, or nobody asked for less."""

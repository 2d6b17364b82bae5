"""Cases: examples of what is to be decided, and what is expected of them, the reasons included.

Frozen values as written; `casebook` reads them, `register` checks the names in them, `trial` runs
them. A case is about one contact (`Case`), or a course of events at a desk (`Timeline`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tierlane.policy.form.finding import Place

MOMENT: Final = "2026-01-01T00:00:00Z"
"""When a case happens that states no `now`, and a timeline that states no `start`."""

EXACT: Final = (
    "tier", "earned_tier", "scenario", "plan", "step", "lane", "kind", "desk", "priority", "score",
    "advisor",
)  # fmt: skip
"""What `expect` compares exactly, besides `fact.NAME`."""
TIMES: Final = ("answer_by", "start_by", "resolve_by")
"""Promises: a time after arrival, or a moment."""
LISTS: Final = ("because", "errors", "entries")
MAPS: Final = ("serve", "missed", "passed_over")
SINGLE: Final = (*EXACT, *TIMES, *LISTS, *MAPS)
"""What may be expected of a contact."""
SPANS: Final = ("expected_wait", "overtaken")
"""Times: how long it is expected to wait, and by how much it was overtaken beyond the bound."""
COURSE: Final = ("place", "offered_to", "served_by", "left", *SPANS)
"""What may be expected of a contact in a timeline only: it takes a desk that waits and offers."""
DESK: Final = ("offers", "not_offered", "order", "choose", "fit")
"""What may be expected of the desks in a row of a timeline."""


class Expected(NamedTuple):
    """One key of `expect` with its value; `parts` are the places of its items or keys."""

    key: str
    value: Any
    place: Place
    parts: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A name that a case uses, and where."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of one contact: its data, its customer's profile and what is remembered."""

    contact: Mapping[str, Any]
    profile: Mapping[str, Any] | None
    memory: Mapping[str, Any] | None
    fields: tuple[Stated, ...] = ()
    """The fields that the policy must know: `contact.attributes.delivered_at` …"""


@dataclass(frozen=True, slots=True)
class Case:
    """One contact, when it comes, and what is expected."""

    name: str
    place: Place
    given: Given
    now: int
    """Milliseconds since 1970."""
    draws: tuple[tuple[Stated, float], ...] = ()
    """Numbers from 0 to 100 in place of the digest, by fact."""
    desk: tuple[tuple[Stated, Mapping[str, float]], ...] = ()
    """Figures of the lanes as `skip_if` and limits see them; times in milliseconds."""
    expect: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A lane that an advisor serves: low rank first, seen from the contact's age `after` (ms)."""

    lane: Stated
    rank: float = 1
    after: int = 0


@dataclass(frozen=True, slots=True)
class StagedAdvisor:
    """An advisor of a timeline, signed off at its start."""

    name: str
    place: Place
    duty: Stated | tuple[Duty, ...] | None = None
    """The name of a desk's duty, or lanes; None serves every lane."""
    skills: tuple[tuple[str, float], ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    can: tuple[str, ...] = ()
    team: str = ""
    rank: float | None = None
    capacity: tuple[tuple[str, float], ...] = ()
    """Units in all under `units`, and by channel."""
    attributes: Mapping[str, Any] | None = None
    idle: int = 0
    """Milliseconds without a contact at the start."""
    holds: tuple[tuple[str, int], ...] = ()
    """Contacts held at the start, by channel."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator orders.

    Close or open a lane, move a contact to a lane or release it, halt or resume a desk.
    """

    what: str
    target: Stated
    to: Stated | None = None
    until: int | None = None
    """Age of the timeline in milliseconds at which a closing ends."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of a timeline: what happens at that age, then what is expected."""

    at: int
    """Milliseconds from the start."""
    place: Place
    standstill: str = ""
    """`begins` or `ends`: between them the desks read nothing, though all goes on being told."""
    publish: Stated | None = None
    in_flight: str = "pin"
    advisors: tuple[tuple[Stated, str], ...] = ()
    """`on`, `off`, `break` or `silent`, by advisor."""
    heartbeats: tuple[tuple[Stated, tuple[Stated, ...]], ...] = ()
    """The contacts that an advisor's desktop says it has."""
    arrives: tuple[Stated, ...] = ()
    updates: tuple[tuple[Stated, Given], ...] = ()
    leaves: tuple[tuple[Stated, str], ...] = ()
    """`abandoned` or `ended`, by contact."""
    accepts: tuple[tuple[Stated, Stated], ...] = ()
    """Advisor and contact, as in `declines` and `finishes`."""
    declines: tuple[tuple[Stated, Stated], ...] = ()
    finishes: tuple[tuple[Stated, Stated], ...] = ()
    orders: tuple[Order, ...] = ()
    expect: tuple[tuple[Stated, tuple[Expected, ...]], ...] = ()
    """Per contact."""
    desk: tuple[Expected, ...] = ()
    """Of the desks: `offers`, `not_offered`, `order`, `choose`, `fit`."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A course of events at the desks, with what is expected on the way."""

    name: str
    place: Place
    start: int
    """Milliseconds since 1970."""
    advisors: tuple[StagedAdvisor, ...]
    contacts: tuple[tuple[Stated, Given], ...]
    moments: tuple[Moment, ...]
    accepts_all: bool = False
    """Whether every offer is accepted at once (`answers: accept`)."""

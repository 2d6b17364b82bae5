"""An advisor as a desk knows them: what they can do, what they hold, since when they are idle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tierlane.policy.form.capacity import Capacity
from tierlane.policy.form.desk import Duty

if TYPE_CHECKING:  # both are made of seats
    from tierlane.routing.waiting.bay import Bay, Step
    from tierlane.routing.waiting.group import Group, Sight
    from tierlane.routing.waiting.row import Row

ANY_OTHER: Final = "\0"
"""Stands for a channel that the capacity does not name."""

LATELY: Final = 8
"""Offers remembered that are over, by which a late answer is known that names nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """What an advisor could take beside what they hold; one object for all who hold the same."""

    channels: frozenset[str] = frozenset()
    """Those of which one more contact can come in."""
    full: bool = True
    load: float = 1.0
    free: float = 0.0
    capacity: Capacity | None = None


NO_ROOM: Final = Room()


@dataclass(slots=True, eq=False)
class View:
    """Which rows of a bay an advisor has room for; one object for all of whom it is the same."""

    room: frozenset[str]
    """Channels of which one more contact can come in."""
    channels: tuple[str, ...]
    """Those that are served; nothing is all."""
    fronts: dict["Bay", "Step"] = field(default_factory=dict)
    """The first row of each bay that there is room for, as it was found; `NO_ROW` is none.

    What is found stays so until a row of the bay moves.
    """
    kept: bool = True
    """Whether fronts are forgotten when a row moves."""

    def takes(self, row: "Row") -> bool:
        """Tell whether a contact of a row can come in."""
        return row.room in self.room and (not self.channels or row.channel in self.channels)


@dataclass(frozen=True, slots=True)
class Looks:
    """Where an advisor looks for a contact: bays as their duty sees them."""

    plain: tuple[tuple[int, "Sight", tuple["Bay", ...]], ...]
    """Those whose rank is the same at all ages, by rank."""
    varied: tuple["Bay", ...]


@dataclass(slots=True)
class Seat:
    """One advisor at one desk."""

    id: str
    values: Mapping[str, Any]
    capacity: Capacity
    duty: Duty | None
    channels: tuple[str, ...]
    idle_since: int
    state: str = "on"
    turn: int | None = None
    """When a contact was offered last."""
    wrapping: int = 0
    """Until when nothing is offered after a contact that is finished."""
    held: dict[str, str] = field(default_factory=dict)
    """Contacts served, with the channel."""
    offered: dict[str, str] = field(default_factory=dict)
    """Contacts offered, with the channel: they hold room as if they were served."""
    before: dict[str, int] = field(default_factory=dict)
    """Contacts by channel that came another way."""
    counts: dict[str, int] = field(init=False, default_factory=dict)
    """All of these together, by channel."""
    wakes: int = 0
    """When to look again, though nothing happens; 0 is never."""
    heard: int = 0
    """When something was heard of them last, since they sent a heartbeat; 0 is never."""
    leaving: bool = False
    """Whether they sign off as soon as nothing is served."""
    strays: dict[str, str] = field(default_factory=dict)
    """Contacts, with the channel, that they say they have and were not given: they take room."""
    unlisted: dict[str, int] = field(default_factory=dict)
    """Contacts served that a heartbeat did not list, and since when."""
    lately: dict[str, str] = field(default_factory=dict)
    """The latest offers that were not taken up, with the contact: an answer may still be coming."""
    lost: dict[str, int] = field(default_factory=dict)
    """Contacts that were taken from them while they served them, and when: they may list them."""
    number: int = field(init=False, default=-1)
    """In the roster, as `bit`, `group`, `bays` and `room`; -1 is not there."""
    bit: int = field(init=False, default=0)
    group: "Group" = field(init=False, repr=False)
    bays: list[tuple["Bay", "Sight"]] = field(init=False, repr=False, default_factory=list)
    """The rows from which they may ever take, channels aside."""
    room: Room = field(init=False, repr=False, default=NO_ROOM)
    view: View | None = field(init=False, repr=False, default=None)
    looks: Looks | None = field(init=False, repr=False, default=None)
    """As the roster found them; None is to be found out."""

    def __post_init__(self) -> None:
        """Count what is held."""
        for channel in (*self.held.values(), *self.offered.values(), *self.strays.values()):
            self.counts[channel] = self.counts.get(channel, 0) + 1
        for channel, count in self.before.items():
            self.counts[channel] = self.counts.get(channel, 0) + count

    @property
    def full(self) -> bool:
        """Whether no contact of any channel can come in."""
        named = (use.channel for use in self.capacity.uses)
        return all(self.capacity.refuses(one, self.counts) for one in (*named, ANY_OTHER))

    def ready(self, now: int) -> bool:
        """Tell whether contacts may be offered at all."""
        return self.state == "on" and self.wrapping <= now and not self.full

    def add(self, channel: str, number: int) -> None:
        """Count a contact more or less of a channel."""
        self.counts[channel] = self.counts.get(channel, 0) + number

    def miss(self, offer_id: str, contact_id: str) -> None:
        """Remember an offer that is over and was not taken up."""
        self.lately[offer_id] = contact_id
        if len(self.lately) > LATELY:
            del self.lately[next(iter(self.lately))]

    def without(self, contact_id: str) -> Mapping[str, int]:
        """Return what is held, leaving one contact out."""
        channel = self.held.get(contact_id) or self.offered.get(contact_id)
        if channel is None:
            return self.counts
        return {**self.counts, channel: self.counts[channel] - 1}

    def rank(self, lanes: tuple[str, ...], age: int) -> int | None:
        """Return the rank of the first of some lanes that the duty sees at this age, or None."""
        return 1 if self.duty is None else rank_at(self.duty, lanes, age)

    def sees_from(self, lanes: tuple[str, ...]) -> int | None:
        """Return the least age from which the duty sees one of some lanes; None never does."""
        if self.duty is None:
            return 0
        return min((one.after for one in self.duty.lanes if one.lane in lanes), default=None)


def rank_at(duty: Duty, lanes: tuple[str, ...], age: int) -> int | None:
    """Return the rank of the first of some lanes that a duty sees at this age, or None."""
    for lane in lanes:
        rank = duty.rank(lane, age)
        if rank is not None:
            return rank
    return None

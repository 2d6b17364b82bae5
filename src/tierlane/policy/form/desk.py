"""Desks as a policy states them: order, choice, offers, capacity, duties and staffing."""

from dataclasses import dataclass

from tierlane.calendar import Calendar
from tierlane.policy.form.capacity import Capacity
from tierlane.policy.form.finding import Place

ORDERS = ("rank", "score", "promise", "waited")
"""The keys by which waiting contacts are put in order, and the order of these unless stated."""
CHOICES = ("load", "idle", "free", "rank", "turn", "fit", "nearest", "skilled")
"""The keys by which an advisor is chosen."""
EXPRESSED = ("first", "least", "most")
"""The keys that a condition or expression gives."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order or a choice: a word, or `first`, `least`, `most` of an expression."""

    how: str
    text: str = ""
    """The expression, empty for a word."""
    place: Place = Place("", 1, 1)


@dataclass(frozen=True, slots=True)
class Offering:
    """How a contact is offered to an advisor."""

    lasts: int = 30_000
    """Milliseconds until an offer lapses."""
    at_once: int = 1
    """Advisors to whom one contact is offered at the same time."""
    again: str | int = "next step"
    """When one who declined is asked again: `never`, `next step`, or after so many ms."""


@dataclass(frozen=True, slots=True)
class DutyLane:
    """A lane as one duty has it."""

    lane: str
    rank: int = 1
    """Lanes of a low rank come first."""
    after: int = 0
    """The contact's age in ms from which the duty sees the lane."""
    place: Place = Place("", 1, 1)


@dataclass(frozen=True, slots=True)
class Duty:
    """The lanes that an advisor on this duty serves."""

    name: str
    lanes: tuple[DutyLane, ...]

    @classmethod
    def of(cls, lanes: tuple[DutyLane, ...]) -> "Duty":
        """Return the duty of an advisor who states lanes of their own: equal lanes, equal name."""
        return cls(" ".join(f"{one.lane}:{one.rank}:{one.after}" for one in lanes), lanes)

    def rank(self, lane: str, age: int) -> int | None:
        """Return the rank of a lane for a contact of this age in ms; None is not seen (yet)."""
        return next((one.rank for one in self.lanes if one.lane == lane and age >= one.after), None)


@dataclass(frozen=True, slots=True)
class Staffing:
    """What the desk expects, for the check alone."""

    advisors: int
    arrivals: float | None
    """Contacts an hour."""
    service: int | None
    """Mean time with a contact, in ms."""
    patience: int | None
    """Mean time until a contact gives up, in ms; None never gives up."""
    skills: tuple[tuple[str, int], ...] = ()
    """Skills and languages, and how many advisors have each."""
    enforce: bool = False
    """Whether a promise that the staff cannot keep is an error."""
    place: Place = Place("", 1, 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk; `managed` ones are those whose waiting line tierlane keeps."""

    name: str
    managed: bool = True
    calendar: Calendar | None = None
    """None is always open."""
    order: tuple[Key, ...] = tuple(map(Key, ORDERS))
    choose: tuple[Key, ...] = (Key("load"), Key("idle"))
    offer: Offering = Offering()
    capacity: Capacity = Capacity()
    wrap_up: tuple[tuple[str, int], ...] = ()
    """Channel and ms that an advisor has after a contact of it."""
    not_before: Key | None = None
    """What gives the moment before which a contact is not offered; None: none is put off."""
    silence: int = 60_000
    """Ms after which an advisor who sent heartbeats, and of whom nothing is heard, has vanished."""
    lapse: int = 604_800_000
    """Ms after which a contact lapses of which nothing is heard."""
    duties: tuple[Duty, ...] = ()
    """None: every advisor serves all lanes of the desk, with rank 1."""
    bound: int | None = None
    """Ms: nobody is passed by one that arrived more than this much later."""
    staffing: Staffing | None = None
    stated: tuple[tuple[str, Place], ...] = ()
    """The keys that the policy writes, with their places."""
    place: Place = Place("", 1, 1)

    def at(self, key: str) -> Place:
        """Return the place of a key, or of the desk where it is not written."""
        return dict(self.stated).get(key, self.place)

"""What a desk runs its waiting line by: order, choice, offers, capacity and duties, compiled."""

from dataclasses import dataclass

from tierlane.calendar import Calendar
from tierlane.policy.deciding.asking import Sorted
from tierlane.policy.form.capacity import Capacity
from tierlane.policy.form.desk import Duty, Offering
from tierlane.policy.line.choosing import Choosing
from tierlane.policy.line.ordering import Order


@dataclass(frozen=True, slots=True)
class Preferring:
    """How an advisor is chosen; `sorts` are its keys that are expressions, in their order."""

    choosing: Choosing
    sorts: tuple[Sorted, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A desk, ready to be run."""

    desk: str
    managed: bool
    order: Order
    sorts: tuple[Sorted, ...]
    """The keys of the order that are expressions; they give `Waiting.values`."""
    choose: Preferring
    offer: Offering
    capacity: Capacity
    wrap_up: tuple[tuple[str, int], ...]
    duties: tuple[Duty, ...]
    """None: every advisor serves all lanes of the desk, with rank 1."""
    bound: int | None
    """Ms: nobody is passed by one that arrived more than this much later."""
    calendar: Calendar | None = None
    """When it is open; None is always."""
    not_before: Sorted | None = None
    """Gives the moment before which a contact is not offered."""
    silence: int = 60_000
    """Ms after which an advisor who sent heartbeats, and of whom nothing is heard, has vanished."""
    lapse: int = 604_800_000
    """Ms after which a contact lapses of which nothing is heard."""

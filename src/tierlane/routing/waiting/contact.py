"""A contact as a managed desk keeps it: where it is in its plan, and what was offered."""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from tierlane.decision import FALLBACK, Priority
from tierlane.policy.deciding.itinerary import Itinerary, Leg
from tierlane.policy.line.ordering import Waiting
from tierlane.routing.waiting.column import Mark
from tierlane.routing.waiting.event import Arrived, PassedOver
from tierlane.routing.waiting.row import Alike, Row

FOR_GOOD: Final = inf
"""Until when an advisor who declined is not asked again, where no time ends it."""


@dataclass(slots=True)
class Standing:
    """One contact at the desk: it waits, or is served."""

    id: str
    itinerary: Itinerary
    arrived: int
    plan: str
    step: int | str
    priority: Priority
    """As a step set it last, before floors."""
    moved: int = 0
    passed_over: PassedOver = ()
    entries: tuple[str, ...] = ()
    lane: str = ""
    entered: int = 0
    """When it entered its step."""
    due: float = inf
    """When the step ends."""
    not_before: int = 0
    """The moment before which it is not offered, while that lies ahead."""
    paused: int = 0
    """Ms for which its steps had no time, or will have none until `not_before`."""
    row: Row | None = field(init=False, repr=False, default=None)
    """None while it is not in the line: it is served."""
    mark: Mark = field(init=False, repr=False, default=(0, ""))
    """Its place by age."""
    by_order: bool = False
    """Whether an operator put it where it is: then nothing is wanted of the advisor."""
    declined: dict[str, float] = field(default_factory=dict)
    """Advisors who declined or let an offer expire, and until when they are not asked again."""
    asked: set[str] = field(default_factory=set)
    """Advisors to whom it was ever offered."""
    offers: dict[str, str] = field(default_factory=dict)
    """Open offers: advisor → offer."""
    served_by: str = ""
    expected: int = 0
    """When it was to be taken on, as was expected when it entered its lane; 0 is not known."""
    touched: bool = False
    """Whether an operator's order decided when it is served."""
    taken: int = 0
    """When it was taken on, while it is served."""
    heard: int = 0
    """When something was heard of it last."""
    renewed: Itinerary | None = None
    """What was decided anew while it is served; it counts if the contact must wait again."""
    counted: tuple[tuple[str, str], ...] = ()
    """The budgets that count it as open while it is served, with their owners."""

    def __post_init__(self) -> None:
        """Keep its place by age."""
        self.mark = (self.arrived, self.id)

    @property
    def alike(self) -> Alike | None:
        """What it has in common with others of its row; None while it is not in the line."""
        return None if self.row is None else self.row.alike

    @property
    def leg(self) -> Leg:
        """The step it is in, as it is for this contact."""
        if isinstance(self.step, str):
            leg = self.itinerary.last
        else:
            leg = self.itinerary.leg(self.plan, self.step)
        if self.by_order:
            return leg._replace(lane=self.lane, wants=(), prefer=(), budgets=())
        return leg

    def waits(self) -> bool:
        """Tell whether it is in the line, offered or not."""
        return not self.served_by

    def waiting(self, alike: Alike, rank: int) -> Waiting:
        """Return what the order looks at."""
        return Waiting(self.id, self.arrived, alike.priority, alike.answer, rank, alike.values)


def standing(event: Arrived) -> Standing:
    """Return a contact as it comes, not in any lane yet."""
    return Standing(
        id=event.contact_id,
        itinerary=event.itinerary,
        arrived=event.arrived,
        plan=event.plan,
        step=FALLBACK if event.resting else event.step,
        priority=event.priority or event.itinerary.priority,
        moved=event.moved,
        passed_over=event.passed_over,
        entries=event.entries,
        paused=event.paused,
    )

"""What one managed desk knows: its contacts, seats, offers, line and timers."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from tierlane.decision import Priority
from tierlane.lane import Lane
from tierlane.policy.deciding.itinerary import Itinerary, Leg
from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.planning import CompiledPlan, CompiledStep
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.line.budgeting import Budgeted
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.event import Arrived, PassedOver
from tierlane.routing.waiting.line import WaitingLine
from tierlane.routing.waiting.news import News
from tierlane.routing.waiting.roster import Roster
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.spending import Key, Spending
from tierlane.routing.waiting.timer import LOOK, OFFER, STEP, WAKE, Timers
from tierlane.routing.waiting.trace import Trace


class OpenOffer(NamedTuple):
    """A contact put to one advisor."""

    id: str
    contact_id: str
    advisor_id: str
    made: int
    expires: int
    turn_before: int | None
    """When the advisor was offered a contact before this."""
    counted: tuple[Key, ...]
    """The budgets that count it while it is open, with their owners."""


class Book:
    """What a revision says of one desk, by name."""

    __slots__ = ("budgets", "lanes", "line", "plans", "revision", "wrap_up")

    def __init__(self, revision: Revision, desk: str) -> None:
        self.revision = revision
        self.plans: Mapping[str, CompiledPlan] = revision.rules.plans
        self.lanes: dict[str, Lane] = {one.name: one for one in revision.lanes}
        self.budgets: dict[str, Budgeted] = {one.name: one for one in revision.rules.budgets}
        self.line: Line = next(one for one in revision.lines if one.desk == desk)
        self.wrap_up: dict[str, int] = dict(self.line.wrap_up)

    @property
    def fallback(self) -> Lane:
        """The lane of a contact that no step is eligible for."""
        return self.lanes[self.revision.fallback]


LATEST: Final = 20
"""Contacts taken on by which the pace of a lane is reckoned."""


@dataclass(slots=True)
class DeskState:
    """The whole state, and the changes of the call that is under way."""

    desk: str
    book: Book
    """By which the desk is run."""
    books: dict[str, Book]
    """By hash: those by which contacts at the desk were decided, too."""
    spending: Spending
    contacts: dict[str, Standing] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    offers: dict[str, OpenOffer] = field(default_factory=dict)
    shut: dict[str, float] = field(default_factory=dict)
    """Lanes closed by order, and until when."""
    pace: dict[str, deque[int]] = field(default_factory=dict)
    """When contacts of a lane were taken on, the latest."""
    timers: Timers = field(default_factory=Timers)
    roster: Roster = field(default_factory=Roster)
    line: WaitingLine = field(init=False)
    awake: dict[str, None] = field(default_factory=dict)
    """Advisors who must look for a contact before the call ends."""
    fresh: dict[Row, None] = field(default_factory=dict)
    """Rows at which those who are ready must look, since somebody has come who can be offered."""
    looking: dict[Row, None] = field(default_factory=dict)
    """Rows whose time has come: somebody sees them from now on, or has something left for them."""
    changes: list[Change] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)
    """What changed since it was written."""
    named: str = ""
    """What the causes of its timers begin with; nothing: its name."""
    news: News = field(default_factory=News)
    """When something was heard of each contact."""
    beats: News = field(default_factory=News)
    """When something was heard of each advisor who sends heartbeats."""
    leaving: set[str] = field(default_factory=set)
    """Advisors who sign off as soon as they serve nothing."""
    touched: set[str] = field(default_factory=set)
    """Contacts that an operator's order concerned."""
    behind: bool = False
    """Whether the desk stood still and catches up."""
    halted: bool = False
    """Whether an operator lets nothing be offered."""
    missed: list[tuple[int, int, str]] = field(default_factory=list)
    """Timers that were due while it catches up: moment, kind and id."""
    cause: str = ""
    made: int = 0
    """Offers made by this cause."""
    now: int = 0
    """The latest moment that the desk was told of."""
    logged: int = 0
    """When the log took the event that is dealt with, or now if that is earlier."""
    due: int = 0
    """When the timer was due that fires at this moment; 0 where none does."""

    def __post_init__(self) -> None:
        """Begin with nobody waiting."""
        self.line = WaitingLine(self.roster)

    def plan(self, contact: Standing) -> CompiledPlan:
        """Return the plan a contact is in, by the revision that decided it."""
        return self.books[contact.itinerary.revision].plans[contact.plan]

    def step(self, contact: Standing, number: int, leg: Leg) -> CompiledStep:
        """Return a step of the contact's plan, in the lane in which it is for this contact."""
        step = self.plan(contact).steps[number - 1]
        if leg.lane == step.lane.name:
            return step
        return replace(step, lane=self.books[contact.itinerary.revision].lanes[leg.lane])

    def hear_of(self, contact: Standing, now: int) -> None:
        """Note that something was heard of a contact."""
        contact.heard = now
        self.news.hear(contact.id, now)
        self.trace.contacts.add(contact.id)

    def hear_from(self, seat: Seat, moment: int) -> None:
        """Note a sign of life of an advisor who sends heartbeats."""
        seat.heard = max(seat.heard, moment)
        self.beats.hear(seat.id, seat.heard)
        self.trace.seats.add(seat.id)

    def forget(self, contact: Standing) -> None:
        """Let a contact be here no more."""
        self.step_out(contact)
        self.timers.drop(contact.due, STEP, contact.id)
        del self.contacts[contact.id]
        self.news.forget(contact.id)
        self.touched.discard(contact.id)

    def touch(self, contact: Standing) -> None:
        """Note that an operator's order decides when a contact is served."""
        contact.touched = True
        self.trace.contacts.add(contact.id)
        self.touched.add(contact.id)

    # ------------------------------------------------------------------ advisors

    def seat(self, seat: Seat) -> None:
        """Let an advisor be there, in place of themselves if they are there already."""
        known = self.seats.get(seat.id)
        if known is not None:
            self.roster.remove(known)
        self.seats[seat.id] = seat
        self.roster.add(seat)
        self.awake[seat.id] = None

    def unseat(self, seat: Seat) -> None:
        """Let an advisor be there no more."""
        del self.seats[seat.id]
        self.roster.remove(seat)
        self.beats.forget(seat.id)

    def stir(self, seat: Seat) -> None:
        """Let an advisor look whose state, wrapping up or contacts have changed.

        Whatever changes one of these must call it: what is asked of all advisors at once is
        answered from what was derived from them.
        """
        self.trace.seats.add(seat.id)
        self.roster.touch(seat)
        self.awake[seat.id] = None

    def bits(self, advisors: Iterable[str]) -> int:
        """Return advisors as a set of the roster; who is not there is left out."""
        found, seats = 0, self.seats
        for one in advisors:
            seat = seats.get(one)
            if seat is not None:
                found |= seat.bit
        return found

    def tell(
        self, kind: str, at: int, contact: Standing | None = None, *, contact_id: str = "",
        advisor_id: str = "", offer_id: str = "", lane: str = "", reason: str = "",
        passed_over: PassedOver = (), expires: int = 0, place: int = 0, wait: int | None = None,
        missed_by: int | None = None, over: int = 0, onward: Arrived | None = None, desk: str = "",
    ) -> None:  # fmt: skip
        """Add a change; of a contact it tells where that is, and `contact_id` and `lane` are its.

        Its fields are put in their order: by name it takes three times as long.
        """
        plan: str = ""
        step: int | str = 0
        itinerary: Itinerary | None = None
        priority: Priority | None = None
        if contact is not None:
            contact_id, lane, plan, step = contact.id, contact.lane, contact.plan, contact.step
            itinerary, priority = contact.itinerary, contact.priority
            if itinerary.floor.priority is not None:
                priority = itinerary.lifted(priority)
        self.changes.append(Change(
            kind, at, contact_id, advisor_id, offer_id, lane, plan, step, reason, passed_over,
            expires, place, wait, missed_by, over, self.due, onward, desk, itinerary, priority,
        ))  # fmt: skip
        self.trace.contacts.add(contact_id)
        self.trace.seats.add(advisor_id)

    # ------------------------------------------------------------------ offers

    def make_offer(self, contact: Standing, seat: Seat, now: int) -> None:
        """Put a contact to an advisor; it holds room from now on."""
        expires = now + self.book.line.offer.lasts
        offer_id = f"{self.cause}.o{self.made}"
        self.made += 1
        counted = tuple([key for _, key in self.bound_by(contact, contact.leg.budgets, seat.id)])
        offer = OpenOffer(offer_id, contact.id, seat.id, now, expires, seat.turn, counted)
        self.offers[offer_id] = offer
        contact.offers[seat.id] = offer_id
        contact.asked.add(seat.id)
        seat.turn = now
        channel = contact.itinerary.channel
        seat.offered[contact.id] = channel
        seat.add(channel, 1)
        self.roster.touch(seat)
        for key in counted:
            self.spending.count(key, self.spending.offered, 1)
        self.timers.put(expires, OFFER, offer_id)
        self.settle(contact)
        self.tell("offered", now, contact, advisor_id=seat.id, offer_id=offer_id, expires=expires)

    def end_offer(self, contact: Standing, advisor_id: str, *, looks: bool = True) -> OpenOffer:
        """Take an offer away, whatever became of it, and give the room back.

        The advisor then looks for another contact, unless what was offered is theirs now.
        """
        self.trace.contacts.add(contact.id)
        self.trace.seats.add(advisor_id)
        offer = self.offers.pop(contact.offers.pop(advisor_id))
        self.timers.drop(offer.expires, OFFER, offer.id)
        for key in offer.counted:
            self.give_back(key, self.spending.offered)
        seat = self.seats[advisor_id]
        seat.add(seat.offered.pop(contact.id), -1)
        self.roster.touch(seat)
        if looks:
            self.awake[advisor_id] = None
        return offer

    def revoke_all(self, contact: Standing, now: int, reason: str) -> None:
        """Take all offers of a contact away."""
        for advisor_id in list(contact.offers):
            offer = self.end_offer(contact, advisor_id)
            self.seats[advisor_id].miss(offer.id, contact.id)
            self.tell(
                "revoked", now, contact, advisor_id=advisor_id, offer_id=offer.id, reason=reason
            )

    # ------------------------------------------------------------------ the line

    def settle(self, contact: Standing) -> None:
        """See that a contact can be offered exactly while it may be."""
        if contact.row is None:
            return
        self.line.discard(contact.row, contact.mark)
        if self._may_be_offered(contact):
            self.line.add(contact.row, contact.mark)

    def _may_be_offered(self, contact: Standing) -> bool:
        return not contact.not_before and len(contact.offers) < self.book.line.offer.at_once

    def line_up(self, contact: Standing, row: Row) -> None:
        """Put a contact into the line as it is now, and let those look who could take it."""
        self.step_out(contact)
        contact.row = row
        self.trace.contacts.add(contact.id)
        self.line.enter(row, contact.mark)
        if self._may_be_offered(contact):
            self.line.add(row, contact.mark)
        self.fresh[row] = None

    def step_out(self, contact: Standing) -> None:
        """Take a contact out of the line."""
        if contact.row is not None:
            self.line.discard(contact.row, contact.mark)
            self.line.leave(contact.row, contact.mark)
            contact.row = None

    def end_step(self, contact: Standing, moment: float) -> None:
        """Let the step of a contact end at a moment, and not at the one before; inf is never."""
        self.timers.drop(contact.due, STEP, contact.id)
        contact.due = moment
        self.timers.put(moment, STEP, contact.id)

    def keep_pace(self, lane: str, now: int) -> None:
        """Note that a contact of a lane was taken on."""
        times = self.pace.get(lane)
        if times is None:
            times = self.pace[lane] = deque(maxlen=LATEST)
        times.append(now)
        self.trace.lanes.add(lane)

    def look_later(self, row: Row, moment: int) -> None:
        """Let those who are ready look at a row at a moment, if not earlier."""
        if not row.looks or moment < row.looks:
            row.looks = moment
            self.timers.put(moment, LOOK, str(row.number))

    def wake_later(self, seat: Seat, moment: int) -> None:
        """Let an advisor look again at a moment, if not earlier."""
        if not seat.wakes or moment < seat.wakes:
            seat.wakes = moment
            self.trace.seats.add(seat.id)
            self.timers.put(moment, WAKE, seat.id)

    # ------------------------------------------------------------------ budgets

    def give_back(self, key: Key, counts: dict[Key, int]) -> None:
        """Count one less of a budget, and let those look whom it kept from a contact."""
        self.spending.count(key, counts, -1)
        self.fresh.update(dict.fromkeys(self.line.of_budget(key[0])))

    def bound_by(
        self, contact: Standing, names: Collection[str], advisor_id: str | None
    ) -> list[tuple[Budgeted, Key]]:
        """Return budgets by name, with whose contacts each counts together."""
        if not names:
            return []
        budgets = self.books[contact.itinerary.revision].budgets
        held = (budgets[name] for name in names)
        customer = contact.itinerary.customer
        return self.spending.keys(held, self.desk, advisor_id, customer)

    def left(self, budget: Budgeted, key: Key, now: int) -> int:
        """Return what is left of a budget."""
        seat = self.seats.get(key[1]) if budget.per == "advisor" else None
        before = sum(seat.before.values()) if seat is not None else 0
        return self.spending.left(budget, key, now, before=before)

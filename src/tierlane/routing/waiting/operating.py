"""Orders of an operator: lanes closed and opened, contacts moved and taken back, the desk halted.

An order is obeyed though it breaks the bound of the desk; by how much is told when it comes to it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

from tierlane.policy.form.desk import EXPRESSED
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.event import Halted, Ordered, Released, Reopened, Resumed, Shut
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.staff import Staff


@dataclass(slots=True)
class Operating:
    """Does what an operator orders at one desk."""

    asking: Asking
    staff: Staff

    @property
    def handlers(self) -> dict[type, Callable[[Any, int], None]]:
        """What is done about each order."""
        return {
            Shut: self._on_shut,
            Reopened: self._on_reopened,
            Ordered: self._on_ordered,
            Released: self._on_released,
            Halted: self._on_halted,
            Resumed: self._on_resumed,
        }

    def _on_shut(self, event: Shut, now: int) -> None:
        state = self.asking.state
        state.shut[event.lane] = inf if event.until is None else event.until
        state.tell("ordered", now, lane=event.lane, reason="close")

    def _on_reopened(self, event: Reopened, now: int) -> None:
        self.asking.state.shut.pop(event.lane, None)
        self.asking.state.tell("ordered", now, lane=event.lane, reason="open")

    def _on_ordered(self, event: Ordered, now: int) -> None:
        """Put a contact into a lane: its step's time runs on, and anybody there may take it."""
        state = self.asking.state
        contact = state.contacts.get(event.contact_id)
        lane = state.book.lanes.get(event.lane)
        if contact is None or not contact.waits():
            self._no_effect(now, event.contact_id, "does not wait")
        elif lane is None or lane.desk != state.desk:
            self._no_effect(now, event.contact_id, "not a lane of this desk")
        elif why := contact.itinerary.why_barred(lane.name):
            self._no_effect(now, event.contact_id, why)
        else:
            contact.by_order = True
            state.touch(contact)
            state.tell("ordered", now, contact, reason="move")
            self.staff.stepping.place(contact, lane.name, contact.due, now)

    def _on_released(self, event: Released, now: int) -> None:
        """Take a contact back: it waits again with its age, and who had it counts as declining."""
        state = self.asking.state
        contact = state.contacts.get(event.contact_id)
        if contact is None or not (contact.offers or contact.served_by):
            self._no_effect(now, event.contact_id, "with no advisor")
            return
        state.touch(contact)
        state.tell("ordered", now, contact, reason="release")
        self.staff.take_back(contact, now, declined=True)

    def _no_effect(self, now: int, contact_id: str, reason: str) -> None:
        self.asking.state.tell("no_effect", now, contact_id=contact_id, reason=reason)

    def _on_halted(self, event: Halted, now: int) -> None:  # noqa: ARG002  # it says no more
        state = self.asking.state
        state.halted = True
        state.tell("ordered", now, reason="halt")

    def _on_resumed(self, event: Resumed, now: int) -> None:  # noqa: ARG002
        """Let everybody look anew: whom a change concerned meanwhile was not kept."""
        state = self.asking.state
        state.halted = False
        state.awake.update(dict.fromkeys(state.seats))
        state.tell("ordered", now, reason="resume")

    # ------------------------------------------------------------------ the bound

    def look(self, contact: Standing, seat: Seat, now: int) -> None:
        """Tell whom a contact that was just taken on passed, though they came before the bound.

        The order keeps the bound by itself, so only contacts matter that an order concerned.
        """
        state, bound = self.asking.state, self.asking.state.book.line.bound
        if bound is None or not state.touched or self._marked(contact):
            return
        late = contact.arrived - bound
        passed = [one for one in self._older(contact, late) if self._able(one, seat)]
        if passed:
            first = min(passed, key=lambda one: (one.arrived, one.id))
            state.tell(
                "overtaken", now, first, advisor_id=seat.id, reason=contact.id,
                over=late - first.arrived,
            )  # fmt: skip

    def _older(self, contact: Standing, before: int) -> Iterator[Standing]:
        """Yield those who wait and came earlier: of each row the first, or those of an order."""
        state = self.asking.state
        names = sorted(state.touched)
        if contact.touched:
            names += [row.marks.first[1] for row in state.line.filled]
        for name in names:
            one = state.contacts[name]
            waits = one.row is not None and not one.offers and not one.not_before
            if waits and one.arrived < before:
                yield one

    def _able(self, contact: Standing, seat: Seat) -> bool:
        """Tell whether an advisor may take a contact where it is, or where its plan had it."""
        state, channel = self.asking.state, contact.itinerary.channel
        if not self.asking.unsuited(contact.leg, self.asking.lanes_of(contact), channel, seat):
            return True
        if not contact.by_order or not isinstance(contact.step, int):
            return False
        leg = contact.itinerary.leg(contact.plan, contact.step)
        borrow = state.plan(contact).steps[contact.step - 1].borrow
        return not self.asking.unsuited(leg, (leg.lane, *borrow), channel, seat)

    def _marked(self, contact: Standing) -> bool:
        """Tell whether the order puts a contact first by a mark, which the bound lets pass."""
        keys = [key for key in self.asking.state.book.line.order.keys if key in EXPRESSED]
        marked = zip(keys, contact.leg.values, strict=False)
        return any(key == "first" and value is True for key, value in marked)

"""A contact's way through its plan: which step it enters, when that ends, and what follows."""

from dataclasses import dataclass
from math import inf

from tierlane.decision import FALLBACK
from tierlane.lane import NEXT_STEP, Detour
from tierlane.policy.deciding.itinerary import Itinerary, Leg
from tierlane.policy.deciding.planning import CompiledPlan, CompiledStep
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.event import Arrived
from tierlane.routing.waiting.pausing import age, moment, put_off, transitions
from tierlane.routing.waiting.presence import left_alone
from tierlane.routing.waiting.prospect import UNKNOWN, forecast
from tierlane.routing.waiting.row import Alike, Row
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.state import DeskState


@dataclass(slots=True)
class Stepping:
    """Moves contacts on; a contact that this desk cannot place is handed over."""

    state: DeskState
    asking: Asking

    def walk(self, contact: Standing, now: int) -> None:
        """Take a contact to the first step behind its own that is eligible.

        The check refuses plans that hand over in a circle, so this ends.
        """
        if contact.step == FALLBACK:
            self._rest(contact, now)
            return
        refused = False
        while True:
            plan = self.state.plan(contact)
            number, leg, passed = self._next(contact, plan, now)
            refused |= passed
            if leg is not None:
                step = self.state.step(contact, number, leg)
                if step.lane.desk != self.state.desk:
                    self._hand_over(contact, step.lane.desk, number - 1, now)
                    return
                put_off(self.state, contact, leg.not_before, now)
                reason, detour = self._reason(contact, step, leg, number, now)
                if not reason:
                    self._enter(contact, plan, number, step, now)
                    return
                refused = True
                self._pass(contact, number, step.lane.name, reason)
                if detour.how == "plan":
                    self._take_over(contact, detour.plan, "passed", now)
            elif plan.then:
                timely = not refused and contact.step != 0
                self._take_over(contact, plan.then, "escalated" if timely else "passed", now)
            elif refused or not plan.steps or not contact.itinerary.decided:
                self._rest(contact, now)
                return
            else:
                self.close(contact, now)
                return

    def _next(
        self, contact: Standing, plan: CompiledPlan, now: int
    ) -> tuple[int, Leg | None, bool]:
        """Return the next step that is not over and not barred; and whether one was refused.

        Steps that are over before they were entered are listed, too: `until`.
        """
        refused, answer = False, contact.itinerary.answer
        clocks = plan.transitions.since(contact.arrived)
        if not contact.itinerary.decided:
            return 0, None, True
        while True:
            after = int(contact.step)
            number = clocks.next(after, age(contact, now), answer)
            for missed in range(after + 1, number or len(plan.steps) + 1):
                self._pass(contact, missed, plan.steps[missed - 1].lane.name, "until")
            if number is None:
                return 0, None, refused
            leg = contact.itinerary.leg(plan.name, number)
            if not leg.reason:
                return number, leg, refused
            refused = True
            self._pass(contact, number, leg.lane, leg.reason)

    def _pass(self, contact: Standing, number: int, lane: str, reason: str) -> None:
        contact.passed_over = (*contact.passed_over, (number, lane, reason))
        contact.step = number

    def _reason(
        self, contact: Standing, step: CompiledStep, leg: Leg, number: int, now: int
    ) -> tuple[str, Detour]:
        """Return why a step is passed over, in the order the language states, or nothing."""
        asking, lane = self.asking, step.lane
        staying = contact.row is not None and contact.lane == lane.name
        if asking.closed(lane, now):  # that a closed lane is full, too, is not asked
            if lane.closed.how != "wait":
                return "closed", lane.closed
        elif not staying and asking.full(lane, now) and lane.full.how != "wait":
            return "full", lane.full
        if asking.over_budget(contact, leg, now):
            return "budget", NEXT_STEP
        return asking.skipped(contact, step, leg, number, now), NEXT_STEP

    def _take_over(self, contact: Standing, plan: str, kind: str, now: int) -> None:
        """Let another plan take over from its beginning; what was passed over keeps its name."""
        named = [
            (step if isinstance(step, str) else f"{contact.plan}/{step}", lane, why)
            for step, lane, why in contact.passed_over
        ]
        self.state.tell(kind, now, contact, reason=plan)
        contact.passed_over = tuple(named)
        contact.plan, contact.step = plan, 0
        contact.moved += 1

    # ------------------------------------------------------------------ entering

    def _enter(
        self, contact: Standing, plan: CompiledPlan, number: int, step: CompiledStep, now: int
    ) -> None:
        contact.step, contact.entered, contact.by_order = number, now, False
        if step.priority is not None:
            contact.priority = step.priority
        if self.state.book.line.offer.again == "next step":
            contact.declined.clear()
        clocks = plan.transitions.since(contact.arrived)
        ends = clocks.end(number, age(contact, now), contact.itinerary.answer)
        contact.entered = max(now, contact.not_before)
        self.place(contact, step.lane.name, moment(contact, ends), now)

    def _rest(self, contact: Standing, now: int) -> None:
        """Put a contact into the fallback, to which it comes when no step is eligible."""
        lane = self.state.books[contact.itinerary.revision].fallback
        contact.step = FALLBACK
        if lane.desk != self.state.desk:
            self._hand_over(contact, lane.desk, 0, now)
            return
        last = self.state.plan(contact).transitions.last
        put_off(self.state, contact, contact.itinerary.last.not_before, now)
        if last is not None and age(contact, now) >= last:
            self.close(contact, now)
            return
        contact.entered, contact.by_order = now, False
        self.place(contact, lane.name, moment(contact, inf if last is None else last), now)

    def place(self, contact: Standing, lane: str, due: float, now: int) -> None:
        """Put a contact into a lane until a moment."""
        stays = contact.lane == lane and contact.row is not None
        self.state.step_out(contact)
        contact.lane = lane
        if not stays:
            contact.entries = (*contact.entries, lane)
        managed, told = self.state.book.line.managed, UNKNOWN
        lanes = self.asking.lanes_of(contact)
        if managed and not stays:
            told = forecast(self.state, self.asking, contact, lanes, now)
            contact.expected = 0 if told.wait is None else now + told.wait
        self.state.tell(
            "stepped" if stays else "entered", now, contact, passed_over=contact.passed_over,
            place=told.place, wait=told.wait,
        )  # fmt: skip
        if managed:
            self.state.end_step(contact, due)
            self.state.line_up(contact, self.row(contact))

    def row(self, contact: Standing) -> Row:
        """Return the row in which a contact stands as it is now.

        It is found by the identities of what it is reckoned from: to compare wants by value costs
        ten times as much as the rest of entering a lane.
        """
        itinerary, leg, line = contact.itinerary, contact.leg, self.state.line
        if contact.by_order:
            return line.row(self.alike(contact))
        made_of = (leg, contact.priority, itinerary.floor, itinerary.revision)
        key = (
            *map(id, made_of), contact.plan, contact.step, itinerary.channel, itinerary.answer,
        )  # fmt: skip
        known = line.known.get(key)
        if known is None:
            known = line.know(key, line.row(self.alike(contact)), made_of)
        return known[0]

    def alike(self, contact: Standing) -> Alike:
        """Return what the contact has in common with others of its kind, as it is now."""
        leg, itinerary = contact.leg, contact.itinerary
        return Alike(
            lanes=self.asking.lanes_of(contact),
            wants=leg.wants,
            channel=itinerary.channel,
            budgets=leg.budgets,
            priority=itinerary.lifted(contact.priority),
            answer=itinerary.answer,
            values=leg.values,
        )

    def stay(self, contact: Standing, now: int) -> None:
        """Let a contact wait on in its step, whose end may be another; if it is over, go on."""
        if put_off(self.state, contact, contact.leg.not_before, now):
            self.state.revoke_all(contact, now, "not_before")
        if isinstance(contact.step, int):
            entered = contact.entered - contact.arrived - contact.paused
            clocks = transitions(self.state, contact)
            ends = clocks.end(contact.step, entered, contact.itinerary.answer)
            self.state.end_step(contact, moment(contact, ends))
        if contact.due <= now:
            self.walk(contact, now)
            return
        self.state.end_step(contact, contact.due)
        self.state.line_up(contact, self.row(contact))

    def renew(self, contact: Standing, new: Itinerary, now: int) -> None:
        """Let a contact wait as it was decided anew: in the same plan age and step stay.

        An open offer stands, but for one of another channel, which takes other room.
        """
        old, contact.itinerary = contact.itinerary, new
        if contact.priority == old.priority:
            contact.priority = new.priority
        if new.channel != old.channel:
            self.state.revoke_all(contact, now, "changed")
        if new.plan != old.plan or not new.has(contact.plan, contact.step):
            contact.plan, contact.step, contact.passed_over = new.plan, 0, ()
            contact.priority = new.priority
            self.walk(contact, now)
        elif contact.leg.reason and not contact.by_order:  # as if it came now, at its age
            contact.step, contact.passed_over = 0, ()
            self.walk(contact, now)
        elif contact.leg.lane != contact.lane:  # the step leads elsewhere by now: enter it anew
            contact.step = int(contact.step) - 1
            self.walk(contact, now)
        else:
            self.stay(contact, now)

    def refuse(self, contact: Standing, reason: str) -> None:
        """Note that the step a contact is in is none for it any more."""
        contact.passed_over = (*contact.passed_over, (contact.step, contact.lane, reason))

    def skip(self, contact: Standing, now: int) -> bool:
        """Leave the step if it is skipped while nobody can take the contact at once."""
        if not isinstance(contact.step, int) or contact.by_order or contact.offers:
            return False
        step = self.state.plan(contact).steps[contact.step - 1]
        if step.skip is None and not self.state.roster.kin(contact.leg.wants).named:
            return False
        leg = contact.leg
        step = self.state.step(contact, contact.step, leg)
        reason = self.asking.skipped(contact, step, leg, contact.step, now)
        if reason:
            self.refuse(contact, reason)
            self.walk(contact, now)
        return bool(reason)

    def leave_alone(self, seat: Seat, now: int) -> None:
        """Let those go on that wait for an advisor by name who is not there any more."""
        rows = list(left_alone(self.state, seat.values))
        for _, name in sorted(mark for row in rows for mark in row.marks):
            self.skip(self.state.contacts[name], now)

    # ------------------------------------------------------------------ leaving

    def _hand_over(self, contact: Standing, desk: str, after: int, now: int) -> None:
        """Give a contact to the desk that owns its next step, age and all."""
        state = self.state
        put_off(state, contact, 0, now)
        state.revoke_all(contact, now, "moved")
        onward = Arrived(
            contact.id, contact.itinerary, contact.arrived, contact.plan, after, contact.priority,
            contact.moved, contact.passed_over, contact.entries, contact.step == FALLBACK,
            contact.paused,
        )  # fmt: skip
        state.forget(contact)
        state.tell("handed over", now, contact, onward=onward, desk=desk)

    def close(self, contact: Standing, now: int) -> None:
        """End a contact as `finally` says."""
        message = self.state.plan(contact).close
        self.leave(contact, now, "closed", reason=message)

    def leave(self, contact: Standing, now: int, kind: str, reason: str) -> None:
        """Let a contact go; everything it held is free again."""
        self.state.revoke_all(contact, now, kind if kind == "closed" else reason)
        self.state.forget(contact)
        self.state.tell(kind, now, contact, reason=reason)

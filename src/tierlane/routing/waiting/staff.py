"""What advisors do at a desk: sign on, take, decline and finish contacts, leave, fall silent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tierlane.routing.waiting.contact import FOR_GOOD, Standing
from tierlane.routing.waiting.event import (
    Accepted,
    Declined,
    Finished,
    SignedOn,
    Stood,
)
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.state import DeskState, OpenOffer
from tierlane.routing.waiting.stepping import Stepping
from tierlane.routing.waiting.timer import STEP


@dataclass(slots=True)
class Staff:
    """Follows the advisors of one desk."""

    state: DeskState
    stepping: Stepping
    look: Callable[[Standing, Seat, int], None] = lambda *_: None
    """Looks at each contact that is taken on."""

    @property
    def handlers(self) -> dict[type, Callable[[Any, int], None]]:
        """What is done about each kind of event of an advisor."""
        return {
            SignedOn: self._on_signed_on,
            Stood: self._on_stood,
            Accepted: self._on_accepted,
            Declined: self._on_declined,
            Finished: self._on_finished,
        }

    # ------------------------------------------------------------------ coming and going

    def _on_signed_on(self, event: SignedOn, now: int) -> None:
        """Seat an advisor; one who is seated already takes the new abilities and keeps contacts."""
        known = self.state.seats.get(event.advisor_id)
        since = now if event.idle_since is None else event.idle_since
        seat = Seat(
            id=event.advisor_id,
            values=event.values,
            capacity=event.capacity,
            duty=event.duty,
            channels=event.channels,
            idle_since=since if known is None else known.idle_since,
            turn=None if known is None else known.turn,
            wrapping=0 if known is None else known.wrapping,
            held={} if known is None else known.held,
            offered={} if known is None else known.offered,
            before=dict(event.holds) if known is None else known.before,
            strays={} if known is None else known.strays,
            heard=0 if known is None else known.heard,
            lately={} if known is None else known.lately,
            lost={} if known is None else known.lost,
        )
        self.state.seat(seat)

    def _on_stood(self, event: Stood, now: int) -> None:
        seat = self.seat(event.advisor_id, now)
        if seat is None:
            return
        if event.state == "on" and seat.state != "on":
            seat.idle_since, seat.leaving = now, False
        seat.state = event.state
        self.state.stir(seat)
        if event.state != "on":
            self.withdraw(seat, now, event.state)
        if event.state == "off":
            self.stepping.leave_alone(seat, now)

    def withdraw(self, seat: Seat, now: int, reason: str) -> None:
        """Take back what is offered; it goes to others at once."""
        self.state.stir(seat)
        for contact_id in list(seat.offered):
            contact = self.state.contacts[contact_id]
            offer = self.state.end_offer(contact, seat.id)
            seat.miss(offer.id, contact_id)
            self.state.tell(
                "revoked", now, contact, advisor_id=seat.id, offer_id=offer.id, reason=reason
            )
            self._free_again(contact, now)

    def see_off(self, now: int) -> None:
        """Confirm that those have signed off who are to and serve nothing any more."""
        for advisor_id in sorted(self.state.leaving):
            seat = self.state.seats.get(advisor_id)
            if seat is not None and seat.leaving and seat.held:
                continue
            self.state.leaving.discard(advisor_id)
            if seat is not None and seat.leaving:
                self.unseat(seat, now)
                self.state.tell("signed_off", now, advisor_id=advisor_id)

    def unseat(self, seat: Seat, now: int) -> None:
        """Let an advisor be here no more, and those go on that wait for them by name."""
        self.state.unseat(seat)
        self.stepping.leave_alone(seat, now)

    def outfit(self) -> None:
        """Take over what another revision says of the desk, where an advisor has no own say."""
        duties = {one.name: one for one in self.state.book.line.duties}
        for seat in self.state.seats.values():
            if seat.duty is not None and seat.duty.name in duties:
                seat.duty = duties[seat.duty.name]
        self.state.roster.regroup()

    # ------------------------------------------------------------------ answers

    def _on_accepted(self, event: Accepted, now: int) -> None:
        """Confirm the first who takes a contact while it is offered; revoke all others.

        Who accepts twice what is theirs is told so twice: `revoked` would take it from them.
        """
        state, contact = self.state, self.state.contacts.get(event.contact_id)
        offer = self._open(event)
        if contact is None or offer is None:
            server = "" if contact is None else contact.served_by
            again, reason = server == event.advisor_id != "", "taken" if server else "not offered"
            state.tell(
                "confirmed again" if again else "revoked", now, contact,
                contact_id=event.contact_id, advisor_id=event.advisor_id,
                offer_id=event.offer_id, reason="" if again else reason,
            )  # fmt: skip
            return
        bound = state.bound_by(contact, contact.leg.budgets, event.advisor_id)
        state.end_offer(contact, event.advisor_id, looks=False)
        state.revoke_all(contact, now, "taken")
        state.step_out(contact)
        for budget, key in bound:
            state.spending.take(budget, key, now)
        contact.counted = tuple(key for budget, key in bound if budget.within == "open")
        contact.served_by, contact.taken = event.advisor_id, now
        state.hear_of(contact, now)
        seat, channel = state.seats[event.advisor_id], contact.itinerary.channel
        seat.held[contact.id] = channel
        seat.add(channel, 1)
        seat.idle_since = now
        state.timers.drop(contact.due, STEP, contact.id)
        state.keep_pace(contact.lane, now)
        missed = now - contact.expected if contact.expected else None
        state.tell(
            "confirmed", now, contact, advisor_id=seat.id, offer_id=offer.id, missed_by=missed
        )
        self.look(contact, seat, now)

    def _on_declined(self, event: Declined, now: int) -> None:
        offer = self._open(event)
        if offer is None:
            self.state.tell(
                "no_effect", now, contact_id=event.contact_id, advisor_id=event.advisor_id,
                reason="not offered",
            )  # fmt: skip
            return
        self.refused(offer, now, "declined")

    def refused(self, offer: OpenOffer, now: int, kind: str) -> None:
        """Take an offer back that was `declined`, or `expired` by itself."""
        contact = self.state.contacts[offer.contact_id]
        self.state.end_offer(contact, offer.advisor_id)
        self.state.seats[offer.advisor_id].miss(offer.id, contact.id)
        self._not_again(contact, offer.advisor_id, now)
        self.state.tell(kind, now, contact, advisor_id=offer.advisor_id, offer_id=offer.id)
        self._free_again(contact, now)

    def _open(self, event: Accepted | Declined) -> OpenOffer | None:
        contact = self.state.contacts.get(event.contact_id)
        if contact is None or event.advisor_id not in contact.offers:
            return None
        offer = self.state.offers[contact.offers[event.advisor_id]]
        return offer if event.offer_id in ("", offer.id) else None

    def _not_again(self, contact: Standing, advisor_id: str, now: int) -> None:
        again = self.state.book.line.offer.again
        contact.declined[advisor_id] = now + again if isinstance(again, int) else FOR_GOOD

    def _free_again(self, contact: Standing, now: int) -> None:
        """Let others take a contact whose offer is over, or its step be skipped."""
        if not self.stepping.skip(contact, now) and contact.row is not None:
            self.state.settle(contact)
            self.state.fresh[contact.row] = None

    # ------------------------------------------------------------------ done

    def _on_finished(self, event: Finished, now: int) -> None:
        contact = self.state.contacts.get(event.contact_id)
        if contact is None or contact.served_by != event.advisor_id:
            self.state.tell(
                "no_effect", now, contact_id=event.contact_id, advisor_id=event.advisor_id,
                reason="not served by this advisor",
            )  # fmt: skip
            return
        self.let_go(contact, now)
        self.state.forget(contact)
        self.state.tell("finished", now, contact, advisor_id=event.advisor_id)

    def switch(self, contact: Standing, channel: str, now: int) -> None:
        """Count a contact that is served by the channel on which its customer is by now.

        Nobody can refuse that, so an advisor may be over their capacity until something is done.
        """
        seat = self.state.seats[contact.served_by]
        if seat.held[contact.id] == channel:
            return
        seat.add(seat.held[contact.id], -1)
        seat.held[contact.id] = channel
        seat.add(channel, 1)
        self.state.stir(seat)
        self.state.tell("switched", now, contact, advisor_id=seat.id)

    def lose(self, contact: Standing, now: int, reason: str) -> None:
        """Free the advisor of a contact that is over or another's, and let them know."""
        advisor_id = contact.served_by
        self._take_from(contact, now)
        self.state.tell("withdrawn", now, contact, advisor_id=advisor_id, reason=reason)

    def _take_from(self, contact: Standing, now: int) -> None:
        seat = self.state.seats[contact.served_by]
        if seat.heard:  # only heartbeats list contacts, and forget these again
            seat.lost[contact.id] = now
        self.let_go(contact, now)

    def let_go(self, contact: Standing, now: int) -> None:
        """Free the advisor of a contact, after the time to wrap it up."""
        state, seat = self.state, self.state.seats[contact.served_by]
        channel = seat.held.pop(contact.id)
        seat.unlisted.pop(contact.id, None)
        seat.add(channel, -1)
        seat.idle_since = now
        wrapping = state.book.wrap_up.get(channel, 0)
        if wrapping:
            seat.wrapping = max(seat.wrapping, now + wrapping)
            seat.idle_since = seat.wrapping
        for key in contact.counted:
            state.give_back(key, state.spending.open)
        contact.counted, contact.served_by, contact.taken = (), "", 0
        state.stir(seat)

    def take_back(
        self, contact: Standing, now: int, *, declined: bool, reason: str = "released"
    ) -> None:
        """Let a contact wait again that was offered or served, with its age and its place."""
        had = list(contact.offers) or [contact.served_by]
        for advisor_id in had:
            if declined:
                self._not_again(contact, advisor_id, now)
        self.state.revoke_all(contact, now, reason)
        if contact.served_by:
            self._take_from(contact, now)
            self.state.tell("returned", now, contact, advisor_id=had[0], reason=reason)
            renewed, contact.renewed = contact.renewed, None
            self.stepping.renew(contact, renewed or contact.itinerary, now)
        else:
            self._free_again(contact, now)

    def seat(self, advisor_id: str, now: int) -> Seat | None:
        """Return an advisor's seat; of one who is not here it is told."""
        seat = self.state.seats.get(advisor_id)
        if seat is None:
            self.state.tell("no_effect", now, advisor_id=advisor_id, reason="not signed on")
        return seat

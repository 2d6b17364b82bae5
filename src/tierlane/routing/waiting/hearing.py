"""What a desk hears of its advisors' desktops, and what it makes of silence.

A heartbeat lists the contacts that an advisor has, and mends capacity by it. Whoever sent one is
expected to send more: silent for too long, they have vanished. A contact of which nothing is heard
for much longer lapses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.event import Heard, SignedOff, Vanished
from tierlane.routing.waiting.seat import ANY_OTHER, Seat
from tierlane.routing.waiting.staff import Staff

GRACE: Final = 10_000
"""Ms that a contact may be missing from heartbeats, since these cross with confirmations."""


@dataclass(slots=True)
class Hearing:
    """Follows signs of life at one desk."""

    staff: Staff

    @property
    def handlers(self) -> dict[type, Callable[[Any, int], None]]:
        """What is done about each kind of event."""
        return {
            Heard: self._on_heard,
            SignedOff: self._on_signed_off,
            Vanished: lambda event, now: self.vanish(event.advisor_id, now),
        }

    # ------------------------------------------------------------------ heartbeats

    def _on_heard(self, event: Heard, now: int) -> None:
        seat = self.staff.seat(event.advisor_id, now)
        if seat is None:
            return
        self.staff.state.hear_from(seat, self.staff.state.logged)
        if event.holds is not None:
            listed = frozenset(event.holds)
            self._give_back(seat, listed, now)
            self._take_up(seat, listed, now)

    def _give_back(self, seat: Seat, listed: frozenset[str], now: int) -> None:
        """Let contacts wait again that an advisor is to serve and does not have."""
        state = self.staff.state
        for name in list(seat.held):
            contact = state.contacts[name]
            if name in listed:
                state.hear_of(contact, now)
                seat.unlisted.pop(name, None)
            elif now - contact.taken < GRACE:
                continue
            elif now - seat.unlisted.setdefault(name, now) >= GRACE:
                self.staff.take_back(contact, now, declined=False, reason="not held")

    def _take_up(self, seat: Seat, listed: frozenset[str], now: int) -> None:
        """Count contacts that an advisor has and that the desk did not give them.

        One that is at the desk is not theirs, and they are told; it takes room as long as they
        list it, but for the time in which they may not know yet that it was taken from them. As
        many unknown ones as they came with are those they came with.
        """
        state, strays = self.staff.state, {}
        seat.lost = {name: when for name, when in seat.lost.items() if now - when < GRACE}
        known = seat.held.keys() | seat.offered.keys() | seat.lost.keys()
        for name in sorted(listed - known):
            contact = state.contacts.get(name)
            strays[name] = ANY_OTHER if contact is None else contact.itinerary.channel
            if contact is not None and name not in seat.strays:
                reason = "taken" if contact.served_by else "not offered"
                state.tell("revoked", now, contact, advisor_id=seat.id, reason=reason)
        unknown = [name for name, channel in strays.items() if channel == ANY_OTHER]
        before = self._still_there(seat, len(unknown))
        for name in unknown[:before]:
            del strays[name]
        if strays != seat.strays:
            for channel in seat.strays.values():
                seat.add(channel, -1)
            for channel in strays.values():
                seat.add(channel, 1)
            seat.strays = strays
            state.stir(seat)

    def _still_there(self, seat: Seat, listed: int) -> int:
        """Return how many contacts are left of those that came another way."""
        left = sum(seat.before.values())
        for channel in list(seat.before):
            while seat.before[channel] and left > listed:
                seat.before[channel] -= 1
                seat.add(channel, -1)
                left -= 1
                self.staff.state.stir(seat)
        return left

    # ------------------------------------------------------------------ silence

    def next(self) -> int | None:
        """Return when somebody will have been silent for too long, or a contact lapses."""
        state = self.staff.state
        line = state.book.line
        silence, lapse = state.beats.next(line.silence), state.news.next(line.lapse)
        if silence is None or lapse is None:
            return lapse if silence is None else silence
        return min(silence, lapse)

    def vanish(self, advisor_id: str, now: int) -> None:
        """Take back all that an advisor was offered and serves; they are here no more."""
        seat = self.staff.seat(advisor_id, now)
        if seat is None:
            return
        seat.state, seat.leaving = "off", False
        self.staff.state.tell("vanished", now, advisor_id=seat.id, reason="silent")
        self.staff.withdraw(seat, now, "silent")
        for name in list(seat.held):
            contact = self.staff.state.contacts[name]
            self.staff.take_back(contact, now, declined=False, reason="silent")
        self.staff.unseat(seat, now)

    def lapse(self, contact: Standing, now: int) -> None:
        """Let a contact be over of which nothing was heard for too long."""
        if contact.served_by:
            self.staff.lose(contact, now, "lapsed")
        self.staff.stepping.leave(contact, now, "lapsed", "no news")

    # ------------------------------------------------------------------ signing off

    def _on_signed_off(self, event: SignedOff, now: int) -> None:
        """Offer nothing more, and confirm once nothing is served; at once to who is not here."""
        state = self.staff.state
        seat = state.seats.get(event.advisor_id)
        if seat is None:
            reason = "not signed on"
            state.tell("signed_off again", now, advisor_id=event.advisor_id, reason=reason)
            return
        seat.state, seat.leaving = "off", True
        state.leaving.add(seat.id)
        self.staff.withdraw(seat, now, "off")
        self.staff.stepping.leave_alone(seat, now)

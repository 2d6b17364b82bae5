"""A managed desk: events and time in, changes out.

    changes = desk.on_events(now, [Arrived(…), SignedOn(…)], cause="d.e3.17")
    desk.next_deadline()
    changes = desk.on_deadline(now)

Its driver calls `on_deadline` when a deadline is due and it has caught up, so a timer fires before
an event that came at its moment, never earlier. From the same state the same calls give the same
changes; nothing but the arguments counts. A driver of several desks that gives one moment in parts
calls `apply` for each, and `offer` once at its end.
"""

from collections.abc import Callable, Iterable
from math import inf
from typing import Any

from tierlane.policy.deciding.revision import Revision
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.contact import standing
from tierlane.routing.waiting.event import (
    Arrived,
    Event,
    Gone,
    Noticed,
    Published,
    Updated,
)
from tierlane.routing.waiting.firing import Firing
from tierlane.routing.waiting.hearing import Hearing
from tierlane.routing.waiting.operating import Operating
from tierlane.routing.waiting.pairing import Pairing
from tierlane.routing.waiting.prospect import Prospect, prospect
from tierlane.routing.waiting.snapshot import Snapshot, restored, taken
from tierlane.routing.waiting.spending import Spending
from tierlane.routing.waiting.staff import Staff
from tierlane.routing.waiting.state import Book, DeskState
from tierlane.routing.waiting.stepping import Stepping
from tierlane.routing.waiting.timer import READY, STEP, WAKE


class ManagedDesk:
    """One desk of a policy."""

    def __init__(self, desk: str, revision: Revision) -> None:
        """Begin with nothing. Raises `StopIteration` where the policy has no such desk."""
        book = Book(revision, desk)
        spending = Spending(revision.layout.local.day)
        self._take(DeskState(desk, book, {revision.hash: book}, spending))

    def _take(self, state: DeskState) -> None:
        self.state = state
        self.asking = Asking(state)
        self._stepping = Stepping(state, self.asking)
        self._pairing = Pairing(state, self.asking)
        self._staff = Staff(state, self._stepping)
        self._hearing = Hearing(self._staff)
        self.firing = Firing(state, self._staff, self._hearing)
        self._operating = Operating(self.asking, self._staff)
        self._staff.look = self._operating.look
        handlers: dict[type, Callable[[Any, int], None]] = {
            Arrived: self._on_arrived,
            Updated: self._on_updated,
            Gone: self._on_gone,
            Noticed: self._on_noticed,
            Published: self._on_published,
            **self._staff.handlers,
            **self._hearing.handlers,
            **self._operating.handlers,
        }
        self._handlers = {kind: (one, *_names(kind)) for kind, one in handlers.items()}

    # ------------------------------------------------------------------ calls

    def on_events(
        self, now: int, events: Iterable[Event], cause: str, logged: int | None = None
    ) -> list[Change]:
        """Take what happened at one moment, in order; then make the offers that can be made.

        `cause` begins the ids of these offers. What is due before or at `now` fires first. Silence
        is reckoned from `logged`, where that is earlier: when the log took the events, in ms.
        """
        return [*self.apply(now, events, cause, logged), *self.offer(now)]

    def apply(
        self, now: int, events: Iterable[Event], cause: str, logged: int | None = None
    ) -> list[Change]:
        """Do what `on_events` does, but for the offers of this moment."""
        self._catch_up(now, pair_last=False)
        self._reach(now)
        self._because(cause)
        state = self.state
        state.logged = now if logged is None else min(logged, now)
        for event in events:
            handle, of_contact, of_advisor = self._handlers[type(event)]
            if of_contact:
                state.trace.contacts.add(event.contact_id)  # type: ignore[union-attr]
            if of_advisor:
                self._hear_from(event.advisor_id)  # type: ignore[union-attr]
            handle(event, now)
            if state.leaving:
                self._staff.see_off(now)
        return self._told()

    def _hear_from(self, advisor_id: str) -> None:
        self.state.trace.seats.add(advisor_id)
        seat = self.state.seats.get(advisor_id)
        if seat is not None and seat.heard:
            self.state.hear_from(seat, self.state.logged)

    def offer(self, now: int) -> list[Change]:
        """Make the offers that can be made."""
        self._pair(now)
        return self._told()

    def on_deadline(self, now: int) -> list[Change]:
        """Fire what is due at `now` or before, each at its own moment, and make offers."""
        self._catch_up(now, pair_last=True)
        return self._told()

    def next_deadline(self) -> int | None:
        """Return when something is due next, in ms; None for never."""
        return None if self.state.behind else self._next()

    def fall_behind(self) -> None:
        """Begin to catch up after a standstill: until `caught_up` only offers end, each in time.

        What happened meanwhile is told as ever, with the times at which it was logged: an
        acceptance counts that came in time. No step ends, nothing is offered, nobody is silent.
        """
        self.state.behind = True

    def caught_up(self, now: int, cause: str) -> list[Change]:
        """End a standstill at `now`: a contact that missed several ends of steps moves once.

        Heartbeats are reckoned anew from now, since our absence is nobody's silence.
        """
        state = self.state
        self._catch_up(now, pair_last=False)
        self._reach(now)
        state.behind = False
        for advisor_id in state.beats.ids():
            state.hear_from(state.seats[advisor_id], now)
        self._because(cause)
        for moment, kind, key in sorted(set(filter(None, map(self._really_due, state.missed)))):
            self.firing.fire((int(moment), kind, key), now)
        state.missed.clear()
        self.firing.fall_silent(now)
        self._staff.see_off(now)
        state.awake.update(dict.fromkeys(state.seats))
        self._end_moment(now, pair=True)
        return self._told()

    def prospect(self, contact_id: str, now: int) -> Prospect | None:
        """Return the place of a waiting contact and how long it will wait; None waits not here."""
        contact = self.state.contacts.get(contact_id)
        if contact is None or contact.row is None:
            return None
        return prospect(self.state, self.asking, contact, now)

    def snapshot(self) -> Snapshot:
        """Return the state as plain frozen values."""
        return taken(self.state)

    @classmethod
    def restore(cls, snapshot: Snapshot, revisions: dict[str, Revision]) -> "ManagedDesk":
        """Return a desk that goes on from a snapshot; `revisions` by hash are those it names."""
        desk = cls(snapshot.desk, revisions[snapshot.revision])
        desk._take(restored(snapshot, revisions))
        return desk

    # ------------------------------------------------------------------ time

    def _next(self) -> int | None:
        timer, silence = self.state.timers.next, self._hearing.next()
        if timer is None or silence is None:
            return silence if timer is None else timer
        return min(timer, silence)

    def _catch_up(self, now: int, *, pair_last: bool) -> None:
        timers = self.state.timers
        while (moment := timers.next if self.state.behind else self._next()) is not None:
            if moment > now:
                return
            self._because(f"{self.state.named or self.state.desk}.t{moment}")
            self._reach(moment)
            self.firing.fire_all(moment)
            self._end_moment(moment, pair=moment < now or pair_last)

    def _end_moment(self, moment: int, *, pair: bool) -> None:
        """Do what follows from the timers of a moment. Raises `TimerFailed`."""
        try:
            if self.state.leaving:
                self._staff.see_off(moment)
            if pair:
                self._pair(moment)
        except Exception as error:
            self.firing.blame(error)
            raise

    def _reach(self, now: int) -> None:
        self.state.now = max(self.state.now, now)
        self.state.roster.as_of(now)

    def _really_due(self, entry: tuple[int, int, str]) -> tuple[float, int, str] | None:
        """Return when a timer that was held back is due by now; None if it is not any more."""
        _, kind, key = entry
        state, moment = self.state, 0.0
        if kind in (STEP, READY):
            contact = state.contacts.get(key)
            if contact is not None:
                moment = contact.due if kind == STEP else contact.not_before
        elif kind == WAKE:
            seat = state.seats.get(key)
            moment = 0 if seat is None else seat.wakes
        else:
            row = state.line.rows.get(int(key))
            moment = 0 if row is None else row.looks
        return (moment, kind, key) if moment and moment != inf else None

    def _because(self, cause: str) -> None:
        if cause != self.state.cause:
            self.state.cause, self.state.made = cause, 0

    def _pair(self, now: int) -> None:
        state = self.state
        if state.book.line.managed and not state.behind and not state.halted:
            self._pairing.pair(now)
        else:
            state.awake.clear()
            state.fresh.clear()
            state.looking.clear()

    def _told(self) -> list[Change]:
        changes, self.state.changes = self.state.changes, []
        return changes

    # ------------------------------------------------------------------ contacts

    def _on_arrived(self, event: Arrived, now: int) -> None:
        if event.contact_id in self.state.contacts:
            self._no_effect(now, event.contact_id, "here already")
            return
        contact = standing(event)
        self.state.contacts[contact.id] = contact
        self.state.hear_of(contact, now)
        self._stepping.walk(contact, now)

    def _on_updated(self, event: Updated, now: int) -> None:
        """Take what was decided anew: age and step stay where the plan is the same."""
        contact = self.state.contacts.get(event.contact_id)
        if contact is None:
            self._no_effect(now, event.contact_id, "no such contact")
            return
        self.state.hear_of(contact, now)
        if contact.served_by:
            contact.renewed = event.itinerary
        else:
            self._stepping.renew(contact, event.itinerary, now)

    def _on_gone(self, event: Gone, now: int) -> None:
        contact = self.state.contacts.get(event.contact_id)
        if contact is None:
            self._no_effect(now, event.contact_id, "no such contact")
            return
        if event.how == "answered" and contact.served_by and event.by in ("", contact.served_by):
            self.state.hear_of(contact, now)  # a switch tells what the desk knows
            return
        if contact.served_by:
            self._staff.lose(contact, now, event.how)
        self._stepping.leave(contact, now, "left", event.how)

    def _on_noticed(self, event: Noticed, now: int) -> None:
        contact = self.state.contacts.get(event.contact_id)
        if contact is None:
            self._no_effect(now, event.contact_id, "no such contact")
            return
        self.state.hear_of(contact, now)
        if event.channel and contact.served_by:
            self._staff.switch(contact, event.channel, now)

    def _on_published(self, event: Published, now: int) -> None:
        """Run the desk by another revision; contacts keep the one that decided them."""
        state, revision = self.state, event.revision
        state.book = state.books[revision.hash] = Book(revision, state.desk)
        self._staff.outfit()
        state.trace.contacts.update(state.contacts)
        state.trace.seats.update(state.seats)
        for contact in list(state.contacts.values()):
            if contact.row is not None:
                state.line_up(contact, self._stepping.row(contact))
        state.awake.update(dict.fromkeys(state.seats))
        self.firing.fall_silent(now)

    def _no_effect(self, now: int, contact_id: str, reason: str) -> None:
        self.state.tell("no_effect", now, contact_id=contact_id, reason=reason)


def _names(kind: type) -> tuple[bool, bool]:
    """Tell whether a kind of event names a contact, and an advisor."""
    return hasattr(kind, "contact_id"), hasattr(kind, "advisor_id")

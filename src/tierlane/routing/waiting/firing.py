"""Fires what is due at a desk, so that a timer on which our own code raises stops nobody else.

What such a timer began cannot be taken back here. It is told by `TimerFailed`, and whoever drives
the desk begins it again from what is kept and names the timer in `failed`. Then it is given up: a
contact stays in its lane, where it can be offered, and only its step does not end; an offer is
over without asking where its contact goes on to. That is told (`timer failed`). A timer that fails
at being given up, too, is only told.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from tierlane.routing.waiting.hearing import Hearing
from tierlane.routing.waiting.pausing import come_due
from tierlane.routing.waiting.staff import Staff
from tierlane.routing.waiting.state import DeskState
from tierlane.routing.waiting.timer import LAPSE, OFFER, READY, SILENCE, STEP, WAKE, Entry

NAMED: Final = ("offer", "step", "wake", "ready", "look", "silence", "lapse")
"""Kinds of timers as they are told."""

FOR_GOOD: Final = ""
"""Stands for the error of a timer that failed at being given up."""


class TimerFailed(Exception):  # its driver goes on; the error is its cause
    """Our own code raised on a timer of a desk; the cause is what it raised."""

    def __init__(self, desk: str, timer: Entry, error: str) -> None:
        """Keep the timer, and the class of the error: its text may hold contents."""
        super().__init__(f"a timer of a desk failed: {NAMED[timer[1]]}: {error}")
        self.desk, self.timer, self.error = desk, timer, error


@dataclass(slots=True)
class Firing:
    """Fires the timers of one desk."""

    state: DeskState
    staff: Staff
    hearing: Hearing
    failed: dict[Entry, str] = field(default_factory=dict)
    """Timers that failed before, with the class of the error."""
    _fired: list[Entry] = field(default_factory=list)
    """Those of this moment that did not."""

    def fire_all(self, moment: int) -> None:
        """Fire what is due at a moment, and let those go who are silent. Raises `TimerFailed`."""
        self._fired.clear()
        timers = self.state.timers
        while (due := timers.take(moment)) is not None:
            self.fire((moment, *due), moment)
        self.fall_silent(moment)

    def fall_silent(self, now: int) -> None:
        """Let those go of whom nothing was heard for too long. Raises `TimerFailed`.

        While the desk catches up after a standstill nobody is silent.
        """
        state, line = self.state, self.state.book.line
        if state.behind:
            return
        for advisor_id in state.beats.silent(line.silence, now):
            self.fire((now, SILENCE, advisor_id), now)
        for contact_id in state.news.silent(line.lapse, now):
            self.fire((now, LAPSE, contact_id), now)

    def fire(self, timer: Entry, now: int) -> None:
        """Fire one timer, or give it up where it failed before. Raises `TimerFailed`."""
        error = self.failed.get(timer)
        self.state.due = timer[0]
        try:
            if error is None:
                self._fired.append(timer)
                self._do(timer, now)
            else:
                self._give_up(timer, now, error)
        except Exception as raised:
            raise TimerFailed(self.state.desk, timer, type(raised).__name__) from raised
        self.state.due = 0

    def blame(self, error: Exception) -> None:
        """Lay what was raised after timers of a moment to the last of them that did not fail.

        Raises `TimerFailed` unless there is none.
        """
        if self._fired:
            raise TimerFailed(self.state.desk, self._fired[-1], type(error).__name__) from error

    # ------------------------------------------------------------------ by kind

    def _do(self, timer: Entry, now: int) -> None:
        """Do what was due at a moment; what a standstill holds back is kept for its end."""
        state, (_, kind, key) = self.state, timer
        if kind == OFFER:
            offer = state.offers.get(key)
            if offer is not None:
                self.staff.refused(offer, now, "expired")
        elif state.behind:
            state.missed.append(timer)
        elif kind == STEP:
            contact = state.contacts.get(key)
            if contact is not None and contact.waits() and contact.due <= now:
                self.staff.stepping.walk(contact, now)
        elif kind == READY:
            contact = state.contacts.get(key)
            if contact is not None and come_due(state, contact, now):
                self.staff.stepping.skip(contact, now)
        elif kind == SILENCE:
            self.hearing.vanish(key, now)
        elif kind == LAPSE:
            self.hearing.lapse(state.contacts[key], now)
        else:
            self._rouse(kind, key, now)

    def _rouse(self, kind: int, key: str, now: int) -> None:
        """Let an advisor look, or a row be looked at; not yet if there is another moment by now."""
        state = self.state
        if kind == WAKE:
            seat = state.seats.get(key)
            if seat is not None and 0 < seat.wakes <= now:
                seat.wakes = 0
                state.trace.seats.add(key)
                state.awake[key] = None
        elif (row := state.line.rows.get(int(key))) is not None and 0 < row.looks <= now:
            row.looks = 0
            state.looking[row] = None

    # ------------------------------------------------------------------ what failed before

    def _give_up(self, timer: Entry, now: int, error: str) -> None:
        """Let a timer be over without what it would bring about, and tell of it."""
        state, (_, kind, key) = self.state, timer
        reason = f"{NAMED[kind]}: {error or 'twice'}"
        offer = state.offers.get(key) if kind == OFFER else None
        named = key if kind in (STEP, READY, LAPSE) else "" if offer is None else offer.contact_id
        advisor = key if kind in (WAKE, SILENCE) else "" if offer is None else offer.advisor_id
        if error != FOR_GOOD:
            self._end(kind, key, now)
        state.tell(
            "timer failed", now, contact_id=named, advisor_id=advisor,
            offer_id="" if offer is None else offer.id, reason=reason,
        )  # fmt: skip

    def _end(self, kind: int, key: str, now: int) -> None:
        """Take a timer out of the state. Nobody looks because of it, since that may have failed."""
        state = self.state
        contact, seat = state.contacts.get(key), state.seats.get(key)
        if kind == OFFER and (offer := state.offers.get(key)) is not None:
            contact = state.contacts[offer.contact_id]
            state.end_offer(contact, offer.advisor_id, looks=False)
            state.tell("expired", now, contact, advisor_id=offer.advisor_id, offer_id=offer.id)
            state.settle(contact)
        elif kind in (STEP, READY) and contact is not None:
            if kind == STEP:
                state.end_step(contact, inf)
            contact.not_before = 0
            state.settle(contact)
            state.trace.contacts.add(key)
        elif kind == WAKE and seat is not None:
            seat.wakes = 0
            state.trace.seats.add(key)
        elif kind == SILENCE and seat is not None:
            state.hear_from(seat, now)
        elif kind == LAPSE and contact is not None:
            state.hear_of(contact, now)

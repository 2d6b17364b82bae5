"""Who is offered what: contacts in their order, each to the best of the advisors who may take it.

Nobody who is ready can take anybody who waits once the offers of a call are made. So only two
things can bring the two together in the next call: an advisor for whom something changed (`awake`),
and a row in which somebody can be offered who could not before (`fresh`). Of a row the first alone
is looked at; of the advisors who may take it, the best. What an offer costs hangs on the rows that
an advisor may take from, not on how many wait, and not on how many are free.

One advisor by themselves (`solo`) and one contact by itself have ways of their own; several meet.
"""

from collections.abc import Iterable
from math import inf
from typing import Final

from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.finding import Finding
from tierlane.routing.waiting.meeting import Meeting
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.solo import Solo
from tierlane.routing.waiting.state import DeskState

FEW: Final = 8
"""Advisors whose rows are put together; for more all rows are gone through, which are no more."""


class Pairing:
    """Makes the offers of one call."""

    __slots__ = ("_finding", "_meeting", "_solo", "asking", "state")

    def __init__(self, state: DeskState, asking: Asking) -> None:
        self.state, self.asking = state, asking
        self._finding = Finding(state)
        self._solo = Solo(self._finding)
        self._meeting = Meeting(self._finding, asking)

    def pair(self, now: int) -> None:
        """Make every offer that can be made now."""
        state, roster = self.state, self.state.roster
        if not (state.awake or state.fresh or state.looking):
            return
        roster.as_of(now)
        awake = self._awake(now) if state.awake else 0
        fresh = self._fresh() if state.fresh or state.looking else []
        if not roster.ready or not state.line:
            return
        self._finding.take_over_order()
        if fresh and not self._anybody(fresh, ~awake):
            fresh = []
        if not awake & awake - 1 and not fresh:
            for seat in roster.of(awake):
                while self._solo.serve(seat, now):
                    pass
        elif not self._serve_newcomer(awake, fresh, now):
            self._meet(awake, fresh, now)

    # ------------------------------------------------------------------ who looks, and where

    def _awake(self, now: int) -> int:
        """Return the advisors for whom something changed and who may be offered a contact."""
        state, awake = self.state, 0
        for advisor_id in state.awake:
            seat = state.seats.get(advisor_id)
            if seat is None:
                continue
            if seat.bit & state.roster.ready:
                awake |= seat.bit
            elif seat.state == "on" and seat.wrapping > now:
                state.wake_later(seat, seat.wrapping)
        state.awake.clear()
        return awake

    def _fresh(self) -> list[Row]:
        """Return the rows at which all who are ready look."""
        state = self.state
        fresh = [row for row in (*state.fresh, *state.looking) if row.marks]
        state.fresh.clear()
        state.looking.clear()
        return fresh

    def _anybody(self, rows: Iterable[Row], among: int) -> bool:
        """Tell whether somebody who is ready may take from one of some rows."""
        roster = self.state.roster
        ready = roster.ready & among
        return any(roster.fit(row) & ready & roster.room[row.room] for row in rows)

    def _meet(self, awake: int, fresh: list[Row], now: int) -> None:
        """Let several look at once.

        Where one of them alone is awake, nobody else can take what is not in a fresh row: of the
        bays the first is enough for one offer.
        """
        if awake.bit_count() != 1:
            rows = self._rows(awake, fresh)
            self._meeting.serve(lambda: rows, now)
            return
        (seat,) = self.state.roster.of(awake)

        def first() -> list[Row]:
            return list(dict.fromkeys((*fresh, *self._solo.rows(seat, now))))

        self._meeting.serve(lambda: self._rows(awake, fresh), now, first=first)

    def _rows(self, awake: int, fresh: list[Row]) -> list[Row]:
        """Return the rows in which an offer may be found."""
        state = self.state
        if awake.bit_count() > FEW:
            return list(state.line.filled)
        rows = dict.fromkeys(fresh)
        for seat in state.roster.of(awake):
            for bay, _ in seat.bays:
                rows.update(dict.fromkeys(row for row in bay.members if row.marks))
        return list(rows)

    # ------------------------------------------------------------------ one contact

    def _serve_newcomer(self, awake: int, fresh: list[Row], now: int) -> bool:
        """Offer the only contact that can be offered to the best of all who are ready.

        False: there are more, or it is to be offered to several. That contacts come one by one
        while advisors wait, or are declined by one of them who then finds nobody else, is what
        happens most, so it has a way of its own.
        """
        if len(fresh) != 1 or awake & awake - 1 or len(fresh[0].marks) > 1:
            return False
        state, roster, row = self.state, self.state.roster, fresh[0]
        contact = state.contacts[row.marks.first[1]]
        if state.book.line.offer.at_once - len(contact.offers) > 1:
            return False
        if any(self._solo.find(seat, now) is not None for seat in roster.of(awake)):
            return False
        pool = self._seeing(contact, row, now)
        able, _ = self._finding.able(contact, row, pool, now)
        for seat in self.asking.best(contact, self._earliest(row, able), 1, now):
            state.make_offer(contact, seat, now)
        roster.settle()
        return True

    def _seeing(self, contact: Standing, row: Row, now: int) -> int:
        """Return who is ready for a contact and sees it by now; see to look later for others."""
        state, seeing = self.state, 0
        pool, age = self._finding.pool(row, state.roster.ready), now - contact.arrived
        for group in state.roster.groups.values():
            sight = group.sight(row.lanes) if group.bits & pool else None
            if sight is None:
                continue
            if sight.rank(age) is None:
                state.look_later(row, contact.arrived + int(sight.froms[0]))
            else:
                seeing |= group.bits
        return pool & seeing

    def _earliest(self, row: Row, able: int) -> int:
        """Return those who may take from a row in the first round in which anybody may.

        Rounds are held where several duties meet and the order begins with the rank.
        """
        if self._finding.keys[:1] != ("rank",):
            return able
        meeting, taking, least = 0, 0, inf
        for group in self.state.roster.groups.values():
            if not group.bits & able:
                continue
            meeting += group.duty is not None
            turn = group.turn(row.lanes)
            if turn < least:
                least, taking = turn, 0
            if turn == least:
                taking |= group.bits
        return able & taking if meeting > 1 else able

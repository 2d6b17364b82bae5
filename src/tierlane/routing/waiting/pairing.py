"""Who is offered what: contacts in their order, each to the best of the advisors who may take it.

Only advisors who are awake look: those for whom something changed, and those who might take what
came new. One who is not awake has found nothing before, and nothing has changed since.

Where several duties meet, they take their lanes in rounds: in round k each advisor is offered at
most one contact of the lanes that are k-th in their duty, equal ranks together.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from tierlane.policy.form.desk import Duty
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.contact import FOR_GOOD, Alike, Standing
from tierlane.routing.waiting.line import Mark
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.state import DeskState

Lanes = frozenset[str] | None
"""Lanes from which an advisor is offered; None is all that the duty has."""


class Found(NamedTuple):
    """The contact that comes first for an advisor, and by what."""

    key: tuple[Any, ...]
    contact: Standing


@dataclass(slots=True)
class Pairing:
    """Makes the offers of one call."""

    state: DeskState
    asking: Asking

    def pair(self, now: int) -> None:
        """Make every offer that can be made now."""
        state = self.state
        awake = [state.seats[one] for one in sorted(state.awake) if one in state.seats]
        state.awake.clear()
        seats = []
        for seat in awake:
            if seat.ready(now):
                seats.append(seat)
            elif seat.state == "on" and seat.wrapping > now:
                state.wake_later(seat, seat.wrapping)
        if not seats or not state.line:
            return
        rounds = self._rounds(seats)
        if rounds == [{}]:
            while self._pick(seats, {}, now):
                pass
            return
        while sum(self._round(seats, lanes, now) for lanes in rounds):
            pass

    def _rounds(self, seats: list[Seat]) -> list[dict[str, Lanes]]:
        """Return per round which lanes each duty takes, by the duty's name; one for all if not."""
        duties = {seat.duty.name: seat.duty for seat in seats if seat.duty is not None}
        if len(duties) < 2 or self.state.book.line.order.keys[:1] != ("rank",):
            return [{}]
        ranked = {name: _by_rank(duty) for name, duty in duties.items()}
        longest = max(map(len, ranked.values()))
        return [
            {name: lanes[k] if k < len(lanes) else frozenset() for name, lanes in ranked.items()}
            for k in range(longest)
        ]

    def _round(self, seats: list[Seat], lanes: dict[str, Lanes], now: int) -> int:
        """Offer each advisor at most one contact of their lanes; return how many were offered."""
        left, made = list(seats), 0
        while left:
            taken = self._pick(left, lanes, now)
            if not taken:
                break
            made += len(taken)
            left = [seat for seat in left if seat.id not in taken]
        return made

    def _pick(self, seats: list[Seat], lanes: dict[str, Lanes], now: int) -> set[str]:
        """Offer the contact that comes first to the best who may take it; return to whom."""
        found = [self._first(seat, _of(lanes, seat), now) for seat in seats]
        best = min((one for one in found if one is not None), key=_key, default=None)
        if best is None:
            return set()
        contact = best.contact
        of = self.asking.lanes_of(contact)
        able = [
            seat for seat in seats
            if self.asking.refusal(contact, seat, now) == "" and _may(of, _of(lanes, seat))
            and seat.id not in contact.offers
        ]  # fmt: skip
        free = self.state.book.line.offer.at_once - len(contact.offers)
        chosen = self.asking.chosen(contact, able, now)[:free]
        for seat in chosen:
            self.state.make_offer(contact, seat, now)
        return {seat.id for seat in chosen}

    def _first(self, seat: Seat, lanes: Lanes, now: int) -> Found | None:
        """Return the contact that comes first for an advisor, of those they may take now."""
        if not seat.ready(now):
            return None
        best: Found | None = None
        if lanes is None and seat.duty is not None:
            lanes = frozenset(one.lane for one in seat.duty.lanes)
        order = self.state.book.line.order
        for alike, row in self.state.line.rows(None if lanes is None else sorted(lanes)):
            if seat.capacity.refuses(alike.channel, seat.counts):
                continue
            contact = self._of_row(seat, alike, row, now)
            if contact is None:
                continue
            rank = seat.rank(alike.lanes, now - contact.arrived) or 1
            key = order.key(contact.waiting(alike, rank), now)
            if best is None or key < best.key:
                best = Found(key, contact)
        return best

    def _of_row(self, seat: Seat, alike: Alike, row: list[Mark], now: int) -> Standing | None:
        """Return the first of contacts alike that an advisor may take now; see to look later."""
        contacts = self.state.contacts
        if self.asking.unsuited(contacts[row[0][1]].leg, alike.lanes, alike.channel, seat):
            return None
        for _, contact_id in row:
            contact = contacts[contact_id]
            if seat.id in contact.offers:
                continue
            again = contact.declined.get(seat.id, 0)
            if again > now:
                if again != FOR_GOOD:
                    self.state.wake_later(seat, int(again))
                continue
            if seat.rank(alike.lanes, now - contact.arrived) is None:
                after = seat.sees_from(alike.lanes) or 0
                self.state.wake_later(seat, contact.arrived + after)
                return None  # those behind are younger still
            spent = self._spent(contact, seat, now) if alike.budgets else None
            if spent is None:
                return contact
            if spent != "customer":
                return None  # it is spent for all of the row
        return None

    def _spent(self, contact: Standing, seat: Seat, now: int) -> str | None:
        """Return whose budget is spent, or None; see to look again when time has passed."""
        state = self.state
        for budget, key in state.bound_by(contact, contact.leg.budgets, seat.id):
            if state.left(budget, key, now) <= 0:
                renewed = state.spending.renewed(budget, key, now)
                if renewed is not None:
                    state.wake_later(seat, renewed)
                return budget.per
        return None


def _by_rank(duty: Duty) -> list[Lanes]:
    ranks = sorted({one.rank for one in duty.lanes})
    return [frozenset(one.lane for one in duty.lanes if one.rank == rank) for rank in ranks]


def _of(lanes: dict[str, Lanes], seat: Seat) -> Lanes:
    return lanes.get(seat.duty.name) if seat.duty is not None else None


def _may(of: tuple[str, ...], lanes: Lanes) -> bool:
    return lanes is None or any(one in lanes for one in of)


def _key(found: Found) -> tuple[Any, ...]:
    return found.key

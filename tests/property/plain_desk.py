"""A desk that asks every advisor about every contact: slow, plain, and held against the real one.

It has no rows, no sets of bits, no index and nothing remembered; only the state and the steps are
the real ones.
"""

from collections.abc import Iterable
from typing import Any

from tierlane.policy.form.desk import Duty
from tierlane.policy.line.figure import DeskFigure, Figures, LaneFigure
from tierlane.policy.line.ordering import Waiting
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.contact import FOR_GOOD, Standing
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.pairing import Pairing
from tierlane.routing.waiting.seat import Seat

Lanes = frozenset[str] | None


class PlainAsking(Asking):
    """Counts by going through all."""

    def _waiting(self, lane: str | None) -> list[Standing]:
        everybody = self.state.contacts.values()
        return [one for one in everybody if one.waits() and lane in (None, one.lane)]

    def _lane(self, lane: str, channel: str, now: int, asked: Iterable[str] = ()) -> LaneFigure:
        waiting = [one for one in self._waiting(lane) if one.row is not None]
        on = [
            one for one in self.state.seats.values()
            if one.state == "on" and one.sees_from((lane,)) is not None
        ]  # fmt: skip
        free = [
            one.id for one in on
            if one.wrapping <= now and not one.capacity.refuses(channel or "\0", one.counts)
            and not (one.channels and channel and channel not in one.channels)
        ]  # fmt: skip
        return LaneFigure(
            waiting=len(waiting),
            on=len(on),
            free=len(free),
            not_asked=sum(one not in asked for one in free),
            oldest=now - min(one.arrived for one in waiting) if waiting else None,
            expected_wait=self.expected_wait(lane, len(waiting), len(free)),
        )

    def _figures(self, contact: Standing, lane: Any, now: int) -> Figures:
        channel = contact.itinerary.channel
        on = [one for one in self.state.seats.values() if one.state == "on"]
        free = sum(
            one.wrapping <= now and not one.capacity.refuses(channel, one.counts) for one in on
        )
        waiting = sum(one.row is not None for one in self._waiting(None))
        here = self._lane(lane.name, channel, now, contact.asked)
        return Figures({lane.name: here}, {lane.desk: DeskFigure(waiting, len(on), free)})

    def _can_be_taken(self, contact: Standing, step: Any, leg: Any, now: int) -> bool:
        if leg.missing:
            return False
        lanes, channel = (step.lane.name, *step.borrow), contact.itinerary.channel
        return any(
            seat.ready(now)
            and not self.unsuited(leg, lanes, channel, seat)
            and not seat.capacity.refuses(channel, seat.without(contact.id))
            and seat.rank(lanes, now - contact.arrived) is not None
            and contact.declined.get(seat.id, 0) <= now
            for seat in self.state.seats.values()
        )


class PlainPairing(Pairing):
    """Looks for the next offer among all pairs of an advisor and a contact, one after the other."""

    def pair(self, now: int) -> None:
        """Make every offer that can be made now."""
        state = self.state
        state.awake.clear()
        state.fresh.clear()
        state.looking.clear()
        seats = []
        for _, seat in sorted(state.seats.items()):
            if seat.ready(now):
                seats.append(seat)
            elif seat.state == "on" and seat.wrapping > now:
                state.wake_later(seat, seat.wrapping)
        rounds = self._plain_rounds([one for one in seats if self._best(one, None, now)])
        if rounds == [{}]:
            while self._pick(seats, {}, now):
                pass
            return
        while sum(self._round(seats, lanes, now) for lanes in rounds):
            pass

    def _plain_rounds(self, seats: list[Seat]) -> list[dict[str, Lanes]]:
        duties = {seat.duty.name: seat.duty for seat in seats if seat.duty is not None}
        if len(duties) < 2 or self.state.book.line.order.keys[:1] != ("rank",):
            return [{}]
        ranked = {name: _by_rank(duty) for name, duty in duties.items()}
        return [
            {name: lanes[k] if k < len(lanes) else frozenset() for name, lanes in ranked.items()}
            for k in range(max(map(len, ranked.values())))
        ]

    def _round(self, seats: list[Seat], lanes: dict[str, Lanes], now: int) -> int:
        left, made = list(seats), 0
        while taken := self._pick(left, lanes, now):
            made += len(taken)
            left = [seat for seat in left if seat.id not in taken]
        return made

    def _pick(self, seats: list[Seat], lanes: dict[str, Lanes], now: int) -> set[str]:
        """Offer the contact that comes first to the best who may take it; return to whom."""
        found = [one for seat in seats if (one := self._best(seat, _of(lanes, seat), now))]
        if not found:
            return set()
        _, contact = min(found, key=lambda one: one[0])
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

    def _best(self, seat: Seat, lanes: Lanes, now: int) -> tuple[Any, Standing] | None:
        """Return the contact that comes first for an advisor; see to look later.

        Of contacts alike the oldest alone is a candidate, as in the real line.
        """
        if not seat.ready(now):
            return None
        oldest: dict[Any, Standing] = {}
        everybody = sorted(self.state.contacts.values(), key=lambda one: (one.arrived, one.id))
        for contact in everybody:
            free = len(contact.offers) < self.state.book.line.offer.at_once
            if contact.row is None or not free or seat.id in contact.offers:
                continue
            self._note(contact, seat, now)
            if not _may(self.asking.lanes_of(contact), lanes):
                continue
            if not self.asking.refusal(contact, seat, now):
                oldest.setdefault(contact.row.alike, contact)
        keys = [(self._key(contact, seat, now), contact) for contact in oldest.values()]
        return min(keys, key=lambda one: one[0], default=None)

    def _note(self, contact: Standing, seat: Seat, now: int) -> None:
        """Note every moment at which this pair may come together though nothing happens."""
        state, lanes = self.state, self.asking.lanes_of(contact)
        again = contact.declined.get(seat.id, 0)
        if now < again < FOR_GOOD:
            state.wake_later(seat, int(again))
        if seat.rank(lanes, now - contact.arrived) is None and seat.sees_from(lanes) is not None:
            state.wake_later(seat, contact.arrived + (seat.sees_from(lanes) or 0))
        for budget, key in state.bound_by(contact, contact.leg.budgets, seat.id):
            if state.left(budget, key, now) <= 0:
                renewed = state.spending.renewed(budget, key, now)
                if renewed is not None:
                    state.wake_later(seat, renewed)

    def _key(self, contact: Standing, seat: Seat, now: int) -> Any:
        lanes, itinerary = self.asking.lanes_of(contact), contact.itinerary
        rank = seat.rank(lanes, now - contact.arrived) or 1
        priority = itinerary.lifted(contact.priority)
        waiting = Waiting(
            contact.id, contact.arrived, priority, itinerary.answer, rank, contact.leg.values
        )
        return self.state.book.line.order.key(waiting, now)


class PlainDesk(ManagedDesk):
    """A desk that pairs and counts plainly."""

    def _take(self, state: Any) -> None:
        super()._take(state)
        self.asking = PlainAsking(state)
        self._stepping.asking = self._operating.asking = self.asking
        self._pairing = PlainPairing(state, self.asking)


def _by_rank(duty: Duty) -> list[Lanes]:
    ranks = sorted({one.rank for one in duty.lanes})
    return [frozenset(one.lane for one in duty.lanes if one.rank == rank) for rank in ranks]


def _of(lanes: dict[str, Lanes], seat: Seat) -> Lanes:
    return lanes.get(seat.duty.name) if seat.duty is not None else None


def _may(of: tuple[str, ...], lanes: Lanes) -> bool:
    return lanes is None or any(one in lanes for one in of)

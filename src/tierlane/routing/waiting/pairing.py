"""Who is offered what: contacts in their order, each to the best of the advisors who may take it.

Nobody who is ready can take anybody who waits once the offers of a call are made. So only two
things can bring the two together in the next call: an advisor for whom something changed (`awake`),
and a row in which somebody can be offered who could not before (`fresh`). Of a row the first alone
is looked at; of the advisors who may take it, the best. What an offer costs hangs on the rows that
an advisor may take from, not on how many wait, and not on how many are free.

Where several duties meet, so that advisors of each may take somebody now, they take their lanes in
rounds: in round k each advisor is offered at most one contact of the lanes that are k-th in their
duty, equal ranks together.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from heapq import heapify, heappop, heappush, heapreplace
from operator import or_
from typing import Any, Final, NamedTuple

from tierlane.policy.form.desk import Duty
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.bay import Bay
from tierlane.routing.waiting.contact import FOR_GOOD, Standing
from tierlane.routing.waiting.group import Group, Sight
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.state import DeskState

MOST_HELD: Final = 1_000
FEW: Final = 8
"""Advisors whose rows are put together; for more all rows are gone through, which are no more."""

Lanes = frozenset[str]
Key = tuple[Any, ...]


class Found(NamedTuple):
    """The contact that comes first for some advisors of one duty, and by what."""

    key: Key
    contact: Standing
    row: Row


class Place(NamedTuple):
    """Where contacts are looked for: a row, as the advisors of one duty see it."""

    row: Row
    group: Group
    sight: Sight


Places = tuple[list[tuple[Key, int, Place]], list[Place]]
"""A heap by what each finds now, and the places whose rank changes with age."""


@dataclass(slots=True)
class Pairing:
    """Makes the offers of one call."""

    state: DeskState
    asking: Asking
    _held: dict[tuple[Group, ...], list[dict[Group, Lanes]]] = field(default_factory=dict)
    """Rounds by the duties that meet."""
    _keys: tuple[str, ...] = field(init=False, default=())
    _compose: Callable[[Key, int], Key] = field(init=False, default=lambda key, _: key)

    def pair(self, now: int) -> None:
        """Make every offer that can be made now."""
        state, roster = self.state, self.state.roster
        if not (state.awake or state.fresh or state.looking):
            return
        roster.as_of(now)
        awake, fresh = self._awake(now), self._fresh()
        if not roster.ready or not state.line:
            return
        self._order()
        if not awake & awake - 1 and not self._anybody(fresh, ~awake):
            for seat in roster.of(awake):
                while self._serve_one(seat, now):
                    pass
            return
        if not awake and len(fresh) == 1 and self._serve_newcomer(fresh[0], now):
            return
        rows, ready = self._rows(awake, fresh), roster.ready
        places = self._places(rows, ready, None, now)
        meeting = {place.group for _, _, place in places[0]}
        meeting |= {one.group for one in places[1] if self._look(one, ready, now) is not None}
        rounds = self._rounds(meeting)
        if rounds is None:
            self._serve(places, ready, None, now)
            return
        while rows and sum(self._round(rows, ready, lanes, now) for lanes in rounds):
            rows = [row for row in rows if row.marks]

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

    def _rounds(self, meeting: set[Group]) -> list[dict[Group, Lanes]] | None:
        """Return per round which lanes each duty takes; None where no rounds are held.

        They are where several duties meet: where somebody of each may take a contact now.
        """
        if self._keys[:1] != ("rank",):
            return None
        every = self.state.roster.groups.values()
        groups = tuple([one for one in every if one.duty is not None and one in meeting])
        if len(groups) < 2:
            return None
        if groups not in self._held:
            if len(self._held) >= MOST_HELD:
                self._held.clear()
            self._held[groups] = _rounds(groups)
        return self._held[groups]

    def _order(self) -> None:
        """Make ready to compare contacts by the keys of the desk's order."""
        keys = self.state.book.line.order.keys
        if keys == self._keys:
            return
        self._keys = keys
        at = keys.index("rank") if "rank" in keys else None
        if at is None:
            self._compose = lambda key, _: key
        elif at == 0:
            self._compose = lambda key, rank: (rank, key)
        else:
            self._compose = lambda key, rank: (key[:at], rank, key[at:])

    # ------------------------------------------------------------------ one advisor

    def _serve_one(self, seat: Seat, now: int) -> bool:
        """Offer the only advisor who looks the contact that comes first; tell whether one does."""
        if not seat.bit & self.state.roster.ready:
            return False
        found = self._of_bays(seat, now)
        if found is None:
            return False
        self.state.make_offer(found.contact, seat, now)
        self.state.roster.settle()
        return True

    def _of_bays(self, seat: Seat, now: int) -> Found | None:
        """Return what comes first of all that an advisor may take."""
        room, serves = seat.room.channels, seat.channels
        order, compose = self.state.book.line.order, self._compose
        least: Key | None = None
        first: Place | None = None
        for bay, sight in seat.bays:
            for key, _, row in bay.list if now < bay.until else bay.steps(order, now):
                if row.room in room and (not serves or row.channel in serves):
                    if len(sight[1]) > 1:
                        return self._of_each(seat, now)
                    whole = compose(key, sight[1][0])
                    if least is None or whole < least:
                        least, first = whole, Place(row, seat.group, sight)
                    break  # nobody of a row that follows comes earlier
        if first is None:
            return None
        found = self._first(first, seat.bit, now)
        if found is not None and found.key == least:
            return found
        return self._of_each(seat, now)

    def _of_each(self, seat: Seat, now: int) -> Found | None:
        """Return the same, where the first of a row is not always the one to be taken."""
        best: Found | None = None
        heap: list[tuple[Key, int, Place, Iterator[Place]]] = []
        for number, (bay, sight) in enumerate(seat.bays):
            places = self._suited(seat, bay, sight, now)
            if len(sight.ranks) > 1:
                found = [one for place in places if (one := self._first(place, seat.bit, now))]
                best = min((best, *found) if best else found, key=_key, default=None)
            else:
                self._advance(heap, number, places, now)
        while heap and (best is None or heap[0][0] < best.key):
            _, number, place, places = heappop(heap)
            one = self._first(place, seat.bit, now)
            if one is not None and (best is None or one.key < best.key):
                best = one
            self._advance(heap, number, places, now)
        return best

    def _suited(self, seat: Seat, bay: Bay, sight: Sight, now: int) -> Iterator[Place]:
        """Yield the rows of a bay from which an advisor may take now, in their order."""
        for _, _, row in bay.steps(self.state.book.line.order, now):
            serves = not seat.channels or row.channel in seat.channels
            if serves and row.room in seat.room.channels:
                yield Place(row, seat.group, sight)

    def _advance(
        self,
        heap: list[tuple[Key, int, Place, Iterator[Place]]],
        number: int,
        places: Iterator[Place],
        now: int,
    ) -> None:
        """Put the next row of a bay among those that are looked at in their order."""
        place = next(places, None)
        if place is not None:
            key = place.row.first_key(self.state.book.line.order, now)
            heappush(heap, (self._compose(key, place.sight.ranks[0]), number, place, places))

    # ------------------------------------------------------------------ one contact

    def _serve_newcomer(self, row: Row, now: int) -> bool:
        """Offer the only contact that can be offered to the best of all who are ready.

        False: there are more, or it is to be offered to several. That contacts come one by one
        while advisors wait is what happens most, so it has a way of its own.
        """
        state, roster = self.state, self.state.roster
        contact = state.contacts[row.marks.first[1]]
        if len(row.marks) > 1 or state.book.line.offer.at_once - len(contact.offers) > 1:
            return False
        pool, age, seeing = self._pool(row, roster.ready), now - contact.arrived, 0
        for group in roster.groups.values():
            sight = group.sight(row.lanes)
            if sight is not None and group.bits & pool:
                if sight.rank(age) is None:
                    state.look_later(row, contact.arrived + int(sight.froms[0]))
                else:
                    seeing |= group.bits
        able, _ = self._able(contact, row, pool & seeing, now)
        for seat in self.asking.best(contact, self._earliest(row, able), 1, now):
            state.make_offer(contact, seat, now)
        roster.settle()
        return True

    def _earliest(self, row: Row, able: int) -> int:
        """Return those who may take from a row in the first round in which anybody may."""
        meeting = {one for one in self.state.roster.groups.values() if one.bits & able}
        for lanes in self._rounds(meeting) or ():
            taking = [one.bits for one in meeting if _may(row, one, lanes)]
            if taking:
                return able & reduce(or_, taking)
        return able

    # ------------------------------------------------------------------ several

    def _round(self, rows: list[Row], left: int, lanes: dict[Group, Lanes], now: int) -> int:
        """Offer each advisor one contact of the lanes that their duty takes in this round."""
        return self._serve(self._places(rows, left, lanes, now), left, lanes, now)

    def _serve(self, places: Places, left: int, lanes: dict[Group, Lanes] | None, now: int) -> int:
        """Offer contacts in their order; return how many offers were made.

        With `lanes`, each advisor is offered one contact. What a place finds only comes later as
        contacts and advisors are taken, so that a place is looked at again when its turn has come.
        """
        heap, varied = places
        made = 0
        while True:
            best = self._next(heap, left, now)
            for place in varied:
                found = self._look(place, left, now)
                if found is not None and (best is None or found.key < best.key):
                    best = found
            if best is None:
                return made
            for seat in self._put(best, left, lanes, now):
                made += 1
                if lanes is not None:
                    left &= ~seat.bit

    def _places(
        self, rows: Iterable[Row], left: int, lanes: dict[Group, Lanes] | None, now: int
    ) -> Places:
        """Return the places by what they find, as a heap, and those whose rank goes by age."""
        heap: list[tuple[Key, int, Place]] = []
        varied = []
        groups = [one for one in self.state.roster.groups.values() if one.bits & left]
        for row in rows:
            pool = self._pool(row, left) if row.marks else 0
            if not pool:
                continue
            for group in groups:
                sight = group.sight(row.lanes)
                if sight is None or not group.bits & pool or not _may(row, group, lanes):
                    continue
                place = Place(row, group, sight)
                if len(sight.ranks) > 1:
                    varied.append(place)
                elif (found := self._first(place, group.bits & pool, now)) is not None:
                    heap.append((found.key, len(heap), place))
        heapify(heap)
        return heap, varied

    def _next(self, heap: list[tuple[Key, int, Place]], left: int, now: int) -> Found | None:
        """Return what comes first of what the places find now."""
        while heap:
            key, number, place = heap[0]
            found = self._look(place, left, now)
            if found is None:
                heappop(heap)
            elif found.key == key:
                return found
            else:
                heapreplace(heap, (found.key, number, place))
        return None

    def _put(
        self, found: Found, left: int, lanes: dict[Group, Lanes] | None, now: int
    ) -> list[Seat]:
        """Offer a contact to the best who may take it; return to whom."""
        state, roster, row, contact = self.state, self.state.roster, found.row, found.contact
        age, pool = now - contact.arrived, 0
        for group in roster.groups.values():
            sight = group.sight(row.lanes)
            if sight is not None and sight.rank(age) is not None and _may(row, group, lanes):
                pool |= group.bits
        able, _ = self._able(contact, row, pool & self._pool(row, left), now)
        free = state.book.line.offer.at_once - len(contact.offers)
        chosen = self.asking.best(contact, able, free, now)
        for seat in chosen:
            state.make_offer(contact, seat, now)
        roster.settle()
        return chosen

    # ------------------------------------------------------------------ one row

    def _pool(self, row: Row, left: int) -> int:
        roster = self.state.roster
        return left & roster.ready & roster.fit(row) & roster.room[row.room]

    def _look(self, place: Place, left: int, now: int) -> Found | None:
        """Return the contact of a row that comes first for those of one duty who are left."""
        if not place.row.marks:
            return None
        pool = self._pool(place.row, left & place.group.bits)
        return self._first(place, pool, now) if pool else None

    def _first(self, place: Place, pool: int, now: int) -> Found | None:
        """Return the contact that comes first for some of a set of advisors; see to look later.

        Each of them looks at the oldest that they may take. Where the rank is the same at all ages
        the oldest of these comes first; else what each of them finds is compared.
        """
        row, sight, best = place.row, place.sight, None
        contacts, order = self.state.contacts, self.state.book.line.order
        for number, mark in enumerate(row.marks):
            contact, rank = contacts[mark[1]], sight.rank(now - mark[0])
            if rank is None:
                self.state.look_later(row, mark[0] + int(sight.froms[0]))
                break  # those behind are younger still
            able = pool
            if contact.offers or contact.declined or row.alike.budgets:
                able, pool = self._able(contact, row, pool, now)
            if able:
                key = row.first_key(order, now) if not number else _behind(row, order, mark, now)
                found = Found(self._compose(key, rank), contact, row)
                best = found if best is None or found.key < best.key else best
                pool &= ~able
                if len(sight.ranks) == 1:
                    break
            if not pool:
                break
        return best

    def _able(self, contact: Standing, row: Row, pool: int, now: int) -> tuple[int, int]:
        """Return who of a set may take a contact now, and who may take anybody of its row."""
        state = self.state
        able = pool & ~state.bits(contact.offers)
        for advisor_id, until in contact.declined.items():
            seat = state.seats.get(advisor_id)
            if until > now and seat is not None and seat.bit & able:
                able ^= seat.bit
                if until != FOR_GOOD:
                    state.wake_later(seat, int(until))
        if able and row.alike.budgets:
            return self._in_budget(contact, able, pool, now)
        return able, pool

    def _in_budget(self, contact: Standing, able: int, pool: int, now: int) -> tuple[int, int]:
        """Return the same two, leaving out whom a budget forbids; see to look again in time."""
        state, row, names = self.state, contact.row, contact.leg.budgets
        for budget, key in state.bound_by(contact, names, None):
            if state.left(budget, key, now) <= 0:
                renewed = state.spending.renewed(budget, key, now)
                if renewed is not None and row is not None:
                    state.look_later(row, renewed)
                return 0, pool if budget.per == "customer" else 0
        for seat in state.roster.of(able):
            for budget, key in state.bound_by(contact, names, seat.id):
                if budget.per == "advisor" and state.left(budget, key, now) <= 0:
                    able, pool = able & ~seat.bit, pool & ~seat.bit
                    renewed = state.spending.renewed(budget, key, now)
                    if renewed is not None:
                        state.wake_later(seat, renewed)
                    break
        return able, pool


def _behind(row: Row, order: Any, mark: Any, now: int) -> Key:
    """Return what a contact sorts by that is not the first of its row."""
    key: Key = order.lasting(row.waiting(mark), now)[0]
    return key


def _may(row: Row, group: Group, lanes: dict[Group, Lanes] | None) -> bool:
    """Tell whether a duty takes from a row in a round; an advisor without a duty always may."""
    if lanes is None or group not in lanes:
        return True
    return not lanes[group].isdisjoint(row.lanes)


def _rounds(groups: tuple[Group, ...]) -> list[dict[Group, Lanes]]:
    ranked = {one: _by_rank(one.duty) for one in groups if one.duty is not None}
    none = frozenset[str]()
    return [
        {one: lanes[k] if k < len(lanes) else none for one, lanes in ranked.items()}
        for k in range(max(map(len, ranked.values())))
    ]


def _by_rank(duty: Duty) -> list[Lanes]:
    ranks = sorted({one.rank for one in duty.lanes})
    return [frozenset(one.lane for one in duty.lanes if one.rank == rank) for rank in ranks]


def _key(found: Found) -> Key:
    return found.key

"""Who comes first of a row for some of the advisors, and which of them may take whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tierlane.policy.line.ordering import Order
from tierlane.routing.waiting.column import Mark
from tierlane.routing.waiting.contact import FOR_GOOD, Standing
from tierlane.routing.waiting.group import Group, Sight
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.state import DeskState

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


@dataclass(slots=True)
class Finding:
    """Looks at rows by the order of the desk."""

    state: DeskState
    keys: tuple[str, ...] = field(init=False, default=())
    """Those of the order that `compose` is for."""
    compose: Callable[[Key, int], Key] = field(init=False, default=lambda key, _: key)
    """Puts a rank into what a contact sorts by but for it."""

    def take_over_order(self) -> None:
        """Make ready to compare contacts by the keys of the desk's order."""
        keys = self.state.book.line.order.keys
        if keys == self.keys:
            return
        self.keys = keys
        at = keys.index("rank") if "rank" in keys else None
        if at is None:
            self.compose = lambda key, _: key
        elif at == 0:
            self.compose = lambda key, rank: (rank, key)
        else:
            self.compose = lambda key, rank: (key[:at], rank, key[at:])

    # ------------------------------------------------------------------ one row

    def pool(self, row: Row, left: int) -> int:
        """Return those of a set who are ready and could take a contact of a row."""
        roster = self.state.roster
        return left & roster.ready & roster.fit(row) & roster.room[row.room]

    def look(self, place: Place, left: int, now: int) -> Found | None:
        """Return the contact of a row that comes first for those of one duty who are left."""
        if not place.row.marks:
            return None
        pool = self.pool(place.row, left & place.group.bits)
        return self.first(place, pool, now) if pool else None

    def front(self, place: Place, key: Key, seat: Seat, now: int) -> Found | None:
        """Return the first of a row, which sorts by `key`, if one advisor may take it now."""
        row, sight = place.row, place.sight
        arrived, name = row.marks.first
        contact = self.state.contacts[name]
        if (
            contact.offers
            or contact.declined
            or row.alike.budgets
            or now - arrived < sight.froms[0]
        ):
            found = self.first(place, seat.bit, now)
            return found if found is not None and found.key == key else None
        return Found(key, contact, row)

    def first(self, place: Place, pool: int, now: int) -> Found | None:
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
                able, pool = self.able(contact, row, pool, now)
            if able:
                key = row.first_key(order, now) if not number else _behind(row, order, mark, now)
                found = Found(self.compose(key, rank), contact, row)
                best = found if best is None or found.key < best.key else best
                pool &= ~able
                if len(sight.ranks) == 1:
                    break
            if not pool:
                break
        return best

    # ------------------------------------------------------------------ one contact

    def able(self, contact: Standing, row: Row, pool: int, now: int) -> tuple[int, int]:
        """Return who of a set may take a contact now, and who may take anybody of its row."""
        state = self.state
        able = pool & ~state.bits(contact.offers) if contact.offers else pool
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


def _behind(row: Row, order: Order, mark: Mark, now: int) -> Key:
    """Return what a contact sorts by that is not the first of its row."""
    return order.lasting(row.waiting(mark), now)[0]

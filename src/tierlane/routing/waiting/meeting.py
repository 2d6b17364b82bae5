"""Several advisors look at once: contacts in their order, each to the best who may take it.

Where several duties meet, so that advisors of each may take somebody now, they take their lanes in
rounds: in round k each advisor is offered at most one contact of the lanes that are k-th in their
duty, equal ranks together.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from typing import Final

from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.finding import Finding, Found, Key, Place
from tierlane.routing.waiting.group import Group, Lanes
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.seat import Seat

MOST_HELD: Final = 1_000

Rows = Callable[[], list[Row]]
"""Gives the rows in which an offer may be found now."""

Places = tuple[list[tuple[Key, int, Place]], list[Place]]
"""A heap by what each finds now, and the places whose rank changes with age."""


@dataclass(slots=True)
class Meeting:
    """Offers to several advisors what they find in some rows."""

    finding: Finding
    asking: Asking
    _held: dict[tuple[Group, ...], list[dict[Group, Lanes]]] = field(default_factory=dict)
    """Rounds by the duties that meet."""

    def serve(self, rows: Rows, now: int, *, first: Rows | None = None) -> None:
        """Make every offer that can be made of some rows to those who are ready.

        `first` gives fewer rows, which are enough as long as each is offered one contact at most.
        """
        ready, few = self.finding.state.roster.ready, first or rows
        places = self._places(few(), ready, None, now)
        meeting = {place.group for _, _, place in places[0]}
        meeting |= {
            one.group for one in places[1] if self.finding.look(one, ready, now) is not None
        }
        rounds = self._rounds(meeting)
        if rounds is None:
            if first is not None:
                places = self._places(rows(), ready, None, now)
            self._serve(places, ready, None, now)
            return
        while sum(self._round(few(), ready, lanes, now) for lanes in rounds):
            pass

    # ------------------------------------------------------------------ rounds

    def _rounds(self, meeting: set[Group]) -> list[dict[Group, Lanes]] | None:
        """Return per round which lanes each duty takes; None where no rounds are held.

        They are where several duties meet: where somebody of each may take a contact now.
        """
        if self.finding.keys[:1] != ("rank",):
            return None
        every = self.finding.state.roster.groups.values()
        groups = tuple([one for one in every if one.duty is not None and one in meeting])
        if len(groups) < 2:
            return None
        if groups not in self._held:
            if len(self._held) >= MOST_HELD:
                self._held.clear()
            self._held[groups] = _rounds(groups)
        return self._held[groups]

    def _round(self, rows: list[Row], left: int, lanes: dict[Group, Lanes], now: int) -> int:
        """Offer each advisor one contact of the lanes that their duty takes in this round."""
        return self._serve(self._places(rows, left, lanes, now), left, lanes, now)

    # ------------------------------------------------------------------ one round, or without

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
                found = self.finding.look(place, left, now)
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
        groups = [one for one in self.finding.state.roster.groups.values() if one.bits & left]
        for row in rows:
            pool = self.finding.pool(row, left) if row.marks else 0
            if not pool:
                continue
            for group in groups:
                sight = group.sight(row.lanes)
                if sight is None or not group.bits & pool or not _may(row, group, lanes):
                    continue
                place = Place(row, group, sight)
                if len(sight.ranks) > 1:
                    varied.append(place)
                elif (found := self.finding.first(place, group.bits & pool, now)) is not None:
                    heap.append((found.key, len(heap), place))
        heapify(heap)
        return heap, varied

    def _next(self, heap: list[tuple[Key, int, Place]], left: int, now: int) -> Found | None:
        """Return what comes first of what the places find now."""
        while heap:
            key, number, place = heap[0]
            found = self.finding.look(place, left, now)
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
        state, row, contact = self.finding.state, found.row, found.contact
        age, pool = now - contact.arrived, 0
        for group in state.roster.groups.values():
            sight = group.sight(row.lanes)
            if sight is not None and sight.rank(age) is not None and _may(row, group, lanes):
                pool |= group.bits
        able, _ = self.finding.able(contact, row, pool & self.finding.pool(row, left), now)
        free = state.book.line.offer.at_once - len(contact.offers)
        chosen = self.asking.best(contact, able, free, now)
        for seat in chosen:
            state.make_offer(contact, seat, now)
        state.roster.settle()
        return chosen


def _may(row: Row, group: Group, lanes: dict[Group, Lanes] | None) -> bool:
    """Tell whether a duty takes from a row in a round; an advisor without a duty always may."""
    if lanes is None or group not in lanes:
        return True
    return not lanes[group].isdisjoint(row.lanes)


def _rounds(groups: tuple[Group, ...]) -> list[dict[Group, Lanes]]:
    ranked = {one: one.turns for one in groups}
    none = frozenset[str]()
    return [
        {one: lanes[k] if k < len(lanes) else none for one, lanes in ranked.items()}
        for k in range(max(map(len, ranked.values())))
    ]

"""One advisor looks for a contact by themselves: what happens most where many wait.

Of each bay they look at the first row that they have room for. Which row that is, is the same for
all who have room for the same channels, and stays so until a row of the bay moves, so that it is
kept there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, Final

from tierlane.routing.waiting.bay import NO_ROW, Bay, Step
from tierlane.routing.waiting.finding import Finding, Found, Key, Place
from tierlane.routing.waiting.group import Sight
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.seat import Looks, Seat, View

FAILING: Final = 3
"""Bays whose front is not to be taken until all are gone through in the order of their rows."""

_key: Final = attrgetter("key")


@dataclass(slots=True)
class Solo:
    """Finds what one advisor may take."""

    finding: Finding

    def serve(self, seat: Seat, now: int) -> bool:
        """Offer an advisor the contact that comes first; tell whether there is one."""
        state = self.finding.state
        if not seat.bit & state.roster.ready:
            return False
        found = self.find(seat, now)
        if found is None:
            return False
        state.make_offer(found.contact, seat, now)
        state.roster.settle()
        return True

    def find(self, seat: Seat, now: int) -> Found | None:
        """Return what comes first of all that an advisor may take now."""
        state, finding = self.finding.state, self.finding
        looks = state.roster.looks(seat)
        state.line.refresh(state.book.line.order, now)
        if looks.varied:
            view = state.roster.view(seat)
            if any(_front(view, bay) is not NO_ROW for bay in looks.varied):
                return self._of_each(seat, now)
        best: Found | None = None
        apart: tuple[Bay, ...] = ()
        while len(apart) < FAILING:
            key, place = self._first(seat, looks, apart)
            if place is None or (best is not None and best.key < key):
                return best
            found = finding.front(place, key, seat, now)
            if found is not None:
                return found
            apart = (*apart, place.row.bay)
            found = self._of_bay(seat, place.row.bay, place.sight, now)
            if found is not None and (best is None or found.key < best.key):
                best = found
        return self._of_each(seat, now)

    def _first(self, seat: Seat, looks: Looks, apart: tuple[Bay, ...]) -> tuple[Key, Place | None]:
        """Return the row that is served first of those there is room for, bays `apart` left out."""
        finding, view = self.finding, self.finding.state.roster.view(seat)
        by_rank, key, place = finding.keys[:1] == ("rank",), None, None
        for rank, sight, bays in looks.plain:
            if key is not None and by_rank and rank > key[0]:
                break
            if apart:
                bays = tuple([bay for bay in bays if bay not in apart])
            step = _least(view, bays)
            if step is not NO_ROW:
                own = finding.compose(step[0], rank)
                if key is None or own < key:
                    key, place = own, Place(step[2], seat.group, sight)
        return () if key is None else key, place

    def rows(self, seat: Seat, now: int) -> list[Row]:
        """Return rows of which one holds what comes first of each bay for an advisor."""
        state, found = self.finding.state, list[Row]()
        order = state.book.line.order
        state.line.refresh(order, now)
        for bay, sight in seat.bays:
            for place in self._suited(seat, bay, sight):
                one = self.finding.first(place, seat.bit, now)
                if one is None:
                    continue
                found.append(place.row)
                key = self.finding.compose(place.row.first_key(order, now), sight.ranks[0])
                if len(sight.ranks) == 1 and one.key == key:
                    break  # whoever stands in rows behind comes later
        return found

    # ------------------------------------------------------------------ where fronts do not do

    def _of_bay(self, seat: Seat, bay: Bay, sight: Sight, now: int) -> Found | None:
        """Return what comes first of a bay, where that is not the first of its first row.

        Whoever declined a contact, or is too early for it, looks at those behind it.
        """
        best: Found | None = None
        order = self.finding.state.book.line.order
        for place in self._suited(seat, bay, sight):
            key = self.finding.compose(place.row.first_key(order, now), sight.ranks[0])
            if best is not None and best.key < key:
                break
            found = self.finding.first(place, seat.bit, now)
            if found is not None and (best is None or found.key < best.key):
                best = found
        return best

    def _of_each(self, seat: Seat, now: int) -> Found | None:
        """Return the same, where the first of a row is not always the one to be taken."""
        best: Found | None = None
        heap: list[tuple[Key, int, Place, Iterator[Place]]] = []
        for number, (bay, sight) in enumerate(seat.bays):
            places = self._suited(seat, bay, sight)
            if len(sight.ranks) > 1:
                found = [
                    one for place in places if (one := self.finding.first(place, seat.bit, now))
                ]
                best = min((best, *found) if best else found, key=_key, default=None)
            else:
                self._advance(heap, number, places, now)
        while heap and (best is None or heap[0][0] < best.key):
            _, number, place, places = heappop(heap)
            one = self.finding.first(place, seat.bit, now)
            if one is not None and (best is None or one.key < best.key):
                best = one
            self._advance(heap, number, places, now)
        return best

    def _suited(self, seat: Seat, bay: Bay, sight: Sight) -> Iterator[Place]:
        """Yield the rows of a bay from which an advisor may take now, in their order."""
        view = self.finding.state.roster.view(seat)
        for _, _, row in bay.list:
            if view.takes(row):
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
            key = place.row.first_key(self.finding.state.book.line.order, now)
            heappush(heap, (self.finding.compose(key, place.sight.ranks[0]), number, place, places))


def _least(view: View, bays: Sequence[Bay]) -> Step:
    """Return the row that is served first of those in some bays that there is room for.

    It is `NO_ROW` where there is none.
    """
    fronts = view.fronts
    steps: list[Any] = list(map(fronts.get, bays))
    if not all(steps):
        for number, bay in enumerate(bays):
            if steps[number] is None:
                steps[number] = fronts[bay] = _front(view, bay)
    least: Step = min(steps, default=NO_ROW)
    return least


def _front(view: View, bay: Bay) -> Step:
    """Return the first row of a bay that there is room for; nobody behind comes earlier."""
    for step in bay.list:
        if view.takes(step[2]):
            return step
    nobody: Step = NO_ROW
    return nobody

"""One advisor looks for a contact by themselves: what happens most where many wait.

Of each bay they look at the first row that they have room for. Which row that is, is the same for
all who have room for the same channels, and stays so until a row of the bay moves, so that it is
kept there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, Final

from tierlane.routing.waiting.bay import Bay, Step
from tierlane.routing.waiting.finding import Finding, Found, Key, Place
from tierlane.routing.waiting.group import Sight
from tierlane.routing.waiting.seat import Seat, View

NOT_YET: Final[Any] = ()
"""Stands for a front that was not looked for since a row of its bay moved."""

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
        view, looks = state.roster.view(seat), state.roster.looks(seat)
        state.line.refresh(state.book.line.order, now)
        if looks.varied and any(_front(view, bay) for bay in looks.varied):
            return self._of_each(seat, now)
        by_rank, key, place = finding.keys[:1] == ("rank",), None, None
        for rank, sight, bays in looks.plain:
            if key is not None and by_rank and rank > key[0]:
                break
            step = _least(view, bays)
            if step is not None:
                own = finding.compose(step[0], rank)
                if key is None or own < key:
                    key, place = own, Place(step[2], seat.group, sight)
        if place is None:
            return None
        found = finding.first(place, seat.bit, now)
        if found is not None and found.key == key:
            return found
        return self._of_each(seat, now)

    # ------------------------------------------------------------------ where fronts do not do

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


def _least(view: View, bays: Iterable[Bay]) -> Step | None:
    """Return the row that is served first of those in some bays that there is room for."""
    fronts, least = view.fronts, None
    for bay in bays:
        step = fronts.get(bay, NOT_YET)
        if step is NOT_YET:
            step = fronts[bay] = _front(view, bay)
        if step is not None and (least is None or step < least):
            least = step
    return least


def _front(view: View, bay: Bay) -> Step | None:
    """Return the first row of a bay that there is room for; nobody behind comes earlier."""
    for step in bay.list:
        if view.takes(step[2]):
            return step
    return None

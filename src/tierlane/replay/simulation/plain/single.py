"""One row and one crew that stays: the first who comes waits for the first who becomes free.

That is told without events, contact by contact: the moment from which each advisor is free is kept
in a heap, and whoever comes next takes the earliest. It is the recursion of Kiefer and Wolfowitz,
with contacts that give up; of all plain lines it is the one most asked about, and fits in a sixth
of the time.
"""

from collections.abc import Mapping, Sequence
from heapq import heapify, heapreplace
from typing import Final

import numpy as np

from tierlane.replay.simulation.crowd import Ints
from tierlane.replay.simulation.plain.given import NEVER, Became, Given
from tierlane.replay.simulation.plain.model import Model
from tierlane.replay.simulation.run import DONE, GIVES_UP
from tierlane.replay.simulation.staffing import ON, Turn
from tierlane.replay.simulation.work import Stint

_BITS: Final = 12
"""Of a number that stands for a moment and a seat: a whole year of ms fits before them."""
_SEAT: Final = (1 << _BITS) - 1


def fits(model: Model, given: Given) -> bool:
    """Tell whether all contacts wait in one row, for advisors of one crew who wrap nothing up."""
    rows = {row.number for way in given.ways for row in way.rows}
    alone = len(rows) == 1 and all(len(way.rows) == 1 for way in given.ways)
    return alone and len(model.crews) == 1 and len(model.seats) <= _SEAT and not model.wrap_up


def staying(model: Model, turns: Sequence[Turn], last: int) -> int | None:
    """Return until when all are on duty who come on together; None where they do not."""
    first, later = turns[: len(model.seats)], turns[len(model.seats) :]
    together = {(one.at, one.state) for one in first} == {(turns[0].at, ON)} if turns else False
    if not together or len({one.advisor.name for one in first}) < len(model.seats):
        return None
    return min([last + 1, *(one.at for one in later[:1])])


def single(model: Model, given: Given, since: int, until: int) -> Became | None:
    """Return what becomes of the contacts of such a desk while all are on duty, in ms.

    None where it is not told: nobody takes from the row, somebody comes before `since` or is still
    there at `until`, or the policy ends what nobody answers.
    """
    takers = given.ways[0].rows[0].ranks
    if 0 not in takers or given.arrived[0] < since:
        return None
    kinds = np.array([way.services[0][0] for way in given.ways])[given.way]
    service = given.services[kinds, np.arange(len(kinds))]
    longest = NEVER >> _BITS + 1
    patience = np.minimum(given.patience, longest)
    if service.max() > longest:
        return None
    free = np.array(_taken(len(model.seats), since, given.arrived, patience, service))
    answered = free >= 0
    begun = np.maximum(free >> _BITS, given.arrived)
    moments = np.where(answered, begun, given.arrived + patience)
    closes = np.array([way.ages[1] for way in given.ways])[given.way]
    gone = np.where(answered, moments + service, moments)
    if (moments - given.arrived >= closes).any() or (ended := int(gone.max())) >= until:
        return None
    served, nobody = int(answered.sum()), np.full(len(free), -1)
    return Became(
        answered=np.where(answered, moments, nobody),
        seat=np.where(answered, free & _SEAT, nobody),
        service=np.where(answered, service, 0),
        stop=np.zeros(len(free), dtype=np.int64),
        over=np.where(answered, nobody, moments),
        # Of each: that it came, and that it left; or that it was taken, and was done.
        events=2 * len(free) + served,
        ended=(ended, DONE if answered[int(gone.argmax())] else GIVES_UP, 0),
    )


def _taken(seats: int, since: int, arrived: Ints, patience: Ints, service: Ints) -> list[int]:
    """Return for each contact when who takes it was free, and who; -1 gave up."""
    heap = [(since << _BITS) + seat for seat in range(seats)]
    found = list[int]()
    add = found.append
    columns = (
        arrived + 1 << _BITS, (arrived + patience << _BITS) + _SEAT, arrived + service << _BITS,
        service << _BITS,
    )  # fmt: skip
    for late, leaves, done, lasts in zip(*(one.tolist() for one in columns), strict=True):
        top = heap[0]
        if top < late:  # idle: of these the idlest, then the least id
            heapreplace(heap, done | top & _SEAT)
            add(top)
        elif top <= leaves:
            heapreplace(heap, top + lasts)
            if heap[0] >> _BITS == top >> _BITS:
                top = _first_begun(heap, found, top, top + lasts)
            add(top)
        else:
            add(-1)
    return found


def _first_begun(heap: list[int], found: list[int], top: int, taken: int) -> int:
    """Mend the heap where several were done at one moment: who had begun first takes first.

    `top` took, and stands in the heap as `taken`; return who is to take in its stead.
    """
    alike = [top, *(one for one in heap if one >> _BITS == top >> _BITS and one != taken)]
    seats = {one & _SEAT for one in alike}
    last = dict.fromkeys(seats, -1)
    for place in range(len(found) - 1, -1, -1):
        seat = found[place] & _SEAT
        if found[place] >= 0 and last.get(seat) == -1:
            last[seat] = place
            if min(last.values()) >= 0:
                break
    first = min(seats, key=lambda seat: (last[seat], seat))
    right = top & ~_SEAT | first
    if right != top:
        heap[heap.index(taken)] = taken & ~_SEAT | first
        heap[heap.index(right)] = top
        heapify(heap)
    return right


def add_work(
    became: Became, model: Model, stints: Mapping[str, Stint], window: tuple[int, int]
) -> None:
    """Add to what each advisor did the contacts told here; what lies in the window counts."""
    begin, end = window
    served = np.flatnonzero(became.answered >= 0)
    seat, since = became.seat[served], became.answered[served]
    until = since + became.service[served]
    busy = np.maximum(np.minimum(until, end) - np.maximum(since, begin), 0)
    inside = (since >= begin) & (since < end)
    count = len(model.seats)
    times = np.bincount(seat, busy, count).astype(np.int64).tolist()
    contacts = np.bincount(seat[inside], minlength=count).tolist()
    for number, one in enumerate(model.seats):
        stints[one.name].busy += times[number]
        stints[one.name].contacts += contacts[number]

"""One desk of the plain line, event by event: what the real desk does, driven as in `run`.

What is due at the desk fires before the event of its moment, and offers are made once for both. Two
things alone can bring a contact and an advisor together: an advisor who has become ready, and a row
in which somebody has come; so mostly one of them looks, and all look where both come at once.
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from tierlane.replay.simulation.plain.given import DUE, NEVER, Became, Given, Moment
from tierlane.replay.simulation.plain.model import Model, Row
from tierlane.replay.simulation.relief import Relief
from tierlane.replay.simulation.run import ARRIVES, DONE, GIVES_UP, TURN
from tierlane.replay.simulation.staffing import ON, Turn

_STEP, _WAKE = range(2)


class PlainRun:
    """One replication of one desk."""

    def __init__(self, model: Model, given: Given, begin: int, end: int) -> None:
        """Begin; work counts from `begin` to `end`, in ms."""
        self.model, self._end = model, end
        self._arrived: list[int] = given.arrived.tolist()
        self._ways = [given.ways[one] for one in given.way.tolist()]
        self._patience: list[int] = given.patience.tolist()
        self._services: list[list[int]] = given.services.tolist()
        count = len(self._arrived)
        self._answered, self._seat, self._over = [-1] * count, [-1] * count, [-1] * count
        self._service, self._stop = [0] * count, [-1] * count
        self._closed = set[int]()
        self.events, self._last, self._through = 0, (-NEVER, 0, 0), True
        self.relief = Relief(begin, end)
        self._numbers = {one.name: number for number, one in enumerate(model.seats)}
        self._heap: list[tuple[int, int, int, Any]] = []
        self._timers: list[tuple[int, int, int]] = []
        self._number = 0
        self._here = 0
        self._row: list[Row | None] = [None] * count
        """By contact: the row it waits in."""
        self._due = [NEVER] * count
        self._lines: list[list[int]] = [[] for _ in model.rows]
        self._sizes = [0] * len(model.rows)
        seats = len(model.seats)
        self._on, self._held = [False] * seats, [False] * seats
        self._ready, self._idle = [False] * seats, [0] * seats
        self._wrapping, self._wakes = [0] * seats, [0] * seats
        self._idlers: list[list[tuple[int, int]]] = [[] for _ in model.crews]
        self._awake: list[int] = []
        self._fresh: list[Row] = []

    def play(self, turns: Sequence[tuple[int, Turn]], last: int) -> Became:
        """Play until everybody is gone, or the moment `last` is over.

        The turns come with their numbers among those of all desks.
        """
        for number, turn in turns:
            heappush(self._heap, (turn.at, TURN, number, turn))
        arrived, heap, place = self._arrived, self._heap, 0
        count = len(arrived)
        while self._here or place < count:
            coming = arrived[place] if place < count else NEVER
            ahead = heap[0][0] if heap and heap[0][0] <= coming else coming
            due = self._next()
            if min(due, ahead) > last:
                self._through, self._last = False, (last, DUE, 0)
                break
            if due < ahead:
                self._last = due, DUE, 0
                self._come_due(due)
            elif heap and heap[0][0] <= coming:
                now, kind, number, one = heappop(heap)
                self._last = now, kind, number if kind == TURN else 0
                self._happen(kind, one, now)
            else:
                self._last = coming, ARRIVES, 0
                self._arrive(place, coming)
                place += 1
        return self._became()

    def _became(self) -> Became:
        return Became(
            np.array(self._answered, dtype=np.int64),
            np.array(self._seat, dtype=np.int64),
            np.array(self._service, dtype=np.int64),
            np.array(self._stop, dtype=np.int64),
            np.array(self._over, dtype=np.int64),
            self._closed,
            ended=self._last,
            through=self._through,
        )

    def go_on(self, until: Moment) -> None:
        """Go on with nobody here while somebody is at another desk, and close the books."""
        heap = self._heap
        while True:
            due, ahead = self._next(), heap[0][0] if heap else NEVER
            if due < ahead and (due, DUE, 0) <= until:
                self._come_due(due)
            elif heap and heap[0][:3] <= until:
                now, kind, _, one = heappop(heap)
                if kind == TURN:
                    self._turn(one, now)
            else:
                break
        while heap:
            at, kind, _, one = heappop(heap)
            if kind == TURN and at < self._end:
                self.relief.turn(one, at)

    def _come_due(self, due: int) -> None:
        self.events += 1
        self._fire(due)
        self._pair(due)

    def _put(self, at: int, kind: int, one: Any) -> None:
        self._number += 1
        heappush(self._heap, (at, kind, self._number, one))

    def _happen(self, kind: int, one: Any, now: int) -> None:
        if kind == DONE:
            self._finish(one, now)
        elif kind == TURN:
            self._turn(one, now)
        elif self._row[one] is not None:
            self._fire(now)
            self.events += 1
            if self._row[one] is not None:
                self._leave(one, now)
            self._pair(now)

    # ------------------------------------------------------------------ what is due

    def _next(self) -> int:
        timers = self._timers
        while timers:
            at, kind, number = timers[0]
            if kind == _WAKE or self._due[number] == at:
                return at
            heappop(timers)
        return NEVER

    def _fire(self, now: int) -> None:
        """Do what is due at a moment, but for offers."""
        while self._next() == now:
            _, kind, number = heappop(self._timers)
            if kind == _STEP:
                self._go_on(number, now)
            elif 0 < self._wakes[number] <= now:
                self._wakes[number] = 0
                self._look(number, now)

    def _go_on(self, contact: int, now: int) -> None:
        way, stop = self._ways[contact], self._stop[contact] + 1
        if stop == len(way.rows):
            self._closed.add(contact)
            self._leave(contact, now)
            return
        self._step_out(contact)
        self._enter(contact, stop)

    # ------------------------------------------------------------------ contacts

    def _arrive(self, contact: int, now: int) -> None:
        self._fire(now)
        self.events += 1
        self._here += 1
        self._enter(contact, 0)
        self._pair(now)
        patience = self._patience[contact]
        if self._answered[contact] < 0 and patience < NEVER:
            self._put(now + patience, GIVES_UP, contact)

    def _enter(self, contact: int, stop: int) -> None:
        way = self._ways[contact]
        row = self._row[contact] = way.rows[stop]
        self._stop[contact] = stop
        heappush(self._lines[row.number], contact)
        self._sizes[row.number] += 1
        due = self._due[contact] = self._arrived[contact] + way.ages[stop + 1]
        if due < NEVER:
            heappush(self._timers, (due, _STEP, contact))
        self._fresh.append(row)

    def _step_out(self, contact: int) -> None:
        row = self._row[contact]
        if row is not None:
            self._sizes[row.number] -= 1
            self._row[contact], self._due[contact] = None, NEVER

    def _leave(self, contact: int, now: int) -> None:
        self._step_out(contact)
        self._over[contact] = now
        self._here -= 1

    def _first(self, row: Row) -> int:
        """Return the oldest of a row in which somebody is."""
        line, rows = self._lines[row.number], self._row
        while rows[line[0]] is not row:
            heappop(line)
        return line[0]

    # ------------------------------------------------------------------ advisors

    def _serve(self, contact: int, seat: int, now: int) -> None:
        self._step_out(contact)
        self._ready[seat], self._held[seat] = False, True
        self._answered[contact], self._seat[contact] = now, seat
        kind = self._ways[contact].services[self._stop[contact]][self.model.crew[seat]]
        service = self._service[contact] = self._services[kind][contact]
        self.events += 1
        self.relief.stints[self.model.seats[seat].name].take(now)
        self._put(now + service, DONE, contact)

    def _finish(self, contact: int, now: int) -> None:
        seat = self._seat[contact]
        wrap_up = self.model.wrap_up.get(self._ways[contact].channel, 0)
        stint = self.relief.stints[self.model.seats[seat].name]
        stint.finish(now, wrap_up)
        self._here -= 1
        self._fire(now)
        for seated, state in self.relief.relieved(stint, now):
            self._stand(self._numbers[seated.name], state, now)
        self.events += 1
        self._held[seat], self._idle[seat] = False, now
        if wrap_up:
            self._wrapping[seat] = self._idle[seat] = max(self._wrapping[seat], now + wrap_up)
        self._look(seat, now)
        self._pair(now)

    def _look(self, seat: int, now: int) -> None:
        """Let an advisor look who may take a contact; see to it that they look when wrapped up."""
        if not self._on[seat] or self._held[seat] or self._ready[seat]:
            return
        until = self._wrapping[seat]
        if until <= now:
            self._ready[seat] = True
            heappush(self._idlers[self.model.crew[seat]], (self._idle[seat], seat))
            self._awake.append(seat)
        elif not self._wakes[seat] or until < self._wakes[seat]:
            self._wakes[seat] = until
            heappush(self._timers, (until, _WAKE, seat))

    def _turn(self, turn: Turn, now: int) -> None:
        seated, known = self.relief.turn(turn, now)
        self._fire(now)
        seat = self._numbers[seated.name]
        if not known:
            self.events += 1
            self._on[seat], self._idle[seat] = True, now
        if known or turn.state != ON:
            self._stand(seat, turn.state, now)
        self._look(seat, now)
        self._pair(now)

    def _stand(self, seat: int, state: str, now: int) -> None:
        self.events += 1
        if state == ON and not self._on[seat]:
            self._idle[seat] = now
        self._on[seat] = state == ON
        if state != ON:
            self._ready[seat] = False

    # ------------------------------------------------------------------ who takes whom

    def _pair(self, now: int) -> None:
        """Bring together whoever can be."""
        awake = [seat for seat in self._awake if self._ready[seat]]
        fresh = [row for row in self._fresh if self._sizes[row.number]]
        self._awake.clear()
        self._fresh.clear()
        if awake and not fresh and len(awake) == 1:
            self._pair_advisor(awake[0], now)
        elif fresh and not awake and len(fresh) == 1 and not self.model.rounds:
            self._pair_row(fresh[0], now)
        elif awake or fresh:
            self._pair_all(now)

    def _pair_advisor(self, seat: int, now: int) -> None:
        sizes, arrived, best, chosen = self._sizes, self._arrived, None, -1
        rows = [one for one in self.model.sees[self.model.crew[seat]] if sizes[one[0].number]]
        if len(rows) == 1:
            chosen = self._first(rows[0][0])
        else:
            for row, rank in rows:
                contact = self._first(row)
                key = row.key(rank, contact, arrived[contact], now)
                if best is None or key < best:
                    best, chosen = key, contact
        if chosen >= 0:
            self._serve(chosen, seat, now)

    def _pair_row(self, row: Row, now: int) -> None:
        seat = self._best(row, -1)
        if seat >= 0:
            self._serve(self._first(row), seat, now)

    def _idlest(self, crew: int) -> int:
        """Return who of a crew is idle longest; -1 for nobody."""
        idlers, ready, idle = self._idlers[crew], self._ready, self._idle
        while idlers:
            since, seat = idlers[0]
            if ready[seat] and idle[seat] == since:
                return seat
            heappop(idlers)
        return -1

    def _best(self, row: Row, turn: int) -> int:
        """Return who is chosen for a row in one of the rounds; -1 for nobody."""
        best: tuple[Any, ...] | None = None
        chosen = -1
        for crew, before, after in row.takers:
            seat = self._idlest(crew) if _may(row, crew, turn) else -1
            if seat >= 0:
                key = (before, self._idle[seat], after, seat)
                if best is None or key < best:
                    best, chosen = key, seat
        return chosen

    def _pair_all(self, now: int) -> None:
        """Bring together all who can be, in rounds where several duties meet."""
        model, meeting = self.model, set()
        if model.rounds:
            for row in model.rows:
                if self._sizes[row.number]:
                    meeting |= {
                        model.crews[crew].duty for crew in row.turns if self._idlest(crew) >= 0
                    }
        if len(meeting) < 2:
            self._pair_in_turn(-1, now)
            return
        rounds = max(len({one.rank for one in duty.lanes}) for duty in meeting if duty is not None)
        while sum(self._pair_in_turn(turn, now) for turn in range(rounds)):
            pass

    def _pair_in_turn(self, turn: int, now: int) -> int:
        """Offer contacts in their order until none is left to offer; return how many were."""
        made, model, arrived = 0, self.model, self._arrived
        while True:
            best: tuple[Any, ...] | None = None
            first: Row | None = None
            for row in model.rows:
                if not self._sizes[row.number]:
                    continue
                contact = self._first(row)
                for crew, rank in row.ranks.items():
                    if not _may(row, crew, turn) or self._idlest(crew) < 0:
                        continue
                    key = row.key(rank, contact, arrived[contact], now)
                    if best is None or key < best:
                        best, first = key, row
            if first is None:
                return made
            self._serve(self._first(first), self._best(first, turn), now)
            made += 1


def _may(row: Row, crew: int, turn: int) -> bool:
    """Tell whether a crew takes from a row in a round; one without a duty always may."""
    turns = row.turns.get(crew)
    if turn < 0 or turns is None:
        return True
    return turn < len(turns) and turns[turn]

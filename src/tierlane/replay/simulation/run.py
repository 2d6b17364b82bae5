"""One replication: the desks of a policy, driven event by event through a simulated period.

What is due before an event fires first, at its own moment; an offer is answered at once, or when
the model says so; a contact that a desk hands over is given to the other desk at the same moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Final

from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.simulation.chance import Chance, Draws
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.deciding import Deciding
from tierlane.replay.simulation.journal import (
    ANSWERED,
    CLOSED,
    LEFT,
    WAITING,
    Fared,
    Journal,
    Worked,
)
from tierlane.replay.simulation.relief import Relief
from tierlane.replay.simulation.staffing import ON, Turn
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Accepted, Arrived, Declined, Event, Finished, Gone, Stood
from tierlane.routing.waiting.managed import ManagedDesk

TURN, DONE, ANSWER, GIVES_UP, ARRIVES = range(5)
"""Kinds of what is to happen, in the order in which they happen that come at one moment."""

DRAIN: Final = 24 * 3_600_000
"""Ms after the period for which those who are still there are followed; nobody arrives then."""


LONGEST: Final = 10 * 366 * DRAIN
"""Patience of ten years and more is never looked at."""


@dataclass(slots=True)
class Follow:
    """One contact on its way. Times are ms."""

    coming: Coming
    itinerary: Itinerary
    draws: Draws
    about: dict[str, str]
    desk: str
    lane: str = ""
    first_lane: str = ""
    skill: str = ""
    entered: int = 0
    answered: int = -1
    advisor: str = ""
    service: int = 0
    offers: int = 0


@dataclass(slots=True)
class Run:
    """The desks, and what is to happen."""

    revision: Revision
    behaviour: Behaviour
    chance: Chance
    begin: int
    end: int
    """The period that counts: contacts that arrive in it, and work within it."""
    deciding: Deciding
    desks: dict[str, ManagedDesk] = field(default_factory=dict)
    follows: dict[str, Follow] = field(default_factory=dict)
    relief: Relief = field(init=False)
    fared: list[Fared] = field(default_factory=list)
    events: int = 0
    _heap: list[tuple[int, int, int, Any]] = field(default_factory=list)
    _source: Iterator[Coming] = field(init=False)
    _expected: bool = False
    _number: int = 0
    _wrap_up: dict[str, dict[str, int]] = field(default_factory=dict)
    _at_once: bool = True

    def __post_init__(self) -> None:
        """Open the desks."""
        self.relief = Relief(self.begin, self.end)
        for line in self.revision.lines:
            self.desks[line.desk] = ManagedDesk(line.desk, self.revision)
            self._wrap_up[line.desk] = dict(line.wrap_up)
        self._at_once = self.behaviour.at_once

    def play(
        self, replication: int, turns: Iterable[Turn], comings: Iterable[Coming], drain: int = DRAIN
    ) -> Journal:
        """Play the whole period and return what came of it.

        Contacts that are still there `drain` ms after its end count as waiting.
        """
        for turn in turns:
            self._put(turn.at, TURN, turn)
        self._source = iter(comings)
        self._expect()
        now, last = self._go(self.end + drain)
        while self._heap:
            at, kind, _, one = heappop(self._heap)
            if kind == TURN and at < self.end:
                self.relief.turn(one, at)
        return self._journal(replication, max(now, self.end) if now < last else last)

    def _go(self, last: int) -> tuple[int, int]:
        heap, now = self._heap, self.begin
        while self.follows or self._expected:
            due = self._due()
            ahead = heap[0][0] if heap else None
            if due is not None and (ahead is None or due < ahead):
                if due > last:
                    return last, last
                now = due
                self._fire(due)
            elif ahead is None or ahead > last:
                return last, last
            else:
                now, kind, _, one = heappop(heap)
                self._happen(kind, one, now)
        return now, last

    # ------------------------------------------------------------------ what is to happen

    def _put(self, at: int, kind: int, one: Any) -> None:
        self._number += 1
        heappush(self._heap, (at, kind, self._number, one))

    def _expect(self) -> None:
        """Note the next contact that will arrive."""
        coming = next(self._source, None)
        self._expected = coming is not None
        if coming is not None:
            self._put(coming.arrived, ARRIVES, coming)

    def _due(self) -> int | None:
        """Return when a desk has something due next."""
        least: int | None = None
        for desk in self.desks.values():
            moment = desk.next_deadline()
            if moment is not None and (least is None or moment < least):
                least = moment
        return least

    def _fire(self, now: int) -> None:
        for name, desk in self.desks.items():
            if desk.next_deadline() == now:
                self.events += 1
                self._take(name, desk.on_deadline(now), now)

    def _happen(self, kind: int, one: Any, now: int) -> None:
        if kind == ARRIVES:
            self._arrive(one, now)
            self._expect()
        elif kind == DONE:
            self._finish(one, now)
        elif kind == GIVES_UP:
            if one.answered < 0 and one.coming.contact_id in self.follows:
                self._tell(one.desk, now, Gone(one.coming.contact_id, "abandoned"))
        elif kind == ANSWER:
            offer, desk = one
            self._tell(desk, now, offer)
        else:
            self._turn(one, now)

    # ------------------------------------------------------------------ contacts

    def _arrive(self, coming: Coming, now: int) -> None:
        about, itinerary, desk = self.deciding.decided(coming)
        draws = self.chance.of(coming.contact_id)
        follow = Follow(coming, itinerary, draws, about, desk)
        self.follows[coming.contact_id] = follow
        self._tell(desk, now, Arrived(coming.contact_id, itinerary, now, itinerary.plan))
        if follow.answered < 0:
            patience = self.behaviour.patience_of(coming, about, draws)
            if patience < LONGEST:
                self._put(now + round(patience), GIVES_UP, follow)

    def _finish(self, follow: Follow, now: int) -> None:
        contact_id = follow.coming.contact_id
        wrap_up = self._wrap_up[follow.desk].get(follow.about["channel"], 0)
        stint = self.relief.stints[follow.advisor]
        stint.finish(now, wrap_up)
        for seated, state in self.relief.relieved(stint, now):
            self._tell(seated.desk, now, Stood(seated.name, state))
        del self.follows[contact_id]
        self.deciding.served(follow.coming, follow.advisor)
        self._note(follow, ANSWERED, follow.answered)
        self._tell(follow.desk, now, Finished(follow.advisor, contact_id))

    def _turn(self, turn: Turn, now: int) -> None:
        seated, known = self.relief.turn(turn, now)
        if not known:
            self._tell(seated.desk, now, seated.event._replace(idle_since=now))
        if known or turn.state != ON:
            self._tell(seated.desk, now, Stood(seated.name, turn.state))

    # ------------------------------------------------------------------ the desks

    def _tell(self, desk: str, now: int, event: Event) -> None:
        self.events += 1
        self._take(desk, self.desks[desk].on_events(now, (event,), f"s{self.events}"), now)

    def _take(self, name: str, changes: list[Change], now: int) -> None:
        """Follow what came of it; where offers are answered at once, until none is left."""
        while changes:
            answers: list[Event] = []
            for one in changes:
                self._follow(name, one, now, answers)
            if not answers:
                break
            self.events += len(answers)
            changes = self.desks[name].on_events(now, answers, f"s{self.events}")
        self.desks[name].state.trace.clear()  # it tells an owner what to write; here is none

    def _follow(self, name: str, one: Change, now: int, answers: list[Event]) -> None:
        kind = one.kind
        if kind == "offered":
            self._answer(name, one, now, answers)
            return
        follow = self.follows.get(one.contact_id)
        if follow is None:
            return
        if kind == "confirmed":
            self._serve(follow, one)
        elif kind in ("entered", "stepped"):
            self._enter(follow, one)
        elif kind == "handed over" and one.onward is not None:
            follow.desk = one.desk
            self._tell(one.desk, one.at, one.onward)
        elif kind in ("left", "closed", "lapsed"):
            del self.follows[one.contact_id]
            self._note(follow, LEFT if kind == "left" else CLOSED, one.at)

    def _enter(self, follow: Follow, one: Change) -> None:
        if one.kind == "entered":
            follow.lane, follow.entered = one.lane, one.at
            follow.first_lane = follow.first_lane or one.lane
        follow.skill = self.deciding.skill(follow.itinerary, one)

    def _answer(self, name: str, one: Change, now: int, answers: list[Event]) -> None:
        """Have the advisor answer an offer, at once or later."""
        taken = Accepted(one.advisor_id, one.contact_id, one.offer_id)
        if self._at_once:
            answers.append(taken)
            return
        follow, model = self.follows[one.contact_id], self.behaviour
        draws = follow.draws
        if follow.offers:
            draws = self.chance.of(one.contact_id, follow.offers)
        follow.offers += 1
        refused = draws.takes < model.declines
        event: Event = Declined(*taken) if refused else taken
        delay = round(model.delay.quantile(draws.delay))
        if delay:
            self._put(now + delay, ANSWER, (event, name))
        else:
            answers.append(event)

    def _serve(self, follow: Follow, one: Change) -> None:
        stint = self.relief.stints[one.advisor_id]
        follow.answered, follow.advisor = one.at, one.advisor_id
        about = follow.about
        about["lane"], about["group"] = one.lane, stint.seated.group
        service = self.behaviour.service_of(follow.coming, about, follow.draws)
        follow.service = max(1, round(service * stint.seated.pace))
        stint.take(one.at)
        self._put(one.at + follow.service, DONE, follow)

    # ------------------------------------------------------------------ what came of it

    def _note(self, follow: Follow, how: str, at: int) -> None:
        coming, about = follow.coming, follow.about
        if not self.begin <= coming.arrived < self.end:
            return
        group = about["group"] if follow.answered >= 0 else ""
        self.fared.append(
            Fared(
                coming.contact_id, coming.arrived, about["channel"], about["tier"],
                about["scenario"], follow.first_lane, follow.lane, follow.skill, how,
                at - coming.arrived, at - follow.entered, follow.itinerary.answer, group,
                follow.advisor, follow.service,
            )
        )  # fmt: skip

    def _journal(self, replication: int, now: int) -> Journal:
        """Close the books; who is served still was answered, all others wait."""
        for follow in self.follows.values():
            served = follow.answered >= 0
            at = follow.answered if served else max(now, follow.coming.arrived)
            self._note(follow, ANSWERED if served else WAITING, at)
        self.fared.sort(key=lambda one: (one.arrived, one.contact_id))
        worked: list[Worked] = [one.close(now) for one in self.relief.stints.values()]
        return Journal(
            replication, self.begin, self.end, tuple(self.fared), tuple(worked), self.events
        )

"""Holds a desk's timers to their times, by the audit of their owner alone.

An offer says when it expires; a step ends at an age of its contact; whoever sends heartbeats is
silent so long after the latest that was read of them, and each audit record says how far that is.
What is due by the time of a record comes before it, so a timer that was passed over is forgotten.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from storm.desk.record import HEARTBEAT, OVER, Bounds, Heard, Noted
from storm.law import Faults

OFFER: Final = "offer"
STEP: Final = "step"
SILENCE: Final = "silence"
MOVES: Final = frozenset({"moved", "stepped", "handed_over", "closed"})
"""Kinds of audit record by which a step of a contact is over."""

Timer = tuple[str, str]
"""What it is of, and the id of that."""


@dataclass(slots=True)
class Timing:
    """What is due at one owner's desks, at some moment of its audit."""

    faults: Faults
    bounds: Bounds
    arrived: Mapping[str, int]
    """Contact → when the log took its arrival, from which its age counts; ms."""
    heard: Sequence[tuple[int, Heard]]
    """Records of `advisor.events` in the owner's partition, with their offsets, in order."""
    _due: dict[Timer, int] = field(default_factory=dict)
    _order: dict[bool, list[tuple[int, Timer]]] = field(
        default_factory=lambda: {True: [], False: []}
    )
    """Those above as heaps: of offers, and of what a standstill holds back; some do not hold."""
    _ends: dict[str, int] = field(default_factory=dict)
    """Contact at these desks → when its step ends, though somebody serves it by now."""
    _asked: dict[str, str] = field(default_factory=dict)
    """Offer → the advisor it was made to: another may answer what was never theirs."""
    _there: set[str] = field(default_factory=set)
    """Advisors who are signed on."""
    _claimed: dict[str, bool] = field(default_factory=dict)
    """Those whose desk waits for the answer to its claim, and whether a heartbeat came by then."""
    _read: int = 0
    """How many of `heard` were read."""
    _behind: bool = False
    """Whether the owner stood still and catches up."""

    def play(self, audits: Iterable[Noted]) -> None:
        """Play everything, in the order of the owner's numbers."""
        do: dict[str, Callable[[Noted], None]] = {
            "offered": self._offered,
            "returned": self._waits_again,
            "claimed": self._claims,
            "signed_on": self._seated,
            **dict.fromkeys(("refused", "signed_off_again"), self._unclaimed),
            "stood_still": self._stood_still,
            "caught_up": self._caught_up,
            **dict.fromkeys(("confirmed", "declined", "expired", "revoked"), self._answered),
            **dict.fromkeys(("vanished", "signed_off"), self._went),
            **dict.fromkeys(("entered", "moved", "stepped"), self._stepped),
            **dict.fromkeys((*OVER, "handed_over"), self._gone),
        }
        for one in audits:
            self._hear(one.heard_to)
            self._judge_passed(one)
            self._judge_fired(one)
            if one.kind in do:
                do[one.kind](one)
            self._hear(one.heard_to + one.of_advisor)

    # ------------------------------------------------------------------ judging

    def _judge_passed(self, one: Noted) -> None:
        """Judge that nothing is due still that was due before the moment of a record."""
        for offers in (True, False):
            order = self._order[offers]
            while order and order[0][0] < one.moment and (offers or not self._behind):
                due, timer = heapq.heappop(order)
                if self._due.get(timer) == due:
                    del self._due[timer]
                    self.faults.add("timer forgotten", f"{' '.join(timer)}, by {one.id}")

    def _judge_fired(self, one: Noted) -> None:
        """Judge that a timer fires at its time, once, and that no step is over before."""
        if one.due > one.fired:
            self.faults.add("timer fired before its time", one.id)
        if one.kind == "expired":
            self._judge_due((OFFER, one.offer_id), one)
        elif one.kind == "vanished":
            self._judge_due((SILENCE, one.advisor_id), one)
        elif one.kind in MOVES:
            ends = self._ends.get(one.contact_id)
            if ends is not None and ends > one.moment:
                self.faults.add("timer fired before its time", one.id)

    def _judge_due(self, timer: Timer, one: Noted) -> None:
        due = self._due.get(timer)
        if due is None:
            self.faults.add("timer fired twice, or for nothing", one.id)
        elif due > one.due:
            self.faults.add("timer fired before its time", one.id)

    # ------------------------------------------------------------------ what follows

    def _put(self, timer: Timer, due: int) -> None:
        self._due[timer] = due
        heapq.heappush(self._order[timer[0] == OFFER], (due, timer))

    def _offered(self, one: Noted) -> None:
        self._asked[one.offer_id] = one.advisor_id
        self._put((OFFER, one.offer_id), one.expires)

    def _answered(self, one: Noted) -> None:
        if self._asked.get(one.offer_id) == one.advisor_id:
            self._due.pop((OFFER, one.offer_id), None)
        if one.kind == "confirmed":
            self._due.pop((STEP, one.contact_id), None)

    def _stepped(self, one: Noted) -> None:
        self._due.pop((STEP, one.contact_id), None)
        self._ends.pop(one.contact_id, None)
        ages = self.bounds.ends.get(one.plan, ())
        if 0 < one.step <= len(ages) and one.contact_id in self.arrived:
            self._ends[one.contact_id] = self.arrived[one.contact_id] + ages[one.step - 1]
            self._put((STEP, one.contact_id), self._ends[one.contact_id])

    def _waits_again(self, one: Noted) -> None:
        if (ends := self._ends.get(one.contact_id)) is not None:
            self._put((STEP, one.contact_id), max(ends, one.moment))

    def _gone(self, one: Noted) -> None:
        self._due.pop((STEP, one.contact_id), None)
        self._ends.pop(one.contact_id, None)

    def _claims(self, one: Noted) -> None:
        self._claimed.setdefault(one.advisor_id, False)

    def _seated(self, one: Noted) -> None:
        self._there.add(one.advisor_id)
        if self._claimed.pop(one.advisor_id, False):
            self._put((SILENCE, one.advisor_id), one.moment + self.bounds.silence)

    def _unclaimed(self, one: Noted) -> None:
        self._claimed.pop(one.advisor_id, None)

    def _went(self, one: Noted) -> None:
        self._there.discard(one.advisor_id)
        self._due.pop((SILENCE, one.advisor_id), None)

    def _hear(self, offset: int) -> None:
        """Take what was read of advisors before an offset: who sends heartbeats is expected."""
        while self._read < len(self.heard) and self.heard[self._read][0] < offset:
            one = self.heard[self._read][1]
            self._read += 1
            if one.kind == HEARTBEAT and one.advisor_id in self._claimed:
                self._claimed[one.advisor_id] = True
            timer = (SILENCE, one.advisor_id)
            expected = timer in self._due or one.kind == HEARTBEAT
            if expected and one.advisor_id in self._there:
                self._put(timer, max(self._due.get(timer, 0), one.logged + self.bounds.silence))

    def _stood_still(self, one: Noted) -> None:
        del one
        self._behind = True

    def _caught_up(self, one: Noted) -> None:
        """Let what was held back be due now; nobody was silent while the owner was away."""
        self._behind = False
        for timer, due in list(self._due.items()):
            if timer[0] == SILENCE:
                self._put(timer, one.moment + self.bounds.silence)
            elif timer[0] == STEP and due < one.moment:
                self._put(timer, one.moment)

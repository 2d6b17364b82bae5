"""Plays the audit of a desk's owner back: who is offered what, who has what, and how much.

The audit of one owner is one sequence without a gap, so at each record it is known what stands.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from storm.desk.record import OVER, Bounds, Heard, Noted
from storm.law import Faults


@dataclass(slots=True)
class Playing:
    """One owner's desks at some moment of its audit."""

    faults: Faults
    bounds: Bounds
    channels: Mapping[str, str]
    """Contact → channel."""
    heard: Mapping[str, Sequence[int]]
    """Advisor → when something of them was logged, in order; ms."""
    open: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Offer → contact and advisor."""
    held: dict[str, str] = field(default_factory=dict)
    """Contact → the advisor who has it."""
    over: Counter[str] = field(default_factory=Counter)
    """How often each contact ended."""

    def play(self, owner: str, audits: Iterable[Noted]) -> None:
        """Play everything, in the order of the owner's numbers; at the end nothing may be left."""
        do: dict[str, Callable[[Noted], None]] = {
            "offered": self._offered,
            "confirmed": self._confirmed,
            "declined": self._answered,
            "expired": self._answered,
            "revoked": self._taken_back,
            "returned": self._taken_back,
            "vanished": self._vanished,
            **dict.fromkeys(OVER, self._ended),
        }
        for one in audits:
            if one.kind in do:
                do[one.kind](one)
        for contact, advisor in self.held.items():
            self.faults.add("room never given back", f"{owner}: {contact} at {advisor}")
        for offer in self.open:
            self.faults.add("offer that never ended", f"{owner}: {offer}")

    def _offered(self, one: Noted) -> None:
        others = [who for contact, who in self.open.values() if contact == one.contact_id]
        if one.contact_id in self.held:
            self.faults.add("offered while somebody serves it", one.id)
        if one.advisor_id in others:
            self.faults.add("offered twice to one advisor at once", one.id)
        if len(others) >= self.bounds.at_once:
            self.faults.add("offered to more than may be at once", one.id)
        if one.offer_id in self.open:
            self.faults.add("offer made twice", one.id)
        self.open[one.offer_id] = (one.contact_id, one.advisor_id)
        self._judge_room(one)

    def _confirmed(self, one: Noted) -> None:
        if self.open.pop(one.offer_id, None) != (one.contact_id, one.advisor_id):
            self.faults.add("confirmed what was not offered", one.id)
        if one.contact_id in self.held:
            self.faults.add("two advisors have one contact", one.id)
        self.held[one.contact_id] = one.advisor_id
        self._judge_room(one)

    def _answered(self, one: Noted) -> None:
        if self.open.pop(one.offer_id, None) is None:
            self.faults.add("answered what was not offered", one.id)

    def _taken_back(self, one: Noted) -> None:
        """Take an offer back, or what is served; an acceptance that came too late has neither."""
        known = self.open.get(one.offer_id)
        if known is not None and known[1] == one.advisor_id:
            del self.open[one.offer_id]
        elif self.held.get(one.contact_id) == one.advisor_id:
            del self.held[one.contact_id]

    def _ended(self, one: Noted) -> None:
        self.over[one.contact_id] += 1
        has = self.held.pop(one.contact_id, None)
        if one.kind == "finished" and has != one.advisor_id:
            self.faults.add("finished by who did not have it", one.id)
        for offer, (contact, _) in list(self.open.items()):
            if contact == one.contact_id:
                self.faults.add("over while it is offered", one.id)
                del self.open[offer]

    def _judge_room(self, one: Noted) -> None:
        has = [contact for contact, who in self.open.values() if who == one.advisor_id]
        has += [contact for contact, who in self.held.items() if who == one.advisor_id]
        units, costs = self.bounds.units, self.bounds.costs
        if sum(costs.get(self.channels.get(name, ""), units) for name in has) > units:
            self.faults.add("advisor over capacity", one.id)

    def _vanished(self, one: Noted) -> None:
        """Judge a silence: nothing of the advisor was logged meanwhile."""
        logged = self.heard.get(one.advisor_id, ())
        after = bisect_right(logged, one.due - self.bounds.silence)
        if after < len(logged) and logged[after] < one.due:
            self.faults.add("called silent though heard", one.id)


def by_advisor(heard: Iterable[Heard]) -> dict[str, list[int]]:
    """Return when something of each advisor was logged, in order."""
    found: dict[str, list[int]] = defaultdict(list)
    for one in heard:
        found[one.advisor_id].append(one.logged)
    for moments in found.values():
        moments.sort()
    return found

"""Judges that nobody who is able idles while a contact waits, and that nobody is asked too soon.

An advisor who wraps up, or who declined a contact, is to look again at a moment that no record
tells of: if that were forgotten, or came early, only who is offered what, and when, would show it.
The storm's advisors take all lanes of their desk, and list no contacts but those they were given.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from storm.desk.record import OVER, Bounds, Noted
from storm.law import Faults


@dataclass(slots=True)
class Idling:
    """Who could take whom at one owner's desks, at some moment of its audit."""

    faults: Faults
    bounds: Bounds
    channels: Mapping[str, str]
    """Contact → channel."""
    _waits: dict[str, dict[float, dict[str, None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    """By desk and units the contacts that are in line and offered to nobody.

    Thousands wait while a few are free: whoever is busy is done with at a look at the units.
    """
    _there: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    """By desk the advisors who may be offered something."""
    _offers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Offer → advisor and contact, while it is open."""
    _served: dict[str, str] = field(default_factory=dict)
    """Contact → advisor."""
    _taken: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Units by advisor that are offered or served."""
    _wraps: dict[str, int] = field(default_factory=dict)
    """Until when an advisor wraps up."""
    _passed_by: dict[tuple[str, str], int] = field(default_factory=dict)
    """Advisor and contact → from when the one may be asked for the other again."""
    _told: set[tuple[str, str]] = field(default_factory=set)
    """Whom it was told of once."""
    _moment: int = 0
    _behind: bool = False

    def play(self, audits: Iterable[Noted]) -> None:
        """Play everything, in the order of the owner's numbers."""
        do: dict[str, Callable[[Noted], None]] = {
            "signed_on": self._signed_on,
            "offered": self._offered,
            "confirmed": self._confirmed,
            "revoked": self._not_taken,
            **dict.fromkeys(("declined", "expired"), self._refused),
            **dict.fromkeys(("returned", "withdrawn"), self._given_back),
            **dict.fromkeys(("entered", "moved", "stepped"), self._waiting),
            **dict.fromkeys((*OVER, "handed_over"), self._gone),
            **dict.fromkeys(("vanished", "signed_off", "signing_off", "state"), self._went),
        }
        for one in audits:
            if one.moment > self._moment:
                if self._moment and not self._behind:
                    self._judge(one.moment - 1)
                self._moment = one.moment
            if one.kind in ("stood_still", "caught_up"):
                self._behind = one.kind == "stood_still"
            if one.kind in do:
                do[one.kind](one)

    # ------------------------------------------------------------------ judging

    def _judge(self, now: int) -> None:
        """Judge a moment after which something else happens: whoever could be asked was asked."""
        for desk, waits in self._waits.items():
            for advisor in self._there[desk]:
                if self._wraps.get(advisor, 0) <= now:
                    free = self.bounds.units - self._taken[advisor]
                    for cost, waiting in waits.items():
                        if cost <= free:
                            self._judge_pairs(advisor, waiting, now)

    def _judge_pairs(self, advisor: str, waiting: Iterable[str], now: int) -> None:
        """Judge an advisor who has room for contacts in line: each is passed by for a time."""
        for contact in waiting:
            pair = advisor, contact
            if self._passed_by.get(pair, 0) <= now and pair not in self._told:
                self.faults.add("idle though somebody waits", f"{advisor}: {contact}")
                self._told.add(pair)

    def _offered(self, one: Noted) -> None:
        who, contact = one.advisor_id, one.contact_id
        if self._wraps.get(who, 0) > one.moment:
            self.faults.add("offered while wrapping up", one.id)
        if self._passed_by.get((who, contact), 0) > one.moment:
            self.faults.add("asked again too soon", one.id)
        self._offers[one.offer_id] = who, contact
        self._taken[who] += self._cost(contact)
        self._leaves_line(one.desk, contact)

    # ------------------------------------------------------------------ what follows

    def _cost(self, contact: str) -> float:
        return self.bounds.costs.get(self.channels.get(contact, ""), self.bounds.units)

    def _in_line(self, desk: str, contact: str) -> None:
        self._waits[desk][self._cost(contact)][contact] = None

    def _leaves_line(self, desk: str, contact: str) -> None:
        self._waits[desk][self._cost(contact)].pop(contact, None)

    def _signed_on(self, one: Noted) -> None:
        self._there[one.desk][one.advisor_id] = None
        self._wraps.pop(one.advisor_id, None)

    def _went(self, one: Noted) -> None:
        self._there[one.desk].pop(one.advisor_id, None)

    def _waiting(self, one: Noted) -> None:
        if all(contact != one.contact_id for _, contact in self._offers.values()):
            self._in_line(one.desk, one.contact_id)

    def _not_taken(self, one: Noted) -> None:
        """Let a contact be in line again; an offer that is over already is passed by."""
        found = self._offers.get(one.offer_id)
        if found is not None and found[0] == one.advisor_id:
            del self._offers[one.offer_id]
            self._taken[found[0]] -= self._cost(found[1])
            self._in_line(one.desk, found[1])

    def _refused(self, one: Noted) -> None:
        self._not_taken(one)
        self._passed_by[one.advisor_id, one.contact_id] = one.moment + self.bounds.again

    def _confirmed(self, one: Noted) -> None:
        self._not_taken(one)
        self._leaves_line(one.desk, one.contact_id)
        self._served[one.contact_id] = one.advisor_id
        self._taken[one.advisor_id] += self._cost(one.contact_id)

    def _given_back(self, one: Noted) -> None:
        self._let_go(one)
        if one.kind == "returned":
            self._in_line(one.desk, one.contact_id)

    def _gone(self, one: Noted) -> None:
        self._let_go(one)
        self._leaves_line(one.desk, one.contact_id)

    def _let_go(self, one: Noted) -> None:
        """Free the advisor who serves a contact, after the time to wrap it up."""
        who = self._served.pop(one.contact_id, None)
        if who is not None:
            self._taken[who] -= self._cost(one.contact_id)
            wraps = self.bounds.wrap_up.get(self.channels.get(one.contact_id, ""), 0)
            self._wraps[who] = max(self._wraps.get(who, 0), one.moment + wraps)

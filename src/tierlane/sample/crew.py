"""Made-up advisors who answer offers: they accept, decline, say nothing, or vanish for a while.

Knows the records of `advisor.offers` and `advisor.events` and nothing of a desk. Offers and the
time go in, events come out; what becomes of an offer is drawn from the seed and the offer's id, so
it does not hang on the order in which offers are read.

    crew.begin(now)                    # they sign on
    crew.hear(kind, data, now)         # for each record of `advisor.offers`
    for event in crew.due(now): …      # what they have to say by now
    crew.next                          # when they have something to say again
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tierlane.advisor import (
    ACCEPTED,
    DECLINED,
    FINISHED,
    HEARTBEAT,
    SIGNED_OFF,
    SIGNED_ON,
)
from tierlane.sample.chance import weighted
from tierlane.value import format_time

OFFERED: Final = "tierlane.offer.offered.v1"
CONFIRMED: Final = "tierlane.offer.confirmed.v1"
REVOKED: Final = "tierlane.offer.revoked.v1"
FORGOTTEN: Final = "tierlane.offer.signed_off.v1"
REFUSED: Final = "tierlane.offer.refused.v1"
"""That one is signed off: as asked, or since nothing was heard of them."""

NONE: Final = "-"
"""Stands for the offer where there is none."""

Span = tuple[int, int]
"""Least and most, in ms."""


@dataclass(frozen=True, slots=True)
class Temper:
    """How advisors behave. Shares need not sum to 1; times are in ms."""

    accept: float = 1.0
    decline: float = 0.0
    silence: float = 0.0
    """Let the offer expire."""
    vanish: float = 0.0
    """Fall silent altogether, with all that is held."""
    reaction: Span = (200, 800)
    service: Span = (1_000, 4_000)
    away: Span = (5_000, 9_000)
    """How long one who vanished stays away."""
    heartbeat: int = 1_000


@dataclass(frozen=True, slots=True)
class Member:
    """One advisor: where, and what they say of themselves when they sign on."""

    id: str
    desk: str
    about: Mapping[str, Any] = field(default_factory=dict)
    begins: int = 0
    """Ms after the crew's beginning."""
    also: tuple[str, ...] = ()
    """Other desks, at which they come back in turn when they vanished."""


@dataclass(slots=True)
class Desktop:
    """What one advisor's desktop knows."""

    member: Member
    desk: str
    there: bool = False
    offered: dict[str, str] = field(default_factory=dict)
    """Offer → contact, not answered or not yet confirmed."""
    held: dict[str, str] = field(default_factory=dict)
    """Contact → the offer by which it came."""
    since: int = 0
    """Counts how often they signed on: what was planned before is void."""


class Crew:
    """The advisors of one run."""

    def __init__(self, members: list[Member], temper: Temper, seed: int) -> None:
        """Nobody is there before `begin`."""
        self.temper = temper
        self.desktops = {one.id: Desktop(one, one.desk) for one in members}
        self.vanished: list[str] = []
        """Who vanished, in order; one may do so more than once."""
        self._seed = seed
        self._source = f"crew/{seed}"
        self._said = 0
        self._closing = False
        self._planned: list[tuple[int, int, str, str, str, int]] = []
        """Moment, number, advisor, what, of which offer or contact, and their `since`."""
        self._numbers = 0

    @property
    def next(self) -> int | None:
        """When there is something to say next, in ms."""
        return self._planned[0][0] if self._planned else None

    @property
    def busy(self) -> int:
        """Contacts that are offered or held now, as far as the desktops know."""
        return sum(len(one.offered) + len(one.held) for one in self.desktops.values())

    def begin(self, now: int) -> None:
        """Let everybody sign on, each at their time."""
        for one in self.desktops.values():
            self._plan(now + one.member.begins, one, "sign on")

    def vanish(self, advisor_id: str, now: int) -> None:
        """Let one fall silent for a while, forgetting everything."""
        desktop = self.desktops[advisor_id]
        if not desktop.there:
            return
        self._leave(desktop)
        desks = (desktop.member.desk, *desktop.member.also)
        desktop.desk = desks[(desks.index(desktop.desk) + 1) % len(desks)]
        self.vanished.append(advisor_id)
        self._plan(
            now + self._between(self.temper.away, f"away/{advisor_id}/{now}"), desktop, "sign on"
        )

    def go_home(self, now: int) -> None:
        """Let everybody who is there sign off; nobody comes back."""
        self._planned.clear()
        self._closing = True
        for desktop in self.desktops.values():
            if desktop.there:
                self._plan(now, desktop, "sign off")

    def hear(self, kind: str, data: Mapping[str, Any], now: int) -> None:
        """Take one record of `advisor.offers`; one about nobody here is passed by."""
        desktop = self.desktops.get(data["advisor_id"])
        if desktop is None or not desktop.there:
            return
        offer_id, contact_id = data["offer_id"], data["contact_id"]
        if kind == OFFERED:
            desktop.offered[offer_id] = contact_id
            self._react(desktop, offer_id, now)
        elif kind == CONFIRMED and desktop.offered.pop(offer_id, None) is not None:
            desktop.held[contact_id] = offer_id
            ends = now + self._between(self.temper.service, f"service/{offer_id}")
            self._plan(ends, desktop, "finish", contact_id)
        elif kind == REVOKED:
            desktop.offered.pop(offer_id, None)
            if offer_id in (NONE, desktop.held.get(contact_id)):
                desktop.held.pop(contact_id, None)
        elif self._closing or data["desk"] != desktop.desk:
            return
        elif kind == FORGOTTEN and data["reason"] == "silent":
            self._leave(desktop)  # and yet they are there
            self._plan(now, desktop, "sign on")
        elif kind == REFUSED:  # the desk they were at has not missed them yet
            self._leave(desktop)
            self._plan(now + self.temper.heartbeat, desktop, "sign on")

    def due(self, now: int) -> Iterator[dict[str, Any]]:
        """Yield the events that are to be sent by now, in order."""
        while self._planned and self._planned[0][0] <= now:
            _, _, advisor_id, what, about, since = heapq.heappop(self._planned)
            desktop = self.desktops[advisor_id]
            if since == desktop.since:
                yield from self._do(desktop, what, about, now)

    # ------------------------------------------------------------------ what they do

    def _react(self, desktop: Desktop, offer_id: str, now: int) -> None:
        temper, random = self.temper, Random(f"{self._seed}/{offer_id}")
        shares = {
            "accept": temper.accept, "decline": temper.decline, "say nothing": temper.silence,
            "vanish": temper.vanish,
        }  # fmt: skip
        what = weighted(shares, random.random)()
        least, most = temper.reaction
        self._plan(now + least + int(random.random() * (most - least)), desktop, what, offer_id)

    def _do(self, desktop: Desktop, what: str, about: str, now: int) -> Iterator[dict[str, Any]]:
        if what == "sign on":
            desktop.there = True
            yield self._event(SIGNED_ON, desktop, now, **desktop.member.about)
            self._plan(now + self.temper.heartbeat, desktop, "beat")
        elif what == "beat":
            yield self._event(HEARTBEAT, desktop, now, contacts=sorted(desktop.held))
            self._plan(now + self.temper.heartbeat, desktop, "beat")
        elif what == "vanish":
            self.vanish(desktop.member.id, now)
        elif what == "sign off":
            yield self._event(SIGNED_OFF, desktop, now)
            self._leave(desktop)
        elif what == "accept" and about in desktop.offered:
            yield self._event(ACCEPTED, desktop, now, offer_id=about)
        elif what == "decline" and desktop.offered.pop(about, None) is not None:
            yield self._event(DECLINED, desktop, now, offer_id=about)
        elif what == "finish" and desktop.held.pop(about, None) is not None:
            yield self._event(FINISHED, desktop, now, contact_id=about, outcome="solved")

    def _leave(self, desktop: Desktop) -> None:
        desktop.there = False
        desktop.offered.clear()
        desktop.held.clear()
        desktop.since += 1

    # ------------------------------------------------------------------ small things

    def _plan(self, moment: int, desktop: Desktop, what: str, about: str = "") -> None:
        self._numbers += 1
        row = (moment, self._numbers, desktop.member.id, what, about, desktop.since)
        heapq.heappush(self._planned, row)

    def _between(self, span: Span, name: str) -> int:
        least, most = span
        return least + int(Random(f"{self._seed}/{name}").random() * (most - least))

    def _event(self, kind: str, desktop: Desktop, now: int, **data: Any) -> dict[str, Any]:
        self._said += 1
        member = desktop.member
        return {
            "specversion": "1.0",
            "id": f"{member.id}-{self._said}",
            "source": self._source,
            "type": kind,
            "time": format_time(now),
            "subject": member.id,
            "data": {"advisor_id": member.id, "desk": desktop.desk, **data},
        }

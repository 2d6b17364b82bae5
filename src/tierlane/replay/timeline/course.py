"""Drives the desks of one policy through a timeline, as their owners would, with time handed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tierlane.decision import Decision
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Given, StagedAdvisor
from tierlane.replay.timeline.joining import Joining
from tierlane.replay.timeline.stage import desk_of, home_of, signed_on
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.event import (
    Accepted,
    Arrived,
    Event,
    Gone,
    Heard,
    Noticed,
    Published,
    SignedOff,
    Stood,
    Updated,
    Vanished,
)
from tierlane.routing.waiting.managed import ManagedDesk

_OVER = {"closed": "closed", "finished": "finished", "lapsed": "lapsed"}


@dataclass(slots=True)
class Followed:
    """One contact of a timeline: what it says of itself, how it was decided, where it is."""

    name: str
    contact: dict[str, Any]
    profile: Mapping[str, Any] | None
    memory: Mapping[str, Any] | None
    arrived: int
    decision: Decision
    itinerary: Itinerary
    desk: str
    standing: Standing
    left: str | None = None


@dataclass(slots=True)
class Course:
    """The desks and contacts of one timeline as time goes on."""

    revision: Revision
    start: int
    accepts_all: bool
    first: Given | None = None
    """The contact that tells the desk of advisors without a duty."""
    home: str = ""
    desks: dict[str, ManagedDesk] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)
    """Desk of each advisor who has signed on."""
    came: set[str] = field(default_factory=set)
    """Advisors who have been there before."""
    followed: dict[str, Followed] = field(default_factory=dict)
    joining: Joining = field(default_factory=Joining)
    changes: list[Change] = field(default_factory=list)
    """All so far."""
    _told: int = 0

    def __post_init__(self) -> None:
        """Open the desks."""
        lines = self.revision.lines
        self.desks = {one.desk: ManagedDesk(one.desk, self.revision) for one in lines}
        self.home = home_of(self.revision, self.first, self.start)

    # ------------------------------------------------------------------ time

    def advance(self, now: int) -> None:
        """Fire what is due before `now`, each at its moment; then, at `now`, all but the offers."""
        while (moment := self._next()) is not None and moment < now:
            self._at(moment)
            self.offer(moment)
        self._at(now)

    def stand_still(self, now: int, *, ends: bool) -> None:
        """Let all desks stand still from now on, or go on after they did."""
        for desk in self.desks.values():
            if ends:
                self._told += 1
                self._follow(desk.caught_up(now, f"c{self._told}"), now)
            else:
                desk.fall_behind()

    def _next(self) -> int | None:
        moments = (desk.next_deadline() for desk in self.desks.values())
        return min((one for one in moments if one is not None), default=None)

    def _at(self, moment: int) -> None:
        for name in self.desks:
            self.tell(name, moment)

    def offer(self, now: int) -> None:
        """Make the offers of a moment; where all are accepted at once, until none is left."""
        while True:
            made: list[tuple[str, Change]] = []
            for name, desk in self.desks.items():
                changes = desk.offer(now)
                made += [(name, one) for one in changes if one.kind == "offered"]
                self._follow(changes, now)
            if not (self.accepts_all and made):
                return
            for name, one in made:
                self.tell(name, now, Accepted(one.advisor_id, one.contact_id, one.offer_id))

    def tell(self, desk: str, now: int, *events: Event) -> None:
        """Let a desk know of events; what it hands over is taken to the other desk at once."""
        self._told += 1
        self._follow(self.desks[desk].apply(now, events, f"c{self._told}"), now)

    def _follow(self, changes: Iterable[Change], now: int) -> None:
        for one in changes:
            self.changes.append(one)
            if one.onward is not None:
                followed = self.followed[one.contact_id]
                followed.desk = one.desk
                self.tell(one.desk, now, one.onward)
                self._look(followed)
            elif one.kind in ("signed_off", "vanished"):
                self.seats.pop(one.advisor_id, None)
            elif one.kind in ("closed", "finished", "left", "lapsed"):
                self.followed[one.contact_id].left = _OVER.get(one.kind, one.reason)

    # ------------------------------------------------------------------ contacts

    def arrive(self, name: str, given: Given, now: int) -> Followed:
        """Decide a contact and give it to the desk of its first step; or let it join another."""
        contact = {"contact_id": name, **given.contact}
        target = self.joining.target(contact, self.followed.values(), self.revision.joins, now)
        if target:
            before = self.followed[target].contact.get("channel")
            self.joining.join(name, target, contact.get("channel"), before)
            self.update(target, given, now)
            return self.followed[target]
        decision = self.revision.decide(contact, given.profile, given.memory, now)
        itinerary = self._itinerary(contact, given.profile, given.memory, now, now)
        desk = self._desk(itinerary)
        event = Arrived(name, itinerary, now, itinerary.plan)
        blank = Standing(name, itinerary, now, itinerary.plan, 0, itinerary.priority)
        followed = Followed(
            name, contact, given.profile, given.memory, now, decision, itinerary, desk, blank
        )
        self.followed[name] = followed
        self.tell(desk, now, event)
        self._look(followed)
        return followed

    def of(self, name: str) -> Followed:
        """Return a contact, or the one that it joined."""
        return self.followed[self.joining.of(name)]

    def leave(self, name: str, how: str, now: int) -> None:
        """Let a customer leave a channel; the contact is over with its last."""
        followed = self.of(name)
        if self.joining.leave(name, waits=followed.standing.waits()):
            self.tell(followed.desk, now, Gone(followed.name, how))
            return
        before = followed.contact.get("channel")
        channel = self.joining.left_with(name, before)
        if channel != before:
            followed.contact = merged(followed.contact, {"channel": channel})
            self._decide_again(followed, now)

    def update(self, name: str, given: Given, now: int) -> None:
        """Take over fields of a contact and decide it again."""
        followed = self.of(name)
        before = followed.contact.get("channel")
        followed.contact = merged(followed.contact, given.contact)
        channel = followed.contact.get("channel")
        if followed.standing.served_by and channel != before:
            self.tell(followed.desk, now, Noticed(followed.name, channel or ""))
        self._decide_again(followed, now)

    def publish(self, revision: Revision, in_flight: str, now: int) -> None:
        """Let another policy run the desks; who waits keeps what was decided, or is decided again.

        A contact whose lane is gone is decided again, whatever is said.
        """
        self.revision = revision
        lanes = {one.name for one in revision.lanes}
        for line in revision.lines:
            if line.desk in self.desks:
                self.tell(line.desk, now, Published(revision))
            else:
                self.desks[line.desk] = ManagedDesk(line.desk, revision)
        for followed in self.followed.values():
            waits = followed.left is None and followed.standing.waits()
            if waits and (in_flight == "reroute" or followed.standing.lane not in lanes):
                self._decide_again(followed, now, event=followed.arrived)

    def _decide_again(self, followed: Followed, now: int, event: int | None = None) -> None:
        at = now if event is None else event
        about = (followed.contact, followed.profile, followed.memory)
        followed.decision = self.revision.decide(*about, at)
        followed.itinerary = self._itinerary(*about, at, followed.arrived)
        self.tell(followed.desk, now, Updated(followed.name, followed.itinerary))
        self._look(followed)

    def _itinerary(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
        arrived: int,
    ) -> Itinerary:
        return self.revision.itinerary(contact, profile, memory, now, arrived=arrived)

    def _desk(self, itinerary: Itinerary) -> str:
        """Return the desk of the first step that is not barred, else of the fallback."""
        lanes = {one.name: one.desk for one in self.revision.lanes}
        legs = dict(itinerary.legs)[itinerary.plan]
        leg = next((one for one in legs if not one.reason), itinerary.last)
        return lanes[leg.lane]

    def _look(self, followed: Followed) -> None:
        """Keep what the desk has of a contact: it stays readable when the contact has left."""
        found = self.desks[followed.desk].state.contacts.get(followed.name)
        if found is not None:
            followed.standing = found

    # ------------------------------------------------------------------ advisors

    def beat(self, advisor: str, holds: list[str], now: int) -> None:
        """Let an advisor's desktop say what it has."""
        if advisor in self.seats:
            self.tell(self.seats[advisor], now, Heard(advisor, tuple(holds)))

    def stand(self, advisor: StagedAdvisor, state: str, now: int) -> None:
        """Let an advisor be on, on a break, off or silent."""
        name = advisor.name
        if name not in self.seats:
            if state in ("off", "silent"):
                return
            line = desk_of(advisor, self.revision, self.home)
            self.seats[name] = line.desk
            once = advisor if name not in self.came else replace(advisor, idle=0, holds=())
            self.came.add(name)
            self.tell(line.desk, now, signed_on(once, line, self.start, now))
            if state == "on":
                return
        leaving: dict[str, Event] = {"off": SignedOff(name), "silent": Vanished(name)}
        event = leaving.get(state, Stood(name, state))
        self.tell(self.seats[name], now, event)


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with others laid over them; maps field by field."""
    found = dict(old)
    for key, value in new.items():
        known = found.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            value = merged(known, value)
        found[key] = value
    return found

"""The managed desks of one partition: each with its cards, opened from what is kept of it.

A desk is opened when it is needed first. What is rolled back is forgotten here and opened anew from
the ledger, which holds what was committed: so memory and changelog cannot part.
"""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from typing import Any

from tierlane.errors import RevisionMissing
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.effect import Effects
from tierlane.routing.hosting import onward
from tierlane.routing.hosting.card import Card
from tierlane.routing.hosting.claim import Claims
from tierlane.routing.hosting.shelf import Held, Shelf, desk_of, gone, gone_of, key, revision_of
from tierlane.routing.hosting.stranding import Lookup, arriving, found_again, without_rules
from tierlane.routing.hosting.telling import Parted, Telling, Why
from tierlane.routing.journal import Journal
from tierlane.routing.ledger import Ledger
from tierlane.routing.limit import DAY
from tierlane.routing.timetable import NEVER, rounded
from tierlane.routing.turn import Place
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Arrived, Event, Gone, Noticed, Published, Updated
from tierlane.routing.waiting.firing import FOR_GOOD, TimerFailed
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.snapshot import Snapshot
from tierlane.routing.waiting.state import Book, DeskState
from tierlane.routing.waiting.timer import Entry
from tierlane.topic import DESK_INPUTS

FORWARDED: int = 8 * DAY
"""Ms for which it is known where a contact went on to: longer than one is kept without news."""
REMEMBERED: int = 600_000
"""Ms for which the events are remembered of a contact that is over; at least once doubles some."""

MOST_TOLD: int = 2_000
"""Records written by timers in one call, past which the next moment waits for another."""


@dataclass(slots=True)
class Hosted:
    """One desk, open."""

    desk: ManagedDesk
    shelf: Shelf

    @property
    def state(self) -> DeskState:
        """What the desk knows."""
        return self.desk.state


@dataclass(slots=True)
class Host:
    """Runs the desks of one partition."""

    ledger: Ledger
    journal: Journal
    prefix: str
    """What the causes of timers begin with: deployment and owner."""
    lookup: Lookup
    live: Callable[[], Revision | None]
    """The revision that desks are run by now."""
    claims: Claims = field(init=False)
    open: dict[str, Hosted] = field(default_factory=dict)
    reading: tuple[str, int] | None = None
    """Topic and offset of the record ahead of which timers fire; None: they fire by the clock."""
    _closed: bool = False
    """Whether something may be kept of desks that are not open."""
    _lost: list[tuple[str, str]] = field(default_factory=list)
    """Desk and id of contacts that are to be decided again, as their revision is not known."""
    _used: set[str] = field(default_factory=set)
    """Desks that were called since the last commit."""
    _gone: dict[str, dict[str, Parted | None]] = field(default_factory=dict)
    """By desk the contacts that left since the last settling; None stands for one that is back."""
    _due: int | None = None
    """When something is due at any desk; None is to be found out."""
    _failed: dict[str, dict[Entry, str]] = field(default_factory=dict)
    """By desk the timers that failed since the last commit, with the class of the error."""

    def __post_init__(self) -> None:
        """Find the claims of the desks in what is kept."""
        self.claims = Claims(self.ledger)

    # ------------------------------------------------------------------ desks

    def find(self, name: str, revision: Revision | None) -> Hosted | None:
        """Return a desk that is kept, or begin one if the revision has it."""
        self.reopen()
        found = self.open.get(name)
        if found is not None or revision is None:
            return found
        if any(one.desk == name for one in revision.lines):
            found = Hosted(ManagedDesk(name, revision), Shelf(name))
            self._take(name, found)
            self._used.add(name)  # kept from now on, even if nothing comes of what it was begun for
        return found

    def _take(self, name: str, hosted: Hosted) -> None:
        digest = blake2b(name.encode(), digest_size=4).hexdigest()
        hosted.state.named = f"{self.prefix}.{digest}"
        hosted.desk.firing.failed = self._failed.setdefault(name, {})
        self.open[name] = hosted
        self._due = None

    def reopen(self) -> None:
        """Open what is kept and not open. Raises `StateError`."""
        if not self._closed:
            return
        self._closed = False
        collects = gc.isenabled()
        # None of it is garbage, and to look for some doubles the time of 100,000 contacts.
        gc.disable()
        try:
            self._reopen()
        finally:
            if collects:
                gc.enable()

    def _reopen(self) -> None:
        values: dict[str, dict[bytes, bytes]] = {}
        for kept, value in self.ledger.values.items():
            if kept[:1] in b"cispbd":
                name = desk_of(kept)
                if name not in self.open:
                    values.setdefault(name, {})[kept] = value
        for name in sorted(values):
            shelf = Shelf(name)
            kept_of_desk = shelf.restore(values[name])
            snapshot, lost = found_again(kept_of_desk, self.lookup, self.live())
            desk = ManagedDesk.restore(snapshot, self._needed(shelf, snapshot))
            desk.state.trace.contacts.update(lost)
            self._take(name, Hosted(desk, shelf))
            self._lost += [(name, one) for one in lost]

    def _needed(self, shelf: Shelf, snapshot: Snapshot) -> dict[str, Revision]:
        """Return the revisions that a desk's state names, those that are not known left out."""
        names = {snapshot.revision, *(one.itinerary.revision for one in shelf.shared.values())}
        renewed = (dict(one)["renewed"] for one in snapshot.contacts)
        names |= {one.revision for one in renewed if one is not None}
        names |= {dict(one)["itinerary"].revision for one in snapshot.contacts}
        found = {name: self.lookup(name) for name in sorted(names)}
        return {name: one for name, one in found.items() if one is not None}

    def missing(self) -> list[str]:
        """Return the revisions that what is kept names and that are not known."""
        names: set[str] = set()
        for kept, value in self.ledger.values.items():
            if kept[:1] in b"id":
                names.add(revision_of(value))
        return sorted(name for name in names if self.lookup(name) is None)

    def forget(self, *, everything: bool = False) -> None:
        """Forget the desks that were called since the last commit, or all."""
        for name in list(self.open) if everything else self._used:
            self.open.pop(name, None)
        self._used.clear()
        self._gone.clear()
        self._closed, self._due = True, None
        self.reading = None

    def commit(self) -> None:
        """Keep what was done."""
        self._used.clear()
        for failed in self._failed.values():
            failed.clear()

    def give_up(self, failed: TimerFailed) -> bool:
        """Begin the desks anew that were called, and have a timer given up that failed.

        Tells whether that is any use: what fails once more after it was only told of is not.
        """
        known = self._failed.setdefault(failed.desk, {})
        if known.get(failed.timer) == FOR_GOOD:
            return False
        known[failed.timer] = FOR_GOOD if failed.timer in known else failed.error
        self.forget()
        return True

    # ------------------------------------------------------------------ time

    def next(self) -> int | None:
        """Return when something is due at any desk."""
        self.reopen()
        if self._due is None:
            moments = [one.desk.next_deadline() for one in self.open.values()]
            self._due = min((one for one in moments if one is not None), default=NEVER)
        return None if self._due == NEVER else self._due

    def advance(self, effects: Effects, now: int, *, most: float = float("inf")) -> None:
        """Fire what is due at `now` or before, of all desks together in the order of time."""
        begun = len(effects.outputs)
        while (due := self.next()) is not None and due <= now:
            if len(effects.outputs) - begun >= most:
                return
            for name in sorted(self.open):
                hosted = self.open[name]
                moment = hosted.desk.next_deadline()
                if moment is not None and moment <= due:
                    self._used.add(name)
                    self._told(effects, hosted, hosted.desk.on_deadline(due), now)
            self._due = None

    def before(self, effects: Effects, now: int, target: Hosted | None) -> None:
        """Fire what is due by a record; at its moment that of the desk it is for is left to it."""
        self.ask_again(effects, now)
        self.advance(effects, now - 1)
        for hosted in self.hosted():
            moment = hosted.desk.next_deadline()
            if hosted is not target and moment is not None and moment <= now:
                self._used.add(hosted.state.desk)
                self._told(effects, hosted, hosted.desk.on_deadline(now), now)
                self._due = None

    def _told(self, effects: Effects, hosted: Hosted, changes: list[Change], now: int) -> None:
        """Write what timers brought about, each moment having ids of its own."""
        telling = self._telling(effects, hosted)
        for at, some in groupby(changes, key=attrgetter("at")):
            base = f"{hosted.state.named}.t{at}"
            telling.tell(list(some), Why(base, self._timer(at, now), now, now))

    def _timer(self, due: int, now: int) -> dict[str, Any]:
        """Return the cause of what a timer brings about: with it all can be done again in order."""
        cause: dict[str, Any] = {"timer": "desk", "due": due, "fired": now, **self.reached()}
        if self.reading is not None:
            cause["ahead_of"] = self.reading[0]
        return cause

    def reached(self) -> dict[str, dict[str, int]]:
        """Return the `next` offset to be read of each input; nothing before the first record."""
        known = dict(self.ledger.positions)
        if self.reading is not None:
            known[self.reading[0]] = self.reading[1]
        positions: dict[str, int] = {one: known[one] for one in DESK_INPUTS if one in known}
        return {"next": positions} if positions else {}

    @property
    def behind(self) -> bool:
        """Whether the desks stood still and catch up."""
        return any(one.state.behind for one in self.hosted())

    def fall_behind(self) -> None:
        """Let every desk hold back what was due meanwhile."""
        for hosted in self.hosted():
            hosted.desk.fall_behind()
            self._used.add(hosted.state.desk)
        self._due = None

    def catch_up(self, effects: Effects, now: int) -> None:
        """Let every desk do at once what it held back."""
        for hosted in self.hosted():
            if hosted.state.behind:
                base = f"{hosted.state.named}.s{now}"
                self._used.add(hosted.state.desk)
                self._told(effects, hosted, hosted.desk.apply(now, (), base), now)
                cause = self._timer(now, now)
                changes = hosted.desk.caught_up(now, base)
                self._telling(effects, hosted).tell(changes, Why(base, cause, now, now))
        self._due = None

    def reach(self, effects: Effects, hosted: Hosted, now: int, base: str) -> None:
        """Fire what is due at a desk by a moment, before anything is told of what comes then."""
        self._used.add(hosted.state.desk)
        self._told(effects, hosted, hosted.desk.apply(now, (), base), now)
        self._due = None

    # ------------------------------------------------------------------ events

    def take(
        self,
        effects: Effects,
        hosted: Hosted,
        place: Place,
        events: list[Event],
        about: dict[str, Any] | None = None,
        *,
        logged: int | None = None,
    ) -> None:
        """Let a desk know of events of one record, and write what comes of them.

        Silence is reckoned from `logged`, in ms; unless stated from when the log took the record.
        """
        why = Why(place.base, place.cause, place.seen, self.ledger.clock, about or {})
        self._let_know(effects, hosted, events, why, place.seen if logged is None else logged)

    def _let_know(
        self,
        effects: Effects,
        hosted: Hosted,
        events: list[Event],
        why: Why,
        logged: int | None = None,
    ) -> None:
        """Fire what is due at a desk, then let it know of events, then let it make its offers."""
        desk, now = hosted.desk, why.now
        self.reach(effects, hosted, now, why.base)
        changes = desk.on_events(now, events, why.base, logged)
        self._telling(effects, hosted).tell(changes, why)
        self._due = None

    def _telling(self, effects: Effects, hosted: Hosted) -> Telling:
        gone_of_desk = self._gone.setdefault(hosted.state.desk, {})
        return Telling(self.journal, effects, hosted.shelf, hosted.state, gone_of_desk, self.claims)

    def tell(self, effects: Effects, hosted: Hosted, place: Place, change: Change) -> None:
        """Write what became of an advisor beside what the desk does itself."""
        why = Why(place.base, place.cause, place.seen, self.ledger.clock)
        self._telling(effects, hosted).tell([change], why)

    # ------------------------------------------------------------------ contacts

    def receive(
        self, effects: Effects, hosted: Hosted, place: Place, parcel: onward.Parcel, name: str
    ) -> str:
        """Take a record of `desk.contacts`; return what was in the way, or nothing.

        `name` is that of the event. One for a contact that went on is sent after it.
        """
        event, desk = self._known(hosted.state, parcel.event, place), hosted.state.desk
        held = hosted.shelf.held.get(event.contact_id)
        onto, heard = self._went(desk, event.contact_id)
        if name in (heard if held is None else held.card.heard):
            return "duplicate"
        if isinstance(event, Arrived):
            event = self._arrive(hosted, event, parcel.card, held, [*heard, name])
        elif held is not None:
            held.card.hear(name)
            if isinstance(event, Updated):
                event = self._renew(hosted, event, parcel.card, held)
        elif onto:
            self._forward(effects, place, onto, parcel)
            return ""
        self.take(effects, hosted, place, [event], _about(parcel))
        return ""

    def _arrive(
        self, hosted: Hosted, event: Arrived, card: Card | None, held: Held | None, heard: list[str]
    ) -> Arrived:
        if held is not None or card is None:
            return event
        card.heard = []
        for one in heard:
            card.hear(one)
        itinerary = hosted.shelf.hold(event.contact_id, card, event.itinerary)
        self._gone.setdefault(hosted.state.desk, {})[event.contact_id] = None
        return event._replace(itinerary=itinerary)

    def _renew(self, hosted: Hosted, event: Updated, card: Card | None, held: Held) -> Updated:
        if card is not None:
            held.card.renew(card)
        contact = hosted.state.contacts[event.contact_id]
        if not contact.waits():
            return event
        itinerary = hosted.shelf.hold(event.contact_id, held.card, event.itinerary)
        return event._replace(itinerary=itinerary)

    def ask_again(self, effects: Effects, now: int) -> None:
        """Ask intakes for contacts whose revision is not known any more."""
        self.reopen()
        lost, self._lost = self._lost, []
        for name, contact_id in lost:
            why = Why(f"{self.prefix}.{self.journal.next}", {"timer": "lost"}, now, now)
            self._used.add(name)
            self._telling(effects, self.open[name]).ask(contact_id, "revision_gone", None, why)

    def _known(
        self, state: DeskState, event: Arrived | Updated | Gone | Noticed, place: Place
    ) -> Arrived | Updated | Gone | Noticed:
        """Return an event whose revision the desk knows.

        One that is not known is asked for, by `RevisionMissing`; if the record is tried again all
        the same, the contact goes to the fallback of the desk's own.
        """
        if isinstance(event, Gone | Noticed) or event.itinerary.revision in state.books:
            return event
        found = self.lookup(event.itinerary.revision)
        if found is not None and any(one.desk == state.desk for one in found.lines):
            state.books[found.hash] = Book(found, state.desk)
            return event
        if found is None and place.fault is None:
            raise RevisionMissing(event.itinerary.revision)
        if isinstance(event, Arrived):
            return arriving(event, state.book.revision)
        return event._replace(itinerary=without_rules(event.itinerary, state.book.revision))

    def _went(self, desk: str, contact_id: str) -> tuple[str, list[str]]:
        """Return where a contact went on to that was here, and which events were heard of it."""
        just = self._gone.get(desk, {}).get(contact_id)
        if just is not None:
            return just.onto, just.heard
        value = self.ledger.values.get(key("g", desk, contact_id))
        return ("", []) if value is None else gone_of(value)

    def _forward(self, effects: Effects, place: Place, desk: str, parcel: onward.Parcel) -> None:
        event, card = parcel.event, parcel.card
        sender = onward.Sender(self.journal.source, f"{place.base}.c1", place.seen)
        if isinstance(event, Updated) and card is not None:
            effects.outputs.append(onward.updated(sender, desk, event, card))
        elif isinstance(event, Gone):
            effects.outputs.append(onward.gone(sender, desk, event, parcel.key))
        elif isinstance(event, Noticed):
            effects.outputs.append(onward.noticed(sender, desk, event, parcel.key, parcel.joined))

    # ------------------------------------------------------------------ state

    def settle(self, effects: Effects) -> None:
        """Keep what changed since the last time."""
        self.reading = None
        for name in sorted(self._used & self.open.keys()):
            hosted = self.open[name]
            for kept, value in hosted.shelf.changed(hosted.state):
                self._keep(effects, kept, value, NEVER)
            hosted.state.trace.clear()
            hosted.state.spending.changed.clear()
        for name in sorted(self._gone):
            for contact_id, parted in sorted(self._gone[name].items()):
                deadline, value = NEVER, None
                if parted is not None:
                    deadline = rounded(parted.since + (FORWARDED if parted.onto else REMEMBERED))
                    value = gone(deadline, parted.onto, parted.heard)
                self._keep(effects, key("g", name, contact_id), value, deadline)
        self._gone.clear()

    def _keep(self, effects: Effects, kept: bytes, value: bytes | None, deadline: int) -> None:
        if self.ledger.values.get(kept) != value:
            self.ledger.put(kept, value, deadline)
            effects.changes[kept] = value

    def hosted(self) -> Iterator[Hosted]:
        """Yield every desk, by name."""
        self.reopen()
        for name in sorted(self.open):
            yield self.open[name]

    def publish(self, effects: Effects, revision: Revision, why: Why) -> None:
        """Run every desk that the revision has by it; the others keep theirs."""
        for hosted in self.hosted():
            name = hosted.state.desk
            known = any(one.desk == name for one in revision.lines)
            if known and hosted.state.book.revision.hash != revision.hash:
                self._let_know(effects, hosted, [Published(revision)], why)
            self._find_lanes(effects, hosted, revision, why)

    def _find_lanes(self, effects: Effects, hosted: Hosted, revision: Revision, why: Why) -> None:
        """Ask again for contacts that wait in a lane which the revision has not."""
        lanes = {one.name for one in revision.lanes}
        asked = {one for desk, one in self._lost if desk == hosted.state.desk}
        telling = self._telling(effects, hosted)
        for name, contact in sorted(hosted.state.contacts.items()):
            if contact.waits() and contact.lane not in lanes and name not in asked:
                self._used.add(hosted.state.desk)
                telling.ask(name, "lane_gone", revision.hash, why)


def _about(parcel: onward.Parcel) -> dict[str, Any]:
    """Return what a record of a contact tells that the desk itself has no use for."""
    event = parcel.event
    told = {"channel": event.channel if isinstance(event, Noticed) else "", "joined": parcel.joined}
    return {name: value for name, value in told.items() if value}

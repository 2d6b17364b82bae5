"""Desk: the owner of the desks whose key lies on one partition, managed ones and others.

At an unmanaged desk an outside system assigns contacts, and tells by `accepted` and `finished` what
it did. That is passed on to the intake of the contact's customer through `intake.returns`, by the
key that the lane entry carries. What belongs to a managed desk has no effect there, and that is
audited. Managed desks are run by `tierlane.routing.hosting`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tierlane.advisor import ADVISOR_EVENTS, SIGNED_OFF
from tierlane.contact.reading import READABLE_BYTES, Event, Reader
from tierlane.errors import RevisionMissing, Unreadable
from tierlane.operator import ORDERS
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import FROM_FILE, Publication
from tierlane.ports import Record
from tierlane.routing.activation import activation
from tierlane.routing.effect import Effects
from tierlane.routing.hosting import onward
from tierlane.routing.hosting.claim import CLAIM_EVENTS, GRANTED, WITHHELD
from tierlane.routing.hosting.claiming import Claiming
from tierlane.routing.hosting.hearing import NOTED, told_of
from tierlane.routing.hosting.host import MOST_TOLD, Host, Hosted
from tierlane.routing.hosting.onward import ONWARD_EVENTS
from tierlane.routing.hosting.stranding import Lookup, arriving
from tierlane.routing.hosting.telling import Why
from tierlane.routing.hosting.whereabouts import Whereabouts
from tierlane.routing.kept_advisor import KeptAdvisor, advisor_key
from tierlane.routing.ledger import POSITION, framed
from tierlane.routing.limit import DAY
from tierlane.routing.machine import Machine, key_of
from tierlane.routing.memory import event_name
from tierlane.routing.timetable import rounded
from tierlane.routing.turn import Place
from tierlane.routing.unmanaged import Unmanaged, about, note
from tierlane.routing.waiting.event import Arrived, Gone, Noticed
from tierlane.routing.waiting.firing import TimerFailed
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.topic import ADVISOR_EVENTS as ADVISORS
from tierlane.topic import DESK_CONTACTS, DESK_INPUTS
from tierlane.value import format_time

STANDSTILL: Final = 10_000
"""Ms without a record or a timer after which a desk whose state was read anew stood still."""


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """Bounds on what a desk keeps; times in milliseconds."""

    silence: int = 2 * DAY
    """An advisor of whom nothing is heard for so long is forgotten, as if signed off."""
    held: int = 64
    """Contacts remembered per advisor; past it the oldest is forgotten."""
    heard: int = 64
    """Events remembered per advisor, by which one that comes twice is known."""


class Desk(Machine):
    """The owner of one partition of `advisor.events` and `desk.contacts`."""

    name = "desk"
    inputs = DESK_INPUTS

    def __init__(
        self,
        *,
        partition: int,
        deployment: str,
        revision: Revision | None = None,
        lookup: Lookup = lambda _: None,
        limits: DeskLimits | None = None,
    ) -> None:
        """Begin with nothing; without a revision no desk is managed.

        `lookup` finds revisions by hash that contacts at the desks were decided by before. Raises
        `SettingError` for a deployment that cannot be in an id.
        """
        super().__init__(partition=partition, deployment=deployment, record_bytes=READABLE_BYTES)
        self._limits = limits or DeskLimits()
        self._revision = self._committed = revision
        self._lookup = lookup
        prefix = f"{deployment}.d{partition}"
        self._host = Host(
            self._ledger, self._journal, prefix, self._find_by, lambda: self._revision
        )
        self._unmanaged = Unmanaged(self._journal, self._limits.held)
        self._claiming = Claiming(self._host)
        self._whereabouts = Whereabouts(self._ledger, self._journal)
        self._fresh = self._stood = False
        self._events = Reader(ADVISOR_EVENTS | ORDERS)
        self._contacts = Reader(ONWARD_EVENTS | CLAIM_EVENTS)
        self._handlers = {ADVISORS: self._on_advisor, DESK_CONTACTS: self._on_contact}

    # ------------------------------------------------------------------ policy

    @property
    def revision(self) -> Revision | None:
        """The revision that desks are run by."""
        return self._revision

    @property
    def active(self) -> tuple[str, str] | None:
        """Name and hash of the revision whose activation was audited last."""
        return self._ledger.policy

    def activate(
        self, revision: Revision, at: int, publication: Publication = FROM_FILE
    ) -> Effects:
        """Run the desks by this revision from the next record on, and audit that; `at` in ms.

        Contacts keep what they were decided to be until their intake decides them again. A rollback
        takes it back.
        """
        self._revision = revision
        return self._going_on(lambda: self._activate(at, publication))

    def _activate(self, at: int, publication: Publication) -> Effects:
        effects = Effects()
        self._begin(effects, at, publication)
        self._settle(effects)
        if effects:
            effects.changes[POSITION] = self._ledger.record()
        return effects

    @property
    def tells(self) -> bool:
        """Whether activations stand in the audit: where there is or was a line to keep."""
        revision = self._revision
        managed = revision is not None and any(one.managed for one in revision.lines)
        return managed or self._ledger.policy is not None

    def desks(self) -> dict[str, ManagedDesk]:
        """Return the desks that are kept here by name: to look at, not to do anything to."""
        return {one.state.desk: one.desk for one in self._host.hosted()}

    def missing(self) -> list[str]:
        """Return the hashes of revisions that the state names and `lookup` does not find."""
        return self._host.missing()

    def _find_by(self, name: str) -> Revision | None:
        """Return the revision of a hash."""
        for one in (self._revision, self._committed):
            if one is not None and one.hash == name:
                return one
        return self._lookup(name)

    def _begin(self, effects: Effects, seen: int, publication: Publication = FROM_FILE) -> None:
        """Audit that the revision in use became active, where there is or was a line to keep."""
        ledger, revision = self._ledger, self._revision
        if revision is None or (named := (revision.name, revision.hash)) == ledger.policy:
            return
        before = ledger.policy
        if not self.tells:
            return
        ledger.policy = named
        self._host.advance(effects, ledger.clock)
        base = f"{self._deployment}.d{self.partition}.{ledger.seq + 1}"
        cause = {"revision": "@".join(named)}
        self._journal.noted(
            effects,
            "activated",
            record_id=f"{base}.a0",
            at=seen,
            seen=seen,
            cause=cause,
            detail=activation(ledger.positions, before, publication),
        )
        self._host.publish(effects, revision, Why(base, cause, seen, ledger.clock))

    # ------------------------------------------------------------------ time and state

    def next_deadline(self) -> int | None:
        """Return when to call `on_deadline` next, ms on the `seen` clock; None for never."""
        if self._host.behind:  # to be ended as soon as everything was read
            return self._ledger.clock
        moments = (super().next_deadline(), self._host.next())
        return min((one for one in moments if one is not None), default=None)

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        """Take records of one input, offsets ascending. Raises only by a fault of our own."""
        return self._going_on(lambda: super(Desk, self).on_records(topic, records))

    def on_deadline(self, now: int) -> Effects:
        """Fire the timers due at `now`; the driver calls it only when it has caught up."""
        return self._going_on(lambda: super(Desk, self).on_deadline(now))

    def _going_on(self, do: Callable[[], Effects]) -> Effects:
        """Do a call again without the timers on which our own code raises."""
        given_up = 0
        while True:
            self._ledger.mark()
            try:
                effects = do()
            except TimerFailed as failed:
                self._ledger.back()
                if not self._host.give_up(failed):
                    raise
                given_up += 1
            except BaseException:
                self._ledger.merge()
                raise
            else:
                self._ledger.merge()
                for _ in range(given_up):
                    effects.count("errors", "timer")
                return effects

    def _settle(self, effects: Effects) -> None:
        self._host.settle(effects)

    def _undone(self) -> None:
        self._host.forget()

    def commit(self) -> None:
        """Keep what was done since the last commit: its effects are written."""
        super().commit()
        self._host.commit()
        self._stood = self._stood and not self._host.behind
        self._committed = self._revision

    def rollback(self) -> None:
        """Go back to the last commit: the effects since then were not written."""
        super().rollback()
        self._host.forget()
        self._revision = self._committed

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over the state of a changelog; of each key the last value counts.

        Raises `StateError` where it has a format that this version cannot read.
        """
        super().restore(items)
        self._host.forget(everything=True)
        self._fresh, self._stood = True, False

    # ------------------------------------------------------------------ standing still

    def stood_still(self, now: int) -> bool:
        """Tell whether the desks stood still until `now`, in ms, by which their state was read."""
        if self._fresh:  # later on, no record for a while is no standstill
            self._fresh = False
            clock = self._ledger.clock
            self._stood = 0 < clock < now - STANDSTILL and any(True for _ in self._host.hosted())
        return self._stood and not self._host.behind

    @property
    def behind(self) -> bool:
        """Whether the desks catch up after a standstill."""
        return self._host.behind

    def fall_behind(self, now: int) -> Effects:
        """Begin to catch up; `on_deadline` ends it, once everything was read.

        Meanwhile offers end in time, acceptances count that came in time, and nothing else is due.
        """
        effects = Effects()
        self._standstill(effects, now, "stood_still", {"since": format_time(self._ledger.clock)})
        self._host.fall_behind()
        self._settle(effects)
        effects.changes[POSITION] = self._ledger.record()
        return effects

    def _standstill(self, effects: Effects, now: int, kind: str, detail: dict[str, Any]) -> None:
        base = f"{self._deployment}.d{self.partition}.{self._ledger.seq + 1}"
        self._journal.noted(
            effects,
            kind,
            record_id=f"{base}.n0",
            at=now,
            seen=now,
            cause={"timer": kind, "due": self._ledger.clock, "fired": now, **self._host.reached()},
            detail=detail,
        )

    def _tick(self, effects: Effects, now: int) -> None:
        if self._host.behind:
            self._standstill(effects, now, "caught_up", {})
            self._host.catch_up(effects, now)
        self._host.advance(effects, now, most=MOST_TOLD)

    def _due(self, effects: Effects, key: bytes, now: int) -> None:  # noqa: ARG002
        """Forget an advisor of whom nothing was heard for too long, or a contact long gone."""
        self._ledger.put(key, None, 0)
        effects.changes[key] = None

    # ------------------------------------------------------------------ records

    def _beside(self, topic: str, seen: int) -> dict[str, Any]:
        """Return how far the other input was read, and the clock where that was ahead by then."""
        positions = self._ledger.positions
        found: dict[str, Any] = {}
        if others := {
            one: positions[one] for one in DESK_INPUTS if one in positions.keys() - {topic}
        }:
            found["next"] = others
        if self._ledger.clock > seen:
            found["clock"] = self._ledger.clock
        return found

    def _desk_of(self, effects: Effects, place: Place) -> Hosted | None:
        """Let what is due by a record fire; return the desk it is for, if that is kept here."""
        name = (place.record.key or b"").decode(errors="replace")
        self._host.reading = place.cause["topic"], place.record.offset
        found = self._host.find(name, self._revision)
        self._host.before(effects, self._ledger.clock, found)
        return found

    def _of_contact(self, place: Place, parcel: onward.Parcel) -> Hosted | None:
        """Return a desk that only the revision has by which the contact was decided."""
        event = parcel.event
        if isinstance(event, Gone | Noticed):
            return None
        revision = self._find_by(event.itinerary.revision)
        if revision is None and place.fault is None:
            raise RevisionMissing(event.itinerary.revision)
        return self._host.find(key_of(place.record).decode(), revision)

    def _send_on(self, effects: Effects, place: Place, parcel: onward.Parcel) -> bool:
        """Send a contact for a desk that nobody knows to the fallback's; tell whether it was."""
        event, revision = parcel.event, self._revision
        if not isinstance(event, Arrived) or parcel.card is None or revision is None:
            return False
        desk = next(one.desk for one in revision.lanes if one.name == revision.fallback)
        sender = onward.Sender(self._journal.source, f"{place.base}.c1", place.seen)
        sent = onward.arrived(sender, desk, arriving(event, revision), parcel.card)
        effects.outputs.append(sent)
        self._note(
            effects, place, place.seen, "handed_over", {"contact": event.contact_id, "to": desk}
        )
        return True

    def _on_contact(self, effects: Effects, place: Place) -> None:
        hosted = self._desk_of(effects, place)
        key_of(place.record)
        if self._revision is None and hosted is None:
            self._note(effects, place, place.seen, "no_effect", {"reason": "desk not managed"})
            return
        event = self._contacts.read(place.record)
        if event.type in CLAIM_EVENTS:
            self._on_claim(effects, place, event, hosted)
            return
        parcel = onward.read(event)
        if hosted is None:
            hosted = self._of_contact(place, parcel)
            if hosted is None and self._send_on(effects, place, parcel):
                return
        name = event_name(event.source, event.id)
        if hosted is None:
            reason = "no such desk"
        else:
            reason = self._host.receive(effects, hosted, place, parcel, name)
        if reason:
            detail = {"contact": parcel.event.contact_id, "desk": key_of(place.record).decode()}
            kind = "duplicate" if reason == "duplicate" else "no_effect"
            effects.count(kind)
            told = detail if kind == "duplicate" else detail | {"reason": reason}
            self._note(effects, place, event.at, kind, told)

    def _on_claim(
        self, effects: Effects, place: Place, event: Event, hosted: Hosted | None
    ) -> None:
        """Answer a claim to an advisor, or take the answer to one of a desk here."""
        answer = event.type in (GRANTED, WITHHELD)
        named = "desk" if answer else "advisor_id"
        if key_of(place.record) != event.data[named].encode():
            raise Unreadable("wrong-key", f"data.{named}: not the key")
        if answer:
            self._claiming.answered(effects, place, event, hosted)
        else:
            self._whereabouts.take(effects, place, event)

    def _on_advisor(self, effects: Effects, place: Place) -> None:
        hosted = self._desk_of(effects, place)
        event = self._events.read(place.record)
        data = event.data
        if hosted is not None and not hosted.state.book.line.managed:
            # Who was there when it was managed may leave; else no other desk could have them.
            leaves = event.type == SIGNED_OFF and data["advisor_id"] in hosted.state.seats
            hosted = hosted if leaves else None
        if key_of(place.record) != data["desk"].encode():
            raise Unreadable("wrong-key", "data.desk: not the key")
        key = advisor_key(data.get("advisor_id", ""), data["desk"])
        advisor = self._find(key, data.get("advisor_id", ""), data["desk"])
        name = event_name(event.source, event.id)
        if name in advisor.heard:
            effects.count("duplicate")
            self._note(effects, place, event.at, "duplicate", about(event))
            return
        advisor.heard = (*advisor.heard, name)[-self._limits.heard :]
        advisor.until = place.seen + self._limits.silence
        if hosted is None:
            self._unmanaged.follow(effects, place, event, advisor)
        else:
            self._manage(effects, place, event, hosted)
        self._save(effects, key, advisor)

    def _manage(self, effects: Effects, place: Place, event: Event, hosted: Hosted) -> None:
        """Let a managed desk know of what its advisor did, or an operator ordered."""
        if self._claiming.hears(effects, place, event, hosted):
            return
        events, told = told_of(event, hosted.state, hosted.shelf)
        if event.type in NOTED:
            # A silence that ends at this very moment was before it, in the audit, too.
            self._host.reach(effects, hosted, self._ledger.clock, place.base)
            self._note(effects, place, event.at, NOTED[event.type], about(event))
        self._host.take(effects, hosted, place, events, told)

    def _note(
        self, effects: Effects, place: Place, at: int, kind: str, detail: dict[str, Any]
    ) -> None:
        note(self._journal, effects, place, kind, at=at, detail=detail)

    def _find(self, key: bytes, advisor_id: str, desk: str) -> KeptAdvisor:
        value = self._ledger.values.get(key)
        return KeptAdvisor(advisor_id, desk) if value is None else KeptAdvisor.read(value)

    def _save(self, effects: Effects, key: bytes, advisor: KeptAdvisor) -> None:
        deadline = rounded(advisor.until)
        value = framed(deadline, advisor.packed())
        self._ledger.put(key, value, deadline)
        effects.changes[key] = value

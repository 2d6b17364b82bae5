"""Intake: decides contacts and keeps what is known of their customers, one owner per partition.

It reads `contact.events`, `intake.returns` and `customer.profiles`, and writes lane entries, audit
records, refusals and, where a contact turns out to be another customer's, returns. How it is driven
stands in `tierlane.routing.machine`; what an event does, in `tierlane.contact.lifecycle`.
"""

from collections.abc import Iterable, Sequence

from tierlane.audit.mask import Mask
from tierlane.contact.event import CONTACT_EVENTS
from tierlane.contact.reading import Event, Reader
from tierlane.contact.returned import RETURN_EVENTS, RETURN_FORWARDED
from tierlane.decision import Fault
from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import FROM_FILE, Publication
from tierlane.ports import ProfileStore, Record
from tierlane.profile import read_profile
from tierlane.routing.activation import activation
from tierlane.routing.course import Course
from tierlane.routing.deciding import Deciding
from tierlane.routing.directory import Homes
from tierlane.routing.effect import Effects
from tierlane.routing.ledger import POSITION
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.machine import Machine, key_of
from tierlane.routing.memory import Memory
from tierlane.routing.reroute import Reroute
from tierlane.routing.shadow import Shadow
from tierlane.routing.staging import StagedProfiles
from tierlane.routing.turn import Place, Turn
from tierlane.topic import CONTACT_EVENTS as CONTACTS
from tierlane.topic import CUSTOMER_PROFILES, INTAKE_INPUTS, INTAKE_RETURNS


class Intake(Machine):
    """The owner of one partition of its inputs, and so of the customers whose keys lie there."""

    name = "intake"
    inputs = INTAKE_INPUTS

    def __init__(
        self,
        *,
        partition: int,
        deployment: str,
        revision: Revision,
        profiles: ProfileStore,
        mask: Mask,
        limits: IntakeLimits | None = None,
        directory: Homes | None = None,
    ) -> None:
        """Begin with nothing; `profiles` are the driver's to fill before the first record.

        In the `directory` advisors are looked up whom steps name. Raises `SettingError` for a
        deployment that cannot be part of an id.
        """
        limits = limits or IntakeLimits()
        super().__init__(
            partition=partition, deployment=deployment, record_bytes=limits.record_bytes
        )
        self._limits = limits
        self._mask = mask
        self._directory = directory
        self._profiles = StagedProfiles(profiles)
        self._shadow: Shadow | None = None
        self._deciding = self._committed = self._by(revision)
        self._course = Course(self._ledger, self._journal, self._deciding, limits)
        self._placing = self._course.placing
        self._reroute = Reroute(f"i{partition}", deployment, self._ledger, self._course)
        self._contacts = Reader(CONTACT_EVENTS, limits.record_bytes)
        self._returns = Reader(RETURN_EVENTS, limits.record_bytes)
        passed_on = CONTACT_EVENTS | RETURN_EVENTS
        del passed_on[RETURN_FORWARDED]
        self._passed_on = Reader(passed_on, limits.record_bytes)
        self._handlers = {
            CONTACTS: self._on_contact,
            INTAKE_RETURNS: self._on_return,
            CUSTOMER_PROFILES: self._on_profile,
        }

    @property
    def revision(self) -> Revision:
        """The revision that contacts are decided by."""
        return self._deciding.revision

    @property
    def active(self) -> tuple[str, str] | None:
        """Name and hash of the revision whose activation was audited last."""
        return self._ledger.policy

    @property
    def shadow(self) -> Revision | None:
        """The revision that is asked beside it."""
        return None if self._shadow is None else self._shadow.revision

    @property
    def rerouting(self) -> bool:
        """Whether contacts that waited at a change are still to be looked at by `reroute`."""
        return self._ledger.pending is not None

    def activate(
        self, revision: Revision, at: int, publication: Publication = FROM_FILE
    ) -> Effects:
        """Decide by this revision from the next record on, and audit that; `at` in ms.

        A revision that the state knows as active is not audited again. The revision an intake was
        made with is audited with the first record it reads. Where another was active, contacts
        that wait are to be looked at by `reroute` from now on. A rollback takes it all back.
        """
        effects, before = Effects(), self._ledger.policy
        self._placing.deciding = self._deciding = self._by(revision)
        self._begin(effects, at, publication)
        if effects:
            if before is not None:
                self._reroute.begin(everyone=publication.in_flight == "reroute")
            effects.changes[POSITION] = self._ledger.record()
        return effects

    def reroute(self, now: int) -> Effects:
        """Look at some of the contacts that waited at a change, until `rerouting` is false."""
        effects = Effects()
        if self.rerouting:
            self._reroute.go_on(effects, now)
            effects.changes[POSITION] = self._ledger.record()
        return effects

    def set_shadow(self, revision: Revision | None) -> None:
        """Ask this revision beside the one in use, or none; it is no state and has no effect."""
        made = None if revision is None else Shadow(revision, self._mask, self._journal)
        self._shadow = self._placing.shadow = made
        self._placing.deciding = self._deciding = self._by(self._deciding.revision)
        self._committed = self._by(self._committed.revision)

    def load_profiles(self, records: Sequence[Record]) -> None:
        """Put profiles into the store, without any effect; one without a key is passed over."""
        for record in records:
            try:
                customer = key_of(record).decode()
            except Unreadable:
                continue
            self._profiles.load(customer, record.offset, record.value)

    def commit(self) -> None:
        """Keep what was done since the last commit: its effects are written."""
        super().commit()
        self._profiles.commit()
        self._committed = self._deciding

    def rollback(self) -> None:
        """Go back to the last commit: the effects since then were not written."""
        super().rollback()
        self._profiles.rollback()
        self._placing.deciding = self._deciding = self._committed
        self._reroute.forget()

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over the state of a changelog; of each key the last value counts.

        Raises `StateError` where it has a format that this version cannot read.
        """
        super().restore(items)
        self._profiles.rollback()
        self._reroute.forget()

    def _by(self, revision: Revision) -> Deciding:
        return Deciding(
            revision,
            self._profiles,
            self._mask,
            self._limits,
            partition=self.partition,
            beside=self.shadow,
            directory=self._directory,
        )

    def _begin(self, effects: Effects, seen: int, publication: Publication = FROM_FILE) -> None:
        """Audit that the revision in use became active, unless that stands in the audit."""
        ledger, revision = self._ledger, self._deciding.revision
        named, before = (revision.name, revision.hash), ledger.policy
        if named == before:
            return
        ledger.policy = named
        self._journal.noted(
            effects,
            "activated",
            record_id=f"{self._deployment}.i{self.partition}.{ledger.seq + 1}.a0",
            at=seen,
            seen=seen,
            cause={"revision": "@".join(named)},
            detail=activation(ledger.positions, before, publication),
        )

    def _on_contact(self, effects: Effects, place: Place) -> None:
        self._take(effects, place, self._contacts.read(place.record))

    def _on_return(self, effects: Effects, place: Place) -> None:
        event = self._returns.read(place.record)
        if event.type == RETURN_FORWARDED:
            event = self._passed_on.check(event.data["event"])
        self._take(effects, place, event)

    def _take(self, effects: Effects, place: Place, event: Event) -> None:
        fault = Fault("internal", "intake", place.fault) if place.fault else None
        key = key_of(place.record)
        self._course.take(
            Turn(
                effects,
                event,
                key,
                seen=place.seen,
                base=place.base,
                cause=place.cause,
                fault=fault,
            )
        )

    def _on_profile(self, effects: Effects, place: Place) -> None:
        record = place.record
        key = key_of(record)
        customer = key.decode()
        # What cannot be read is staged too: the customer's decisions then say so, instead of
        # resting on a profile that was replaced.
        self._profiles.put(customer, record.offset, record.value)
        if record.value is None:
            self._erase(effects, place, key)
            return
        profile, left_out = read_profile(record.value, record.headers)
        if profile["customer_id"] != customer:
            raise Unreadable("wrong-key", "customer_id: not the key")
        for _ in left_out:
            effects.count("errors", "wrong_type")

    def _erase(self, effects: Effects, place: Place, key: bytes) -> None:
        """Forget a customer; an open contact remains, without what it told."""
        value = self._ledger.values.get(key)
        if value is not None:
            memory = Memory(value)
            memory.erase()
            self._course.save(effects, key, memory)
        self._journal.noted(
            effects,
            "erased",
            record_id=f"{place.base}.n0",
            at=place.seen,
            seen=place.seen,
            cause=place.cause,
            detail={"customer": self._mask.pseudonym(key.decode())},
        )

    def _due(self, effects: Effects, key: bytes, now: int) -> None:
        self._course.lapse(effects, key, now)

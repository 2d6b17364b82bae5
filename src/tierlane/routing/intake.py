"""Intake: decides contacts and keeps what is known of their customers, one owner per partition.

A pure state machine. The driver hands it records and the time, writes its effects, and says
whether that was committed:

    effects = intake.on_records("contact.events", batch)
    # write effects.outputs and effects.changes in one transaction, then
    intake.commit()      # or, where that failed, intake.rollback()

From the same state the same records give the same effects, byte for byte, however they are cut
into batches; records before its position are skipped.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from tierlane.audit.mask import Mask
from tierlane.contact.event import CONTACT_EVENTS
from tierlane.contact.reading import LATEST, Event, Reader
from tierlane.contact.returned import RETURN_EVENTS, RETURN_FORWARDED
from tierlane.decision import Fault
from tierlane.errors import SettingError, Unreadable
from tierlane.policy.revision import Revision
from tierlane.ports import ProfileStore, Record
from tierlane.profile import read_profile
from tierlane.routing.course import Course
from tierlane.routing.deciding import Deciding
from tierlane.routing.effect import Effects
from tierlane.routing.journal import Journal
from tierlane.routing.ledger import POSITION, Ledger
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import Memory
from tierlane.routing.refusal import refusal
from tierlane.routing.staging import StagedProfiles
from tierlane.routing.timetable import NEVER
from tierlane.routing.turn import Turn
from tierlane import topic as names

CODES: Final = {names.CONTACT_EVENTS: "e", names.INTAKE_RETURNS: "r", names.CUSTOMER_PROFILES: "p"}
"""What stands for each input in the ids of what it caused."""

LONGEST_KEY: Final = 800
"""Bytes of a key: 200 characters of four bytes."""

Handler = Callable[[Effects, Record, int, Fault | None], None]


class Intake:
    """The owner of one partition of `contact.events`, `intake.returns` and `customer.profiles`."""

    inputs: Final = names.INTAKE_INPUTS

    def __init__(
        self,
        *,
        partition: int,
        deployment: str,
        revision: Revision,
        profiles: ProfileStore,
        mask: Mask,
        limits: IntakeLimits | None = None,
    ) -> None:
        """Begin with nothing. Raises `SettingError` for a deployment that cannot be in an id."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", deployment):
            raise SettingError(
                f"the deployment `{deployment}` cannot be part of an id",
                hint="use 1 to 32 letters, digits, `_` and `-`",
            )
        self.owner = f"intake-{partition}"
        self._partition = partition
        self._deployment = deployment
        self._limits = limits or IntakeLimits()
        self._ledger = Ledger()
        self._profiles = StagedProfiles(profiles)
        self._journal = Journal(self.owner, deployment, self._ledger)
        self._mask = mask
        deciding = Deciding(revision, self._profiles, mask, self._limits)
        self._course = Course(self._ledger, self._journal, deciding, self._limits)
        self._committed = deciding
        most = self._limits.record_bytes
        self._contacts = Reader(CONTACT_EVENTS, most)
        self._returns = Reader(RETURN_EVENTS, most)
        passed_on = {**CONTACT_EVENTS, **RETURN_EVENTS}
        del passed_on[RETURN_FORWARDED]
        self._passed_on = Reader(passed_on, most)
        self._handlers: dict[str, Handler] = {
            names.CONTACT_EVENTS: self._on_contact,
            names.INTAKE_RETURNS: self._on_return,
            names.CUSTOMER_PROFILES: self._on_profile,
        }

    # What drivers call.

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        """Take records of one input, offsets ascending. Raises only by a fault of our own."""
        effects = Effects()
        ledger, handle = self._ledger, self._handlers[topic]
        position = ledger.positions.get(topic, -1)
        begun = position
        for record in records:
            if record.offset < position:
                effects.count("skipped")
                continue
            seen = self._seen(record)
            if seen >= ledger.timetable.next:
                self._fire(effects, seen)
            try:
                handle(effects, record, seen, None)
            except Unreadable as error:
                self._refuse(effects, topic, record, error)
            position = record.offset + 1
        if position != begun:
            ledger.positions[topic] = position
            effects.changes[POSITION] = ledger.record()
        return effects

    def position(self, topic: str) -> int:
        """Return the next offset to read of an input, -1 if nothing was read."""
        return self._ledger.positions.get(topic, -1)

    def next_deadline(self) -> int | None:
        """Return when to call `on_deadline` next, ms on the `seen` clock; None for never."""
        due = self._ledger.timetable.next
        return None if due == NEVER else due

    def on_deadline(self, now: int) -> Effects:
        """Fire the timers due at `now`; the driver calls it only when it has caught up."""
        effects = Effects()
        self._ledger.clock = max(self._ledger.clock, now)
        self._fire(effects, now)
        if effects:
            effects.changes[POSITION] = self._ledger.record()
        return effects

    def activate(self, revision: Revision, at: int) -> Effects:
        """Decide by this revision from the next record on, and audit that unless it did before.

        `at` is the time in ms. Call it after `restore` at every start, and again after a rollback.
        """
        effects = Effects()
        ledger = self._ledger
        self._course.deciding = Deciding(revision, self._profiles, self._mask, self._limits)
        named, before = (revision.name, revision.hash), ledger.policy
        if named == before:
            return effects
        ledger.policy = named
        self._journal.noted(
            effects,
            "activated",
            record_id=f"{self._deployment}.i{self._partition}.{ledger.seq + 1}.a0",
            at=at,
            seen=at,
            cause={"revision": f"{revision.name}@{revision.hash}"},
            detail={"next": dict(ledger.positions), "before": before and "@".join(before)},
        )
        effects.changes[POSITION] = ledger.record()
        return effects

    def park(self, topic: str, record: Record, error: BaseException) -> Effects:
        """Get past a record on which our own code raised; never raises itself.

        The contact is tried on the policy's fallback lane, without running a rule. If that fails
        too, the record goes to `contact.rejected` with reason `internal`.
        """
        effects = Effects()
        ledger, name = self._ledger, type(error).__name__
        ledger.mark()
        try:
            self._handlers[topic](effects, record, self._seen(record), Fault("internal", name))
            ledger.merge()
        except Exception as again:
            ledger.back()
            effects = Effects()
            refused = again if isinstance(again, Unreadable) else Unreadable("internal", name)
            self._refuse(effects, topic, record, refused)
        ledger.positions[topic] = record.offset + 1
        effects.changes[POSITION] = ledger.record()
        return effects

    def commit(self) -> None:
        """Keep what was done since the last commit: its effects are written."""
        self._ledger.commit()
        self._profiles.commit()
        self._committed = self._course.deciding

    def rollback(self) -> None:
        """Go back to the last commit: the effects since then were not written."""
        self._ledger.rollback()
        self._profiles.rollback()
        self._course.deciding = self._committed

    def snapshot(self) -> Iterator[tuple[bytes, bytes]]:
        """Return the state as changelog records."""
        return self._ledger.snapshot()

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over the state of a changelog. Raises `StateError` on an unknown format."""
        self._ledger.restore(items)
        self._profiles.rollback()

    # What each input means.

    def _on_contact(self, effects: Effects, record: Record, seen: int, fault: Fault | None) -> None:
        event = self._contacts.read(record)
        self._take(effects, names.CONTACT_EVENTS, record, event, seen, fault)

    def _on_return(self, effects: Effects, record: Record, seen: int, fault: Fault | None) -> None:
        event = self._returns.read(record)
        if event.type == RETURN_FORWARDED:
            event = self._passed_on.check(event.data["event"])
        self._take(effects, names.INTAKE_RETURNS, record, event, seen, fault)

    def _take(
        self,
        effects: Effects,
        topic: str,
        record: Record,
        event: Event,
        seen: int,
        fault: Fault | None,
    ) -> None:
        turn = Turn(
            effects,
            event,
            key=_key(record),
            base=self._base(topic, record),
            cause={"topic": topic, "partition": record.partition, "offset": record.offset},
            seen=seen,
            fault=fault,
        )
        self._course.take(turn)

    def _on_profile(self, effects: Effects, record: Record, seen: int, fault: Fault | None) -> None:
        key, value = _key(record), record.value
        customer = key.decode()
        # What cannot be read is staged too: the customer's decisions then say so, instead of
        # resting on a profile that was replaced.
        self._profiles.put(customer, record.offset, value)
        if value is None:
            self._erase(effects, key, record, seen)
            return
        profile, left_out = read_profile(value, record.headers)
        if profile["customer_id"] != customer:
            raise Unreadable("wrong-key", "customer_id: not the key")
        for _ in left_out:
            effects.count("errors", "wrong_type")

    def _erase(self, effects: Effects, key: bytes, record: Record, seen: int) -> None:
        """Forget a customer; an open contact remains, without what it told."""
        value = self._ledger.values.get(key)
        if value is not None:
            memory = Memory(value)
            memory.erase()
            self._course.save(effects, key, memory)
        topic = names.CUSTOMER_PROFILES
        self._journal.noted(
            effects,
            "erased",
            record_id=f"{self._base(topic, record)}.n0",
            at=seen,
            seen=seen,
            cause={"topic": topic, "partition": record.partition, "offset": record.offset},
            detail={"customer": self._mask.receipt("contact.customer_id", key.decode())},
        )

    # Clocks, ids, refusals.

    def _seen(self, record: Record) -> int:
        """Return when the log took the record; where it does not say, the latest time known."""
        ledger, seen = self._ledger, record.timestamp
        if not 0 <= seen < LATEST:
            return ledger.clock
        if seen > ledger.clock:
            ledger.clock = seen
        return seen

    def _fire(self, effects: Effects, now: int) -> None:
        """Fire what is due. A key on which our own code raises is left as it is, and counted."""
        ledger = self._ledger
        while ledger.timetable.next <= now:
            for key in ledger.timetable.take(now):
                ledger.mark()
                try:
                    self._course.lapse(effects, key, now)
                    ledger.merge()
                except Exception:
                    ledger.back()
                    effects.count("errors", "timer")

    def _refuse(self, effects: Effects, topic: str, record: Record, error: Unreadable) -> None:
        effects.outputs.append(refusal(topic, record, error, self._limits.record_bytes))
        effects.count("rejected", error.reason)

    def _base(self, topic: str, record: Record) -> str:
        return f"{self._deployment}.{CODES[topic]}{record.partition}.{record.offset}"


def _key(record: Record) -> bytes:
    """Return the record's key. Raises `Unreadable` for one that is none."""
    key = record.key
    if not key:
        raise Unreadable("no-key", "key: missing")
    if len(key) > LONGEST_KEY or key[0] == 0:
        raise Unreadable("bad-key", "key: too long, or begins with a zero byte")
    try:
        key.decode()
    except UnicodeDecodeError:
        raise Unreadable("bad-key", "key: not UTF-8") from None
    return key

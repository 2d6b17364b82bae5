"""What both state machines have in common: their inputs, place, clock, and how to go back.

The driver hands a machine records and the time, writes its effects, and says whether that was
committed:

    effects = machine.on_records("contact.events", batch)
    # write effects.outputs and effects.changes in one transaction, then
    machine.commit()      # or, where that failed, machine.rollback()

From the same state the same records give the same effects, byte for byte, however they are cut
into batches; records before the machine's position are skipped.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from typing import Any, ClassVar, Final

from tierlane.contact.reading import LATEST
from tierlane.errors import SettingError, Unreadable
from tierlane.ports import Record
from tierlane.routing.effect import Effects
from tierlane.routing.journal import Journal
from tierlane.routing.ledger import POSITION, Ledger
from tierlane.routing.refusal import refusal
from tierlane.routing.timetable import NEVER
from tierlane.routing.turn import Place
from tierlane.topic import (
    ADVISOR_EVENTS,
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
    DESK_CONTACTS,
    INTAKE_RETURNS,
)

CODES: Final = {
    CONTACT_EVENTS: "e",
    INTAKE_RETURNS: "r",
    CUSTOMER_PROFILES: "p",
    DESK_CONTACTS: "c",
    ADVISOR_EVENTS: "a",
}
"""What stands for each input in the ids of what it caused."""

FIRED_BYTES: Final = 2_000_000
"""Bytes of kept state after which timers that are due wait for the next `on_deadline`.

The driver must be able to write what one call changes, which at least once is one batch of at most
8 MB; a partition that stood idle for days has more than that due at once.
"""

LONGEST_KEY: Final = 800
"""Bytes of a key: 200 characters of four bytes."""


Handler = Callable[[Effects, Place], None]


class Machine(ABC):
    """A pure state machine that owns one partition of each of its inputs."""

    name: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]

    def __init__(self, *, partition: int, deployment: str, record_bytes: int) -> None:
        """Begin with nothing. Raises `SettingError` for a deployment that cannot be in an id."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", deployment):
            raise SettingError(
                f"the deployment `{deployment}` cannot be part of an id",
                hint="use 1 to 32 letters, digits, `_` and `-`",
            )
        self.owner = f"{self.name}-{partition}"
        """The owner's name in audit records, such as `intake-3`."""
        self.partition = partition
        self._deployment = deployment
        self._record_bytes = record_bytes
        self._ledger = Ledger()
        self._journal = Journal(self.owner, deployment, self._ledger)
        self._handlers: dict[str, Handler] = {}

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        """Take records of one input, offsets ascending. Raises only by a fault of our own."""
        effects = Effects()
        ledger, handle = self._ledger, self._handlers[topic]
        base = self._base(topic)
        begun = position = ledger.positions.get(topic, -1)
        for record in records:
            offset = record.offset
            if offset < position:
                effects.count("skipped")
                continue
            seen = self._seen(record)
            if position == begun:
                self._begin(effects, seen)
            if seen >= ledger.timetable.next:
                self._fire(effects, seen)
            cause = {"topic": topic, "partition": record.partition, "offset": offset}
            cause |= self._beside(topic, seen)
            try:
                handle(effects, Place(record, seen, f"{base}.{offset}", cause, None))
            except Unreadable as error:
                self._refuse(effects, topic, record, error)
            position = offset + 1
        if position != begun:
            self._settle(effects)
            ledger.positions[topic] = position
            effects.changes[POSITION] = ledger.record()
        return effects

    def position(self, topic: str) -> int:
        """Return the next offset to read of an input, -1 if nothing was read."""
        return self._ledger.positions.get(topic, -1)

    @property
    def clock(self) -> int:
        """The latest time, in ms, at which a record was logged that it read, or a timer fired."""
        return self._ledger.clock

    @property
    def seq(self) -> int:
        """The number of the last audit record, committed or not; 0 before the first."""
        return self._ledger.seq

    def next_deadline(self) -> int | None:
        """Return when to call `on_deadline` next, ms on the `seen` clock; None for never."""
        due = self._ledger.timetable.next
        return None if due == NEVER else due

    def on_deadline(self, now: int) -> Effects:
        """Fire the timers due at `now`; the driver calls it only when it has caught up.

        Where very many are due it fires some of them, and `next_deadline` still lies before `now`.
        """
        effects = Effects()
        self._ledger.clock = max(self._ledger.clock, now)
        self._fire(effects, now, FIRED_BYTES)
        self._tick(effects, now)
        self._settle(effects)
        if effects:
            effects.changes[POSITION] = self._ledger.record()
        return effects

    def park(self, topic: str, record: Record, error: BaseException) -> Effects:
        """Get past a record on which our own code raised; never raises itself.

        The record is tried once more, a contact on the policy's fallback lane without running a
        rule. If that fails too it goes to `contact.rejected` with reason `internal`.
        """
        effects = Effects()
        ledger, name = self._ledger, type(error).__name__
        base, seen = f"{self._base(topic)}.{record.offset}", self._seen(record)
        cause = {"topic": topic, "partition": record.partition, "offset": record.offset}
        cause |= self._beside(topic, seen)
        ledger.mark()
        try:
            self._begin(effects, seen)
            self._handlers[topic](effects, Place(record, seen, base, cause, name))
            self._settle(effects)
            ledger.merge()
        except Exception as again:  # noqa: BLE001  # whatever it is, the partition must go on
            ledger.back()
            self._undone()
            effects = Effects()
            refused = again if isinstance(again, Unreadable) else Unreadable("internal", name)
            self._refuse(effects, topic, record, refused)
        ledger.positions[topic] = record.offset + 1
        effects.changes[POSITION] = ledger.record()
        return effects

    def commit(self) -> None:
        """Keep what was done since the last commit: its effects are written."""
        self._ledger.commit()

    def rollback(self) -> None:
        """Go back to the last commit: the effects since then were not written."""
        self._ledger.rollback()

    def snapshot(self) -> Iterator[tuple[bytes, bytes]]:
        """Return the state as changelog records."""
        return self._ledger.snapshot()

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over the state of a changelog; of each key the last value counts.

        Raises `StateError` where it has a format that this version cannot read.
        """
        self._ledger.restore(items)

    @abstractmethod
    def _due(self, effects: Effects, key: bytes, now: int) -> None:
        """Do what is due under a key."""

    @abstractmethod
    def _begin(self, effects: Effects, seen: int) -> None:
        """Do what comes before the first record of a call."""

    def _tick(self, effects: Effects, now: int) -> None:  # noqa: B027  # most keep all in the ledger
        """Do what is due at `now` and stands under no key."""

    def _settle(self, effects: Effects) -> None:  # noqa: B027  # most keep all in the ledger
        """Keep what changed during a call; nothing more is done before it ends."""

    def _undone(self) -> None:  # noqa: B027  # most keep all in the ledger
        """Go back with what is not in the ledger: what a record began is not to be."""

    def _beside(self, topic: str, seen: int) -> dict[str, Any]:  # noqa: ARG002
        """Return what the cause of a record states beside its place, so that it can be redone."""
        return {}

    def _seen(self, record: Record) -> int:
        """Return when the log took the record; where it does not say, the latest time known."""
        ledger, seen = self._ledger, record.timestamp
        if not 0 <= seen < LATEST:
            return ledger.clock
        ledger.clock = max(ledger.clock, seen)
        return seen

    def _fire(self, effects: Effects, now: int, most: float = inf) -> None:
        """Fire what is due under keys that so many bytes are kept under.

        A key on which our own code raises is left as it is, and counted.
        """
        ledger = self._ledger
        for key in ledger.due(now, most):
            done = Effects()
            ledger.mark()
            try:
                self._due(done, key, now)
            except Exception:  # noqa: BLE001  # one key must not keep the others waiting
                ledger.back()
                effects.count("errors", "timer")
                continue
            ledger.merge()
            effects.add(done)

    def _refuse(self, effects: Effects, topic: str, record: Record, error: Unreadable) -> None:
        refused = refusal(topic, record, error, self._record_bytes)
        effects.outputs.append(refused)
        effects.count("rejected", dict(refused.headers)["tierlane-reason"].decode())

    def _base(self, topic: str) -> str:
        return f"{self._deployment}.{CODES[topic]}{self.partition}"


def key_of(record: Record) -> bytes:
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

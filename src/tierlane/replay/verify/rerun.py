"""One owner's life done again: its inputs in the order in which its audit shows it saw them.

The machine is the one that ran. It is fed records, told when timers fired and which revision became
active; all it makes of that is its own, and is handed to `Rerun.take` record by record.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import FROM_FILE, InFlight, Publication
from tierlane.replay.library import Library
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.hint import (
    ACTIVATED,
    CAUGHT_UP,
    NOT_SAID,
    REVISION,
    STOOD_STILL,
    TIMER,
    Hint,
    trusted,
)
from tierlane.replay.verify.profiles import RecordedProfiles
from tierlane.replay.verify.spool import Item
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects, Output
from tierlane.routing.intake import Intake
from tierlane.routing.machine import Machine

PATIENCE: Final = 60_000
"""Milliseconds by which clocks of workers and brokers may differ: a timer is not let fire later
than that after the next record was seen."""

LAST: Final = 1 << 62
"""Above every offset."""


class Take(Protocol):
    """Takes in what a machine wants written."""

    def __call__(self, output: Output, *, excused: bool) -> None:
        """`excused`: it rests on something that is not in the record."""


class Rerun:
    """Drives one machine."""

    def __init__(
        self,
        make: Callable[[Revision | None], Machine],
        inputs: Mapping[str, Iterator[Item]],
        library: Library,
        take: Take,
        *,
        profiles: RecordedProfiles | None = None,
        shadows: Mapping[int, str] | None = None,
        anonymous: bool = False,
    ) -> None:
        """`make`: the machine without state, deciding by a revision, None for the first.

        `inputs`: records by topic and offset; `shadows`: `seq` of a decision → what was asked
        beside it;
        `anonymous`: what is masked was taken out of the inputs.
        """
        self._anonymous = anonymous
        self._make = make
        self.machine = make(None)
        self._hints: Sequence[Hint] = ()
        self._inputs = {topic: _Ahead(items) for topic, items in inputs.items()}
        self._library = library
        self._take = take
        self._profiles = profiles
        self._shadows = shadows or {}
        self._hinted: set[tuple[str, int]] = set()
        """What left a mark in the audit of a desk, which reads by time."""
        self._named: dict[str, dict[int, int]] = {topic: {} for topic in inputs}
        """Topic and offset → the place of the decision that names a profile."""
        self._lacking: set[bytes] = set()
        """Keys whose state rests on a profile that is not in the record."""
        self.done: int = 0
        """Input records that were fed."""

    def run(self, hints: Sequence[Hint], *, rest: bool = True) -> None:
        """Do everything the hints tell of, in their order, and then the `rest` of the inputs."""
        self._hints, lines = hints, trusted(hints, self._inputs)
        for at, (one, kept) in enumerate(zip(hints, lines, strict=True)):
            if kept and one.what in self._inputs and isinstance(self.machine, Desk):
                self._hinted.add((one.what, one.value))
            if kept and one.what in self._named and one.profile != NOT_SAID:
                self._named[one.what][one.value] = at
        for at, (hint, kept) in enumerate(zip(hints, lines, strict=True)):
            if kept:
                self._follow(hint, at)
        if rest:
            self._rest()

    def _after(self, at: int) -> Iterator[Hint]:
        return (self._hints[number] for number in range(at + 1, len(self._hints)))

    def _follow(self, hint: Hint, at: int) -> None:
        self._follow_policy(hint, at)
        if hint.what != ACTIVATED:
            self._reach(hint)
        if hint.what in self._inputs:
            self._feed(hint.what, hint.value, by_time=not hint.reached, clock=hint.clock)
        elif hint.what == TIMER:
            self._fire(hint, at)
        elif hint.what == STOOD_STILL:
            self._stand_still(hint)
        elif hint.what == CAUGHT_UP:
            self._write(self.machine.on_deadline(hint.value))
        elif hint.what == ACTIVATED:
            self._activate(hint, at)
        elif hint.what == REVISION:
            self._reroute(hint)

    # -- records

    def _feed(self, topic: str, offset: int, *, by_time: bool = True, clock: int = 0) -> None:
        """Feed what lies below and at an offset; at a desk, what came before it on others, too.

        With `clock`, timers that left no mark had fired by then, before the record at the offset.
        """
        ahead = self._inputs[topic]
        while (record := ahead.peek()) is not None and record.offset <= offset:
            if by_time and isinstance(self.machine, Desk):
                self._catch_up(record.timestamp - 1)
            if record.offset == offset and clock > self.machine.clock:
                self._write(self.machine.on_deadline(clock))
            ahead.up_to(offset)
            self._one(topic, record)

    def _reach(self, hint: Hint) -> None:
        """Feed what a desk's owner had read when something happened that left a mark.

        What left a mark was fed in its own place; the order of the rest is that of the log's time.
        """
        left = {topic: offset for topic, offset in hint.reached if topic in self._inputs}
        if left and hint.what in self._inputs:
            left[hint.what] = hint.value - 1
        while left:
            waiting = [
                (record.timestamp, number, topic)
                for number, (topic, offset) in enumerate(left.items())
                if (record := self._inputs[topic].peek()) is not None and record.offset <= offset
            ]
            if not waiting:
                return
            topic = min(waiting)[2]
            record = self._inputs[topic].up_to(LAST)
            if record is not None:
                self._one(topic, record)

    def _catch_up(self, moment: int) -> None:
        """Feed what came by a moment and left no mark in the audit.

        A desk reads its inputs by the time at which the log took them. What left a mark has its
        own place.
        """
        while True:
            waiting = [
                (record.timestamp, number, topic)
                for number, (topic, ahead) in enumerate(self._inputs.items())
                if (record := ahead.peek()) is not None
                and record.timestamp <= moment
                and (topic, record.offset) not in self._hinted
            ]
            if not waiting:
                return
            topic = min(waiting)[2]
            record = self._inputs[topic].up_to(LAST)
            if record is not None:
                self._one(topic, record)

    def _rest(self) -> None:
        """Feed what no hint led to, by the time it was seen."""
        while True:
            waiting = [
                (record.timestamp, topic)
                for topic, ahead in self._inputs.items()
                if (record := ahead.peek()) is not None
            ]
            if not waiting:
                return
            topic = min(waiting)[1]
            record = self._inputs[topic].up_to(LAST)
            if record is not None:
                self._one(topic, record)

    def _one(self, topic: str, record: StoredRecord) -> None:
        machine, profiles = self.machine, self._profiles
        place = self._named[topic].pop(record.offset, None)
        hint = None if place is None else self._hints[place]
        if profiles is not None:
            profiles.expect(NOT_SAID if hint is None else hint.profile)
        if hint is not None:
            self._ask_shadow(hint)
        if hint is not None and hint.hidden and self._anonymous and record.key:
            self._lacking.add(record.key)
        self.done += 1
        try:
            effects = machine.on_records(topic, [record])
        except Exception as error:  # noqa: BLE001  # done as the worker does it: parked
            machine.rollback()
            effects = machine.park(topic, record, error)
        self._write(effects, record.key)

    def _ask_shadow(self, hint: Hint) -> None:
        """Ask the revision beside it that was asked then; what it reads is kept of a contact."""
        machine, named = self.machine, self._shadows.get(hint.seq)
        if not self._shadows or not isinstance(machine, Intake):
            return
        before = machine.shadow
        if named is None:
            if before is not None:
                machine.set_shadow(None)
        elif before is None or f"{before.name}@{before.hash}" != named:
            machine.set_shadow(self._library.get(named))

    def _write(self, effects: Effects, key: bytes | None = None) -> None:
        lacking = self._lacking
        if self._profiles is not None and self._profiles.lacking and key is not None:
            lacking.add(key)
        for output in effects.outputs:
            # What a contact was decided to be is remembered of it, and of who made it.
            excused = bool(lacking) and (key in lacking or output.key in lacking)
            if excused and output.key is not None:
                lacking.add(output.key)
            self._take(output, excused=excused)
        self.machine.commit()

    # -- time

    def _fire(self, hint: Hint, at: int) -> None:
        """Let timers fire as they did; never later than the record that was read next allows."""
        later = next((one for one in self._after(at) if one.what in self._inputs), None)
        if later is not None and hint.value > later.seen + PATIENCE:
            return
        machine = self.machine
        if hint.ahead_of in self._inputs:  # the record lets it fire
            self._feed(hint.ahead_of, dict(hint.reached).get(hint.ahead_of, -1) + 1, by_time=False)
            return
        if isinstance(machine, Desk) and machine.behind:
            return
        if isinstance(machine, Desk) and not hint.reached:
            self._catch_up(hint.value)
        while machine.seq < hint.seq:
            due = machine.next_deadline()
            if due is None or due > hint.value:
                return
            self._write(machine.on_deadline(hint.value))

    def _stand_still(self, hint: Hint) -> None:
        machine = self.machine
        if isinstance(machine, Desk):
            self._write(machine.fall_behind(hint.value))

    # -- revisions

    def _activate(self, hint: Hint, at: int) -> None:
        for topic, offset in hint.reached:
            if topic in self._inputs:
                self._feed(topic, offset)
        named = hint.policy
        if not self._library.has(named):
            named = next((one.policy for one in self._after(at) if _decides(one)), named)
        rerouted = next((one.what for one in self._after(at)), "") == REVISION
        machine = self.machine
        before = machine.active if isinstance(machine, Intake | Desk) else None
        if before is not None and not hint.published and not rerouted:
            # A worker that was begun with another file: audited with the next record.
            self.machine = self._remade(self._library.get(named))
            return
        self._switch(named, hint, rerouted=rerouted)

    def _remade(self, revision: Revision) -> Machine:
        """Begin the machine again from its state, by another revision."""
        made = self._make(revision)
        made.restore(list(self.machine.snapshot()))
        return made

    def _switch(self, named: str, hint: Hint, *, rerouted: bool) -> None:
        machine = self.machine
        if not isinstance(machine, Intake | Desk):
            return
        said: InFlight = "reroute" if hint.in_flight == "reroute" else "pin"
        publication = self._library.publication(named, hint.published)
        if publication is None:
            publication = Publication(said, hint.published)
        elif not rerouted:
            publication = publication._replace(in_flight=said)
        self._write(machine.activate(self._library.get(named), hint.seen, publication))

    def _follow_policy(self, hint: Hint, at: int) -> None:
        """Where two decisions in turn name another revision, its activation was not recorded."""
        machine = self.machine
        if not isinstance(machine, Intake) or not _decides(hint):
            return
        revision = machine.revision
        if f"{revision.name}@{revision.hash}" == hint.policy or not self._library.has(hint.policy):
            return
        following = next((one for one in self._after(at) if _decides(one)), None)
        if following is not None and following.policy == hint.policy:
            published = self._library.latest(hint.policy)
            self._write(
                machine.activate(self._library.get(hint.policy), hint.seen, published or FROM_FILE)
            )

    def _reroute(self, hint: Hint) -> None:
        machine = self.machine
        if isinstance(machine, Intake):
            self._ask_shadow(hint)
            while machine.rerouting and machine.seq < hint.seq:
                self._write(machine.reroute(hint.seen))


def _decides(hint: Hint) -> bool:
    return bool(hint.policy) and hint.what != ACTIVATED


class _Ahead:
    """Records in order, the next of which can be looked at."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self._next: StoredRecord | None = None

    def peek(self) -> StoredRecord | None:
        """Return the next record and leave it there; None at the end."""
        if self._next is None:
            item = next(self._items, None)
            self._next = None if item is None else item[1]
        return self._next

    def up_to(self, offset: int) -> StoredRecord | None:
        """Take the next record unless it lies above the offset."""
        record = self.peek()
        if record is None or record.offset > offset:
            return None
        self._next = None
        return record

"""A log in memory and a driver over it: the same machines as on Kafka, without Kafka.

The driver does what the worker does: of each owner's inputs it reads profiles first, writes the
effects of a batch all together, and keeps the changelog from which an owner can be begun again.
Time is the log's, set by whoever drives it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final, Protocol

from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import FROM_FILE, Publication
from tierlane.ports import ProfileStore
from tierlane.replay.stored import Headers, StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.routing.machine import Machine
from tierlane.topic import CUSTOMER_PROFILES

Place = Callable[[bytes, int], int]
"""Key and number of partitions → partition."""


class MemoryLog:
    """Topics of as many partitions each; records stay where their keys put them."""

    def __init__(self, partitions: int, place: Place, now: int) -> None:
        """Begin empty; `place` is Kafka's murmur2 or another rule, `now` in ms since 1970."""
        self.partitions: Final = partitions
        self.now = now
        """The time that records are stamped with; whoever drives the log moves it on."""
        self._place = place
        self._records: dict[tuple[str, int], list[StoredRecord]] = {}

    def append(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> StoredRecord:
        """Write a record; one without a key lies on partition 0."""
        partition = 0 if key is None else self._place(key, self.partitions)
        records = self._records.setdefault((topic, partition), [])
        record = StoredRecord(topic, partition, len(records), self.now, key, value, headers)
        records.append(record)
        return record

    def read(self, topic: str, partition: int, offset: int = 0) -> Sequence[StoredRecord]:
        """Return the records of a partition from an offset on."""
        return self._records.get((topic, partition), [])[offset:]

    @property
    def name(self) -> str:
        """What messages call it, as a source."""
        return "memory"

    @property
    def cut(self) -> bool:
        """False: nothing is written while it is read."""
        return False

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[StoredRecord]]:
        """Yield the records of some topics, as `Source` wants it."""
        chosen = [one for key, one in self._records.items() if topics is None or key[0] in topics]
        yield list(merge(*chosen, key=attrgetter("timestamp")))

    def all(self, topic: str) -> list[StoredRecord]:
        """Return a topic's records, by partition and offset."""
        return [one for number in range(self.partitions) for one in self.read(topic, number)]


class MemoryProfiles:
    """The profiles of one partition, in a dictionary."""

    def __init__(self) -> None:
        self._profiles: dict[str, tuple[int, bytes | None]] = {}

    def get(self, customer_id: str) -> tuple[int, bytes] | None:
        """Return the offset and value last put for the customer."""
        offset, value = self._profiles.get(customer_id, (-1, None))
        return None if value is None else (offset, value)

    def put(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Keep a value, or forget the customer at None; an older offset changes nothing."""
        if self._profiles.get(customer_id, (-1, None))[0] < offset:
            self._profiles[customer_id] = (offset, value)


class IntakeFactory(Protocol):
    """Makes the intake of a partition."""

    def __call__(self, *, partition: int, profiles: ProfileStore) -> Machine:
        """Return it, with nothing in it yet."""


class DeskFactory(Protocol):
    """Makes the desk of a partition."""

    def __call__(self, *, partition: int) -> Machine:
        """Return it, with nothing in it yet."""


class MemoryDriver:
    """Runs the intake and the desk of every partition of a log."""

    def __init__(
        self,
        log: MemoryLog,
        intake: IntakeFactory,
        desk: DeskFactory,
        *,
        batch: int = 500,
        changelogs: Mapping[str, Mapping[bytes, bytes]] = MappingProxyType({}),
    ) -> None:
        """Begin every owner, from `changelogs` where one is given under its name."""
        self.log: Final = log
        self._intake = intake
        self._desk = desk
        self._batch = batch
        self._changelogs = {owner: dict(items) for owner, items in changelogs.items()}
        self.counts: dict[tuple[str, str], int] = {}
        """What the machines counted, over all owners."""
        self._machines: list[Machine] = []
        self._live: tuple[Revision, Publication] | None = None
        self._shadow: Revision | None = None
        self.restart()

    def kept(self, owner: str) -> Mapping[bytes, bytes]:
        """Return what the changelog of an owner holds, as after compaction."""
        return self._changelogs.get(owner, {})

    def next_deadline(self) -> int | None:
        """Return when a timer of any owner is due next, ms; None for never."""
        moments = (one.next_deadline() for one in self._machines)
        return min((one for one in moments if one is not None), default=None)

    def restart(self) -> None:
        """Begin every owner again from its changelog, as after a crash of the worker."""
        self._machines = []
        for partition in range(self.log.partitions):
            profiles = MemoryProfiles()
            for one in self.log.read(CUSTOMER_PROFILES, partition):
                profiles.put((one.key or b"").decode(errors="replace"), one.offset, one.value)
            self._machines.append(self._intake(partition=partition, profiles=profiles))
            self._machines.append(self._desk(partition=partition))
        for machine in self._machines:
            machine.restore(self._changelogs.get(machine.owner, {}).items())
            if isinstance(machine, Desk) and machine.stood_still(self.log.now):
                self._write(machine, machine.fall_behind(self.log.now))
            self._follow(machine)

    def publish(
        self,
        revision: Revision | None,
        publication: Publication = FROM_FILE,
        shadow: Revision | None = None,
    ) -> None:
        """Have every owner go by a revision from its next record on, and intakes ask the shadow.

        None leaves the one in use. A restart keeps both.
        """
        self._live = (revision, publication) if revision is not None else self._live
        self._shadow = shadow
        for machine in self._machines:
            self._follow(machine)

    def _follow(self, machine: Machine) -> None:
        """Bring an owner to what is published; one slice of what waits at a time."""
        if isinstance(machine, Intake) and machine.shadow is not self._shadow:
            machine.set_shadow(self._shadow)
        if not isinstance(machine, Intake | Desk):
            return
        if self._live is not None:
            self._write(machine, machine.activate(self._live[0], self.log.now, self._live[1]))

    def settle(self) -> None:
        """Serve all that lies unread, and what comes of it, until nothing more comes."""
        busy = True
        while busy:
            busy = False
            for machine in self._machines:
                busy |= self._serve(machine)

    def fire(self) -> None:
        """Let the timers fire that are due at the log's time."""
        for machine in self._machines:
            while (due := machine.next_deadline()) is not None and due <= self.log.now:
                self._write(machine, machine.on_deadline(self.log.now))

    def _serve(self, machine: Machine) -> bool:
        """Serve one batch of each input, profiles first; tell whether there was any."""
        begun = False
        if isinstance(machine, Intake) and machine.rerouting:
            begun = True
            self._write(machine, machine.reroute(self.log.now))
        for topic, records in self._batches(machine):
            begun = True
            self._serve_batch(machine, topic, records)
        if isinstance(machine, Desk) and machine.behind and not begun:
            begun = True
            self._write(machine, machine.on_deadline(self.log.now))
        return begun

    def _batches(self, machine: Machine) -> list[tuple[str, list[StoredRecord]]]:
        """Return what an owner reads next: profiles first; of a desk's inputs what came first."""
        unread: list[list[StoredRecord]] = []
        for topic in sorted(machine.inputs, key=lambda name: name != CUSTOMER_PROFILES):
            begin = max(machine.position(topic), 0)
            unread.append(list(self.log.read(topic, machine.partition, begin)[: self._batch]))
        if isinstance(machine, Desk):
            merged = sorted(chain(*unread), key=attrgetter("timestamp"))[: self._batch]
            return [(topic, list(some)) for topic, some in groupby(merged, attrgetter("topic"))]
        return [(some[0].topic, some) for some in unread if some]

    def _serve_batch(self, machine: Machine, topic: str, records: Sequence[StoredRecord]) -> None:
        """Serve a batch; where our own code raises, one by one, and the guilty is parked."""
        try:
            self._write(machine, machine.on_records(topic, records))
        except Exception as error:  # noqa: BLE001  # whatever it is, the partition must go on
            machine.rollback()
            if len(records) == 1:
                self._write(machine, machine.park(topic, records[0], error))
                return
            for record in records:
                self._serve_batch(machine, topic, [record])

    def _write(self, machine: Machine, effects: Effects) -> None:
        for topic, key, value, headers in effects.outputs:
            self.log.append(topic, key, value, headers)
        changelog = self._changelogs.setdefault(machine.owner, {})
        for name, kept in effects.changes.items():
            if kept is None:
                changelog.pop(name, None)
            else:
                changelog[name] = kept
        for count, number in effects.counts.items():
            self.counts[count] = self.counts.get(count, 0) + number
        machine.commit()

"""Whole machines on a log in memory, for timelines."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson

from tierlane.audit.mask import Mask
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import InFlight, Publication
from tierlane.replay.memory import MemoryDriver, MemoryLog, Place
from tierlane.replay.timeline.script import Said
from tierlane.replay.verify.verify import Terms
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.topic import ROUTING_AUDIT

DEPLOYMENT: Final = "t1"
MASK: Final = Mask(b"timelines-mask-k")
PARTITIONS: Final = 2


@dataclass(slots=True)
class InMemory:
    """A backend; with `restarts` every owner begins again from its changelog at each step."""

    place: Place
    """Key and number of partitions → partition."""
    restarts: bool = False
    log: MemoryLog = field(init=False)
    revisions: dict[str, Revision] = field(default_factory=dict)
    """By hash, all that were in use."""
    terms: Terms = field(init=False)
    """By which the log is verified."""
    _driver: MemoryDriver = field(init=False)
    _read: dict[int, int] = field(default_factory=dict)
    _changes: int = 0

    def begin(self, revision: Revision, memories: Mapping[bytes, bytes], now: int) -> None:
        """Begin on empty topics."""
        self.revisions[revision.hash] = revision
        self.log = MemoryLog(PARTITIONS, self.place, now)
        changelogs: dict[str, dict[bytes, bytes]] = {}
        for key, value in memories.items():
            changelogs.setdefault(f"intake-{self.place(key, PARTITIONS)}", {})[key] = value
        self.terms = Terms(MASK, deployment=DEPLOYMENT, begun=changelogs)
        intake = partial(Intake, deployment=DEPLOYMENT, revision=revision, mask=MASK)
        self._driver = MemoryDriver(self.log, intake, self._desk(revision), changelogs=changelogs)

    def _desk(self, revision: Revision) -> Callable[..., Desk]:
        lookup = self.revisions.get
        return partial(Desk, deployment=DEPLOYMENT, revision=revision, lookup=lookup)

    def write(self, said: Sequence[Said], now: int) -> None:
        """Write records."""
        self.log.now = now
        for one in said:
            self.log.append(*one)

    def settle(self) -> None:
        """Serve all that was written, and what comes of it."""
        self._driver.settle()
        if self.restarts:
            self._driver.restart()
            self._driver.settle()

    def pass_to(self, now: int, said: Sequence[Said]) -> None:
        """Let time come to a moment, and timers fire by themselves; nobody need hear of it."""
        del said
        self.log.now = now
        self._driver.fire()
        self._driver.settle()

    def publish(self, revision: Revision, in_flight: InFlight, now: int) -> None:
        """Publish a policy."""
        self.log.now = now
        self.revisions[revision.hash] = revision
        self._changes += 1
        self._driver.publish(revision, Publication(in_flight, self._changes))

    def crash(self) -> None:
        """Begin every owner again."""
        self._driver.restart()
        self._driver.settle()

    def stop(self) -> None:
        """Do nothing: whoever does not settle reads nothing."""

    def go_on(self, now: int) -> None:
        """Begin again after a standstill, and catch up."""
        self.log.now = now
        self._driver.restart()
        self._driver.settle()

    def _machines(self) -> list[Desk]:
        """Return the desks' owners, begun anew from what their changelogs hold."""
        found = []
        for number in range(self.log.partitions):
            kept = self._driver.kept(f"desk-{number}")
            named = next(iter(self.revisions.values()))
            machine: Desk = self._desk(named)(partition=number)
            machine.restore(kept.items())
            found.append(machine)
        return found

    def desks(self) -> dict[str, ManagedDesk]:
        """Return the desks as they are kept."""
        return {name: desk for one in self._machines() for name, desk in one.desks().items()}

    def next_deadline(self) -> int | None:
        """Return when something is due."""
        return self._driver.next_deadline()

    def audit(self) -> Iterable[tuple[Mapping[str, Any], bytes]]:
        """Return the audit records since the last call."""
        found = []
        for number in range(self.log.partitions):
            records = self.log.read(ROUTING_AUDIT, number, self._read.get(number, 0))
            self._read[number] = self._read.get(number, 0) + len(records)
            found += [one.value for one in records if one.value is not None]
        return ordered(found)


def ordered(values: Iterable[bytes]) -> list[tuple[Mapping[str, Any], bytes]]:
    """Return audit records with their `data`, each owner's in its order."""
    read = [(orjson.loads(value)["data"], value) for value in values]
    return sorted(read, key=lambda one: (one[0]["seen"], one[0]["owner"], one[0]["seq"]))

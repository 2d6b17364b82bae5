"""A real worker on real Kafka, for timelines: killed in the midst of a row, and begun again.

The log's times are those of the timeline, so topics keep the times that records are written with,
and the worker reads the hour from a file (`tests.four.clocked`). A moment between two rows at which
something is due comes by an order that changes nothing: a desk reads it, and fires what is due.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from tests.broker.log import Log
from tests.broker.reader import Kept
from tests.four.clocked import set_to
from tests.four.stock import ROOT
from tests.four.tail import ONLY, Tail
from tests.worker import Worker
from tierlane.audit.mask import Mask
from tierlane.cli import tierlane
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import InFlight
from tierlane.replay.source.opening import opened
from tierlane.replay.source.source import Source
from tierlane.replay.timeline.in_memory import ordered
from tierlane.replay.timeline.script import Said
from tierlane.replay.verify.verify import Terms
from tierlane.routing.desk import Desk
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.stream import release
from tierlane.stream.catalogue import catalogue
from tierlane.stream.release import Order
from tierlane.stream.settings import Settings
from tierlane.topic import DESK_INPUTS, INTAKE_INPUTS, ROUTING_AUDIT

INPUTS: Final = (*INTAKE_INPUTS, *DESK_INPUTS)
DESK_STATE: Final = "tierlane.desk.state"
INTAKE_STATE: Final = "tierlane.intake.state"
OWNERS: Final = ("intake", "desk")
DEPLOYMENT: Final = "t1"
MASK_KEY: Final = b"timelines-mask-k"
SECONDS: Final = 60.0
"""How long it may take until everything that was written is done."""
OWN_TIMES: Final = MappingProxyType(
    {
        "message.timestamp.type": "CreateTime",
        "message.timestamp.before.max.ms": str((1 << 63) - 1),
        "message.timestamp.after.max.ms": str((1 << 63) - 1),
        "retention.ms": "-1",
    }
)
"""A timeline may lie years off: nothing of it is refused, or expires."""


@dataclass(slots=True)
class OnKafka:
    """A backend; `on_kafka` begins and ends it."""

    log: Log
    folder: Path
    policy: Path
    published: Mapping[str, Path]
    """Files of other policies by their hash."""
    tail: Tail
    producer: AIOKafkaProducer
    runner: asyncio.Runner
    kills: int = 0
    revisions: dict[str, Revision] = field(default_factory=dict)
    terms: Terms = field(init=False)
    _worker: Worker = field(init=False)
    _heard: int = 0

    # ------------------------------------------------------------------ life

    def begin(self, revision: Revision, memories: Mapping[bytes, bytes], now: int) -> None:
        """Make the topics, and start the worker."""
        self.revisions[revision.hash] = revision
        set_to(self._clock, now)
        begun = {f"intake-{ONLY}": dict(memories)}
        self.terms = Terms(Mask(MASK_KEY), deployment=DEPLOYMENT, begun=begun)
        settings = {name: {**one.settings(), **OWN_TIMES} for name, one in catalogue().items()}
        self.runner.run(self.log.create(settings, partitions=1))
        self.runner.run(self.tail.start())
        self.write([Said(INTAKE_STATE, *one) for one in memories.items()], now)
        environment = {
            "TIERLANE_BROKERS": self.log.address,
            "TIERLANE_PREFIX": self.log.prefix,
            "TIERLANE_DEPLOYMENT": DEPLOYMENT,
            "TIERLANE_MASK_KEY": MASK_KEY.decode(),
            "TIERLANE_BATCH_INTERVAL": "0",
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT))),
        }
        command = (sys.executable, "-m", "tests.four.clocked", str(self._clock))
        arguments = ["--policy", str(self.policy.resolve())]
        self._worker = Worker(self.folder, arguments, environment=environment, command=command)
        self._worker.start()

    @property
    def _clock(self) -> Path:
        return self.folder / "clock"

    def crash(self) -> None:
        """Kill the worker, and start it again."""
        self.stop()
        self._worker.start()

    def stop(self) -> None:
        """Kill the worker."""
        self.kills += 1
        self._worker.kill()

    def go_on(self, now: int) -> None:
        """Start it again after a standstill, and return when it has caught up."""
        set_to(self._clock, now)
        self._worker.start()
        self.settle()
        self._await(lambda: not any(one.state.behind for one in self.desks().values()))

    def end(self) -> None:
        """Kill the worker, if it was started."""
        if hasattr(self, "_worker"):
            self._worker.kill()

    # ------------------------------------------------------------------ what is done

    def write(self, said: Sequence[Said], now: int) -> None:
        """Write records, stamped with the time of the timeline, which it is from now on."""
        set_to(self._clock, now)
        self.runner.run(self._write(said, now))

    async def _write(self, said: Sequence[Said], now: int) -> None:
        sent = [
            await self.producer.send(
                self.log.prefix + one.topic, one.value, one.key, timestamp_ms=now
            )
            for one in said
        ]
        await asyncio.gather(*sent)

    def settle(self) -> None:
        """Return when the group has committed every record of every input."""
        self.runner.run(self._settle())

    async def _settle(self) -> None:
        deadline = time.monotonic() + SECONDS
        while not await self.tail.all_read("tierlane", INPUTS):
            if not self._worker.running or time.monotonic() > deadline:
                raise TimeoutError(f"not settled: {self._worker.said[-2000:]}")
            await asyncio.sleep(0.005)

    def pass_to(self, now: int, said: Sequence[Said]) -> None:
        """Let time come to a moment: the desks hear of it by orders that change nothing."""
        self.write(said, now)
        self.settle()

    def publish(self, revision: Revision, in_flight: InFlight, now: int) -> None:
        """Publish a policy by the function that the command calls."""
        set_to(self._clock, now)
        self.revisions[revision.hash] = revision
        settings = Settings(brokers=self.log.address, prefix=self.log.prefix)
        path = self.published[revision.hash]
        done = self.runner.run(release.publish(settings, path, Order(in_flight, shadow=False)))
        wanted = f'"published":{done.standing.live["number"]},'.encode()
        told = partial(self._records, ROUTING_AUDIT)
        self._await(lambda: sum(wanted in (one.value or b"") for one in told()) == len(OWNERS))

    def _await(self, true: Any) -> None:
        deadline = time.monotonic() + SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"it does not come: {self._worker.said[-2000:]}")
            time.sleep(0.05)

    # ------------------------------------------------------------------ what came of it

    def _records(self, topic: str) -> list[Kept]:
        self.runner.run(self.tail.catch_up())
        return self.tail.records[topic]

    def desks(self) -> dict[str, ManagedDesk]:
        """Return the desks as their changelog has them."""
        kept = {one.key or b"": one.value for one in self._records(DESK_STATE)}
        machine = Desk(
            partition=ONLY,
            deployment=DEPLOYMENT,
            lookup=self.revisions.get,
            revision=next(iter(self.revisions.values())),
        )
        machine.restore(kept.items())
        return machine.desks()

    def next_deadline(self) -> int | None:
        """Return when something is due at a desk."""
        moments = map(_due, self.desks().values())
        return min((one for one in moments if one is not None), default=None)

    def audit(self) -> Iterable[tuple[Mapping[str, Any], bytes]]:
        """Return the audit records since the last call; there is one partition."""
        records = self._records(ROUTING_AUDIT)
        fresh, self._heard = records[self._heard :], len(records)
        return ordered(one.value for one in fresh if one.value is not None)

    def recorded(self) -> Source:
        """Record the run by `tierlane replay record`, and return what is read from there."""
        where = ["--brokers", self.log.address, "--prefix", self.log.prefix]
        told = self._replay("record", "--out", str(self._recording), *where)
        if told.exit_code:
            raise OSError(told.stderr)
        return opened([self._recording])

    def verified(self) -> bool | None:
        """Tell whether `tierlane replay verify` finds that all of the recording follows.

        None where the run began with what intake remembered: no command can be told that.
        """
        if self.terms.begun[f"intake-{ONLY}"]:
            return None
        about = ["--policy", str(self.policy), "--mask-key", MASK_KEY.decode(), "--strict"]
        return self._replay("verify", str(self._recording), *about, "--cores", "1").exit_code == 0

    @property
    def _recording(self) -> Path:
        return self.folder / "recorded"

    @staticmethod
    def _replay(*words: str) -> Result:
        return CliRunner().invoke(tierlane, ["replay", *words])


@contextmanager
def on_kafka(
    address: str, prefix: str, folder: Path, policy: Path, published: Mapping[str, Path]
) -> Iterator[OnKafka]:
    """Yield a backend with a prefix and a folder of its own; its topics are deleted afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    log = Log(address, prefix)
    with asyncio.Runner() as runner:
        tail = Tail(address, prefix, (*INPUTS, ROUTING_AUDIT, DESK_STATE))
        producer = runner.run(_producer(address))
        backend = OnKafka(log, folder, policy, published, tail, producer, runner)
        try:
            yield backend
        finally:
            backend.end()
            runner.run(producer.stop())
            runner.run(tail.stop())
            runner.run(log.delete())


def _due(desk: ManagedDesk) -> int | None:
    """Return when something is due at a desk that was just read from its changelog.

    Such a desk looks at some of its rows once more, at the next millisecond, and comes to nothing.
    """
    due = desk.next_deadline()
    if due is None or due > desk.state.now + 1:
        return due
    return due if desk.on_deadline(due) else desk.next_deadline()


async def _producer(address: str) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(bootstrap_servers=address, linger_ms=0, enable_idempotence=True)
    await producer.start()
    return producer

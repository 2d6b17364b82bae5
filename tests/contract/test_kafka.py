"""The behaviour suite on a real worker and the run's broker."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager

import pytest

from tests.broker.log import Fresh, Kept, Log
from tests.broker.reader import Reader
from tests.contract.at_desks import AtDesks
from tests.contract.behaviour import Behaviour
from tests.contract.driver import DEPLOYMENT, MANAGED, MASK_KEY, POLICY, Driver, Sent
from tests.topics import create_topics
from tests.worker import Worker
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.publish.publication import InFlight
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verify import Terms, verify
from tierlane.stream import release
from tierlane.stream.release import Order
from tierlane.stream.settings import Settings
from tierlane.stream.span import Span
from tierlane.topic import (
    ADVISOR_EVENTS,
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
    DESK_CONTACTS,
    INTAKE_RETURNS,
)

INPUTS = (CONTACT_EVENTS, CUSTOMER_PROFILES, INTAKE_RETURNS, ADVISOR_EVENTS, DESK_CONTACTS)
SETTINGS = {"TIERLANE_DEPLOYMENT": DEPLOYMENT, "TIERLANE_MASK_KEY": MASK_KEY.decode()}
VERIFIED = ("restart_loses", "on_reroute", "shadow_is", "deleted_profile", "outside_system")
"""Scenes whose topics are done again at the end, some 0.5 s each; all are, on the log in memory."""
SETTLE_SECONDS = 30.0
PARTITIONS = 2


class OnKafka:
    """A worker and its topics as the suite wants them."""

    def __init__(self, log: Log, reader: Reader, worker: Worker, runner: asyncio.Runner) -> None:
        self._log = log
        self._reader = reader
        self._worker = worker
        self._run = runner.run
        self._run(create_topics(log, PARTITIONS))
        worker.start()

    def now(self) -> int:
        """Return the broker's time: it runs on this machine."""
        return time.time_ns() // 1_000_000

    def send(self, records: Iterable[Sent]) -> None:
        """Write records."""
        fresh = [Fresh(one.topic, one.key, one.value, headers=one.headers) for one in records]
        self._run(self._log.write(fresh))

    def settle(self) -> None:
        """Return when the group has committed every record of every input."""
        self._run(self._settle())

    async def _settle(self) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            done = await self._reader.committed("tierlane", INPUTS)
            # Records, not ends, since a marker may be last; and after the offsets, since what was
            # committed with these is then there too.
            last = {
                (one.topic, one.partition): one.offset async for one in self._reader.records(INPUTS)
            }
            if all(done.get(place, 0) > offset for place, offset in last.items()):
                return
            await asyncio.sleep(0.05)
        raise TimeoutError(f"not settled: {self._worker.said[-2000:]}")

    def wait(self, seconds: float) -> None:
        """Let time go by; a worker looks at its timers every second."""
        time.sleep(seconds + 2)
        self.settle()

    def publish(self, text: str, *, in_flight: InFlight = "pin", shadow: bool = False) -> None:
        """Publish a policy by the function that the command calls."""
        path = self._worker.folder / "published.yaml"
        path.write_text(text, encoding="utf-8")
        settings = Settings(
            brokers=self._log.address,
            prefix=self._log.prefix,
            guarantee="exactly-once" if self._log.idempotent else "at-least-once",
        )
        done = self._run(release.publish(settings, path, Order(in_flight, shadow)))
        assert done.changed
        if shadow:
            mark = f'revision="{done.revision}",role="shadow"}} 1.0'
            self._await(lambda: mark in self._worker.get("/metrics")[1])
            return
        wanted = f'"published":{done.standing.live["number"]},'.encode()
        self._await(
            lambda: (
                sum(wanted in (one.value or b"") for one in self.read("routing.audit"))
                == PARTITIONS
            )
        )

    def _await(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not taken up: {self._worker.said[-2000:]}")
            time.sleep(0.05)

    def read(self, topic: str) -> Sequence[Kept]:
        """Return all committed records of a topic."""

        async def collect() -> list[Kept]:
            return [record async for record in self._reader.records([topic])]

        return self._run(collect())

    def verified(self) -> Verdict:
        """Do all that the topics hold again, as `tierlane replay verify kafka:` reads them."""
        settings = Settings(brokers=self._log.address, prefix=self._log.prefix)
        policy = compile_policy(POLICY.read_bytes(), POLICY.name)
        return verify(Span(settings), Terms(Mask(MASK_KEY)), files=[policy])

    def restart(self) -> None:
        """Kill the worker and start it again."""
        self._worker.kill()
        self._worker.start()


@contextmanager
def begun(log: Log, worker: Worker) -> Iterator[OnKafka]:
    """Begin on fresh topics, with clients that stay open."""
    with asyncio.Runner() as runner:
        opened = AsyncExitStack()
        reader = runner.run(opened.enter_async_context(log.reader()))
        try:
            yield OnKafka(log, reader, worker, runner)
        finally:
            runner.run(opened.aclose())


@pytest.fixture
def driver(
    log: Log, worker: Callable[..., Worker], request: pytest.FixtureRequest
) -> Iterator[Driver]:
    """Begin on fresh topics; what some hold at the end is seen to follow from the inputs."""
    with begun(log, worker("--policy", str(POLICY), environment=SETTINGS)) as on_kafka:
        yield on_kafka
    if any(word in request.node.name for word in VERIFIED):
        found = on_kafka.verified()
        assert found.differences == []
        assert found.unproven == found.beyond == 0


@pytest.fixture
def managed(log: Log, worker: Callable[..., Worker]) -> Iterator[Driver]:
    """Begin on fresh topics, with desks that are managed."""
    with begun(log, worker("--policy", str(MANAGED), environment=SETTINGS)) as on_kafka:
        yield on_kafka


class TestKafka(Behaviour):
    """Everything in the suite."""


class TestManaged(AtDesks):
    """Everything at managed desks."""

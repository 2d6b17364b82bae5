"""One Kafka broker for the whole run, a prefix for each test, workers as real processes.

The broker is the one that `TIERLANE_TEST_BROKER` names; else real Apache Kafka, where Java and
Maven are there; else the embedded one, and the closing lines name what was not run on it.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from tests.broker.embedded import embedded
from tests.broker.kafka import Kafka, unavailable
from tests.broker.log import Log
from tests.worker import Worker

NAMED = "TIERLANE_TEST_BROKER"
USED = pytest.StashKey[str]()
NOT_RUN = pytest.StashKey[dict[str, str]]()
numbers = count(1)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the run's broker listens, and what it can do."""

    address: str
    kind: str
    """`kafka`, `named` or `embedded`."""

    @property
    def transactional(self) -> bool:
        """Whether it has transactional producers; the embedded broker has none."""
        return self.kind != "embedded"


def pytest_configure(config: pytest.Config) -> None:
    """Begin the list of what is not run."""
    config.stash[NOT_RUN] = {}


@pytest.fixture(scope="session")
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """The one broker of the run."""
    named = os.environ.get(NAMED)
    if named:
        request.config.stash[USED] = f"the broker of {NAMED}"
        yield Broker(named, "named")
    elif reason := unavailable():
        request.config.stash[USED] = f"the embedded one ({reason})"
        with embedded(tmp_path_factory.mktemp("embedded")) as address:
            yield Broker(address, "embedded")
    else:
        request.config.stash[USED] = "real Apache Kafka"
        with Kafka.temporary() as kafka:
            yield Broker(kafka.address, "kafka")


@pytest.fixture
def not_run(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """Skip the test for a reason; the closing lines name both."""

    def skip(reason: str) -> NoReturn:
        request.config.stash[NOT_RUN][request.node.nodeid] = reason
        pytest.skip(reason)

    return skip


@pytest.fixture
def kafka(broker: Broker, not_run: Callable[[str], NoReturn]) -> Broker:
    """The run's broker, for a test that needs transactions; else the test is not run, by name."""
    if not broker.transactional:
        not_run("needs transactional producers")
    return broker


@pytest.fixture
def own_kafka(not_run: Callable[[str], NoReturn]) -> Iterator[Kafka]:
    """A real Kafka of the test's own, to stop, kill and start again."""
    if reason := unavailable():
        not_run(f"needs real Apache Kafka: {reason}")
    with Kafka.temporary() as kafka:
        yield kafka


@pytest.fixture
def prefix() -> str:
    """A prefix for the topics, groups and transactional ids of this test alone."""
    return f"t{os.getpid()}-{next(numbers)}-"


@pytest.fixture
def log(broker: Broker, prefix: str) -> Iterator[Log]:
    """The topics of this test on the run's broker; deleted after it."""
    log = Log(broker.address, prefix, broker.transactional)
    yield log
    asyncio.run(log.delete())


@pytest.fixture
def worker(broker: Broker, prefix: str, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Make workers on the run's broker and the test's prefix; all are ended after the test.

    Called as `worker(*arguments, name=…, environment=…)`; the worker is not started yet.
    """
    made: list[Worker] = []

    def make(*arguments: str, environment: dict[str, str] | None = None, **more: str) -> Worker:
        guarantee = "exactly-once" if broker.transactional else "at-least-once"
        settings = {
            "TIERLANE_BROKERS": broker.address,
            "TIERLANE_PREFIX": prefix,
            "TIERLANE_GUARANTEE": guarantee,
            **(environment or {}),
        }
        name = more.pop("name", f"worker-{len(made) + 1}")
        made.append(Worker(tmp_path, arguments, name=name, environment=settings, **more))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which broker was used, and name what was not run because of it."""
    if USED in config.stash:
        terminalreporter.write_line(f"broker: {config.stash[USED]}")
    not_run = config.stash[NOT_RUN]
    if not_run:
        terminalreporter.write_line(f"not run ({len(not_run)}):")
    for name, reason in not_run.items():
        terminalreporter.write_line(f"  {name}: {reason}")

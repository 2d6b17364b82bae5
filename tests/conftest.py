"""One Kafka broker for the whole run, a prefix for each test, workers as real processes.

The broker is the one that `TIERLANE_TEST_BROKER` names; else real Apache Kafka, where Java and
Maven are there; else the embedded one, and the closing lines name what was not run on it. Where
tests run beside each other in several processes, each process has a broker of its own.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import NoReturn

import pytest

from tests.broker.embedded import embedded
from tests.broker.kafka import Kafka, unavailable
from tests.broker.log import Log
from tests.turn import (  # noqa: F401  # pytest finds its hooks here
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_configure_node,
    pytest_runtest_protocol,
    pytest_unconfigure,
)
from tests.worker import Worker

NAMED = "TIERLANE_TEST_BROKER"
USED = "broker"
NOT_RUN = "not run"
numbers = count(1)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the run's broker listens, and what it can do."""

    address: str
    kind: str
    """`kafka`, `named` or `embedded`."""
    told: str
    """What the closing lines say of it."""

    @property
    def transactional(self) -> bool:
        """Whether it has transactional producers; the embedded broker has none."""
        return self.kind != "embedded"


@pytest.fixture(scope="session")
def run_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The one broker of the run."""
    named = os.environ.get(NAMED)
    if named:
        yield Broker(named, "named", f"the broker of {NAMED}")
    elif reason := unavailable():
        with embedded(tmp_path_factory.mktemp("embedded")) as address:
            yield Broker(address, "embedded", f"the embedded one ({reason})")
    else:
        with Kafka.temporary() as kafka:
            yield Broker(kafka.address, "kafka", "real Apache Kafka")


@pytest.fixture
def broker(request: pytest.FixtureRequest, run_broker: Broker) -> Broker:
    """The one broker of the run; the closing lines say which it was."""
    note(request, USED, run_broker.told)
    return run_broker


def note(request: pytest.FixtureRequest, name: str, value: str) -> None:
    """Note something in the test's reports, which come to the closing lines from any process."""
    request.node.user_properties.append((name, value))


@pytest.fixture
def not_run(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """Skip the test for a reason; the closing lines name both."""

    def skip(reason: str) -> NoReturn:
        note(request, NOT_RUN, reason)
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which broker was used, and name what was not run because of it."""
    told: dict[str, dict[str, str]] = {USED: {}, NOT_RUN: {}}
    for report in chain.from_iterable(terminalreporter.stats.values()):
        for name, value in getattr(report, "user_properties", ()):
            if name == USED:
                told[USED][value] = ""
            elif name == NOT_RUN:
                told[NOT_RUN][report.nodeid] = value
    for used in told[USED]:
        terminalreporter.write_line(f"broker: {used}")
    if told[NOT_RUN]:
        terminalreporter.write_line(f"not run ({len(told[NOT_RUN])}):")
    for test, reason in sorted(told[NOT_RUN].items()):
        terminalreporter.write_line(f"  {test}: {reason}")

"""The behaviour suite on the log in memory."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.contract.at_desks import AtDesksInDetail
from tests.contract.behaviour import Behaviour
from tests.contract.driver import DEPLOYMENT, JOURNEY, MANAGED, MASK_KEY, POLICY, Driver, Sent
from tests.contract.on_journeys import OnJourneys
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.publish.publication import InFlight, Publication
from tierlane.replay.memory import MemoryDriver, MemoryLog, StoredRecord
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place
from tierlane.topic import ROUTING_AUDIT

NOW = 1_772_453_645_000


class InMemory:
    """The log in memory as the suite wants it."""

    def __init__(self, partitions: int, batch: int, policy: Path = POLICY) -> None:
        revision = compile_policy(policy.read_text(encoding="utf-8"), policy.name)
        self._known = {revision.hash: revision}
        mask = Mask(MASK_KEY)
        intake = partial(Intake, deployment=DEPLOYMENT, revision=revision, mask=mask)
        desk = partial(Desk, deployment=DEPLOYMENT, revision=revision, lookup=self._known.get)
        self._changes = 0
        self._revisions = [revision]
        self._log = MemoryLog(partitions, place, NOW)
        self._driver = MemoryDriver(self._log, intake, desk, batch=batch)
        self.restart = self._driver.restart
        self.settle = self._driver.settle
        self.read = self._log.all

    def now(self) -> int:
        """Return the log's time."""
        return self._log.now

    def publish(self, text: str, *, in_flight: InFlight = "pin", shadow: bool = False) -> None:
        """Publish a policy."""
        revision = compile_policy(text, "published.yaml")
        self._revisions.append(revision)
        self._known[revision.hash] = revision
        if shadow:
            self._driver.publish(None, shadow=revision)
            return
        self._changes += 1
        self._driver.publish(revision, Publication(in_flight, self._changes))

    def verified(self) -> Verdict:
        """Do all that the log holds again."""
        terms = Terms(Mask(MASK_KEY), deployment=DEPLOYMENT)
        return verify(self._log, terms, files=self._revisions)

    def wait(self, seconds: float) -> None:
        """Let time go by, and what is due happen."""
        ends = self._log.now + round(seconds * 1000)
        while self._log.now < ends:
            self._log.now = min(self._log.now + 100, ends)
            self._driver.fire()
            self._driver.settle()

    def send(self, records: Iterable[Sent]) -> None:
        """Write records, a millisecond apart."""
        for record in records:
            self._log.now += 1
            self._log.append(*record)


@pytest.fixture(params=[(1, 1), (4, 500)], ids=["one by one", "batches"])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Begin on an empty log; what it holds at the end follows from its inputs."""
    memory = InMemory(*request.param)
    yield memory
    done_again(memory)


@pytest.fixture(params=[(1, 1), (4, 500)], ids=["one by one", "batches"])
def managed(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Begin on an empty log, with desks that are managed; verified at the end likewise."""
    memory = InMemory(*request.param, policy=MANAGED)
    yield memory
    forged = [kind for scene, kind in FORGED.items() if scene in request.node.name]
    done_again(memory, *forged)


@pytest.fixture(params=[(1, 1), (4, 500)], ids=["one by one", "batches"])
def journeys(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Begin on an empty log, by the policy of journeys; verified at the end likewise."""
    memory = InMemory(*request.param, policy=JOURNEY)
    yield memory
    done_again(memory)


FORGED = {"what_comes_twice": "doubled", "format_not_known": "inserted"}
"""Scenes that write in an owner's name what no owner wrote: which is found."""


def done_again(memory: InMemory, *forged: str) -> None:
    """See that all that was written follows from the inputs, save what was `forged`."""
    if memory.read(ROUTING_AUDIT):
        found = memory.verified()
        assert [one.kind for one in found.differences] == list(forged)
        assert found.unproven == 0


class TestMemory(Behaviour):
    """Everything in the suite."""


class TestManaged(AtDesksInDetail):
    """Everything at managed desks."""


class TestJourneys(OnJourneys):
    """Customers who come back another way."""


def test_log_keeps_keys_on_their_partition() -> None:
    log = MemoryLog(8, place, NOW)
    for number in range(50):
        log.append("t", f"u-{number}".encode(), b"")
    kept: Sequence[StoredRecord] = log.all("t")
    assert len(kept) == 50
    assert all(one.partition == place(one.key or b"", 8) for one in kept)

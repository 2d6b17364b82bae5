"""What a batch is parted into where it cannot be written as a whole; no brokers."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from tests.contract.event import arrived
from tests.unit.routing.scene import EVENTS, NOW, Feed, intake
from tierlane.replay.memory import StoredRecord
from tierlane.routing import machine as machine_module
from tierlane.routing.limit import DAY
from tierlane.stream import outbox as outbox_module
from tierlane.stream import writing as writing_module
from tierlane.stream.catalogue import catalogue
from tierlane.stream.ground import Ground, Kind
from tierlane.stream.inbox import Batch
from tierlane.stream.metric import Metrics
from tierlane.stream.progress import Progress
from tierlane.stream.settings import Settings
from tierlane.stream.transaction import AtLeastOnce, Draft, Undone
from tierlane.stream.writing import Writing
from tierlane.topic import INTAKE_INPUTS

CUSTOMERS = 60
STATE = "tierlane.intake.state"
KIND = Kind("intake", INTAKE_INPUTS, STATE, lambda **_: intake())
LATER = NOW + 8 * DAY


class Producer:
    """Brokers that take everything."""

    def __init__(self) -> None:
        self.written: list[tuple[str, int]] = []
        """Topic and bytes of each record batch."""

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def is_fatal(self) -> bool:
        return False

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        assert partition == 0
        self.written.append((topic, batch._builder.size()))
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class Group:
    async def confirm(self) -> bool:
        return True

    async def commit_offsets(self, _: Any) -> None:
        """Take offsets."""


async def committed(_: Any) -> None:
    """Take offsets."""


class Stage:
    def __init__(self, folder: Path) -> None:
        settings = Settings(guarantee="at-least-once")
        self.producer = Producer()
        clients = SimpleNamespace(producer=lambda _: self.producer)
        partitions = dict.fromkeys(catalogue(), 1)
        self.ground = Ground(
            settings,
            clients,
            Metrics(),
            folder,
            partitions,
            committed,  # type: ignore[arg-type]
        )
        self.ground.group = Group()  # type: ignore[assignment]
        progress = Progress(self.ground.places(KIND.inputs, 0))
        names = self.ground.names
        self.write: Any = AtLeastOnce(STATE, names, self.ground.group, settings.session_timeout)
        self.writing = Writing(self.ground, KIND, 0, self._write, progress)
        self.feed = Feed(intake())
        for number in range(CUSTOMERS):
            self.feed.give(arrived(NOW, f"k-{number}", f"u-{number}"))
        self.writing.machine = self.feed.machine

    async def _write(self, producer: Any, draft: Draft) -> None:
        await self.write(producer, draft)

    def batch(self, seen: int) -> list[Batch]:
        record: StoredRecord = self.feed.stored(arrived(seen, "k-new", "u-new"), seen)
        return [Batch(EVENTS, 0, record.offset, [record], 1)]

    def states(self) -> list[int]:
        return [size for topic, size in self.producer.written if topic == STATE]

    def topics(self) -> set[str]:
        return {topic for topic, _ in self.producer.written}


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(outbox_module, "STATE_BYTES", 10_000)
    monkeypatch.setattr(machine_module, "FIRED_BYTES", 4_000)
    monkeypatch.setattr(writing_module, "AGAIN", 0.0)
    stage = Stage(tmp_path)
    await stage.writing.fence()
    return stage


async def test_timers_that_do_not_fit_one_batch_are_written_in_parts(stage: Stage) -> None:
    parts = 0
    while (stage.writing.machine.next_deadline() or LATER) < LATER and parts < CUSTOMERS:
        parts += 1
        assert await stage.writing.alone("timers", lambda one, _: one.on_deadline(LATER)) == 0
    assert 2 < parts < CUSTOMERS
    assert len(stage.states()) == parts
    assert max(stage.states()) <= 10_000


async def test_a_record_is_not_put_aside_for_the_timers_before_it(stage: Stage) -> None:
    await stage.writing.do(stage.batch(LATER))
    assert stage.writing.machine.position(EVENTS) == CUSTOMERS + 1
    assert "contact.rejected" not in stage.topics()
    assert len(stage.states()) > 2
    assert max(stage.states()) <= 10_000
    kept = dict(stage.feed.machine.snapshot())
    assert b'"waiting"' in kept[b"u-new"]
    assert all(b'"lapsed"' in kept[b"u-%d" % number] for number in range(CUSTOMERS))
    # It was decided by the rules, not put on the fallback lane.
    assert b"internal" not in stage.ground.metrics.page()


async def test_putting_a_record_aside_is_tried_again_where_it_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: Iterator[bool] = iter([True, True, False])
    write = stage.write

    async def refuse(producer: Any, draft: Draft) -> None:
        if next(refused):
            raise Undone(KafkaConnectionError())
        await write(producer, draft)

    def boom(*_: Any) -> Any:
        raise ValueError("the contents of a contact")

    stage.write = refuse
    on_records: Callable[..., Any] = boom
    monkeypatch.setattr(stage.writing.machine, "on_records", on_records)
    await stage.writing.do(stage.batch(NOW))
    assert stage.writing.machine.position(EVENTS) == CUSTOMERS + 1
    assert len(stage.states()) == 1

"""Tells from outside whether an owner is amid a batch: something of it written, not yet all."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.broker.log import COMMITTED, UNCOMMITTED, Kept, Log

STATE: Final = "tierlane.intake.state"
"""Every batch of an owner that changes anything writes to it, on the owner's partition."""
DESK_STATE: Final = "tierlane.desk.state"
"""The same of the owners of desks."""
AUDIT: Final = "routing.audit"
SETTLED: Final = 0.1
"""Seconds after which a second look must agree: a stopped worker's last requests are done then, on
a busy machine too (after 0.02 s one commit in ten still was under way)."""
DRAIN_MS: Final = 10


class Aim(ABC):
    """Finds owners amid a batch."""

    @abstractmethod
    async def start(self) -> None:
        """Connect; anew after `stop`."""

    @abstractmethod
    async def stop(self) -> None:
        """Disconnect."""

    @abstractmethod
    async def half_written(self) -> set[int]:
        """Return the owners that are amid a batch now."""

    async def hits(self, partitions: set[int]) -> bool:
        """Tell whether one of these owners, all of a stopped worker, is amid a batch.

        Two looks: what was under way when the worker was stopped arrives in between.
        """
        first = partitions & await self.half_written()
        if not first:
            return False
        await asyncio.sleep(SETTLED)
        return bool(first & await self.half_written())

    async def fire(self, partitions: set[int], seconds: float) -> bool:
        """Return True as soon as one of these owners, which go on, is; False if none."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if partitions & await self.half_written():
                return True
        return False


class OpenTransactions(Aim):
    """Under exactly-once: by the distance of the state's stable end from its end."""

    def __init__(self, log: Log, partitions: int, state: str = STATE) -> None:
        self._parts = [TopicPartition(log.prefix + state, n) for n in range(partitions)]
        self._address = log.address
        self._consumers: list[AIOKafkaConsumer] = []

    async def start(self) -> None:
        """Connect; anew after `stop`."""
        self._consumers = [
            AIOKafkaConsumer(bootstrap_servers=self._address, isolation_level=isolation)
            for isolation in (COMMITTED, UNCOMMITTED)
        ]
        for consumer in self._consumers:
            await consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        for consumer in self._consumers:
            await consumer.stop()

    async def half_written(self) -> set[int]:
        """Return the owners with an open transaction; takes about 1 ms."""
        stable, ends = await asyncio.gather(
            *(consumer.end_offsets(self._parts) for consumer in self._consumers)
        )
        return {part.partition for part in self._parts if stable[part] < ends[part]}


class UnrememberedOutputs(Aim):
    """Under at-least-once: audit records are there, the state that remembers them is not.

    A kill right then makes the next owner write them again. Told by the log's own times, so where
    both fall into one millisecond it counts as no hit.
    """

    def __init__(self, log: Log, partitions: int, state: str = STATE) -> None:
        self._log = log
        self._state = state
        self._kind = "desk-" if state == DESK_STATE else "intake-"
        self._parts = [
            TopicPartition(log.prefix + topic, n)
            for topic in (AUDIT, state)
            for n in range(partitions)
        ]
        self._consumer: AIOKafkaConsumer | None = None
        self._audited: dict[int, int] = {}
        self._kept: dict[int, int] = {}

    async def start(self) -> None:
        """Connect, and begin at the ends."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._log.address,
            isolation_level=UNCOMMITTED,
            enable_auto_commit=False,
            fetch_max_wait_ms=DRAIN_MS,
        )
        await self._consumer.start()
        self._consumer.assign(self._parts)
        await self._consumer.seek_to_end(*self._parts)

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def half_written(self) -> set[int]:
        """Return the owners whose last audit record is later than their last state."""
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(self._parts)
        while any([await self._consumer.position(part) < end for part, end in ends.items()]):
            found = await self._consumer.getmany(timeout_ms=DRAIN_MS)
            for part, records in found.items():
                self._note(part, records)
        return {n for n, at in self._audited.items() if at > self._kept.get(n, 0)}

    def _note(self, part: TopicPartition, records: Iterable[Kept]) -> None:
        for record in records:
            if part.topic.endswith(self._state):
                self._kept[part.partition] = record.timestamp
                continue
            owner = str(orjson.loads(record.value or b"")["data"]["owner"])
            if owner.startswith(self._kind):
                self._audited[int(owner.removeprefix(self._kind))] = record.timestamp


def aim_at(log: Log, partitions: int, *, exactly_once: bool, state: str = STATE) -> Aim:
    """Return the aim for a guarantee: what a kill there puts to the test.

    `state` is the changelog of the owners that are looked at.
    """
    if exactly_once:
        return OpenTransactions(log, partitions, state)
    return UnrememberedOutputs(log, partitions, state)

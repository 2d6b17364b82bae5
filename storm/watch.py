"""Watches the group from outside: how far it is, and how long a partition stood still."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.broker.log import Log

EVERY: Final = 0.1
"""Seconds between two looks, and so the error of every gap."""
INPUT: Final = "contact.events"


class Stuck(RuntimeError):
    """the workers do not get on"""


@dataclass(slots=True)
class Gap:
    """How long a partition with records waiting was not served."""

    partition: int
    seconds: float
    during: str
    """The trouble the storm made at its end."""


@dataclass(slots=True)
class Watch:
    """Looks at a group's offsets again and again; `run` is its task."""

    log: Log
    group: str
    partitions: int
    trouble: str = "start"
    """What the storm does now; a gap is put down to it."""
    ends: dict[int, int] = field(default_factory=dict)
    done: dict[int, int] = field(default_factory=dict)
    gaps: dict[tuple[int, str], Gap] = field(default_factory=dict)
    """The longest gap of each partition in each kind of trouble."""
    _since: dict[int, float] = field(default_factory=dict)
    _broker_away: bool = False

    @property
    def behind(self) -> int:
        """Records written and not yet served, as of the last look."""
        return sum(self.ends.values()) - sum(self.done.values())

    @property
    def served(self) -> int:
        """Records served, as of the last look."""
        return sum(self.done.values())

    async def run(self) -> None:
        """Look until cancelled; a broker that is down is waited for."""
        while True:
            try:
                await self._looks()
            except (KafkaError, OSError):
                await asyncio.sleep(0.2)

    async def _looks(self) -> None:
        client = {"bootstrap_servers": self.log.address}
        parts = [TopicPartition(self.log.prefix + INPUT, n) for n in range(self.partitions)]
        admin = AIOKafkaAdminClient(**client, request_timeout_ms=5_000)
        consumer = AIOKafkaConsumer(**client, request_timeout_ms=5_000)
        try:
            await admin.start()
            await consumer.start()
            while True:
                kept = await admin.list_consumer_group_offsets(self.group, partitions=parts)
                ends = await consumer.end_offsets(parts)
                self._note(
                    {part.partition: ends[part] for part in parts},
                    {part.partition: max(kept[part].offset, 0) for part in parts if part in kept},
                )
                await asyncio.sleep(EVERY)
        finally:
            await consumer.stop()
            await admin.close()

    @contextmanager
    def broker_away(self) -> Iterator[None]:
        """Count no gap while the broker is away on purpose; they begin when it is back."""
        self._broker_away = True
        try:
            yield
        finally:
            self._broker_away = False
            self._since = {}

    def _note(self, ends: dict[int, int], done: dict[int, int]) -> None:
        if self._broker_away:
            return
        now = time.monotonic()
        for number, end in ends.items():
            served = done.get(number, 0)
            moved = served != self.done.get(number, 0)
            waited = self.ends.get(number, 0) > self.done.get(number, 0)
            since = self._since.setdefault(number, now)
            if waited and now - since > self._longest(number):
                self.gaps[number, self.trouble] = Gap(number, now - since, self.trouble)
            if moved or served >= end or not waited:
                self._since[number] = now
        self.ends, self.done = ends, done

    def _longest(self, number: int) -> float:
        gap = self.gaps.get((number, self.trouble))
        return gap.seconds if gap else 0.0

    async def until_served(
        self, records: int, seconds: float, supervise: Callable[[], None]
    ) -> None:
        """Return once so many records are served in all; Stuck after so many seconds without any.

        Progress, however slow, keeps the wait alive. `supervise` is called at every look.
        """
        last, since = self.served, time.monotonic()
        while self.served < records:
            await asyncio.sleep(EVERY / 2)
            supervise()
            if self.served != last:
                last, since = self.served, time.monotonic()
            if time.monotonic() - since > seconds:
                raise Stuck(f"{self.served} of {records} records served; done: {self.done}")

    async def until_all_move(self, numbers: dict[int, int], seconds: float) -> bool:
        """Wait until each partition is served further than in `numbers` or has nothing waiting."""

        def moved() -> bool:
            return all(
                self.done.get(n, 0) > numbers.get(n, 0) or self.done.get(n, 0) >= end
                for n, end in self.ends.items()
            )

        return await self.until(moved, seconds)

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Return True once the condition holds; False when it does not in so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(EVERY / 4)
        return True

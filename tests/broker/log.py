"""What lies on topics: create them, write records, read them to their end."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError

from tests.broker.reader import COMMITTED, UNCOMMITTED, Kept, Reader

__all__ = ["COMMITTED", "UNCOMMITTED", "Fresh", "Kept", "Log"]

AWAY_SECONDS: Final = 60.0
"""A broker that was killed takes so long at most until it answers, beside busy cores."""


KNOWN_SECONDS: Final = 20.0


class Fresh(NamedTuple):
    """A record to write; with no partition the key chooses it, with no timestamp the clock."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    timestamp: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """The topics of one prefix on one broker."""

    address: str
    prefix: str = ""
    idempotent: bool = True
    """Whether writes use an idempotent producer; the embedded broker has none."""
    copies: int = 1
    """Of each topic that is created."""

    async def create(
        self, topics: Iterable[str] | Mapping[str, Mapping[str, str]], partitions: int
    ) -> None:
        """Create topics of so many partitions, by name or name and settings; all must be new."""
        settings = topics if isinstance(topics, Mapping) else {name: {} for name in topics}
        wanted = [
            NewTopic(self.prefix + name, partitions, self.copies, topic_configs=dict(own))
            for name, own in settings.items()
        ]
        async with self._admin() as admin:
            answer = await admin.create_topics(wanted)
            refused = [row for row in answer.topic_errors if row[1]]
            if refused:
                raise RuntimeError(f"topics not created: {refused}")
            await self._known(admin, [one.name for one in wanted])

    async def _known(self, admin: AIOKafkaAdminClient, names: list[str]) -> None:
        """Return once the broker tells of topics that were just created: that comes a bit later."""
        deadline = time.monotonic() + KNOWN_SECONDS
        while True:
            described = await admin.describe_topics(names)
            faults = [one["topic"] for one in described if one["error_code"] or _leaderless(one)]
            if not faults:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"the broker does not know the topics {faults}")
            await asyncio.sleep(0.02)

    async def in_step(self, topics: Iterable[str]) -> None:
        """Return once every copy of these topics is in step with its leader."""
        names = [self.prefix + one for one in topics]
        deadline = time.monotonic() + AWAY_SECONDS
        async with self._admin() as admin:
            while True:
                parts = [
                    one
                    for found in await admin.describe_topics(names)
                    for one in found["partitions"]
                ]
                if all(len(one["isr"]) == self.copies for one in parts):
                    return
                if time.monotonic() > deadline:
                    raise RuntimeError(f"copies of {names} are not in step")
                await asyncio.sleep(0.2)

    async def delete(self) -> None:
        """Delete every topic of the prefix, so that a shared broker stays small."""
        async with self._admin() as admin:
            mine = [name for name in await admin.list_topics() if name.startswith(self.prefix)]
            if mine and self.prefix:
                await admin.delete_topics(mine)

    async def _producer(self) -> AIOKafkaProducer:
        """Return a producer that has met the broker, which may just be away: a storm kills it."""
        deadline = time.monotonic() + AWAY_SECONDS
        while True:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.address,
                enable_idempotence=self.idempotent,
                linger_ms=5,
                max_batch_size=1 << 17,
                max_request_size=1 << 24,
            )
            try:
                await producer.start()
            except KafkaConnectionError:
                await producer.stop()
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                return producer

    async def write(self, records: Iterable[Fresh]) -> int:
        """Write records, each kept before this returns; return how many."""
        producer = await self._producer()
        count = 0
        pending: list[asyncio.Future[object]] = []
        try:
            for record in records:
                pending.append(
                    await producer.send(
                        self.prefix + record.topic,
                        record.value,
                        record.key,
                        record.partition,
                        record.timestamp,
                        list(record.headers),
                    )
                )
                count += 1
                if len(pending) >= 20_000:
                    await asyncio.gather(*pending)
                    pending.clear()
            await asyncio.gather(*pending)
        finally:
            await producer.stop()
        return count

    def reader(self, isolation: str = COMMITTED) -> AbstractAsyncContextManager[Reader]:
        """Open what looks at the topics, for who looks more than once."""
        return Reader.open(self.address, self.prefix, isolation)

    async def read(self, topics: Sequence[str], isolation: str = COMMITTED) -> AsyncIterator[Kept]:
        """Yield what is on the topics now, partition by partition, in the order of offsets."""
        async with self.reader(isolation) as reader:
            async for record in reader.records(topics):
                yield record

    async def ends(
        self, topics: Sequence[str], isolation: str = COMMITTED
    ) -> dict[tuple[str, int], int]:
        """Return the end of every partition by topic and number; committed: the stable end."""
        async with self.reader(isolation) as reader:
            return await reader.ends(topics)

    async def committed(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """Return the offsets the group has committed; partitions without one are left out."""
        async with self.reader() as reader:
            return await reader.committed(group, topics)

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


def _leaderless(topic: Mapping[str, Any]) -> bool:
    return any(one["error_code"] for one in topic["partitions"])

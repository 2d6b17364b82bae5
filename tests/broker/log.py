"""What lies on topics: create them, write records, read them to their end."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaConnectionError

AWAY_SECONDS: Final = 60.0
"""A broker that was killed takes so long at most until it answers, beside busy cores."""

COMMITTED = "read_committed"
UNCOMMITTED = "read_uncommitted"


class Kept(NamedTuple):
    """One record as the log keeps it, its topic without the prefix."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


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

    async def create(
        self, topics: Iterable[str] | Mapping[str, Mapping[str, str]], partitions: int
    ) -> None:
        """Create topics of so many partitions, by name or name and settings; all must be new."""
        settings = topics if isinstance(topics, Mapping) else {name: {} for name in topics}
        wanted = [
            NewTopic(self.prefix + name, partitions, 1, topic_configs=dict(own))
            for name, own in settings.items()
        ]
        async with self._admin() as admin:
            answer = await admin.create_topics(wanted)
        refused = [row for row in answer.topic_errors if row[1]]
        if refused:
            raise RuntimeError(f"topics not created: {refused}")

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

    async def read(self, topics: Sequence[str], isolation: str = COMMITTED) -> AsyncIterator[Kept]:
        """Yield what is on the topics now, partition by partition, in the order of offsets."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.address,
            isolation_level=isolation,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=1 << 22,
            fetch_max_wait_ms=50,
        )
        await consumer.start()
        try:
            for topic in topics:
                for partition in await self._partitions(topic):
                    async for record in self._partition(consumer, partition):
                        yield record
        finally:
            await consumer.stop()

    async def ends(
        self, topics: Sequence[str], isolation: str = COMMITTED
    ) -> dict[tuple[str, int], int]:
        """Return the end of every partition by topic and number; committed: the stable end."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.address, isolation_level=isolation)
        await consumer.start()
        try:
            found = {}
            for topic in topics:
                parts = await self._partitions(topic)
                ends = await consumer.end_offsets(parts)
                found.update({(topic, part.partition): ends[part] for part in parts})
            return found
        finally:
            await consumer.stop()

    async def committed(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """Return the offsets the group has committed; partitions without one are left out."""
        # Named one by one: the embedded broker does not answer for all at once.
        parts = [part for topic in topics for part in await self._partitions(topic)]
        async with self._admin() as admin:
            try:
                rows = await admin.list_consumer_group_offsets(
                    self.prefix + group, partitions=parts
                )
            except GroupCoordinatorNotAvailableError:
                # A new broker makes the topic of offsets when it is first asked for a group.
                return {}
        names = {self.prefix + topic: topic for topic in topics}
        return {
            (names[part.topic], part.partition): kept.offset
            for part, kept in rows.items()
            if part.topic in names and kept.offset >= 0
        }

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        name = self.prefix + topic
        async with self._admin() as admin:
            [described] = await admin.describe_topics([name])
        if described["error_code"]:
            raise LookupError(f"no topic `{name}`")
        return [TopicPartition(name, number) for number in range(len(described["partitions"]))]

    async def _partition(
        self, consumer: AIOKafkaConsumer, part: TopicPartition
    ) -> AsyncIterator[Kept]:
        topic = part.topic[len(self.prefix) :]
        end = (await consumer.end_offsets([part]))[part]
        if end <= (await consumer.beginning_offsets([part]))[part]:
            return
        consumer.assign([part])
        await consumer.seek_to_beginning(part)
        # By position, not by the last record seen: the end may be a marker that never arrives.
        while await consumer.position(part) < end:
            for r in (await consumer.getmany(part, timeout_ms=200)).get(part, ()):
                yield Kept(
                    topic, r.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers)
                )

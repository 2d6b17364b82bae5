"""Open connections through which the topics of one prefix are looked at again and again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

COMMITTED: Final = "read_committed"
UNCOMMITTED: Final = "read_uncommitted"
AT_THE_END_MS: Final = 10
"""How long the broker holds a fetch at a log's end, and so how long the next look may wait."""


class Kept(NamedTuple):
    """One record as the log keeps it, its topic without the prefix."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Reader:
    """Reads topics, their ends and a group's offsets, through clients that are open."""

    def __init__(self, prefix: str, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._prefix = prefix
        self._admin = admin
        self._consumer = consumer
        self._read: dict[TopicPartition, int] = {}
        """Where `further` goes on."""

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str, prefix: str, isolation: str) -> "AsyncIterator[Reader]":
        """Yield one whose clients are closed afterwards."""
        admin = AIOKafkaAdminClient(bootstrap_servers=address)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=address,
            isolation_level=isolation,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=1 << 22,
            fetch_max_wait_ms=AT_THE_END_MS,
        )
        try:
            await admin.start()
            await consumer.start()
            yield cls(prefix, admin, consumer)
        finally:
            await consumer.stop()
            await admin.close()

    async def records(self, topics: Sequence[str]) -> AsyncIterator[Kept]:
        """Yield what is on the topics now, partition by partition, in the order of offsets."""
        ends = await self._ends(topics)
        firsts = await self._consumer.beginning_offsets(list(ends))
        for part, end in ends.items():
            if firsts[part] < end:
                async for record in self._partition(part, end):
                    yield record

    async def further(self, topics: Sequence[str]) -> AsyncIterator[Kept]:
        """Yield what came since the last call, at first what is there; as `records` else."""
        for part, end in (await self._ends(topics)).items():
            begin = self._read.get(part, 0)
            if begin < end:
                async for record in self._partition(part, end, begin):
                    yield record
            self._read[part] = end

    async def ends(self, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """Return the end of every partition by topic and number; committed: the stable end."""
        return {self._place(part): end for part, end in (await self._ends(topics)).items()}

    async def committed(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """Return the offsets the group has committed; partitions without one are left out."""
        # Named one by one: the embedded broker does not answer for all at once.
        parts = await self._partitions(topics)
        try:
            rows = await self._admin.list_consumer_group_offsets(
                self._prefix + group, partitions=parts
            )
        except GroupCoordinatorNotAvailableError:
            # A new broker makes the topic of offsets when it is first asked for a group.
            return {}
        return {
            self._place(part): rows[part].offset
            for part in parts
            if part in rows and rows[part].offset >= 0
        }

    def _place(self, part: TopicPartition) -> tuple[str, int]:
        return part.topic[len(self._prefix) :], part.partition

    async def _partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        """Return the partitions of the topics, in the order the topics are named."""
        described = await self._admin.describe_topics([self._prefix + name for name in topics])
        found = {one["topic"]: one for one in described}
        for name in topics:
            if found[self._prefix + name]["error_code"]:
                raise LookupError(f"no topic `{self._prefix + name}`")
        return [
            TopicPartition(self._prefix + name, number)
            for name in topics
            for number in range(len(found[self._prefix + name]["partitions"]))
        ]

    async def _ends(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        parts = await self._partitions(topics)
        # Assigned before it is asked about them: a consumer that first has to learn of a partition
        # waits 100 ms. Paused, since they are read one after another.
        self._consumer.assign(parts)
        self._consumer.pause(*parts)
        ends = await self._consumer.end_offsets(parts)
        return {part: ends[part] for part in parts}

    async def _partition(
        self, part: TopicPartition, end: int, begin: int = 0
    ) -> AsyncIterator[Kept]:
        consumer = self._consumer
        consumer.resume(part)
        if begin:
            consumer.seek(part, begin)
        else:
            await consumer.seek_to_beginning(part)
        # By position, not by the last record seen: the end may be a marker that never arrives.
        while await consumer.position(part) < end:
            for r in (await consumer.getmany(part, timeout_ms=200)).get(part, ()):
                yield Kept(
                    *self._place(part), r.offset, r.timestamp, r.key, r.value, tuple(r.headers)
                )
        consumer.pause(part)

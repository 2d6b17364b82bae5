"""Everything that comes onto some topics, read on and on by one consumer that stays open."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from tests.broker.reader import AT_THE_END_MS, COMMITTED, Kept


@dataclass(slots=True)
class Tail:
    """What was committed to one partition of each topic; `catch_up` reads on to the end."""

    address: str
    prefix: str
    topics: Sequence[str]
    """Without the prefix."""
    records: dict[str, list[Kept]] = field(default_factory=lambda: defaultdict(list))
    """By topic, as far as was read."""
    _consumer: AIOKafkaConsumer = field(init=False)
    _admin: AIOKafkaAdminClient = field(init=False)

    async def start(self) -> None:
        """Open the clients; the topics must be there."""
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self.address,
            isolation_level=COMMITTED,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=AT_THE_END_MS,
        )
        await self._admin.start()
        await self._consumer.start()
        self._consumer.assign(self._parts(self.topics))

    async def stop(self) -> None:
        """Close the clients."""
        await self._consumer.stop()
        await self._admin.close()

    def _parts(self, topics: Sequence[str]) -> list[TopicPartition]:
        return [TopicPartition(self.prefix + name, ONLY) for name in topics]

    async def catch_up(self) -> None:
        """Read to where the topics end now."""
        consumer = self._consumer
        ends = await consumer.end_offsets(self._parts(self.topics))
        while [part for part, end in ends.items() if await consumer.position(part) < end]:
            found = await consumer.getmany(timeout_ms=AT_THE_END_MS)
            for part, records in found.items():
                name = part.topic[len(self.prefix) :]
                self.records[name] += [
                    Kept(name, ONLY, one.offset, one.timestamp, one.key, one.value)
                    for one in records
                ]

    async def all_read(self, group: str, topics: Sequence[str]) -> bool:
        """Tell whether a group has committed every record of these topics."""
        parts = self._parts(topics)
        name = self.prefix + group
        try:
            found = await self._admin.list_consumer_group_offsets(name, partitions=parts)
        except GroupCoordinatorNotAvailableError:
            return False  # a new broker makes the topic of offsets when it is first asked
        done = {part.topic[len(self.prefix) :]: one.offset for part, one in found.items()}
        # After the offsets: what was committed with these is then there, too. Records, not ends,
        # since a marker may be last.
        await self.catch_up()
        return all(
            done.get(name, 0) > self.records[name][-1].offset
            for name in topics
            if self.records[name]
        )


ONLY: Final = 0
"""The one partition of each topic."""

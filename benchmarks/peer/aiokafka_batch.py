"""aiokafka by the batch builder: the floor, what a bare loop without state can do."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import murmur2

from benchmarks.peer.task import Watch, given

BATCH_BYTES = 1 << 20


class Batches:
    """Builders by topic and partition; a full one is sent and followed by the next."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.open: dict[tuple[str, int], Any] = {}
        self.sent: list[Any] = []

    async def append(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None
    ) -> None:
        """Add one record, sending the batch before it where there is no more room."""
        place = topic, partition
        batch = self.open.get(place)
        if batch is None or batch.append(key=key, value=value, timestamp=None) is None:
            if batch is not None:
                await self.send(place)
            batch = self.open[place] = self.producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)

    async def send(self, place: tuple[str, int]) -> None:
        """Hand one builder to the producer."""
        topic, partition = place
        batch = self.open.pop(place)
        self.sent.append(await self.producer.send_batch(batch, topic, partition=partition))

    async def acknowledged(self) -> None:
        """Send what is open and wait until all is acknowledged."""
        for place in tuple(self.open):
            await self.send(place)
        await asyncio.gather(*self.sent)
        self.sent.clear()


async def run() -> None:
    """Run the loop until every output is acknowledged and its offsets are committed."""
    task = given()
    answering, watch = task.answering(), Watch(task)
    consumer = AIOKafkaConsumer(
        task.topic("contact.events"),
        bootstrap_servers=task.brokers,
        group_id=task.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=task.brokers, acks="all", max_batch_size=BATCH_BYTES
    )
    await producer.start()
    await consumer.start()
    batches, topics = Batches(producer), task.topics
    while not watch.complete:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            watch.took(len(records))
            hashed: tuple[bytes | None, int] = (None, 0)
            for topic, key, value, _ in answering.each(records):
                if key != hashed[0]:  # a contact's outputs have one key: it is hashed once
                    hashed = key, (murmur2(key) & 0x7FFFFFFF) % task.partitions
                await batches.append(topics[topic], hashed[1], key, value)
            await batches.acknowledged()
            await consumer.commit()
    watch.report()


if __name__ == "__main__":
    asyncio.run(run())

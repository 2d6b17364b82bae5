"""FastStream: a batch subscriber that publishes a batch for each topic and partition."""

import asyncio
from collections import defaultdict
from itertools import groupby
from typing import Any

from aiokafka.partitioner import murmur2
from faststream import FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaPublishMessage

from benchmarks.peer.task import Watch, given

RECORDS = 500
"""Records of a batch: what FastStream passes on at once by default of aiokafka's consumer."""


async def run() -> None:
    """Run one application until every output is acknowledged."""
    task = given()
    answering, watch = task.answering(), Watch(task)
    broker = KafkaBroker(task.brokers, logger=None, max_batch_size=1 << 20)
    app = FastStream(broker, logger=None)

    async def publish(topic: str, partition: int, messages: list[Any]) -> None:
        await broker.publish_batch(*messages, topic=task.topic(topic), partition=partition)

    @broker.subscriber(
        task.topic("contact.events"),
        batch=True,
        max_records=RECORDS,
        group_id=task.group,
        auto_offset_reset="earliest",
        decoder=lambda message, decode: message.body,
    )
    async def intake(bodies: list[bytes], message: KafkaMessage) -> None:
        watch.took(len(bodies))
        batches: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for _, records in groupby(message.raw_message, lambda record: record.partition):
            for topic, key, value, _ in answering.each(tuple(records)):
                partition = (murmur2(key) & 0x7FFFFFFF) % task.partitions
                batches[topic, partition].append(KafkaPublishMessage(value, key=key))
        await asyncio.gather(*(publish(*place, batch) for place, batch in batches.items()))
        if watch.complete:
            watch.report()

    await app.run()


if __name__ == "__main__":
    asyncio.run(run())

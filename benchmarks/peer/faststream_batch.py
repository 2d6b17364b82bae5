"""FastStream: a batch subscriber that publishes a batch for each topic and partition."""

import asyncio
from collections import defaultdict
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
    answer, watch = task.answering(), Watch(task)
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
        outputs: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for record in message.raw_message:
            key, lane, entry, why = answer(
                record.value, record.partition, record.offset, record.timestamp
            )
            partition = (murmur2(key) & 0x7FFFFFFF) % task.partitions
            outputs[lane, partition].append(KafkaPublishMessage(entry, key=key))
            outputs["routing.audit", partition].append(KafkaPublishMessage(why, key=key))
        await asyncio.gather(*(publish(*place, batch) for place, batch in outputs.items()))
        if watch.complete:
            watch.report()

    await app.run()


if __name__ == "__main__":
    asyncio.run(run())

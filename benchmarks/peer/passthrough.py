"""aiokafka, transactional, nothing decided: each contact's value goes out again as it came in.

The floor of the Latency row: one transactional producer for each input partition and the same
interval between two transactions as the worker's. Runs until it is ended.
"""

import asyncio
import logging
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2

from benchmarks.peer.aiokafka_batch import BATCH_BYTES, Batches
from benchmarks.peer.task import Task, given

INTERVAL = 0.1
"""Seconds between the beginnings of two transactions of a partition: the worker's default."""
RETRY_MS = 2
"""As the worker's: aiokafka's own pause of 100 ms would make the floor slow, not bare."""


async def carry(task: Task, consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
    """Carry one partition's contacts for ever."""
    producer = AIOKafkaProducer(
        bootstrap_servers=task.brokers,
        transactional_id=f"{task.group}-{place.partition}",
        max_batch_size=BATCH_BYTES,
        retry_backoff_ms=RETRY_MS,
    )
    await producer.start()
    batches, begun = Batches(producer), 0.0
    while True:
        records = (await consumer.getmany(place, timeout_ms=20)).get(place, [])
        if not records:
            continue
        # Taken as they come: aiokafka fetches a partition again only once its buffer is empty.
        while (pause := begun + INTERVAL - time.monotonic()) > 0:
            more = await consumer.getmany(place, timeout_ms=round(1000 * pause) + 1)
            records += more.get(place, [])
        begun = time.monotonic()
        await producer.begin_transaction()
        for record in records:
            target = (murmur2(record.key) & 0x7FFFFFFF) % task.partitions
            await batches.append(task.topic("lane.standard"), target, record.key, record.value)
            await batches.append(task.topic("routing.audit"), target, record.key, record.value)
        await batches.acknowledged()
        offsets = {place: records[-1].offset + 1}
        await producer.send_offsets_to_transaction(offsets, task.group)
        await producer.commit_transaction()


async def run() -> None:
    """Carry every partition of `contact.events`."""
    logging.disable(logging.WARNING)  # aiokafka's line for each repeated request
    task = given()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=task.brokers,
        group_id=task.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    places = [TopicPartition(task.topic("contact.events"), n) for n in range(task.partitions)]
    consumer.assign(places)
    await asyncio.gather(*(carry(task, consumer, place) for place in places))


if __name__ == "__main__":
    asyncio.run(run())

"""aiokafka, record by record: `send` for each output, acknowledged once a fetch."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.peer.task import Watch, given


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
    producer = AIOKafkaProducer(bootstrap_servers=task.brokers, acks="all")
    await producer.start()
    await consumer.start()
    topics = task.topics
    while not watch.complete:
        sent = []
        for records in (await consumer.getmany(timeout_ms=500)).values():
            watch.took(len(records))
            for topic, key, value, _ in answering.each(records):
                sent.append(await producer.send(topics[topic], value=value, key=key))
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit()
    watch.report()


if __name__ == "__main__":
    asyncio.run(run())

"""confluent-kafka: the C client with its own threads, driven by a plain loop."""

from collections import defaultdict
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, Message, Producer

from benchmarks.peer.task import Taken, Watch, given

RECORDS = 2_000
"""Records taken at once."""


def by_partition(messages: Sequence[Message]) -> dict[int, list[Taken]]:
    """Take a batch apart into each partition's records, in order."""
    parts: dict[int, list[Taken]] = defaultdict(list)
    for message in messages:
        if (error := message.error()) is not None:
            raise SystemExit(f"confluent-kafka could not read: {error}")
        partition, seen = message.partition(), message.timestamp()[1]
        taken = Taken(
            message.topic(), partition, message.offset(), seen, message.key(), message.value()
        )
        parts[partition].append(taken)
    return parts


def main() -> None:
    """Run the loop until every output is acknowledged."""
    task = given()
    answering, watch = task.answering(), Watch(task)
    consumer = Consumer(
        {
            "bootstrap.servers": task.brokers,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": task.brokers,
            "acks": "all",
            # Java's and aiokafka's placement of keys; librdkafka's own default is another.
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 1_000_000,
            # A call into Python for each of the records that did arrive would halve the rate.
            "delivery.report.only.error": True,
        }
    )
    failed: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: object) -> None:
        if error is not None:
            failed.append(error)

    consumer.subscribe([task.topic("contact.events")])
    topics = task.topics
    while not watch.complete:
        records = consumer.consume(RECORDS, timeout=0.5)
        if not records:
            continue
        watch.took(len(records))
        for partition in by_partition(records).values():
            for topic, key, value, _ in answering.each(partition):
                producer.produce(topics[topic], value, key, on_delivery=delivered)
        producer.poll(0)
        consumer.commit(asynchronous=True)
    producer.flush()
    if failed:
        raise SystemExit(f"confluent-kafka could not write: {failed[0]}")
    watch.report()


if __name__ == "__main__":
    main()

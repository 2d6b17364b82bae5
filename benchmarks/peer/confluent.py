"""confluent-kafka: the C client with its own threads, driven by a plain loop."""

from confluent_kafka import Consumer, KafkaError, Producer

from benchmarks.peer.task import Watch, given

RECORDS = 2_000
"""Records taken at once."""


def main() -> None:
    """Run the loop until every output is acknowledged."""
    task = given()
    answer, watch = task.answering(), Watch(task)
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
    audit = task.topic("routing.audit")
    while not watch.complete:
        records = consumer.consume(RECORDS, timeout=0.5)
        if not records:
            continue
        watch.took(len(records))
        for record in records:
            if (error := record.error()) is not None:
                raise SystemExit(f"confluent-kafka could not read: {error}")
            seen = record.timestamp()[1]
            key, lane, entry, why = answer(
                record.value(), record.partition(), record.offset(), seen
            )
            producer.produce(task.topic(lane), entry, key, on_delivery=delivered)
            producer.produce(audit, why, key, on_delivery=delivered)
        producer.poll(0)
        consumer.commit(asynchronous=True)
    producer.flush()
    if failed:
        raise SystemExit(f"confluent-kafka could not write: {failed[0]}")
    watch.report()


if __name__ == "__main__":
    main()

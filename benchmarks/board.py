"""The topics of one run on the broker: made, filled, read back and removed."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

QUIET = {"log_level": 3}
"""Of librdkafka's own lines only those that tell of an error."""
READ_RECORDS = 20_000
WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Board:
    """The topics under one prefix."""

    brokers: str
    prefix: str
    partitions: int
    """Of the topics that are filled and read here."""

    def make(self, partitions: Mapping[str, int]) -> None:
        """Create topics whose records bear the time at which the log took them."""
        settings = {"message.timestamp.type": "LogAppendTime"}
        topics = [
            NewTopic(self.prefix + name, count, 1, config=settings)
            for name, count in partitions.items()
        ]
        admin = self._admin()  # held: the futures are cancelled when it is collected
        for future in admin.create_topics(topics).values():
            future.result()

    def remove(self) -> None:
        """Delete every topic under the prefix."""
        admin = self._admin()
        known = admin.list_topics(timeout=WAIT_SECONDS).topics
        mine = [name for name in known if name.startswith(self.prefix)]
        if mine:
            for future in admin.delete_topics(mine).values():
                future.result()

    def fill(self, topic: str, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Write records, key by key onto the murmur2 partition; return once all are kept."""
        producer = Producer(
            {
                "bootstrap.servers": self.brokers,
                **QUIET,
                # Else a batch that is sent again, such as one for a topic just made, comes behind
                # later ones: offsets and the order of a customer's contacts would not be those due.
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "queue.buffering.max.messages": 1_000_000,
                "linger.ms": 20,
                "delivery.report.only.error": True,
            }
        )
        for number, (key, value) in enumerate(records):
            while True:
                try:
                    producer.produce(self.prefix + topic, value, key)
                    break
                except BufferError:
                    producer.poll(0.1)
            if number % 10_000 == 0:
                producer.poll(0)
        if left := producer.flush(WAIT_SECONDS):
            raise RuntimeError(f"{left} records were not taken by the broker")

    def ends(self, topics: Iterable[str]) -> dict[tuple[str, int], int]:
        """Return the next offset of each partition, transaction markers counted."""
        consumer = self._consumer("read_uncommitted")
        try:
            return {
                (topic, partition): consumer.get_watermark_offsets(
                    TopicPartition(self.prefix + topic, partition), WAIT_SECONDS
                )[1]
                for topic in topics
                for partition in range(self.partitions)
            }
        finally:
            consumer.close()

    def read(self, topics: Iterable[str]) -> Iterator[Message]:
        """Yield every committed record of the topics, from the beginning to the present end."""
        ends = self.ends(topics)
        places = [TopicPartition(self.prefix + topic, number, 0) for topic, number in ends]
        # A transaction counts before its marker is in the log, and until then the end that
        # `read_committed` sees is lower: a partition is done at the end that the log has now.
        left = {(self.prefix + topic, number): end for (topic, number), end in ends.items()}
        consumer = self._consumer("read_committed")
        try:
            consumer.assign(places)
            deadline = time.monotonic() + WAIT_SECONDS
            while left:
                for message in consumer.consume(READ_RECORDS, timeout=0.1):
                    error = message.error()
                    if error is None:
                        yield message
                        continue
                    if error.code() != KafkaError._PARTITION_EOF:
                        raise RuntimeError(f"the outputs could not be read: {error}")
                    place = message.topic(), message.partition()
                    if place in left and message.offset() >= left[place]:
                        del left[place]
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{len(left)} partitions did not come to their end")
        finally:
            consumer.close()

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.brokers, **QUIET})

    def _consumer(self, isolation: str) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.brokers,
                **QUIET,
                "group.id": f"{self.prefix}reader",
                "isolation.level": isolation,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                # Fetches the size of a batch keep the reader from being what is waited for.
                "fetch.wait.max.ms": 20,
            }
        )

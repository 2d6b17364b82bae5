"""Quix Streams: one dataframe from the input to the outputs."""

import logging
import time
from typing import Any

from quixstreams import Application, message_context
from quixstreams.models import Topic
from quixstreams.models.serializers import BytesDeserializer, SerializationContext, Serializer

from benchmarks.peer.task import Watch, given
from tierlane.routing.effect import Output

ENTRY, AUDIT = 0, 1
"""Places of a contact's two outputs in the row that the dataframe carries."""


class Value(Serializer):
    """Serializes the output at one place of the row: it is bytes already."""

    def __init__(self, place: int) -> None:
        self.place = place

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        """Return the bytes."""
        content: bytes = value[self.place].value
        return content


def main() -> None:
    """Run one application until every output is acknowledged."""
    logging.disable(logging.WARNING)
    task = given()
    answering, watch = task.answering(), Watch(task)
    app = Application(
        broker_address=task.brokers,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        auto_create_topics=False,
        # Java's and aiokafka's placement of keys; librdkafka's own default is another.
        producer_extra_config={"partitioner": "murmur2_random"},
        loglevel="ERROR",
    )
    outputs = {
        name: app.topic(
            full,
            key_serializer="bytes",
            value_serializer=Value(AUDIT if name == "routing.audit" else ENTRY),
        )
        for name, full in task.topics.items()
    }

    def answer(value: bytes, key: Any, seen: int, headers: Any) -> tuple[Output, Output]:
        watch.took()
        context = message_context()
        one, other = answering.one(key, value, context.partition, context.offset, seen)
        return (one, other) if other.topic == "routing.audit" else (other, one)

    def lane_of(row: tuple[Output, Output], key: Any, seen: int, headers: Any) -> Topic:
        return outputs[row[ENTRY].topic]

    def key_of(row: tuple[Output, Output]) -> bytes | None:
        return row[ENTRY].key

    events = app.topic(
        task.topic("contact.events"),
        key_deserializer="bytes",
        value_deserializer=BytesDeserializer(),
    )
    rows = app.dataframe(events).apply(answer, metadata=True)
    rows.to_topic(lane_of, key=key_of).to_topic(outputs["routing.audit"], key=key_of)

    # The checkpoint that ends the run flushes the producer: that is the last acknowledgement, and
    # nothing public tells when it came. Leaving the group afterwards is not measured.
    producer = app._producer
    flush = producer.flush

    def timed(*arguments: Any, **options: Any) -> int:
        left = flush(*arguments, **options)
        if watch.complete:
            watch.report(time.perf_counter())
        return left

    producer.flush = timed
    app.run(count=task.contacts, collect=False)


if __name__ == "__main__":
    main()

"""Quix Streams: one dataframe from the input to the two outputs."""

import logging
import time
from typing import Any

from quixstreams import Application, message_context
from quixstreams.models import Topic
from quixstreams.models.serializers import BytesDeserializer, SerializationContext, Serializer

from benchmarks.flow import Answer
from benchmarks.peer.task import Watch, given


class Field(Serializer):
    """Serializes one field of an answer, so that it is not copied between the two outputs."""

    def __init__(self, position: int) -> None:
        self.position = position

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        return value[self.position]


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

    def output(name: str, position: int) -> Topic:
        serializer = Field(position)
        return app.topic(task.topic(name), key_serializer="bytes", value_serializer=serializer)

    lanes = {
        f"lane.{kind}": output(f"lane.{kind}", 2)
        for kind in ("standard", "priority", "dedicated", "selfservice")
    }
    audit = output("routing.audit", 3)

    def answer(value: bytes, key: Any, seen: int, headers: Any) -> Answer:
        watch.took()
        context = message_context()
        return answering(value, context.partition, context.offset, seen)

    def key_of(answer: Answer) -> bytes:
        return answer.key

    def lane_of(answer: Answer, key: Any, timestamp: int, headers: Any) -> Topic:
        return lanes[answer.lane]

    events = app.topic(task.topic("contact.events"), value_deserializer=BytesDeserializer())
    answers = app.dataframe(events).apply(answer, metadata=True)
    answers.to_topic(lane_of if not task.flow else lanes["lane.standard"], key=key_of)
    answers.to_topic(audit, key=key_of)

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

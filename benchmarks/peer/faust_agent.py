"""A plain Faust agent, as the manual writes one: a loop over the stream, `send` for each output."""

import asyncio
from collections.abc import AsyncIterable, Awaitable
from typing import Any

import faust

from benchmarks.peer.task import Watch, given


def main() -> None:
    """Run one worker until every output is acknowledged."""
    task = given()
    answering, watch = task.answering(), Watch(task)
    app = faust.App(
        task.group,
        broker=f"kafka://{task.brokers}",
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
    )
    events = app.topic(task.topic("contact.events"))
    outputs = {name: app.topic(full) for name, full in task.topics.items()}
    sent: list[Awaitable[Any]] = []

    @app.agent(events)
    async def intake(stream: faust.StreamT[bytes]) -> AsyncIterable[None]:
        async for event in stream.events():
            watch.took()
            record = event.message
            seen = int(record.timestamp * 1000)
            for topic, key, value, _ in answering.one(
                event.key, event.value, record.partition, record.offset, seen
            ):
                sent.append(await outputs[topic].send(key=key, value=value))
            if watch.complete:
                app.loop.create_task(finish())
            yield None

    async def finish() -> None:
        await asyncio.gather(*sent)
        watch.report()

    faust.Worker(app, loglevel="error", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()

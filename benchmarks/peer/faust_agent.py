"""A plain Faust agent, as the manual writes one: a loop over the stream, `send` for each output."""

import asyncio
from collections.abc import AsyncIterable, Awaitable
from typing import Any

import faust

from benchmarks.peer.task import Watch, given


def main() -> None:
    """Run one worker until every output is acknowledged."""
    task = given()
    answer, watch = task.answering(), Watch(task)
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
    audit = app.topic(task.topic("routing.audit"))
    lanes = {
        f"lane.{kind}": app.topic(task.topic(f"lane.{kind}"))
        for kind in ("standard", "priority", "dedicated", "selfservice")
    }
    sent: list[Awaitable[Any]] = []

    @app.agent(events)
    async def intake(stream: faust.StreamT[bytes]) -> AsyncIterable[None]:
        async for event in stream.events():
            watch.took()
            record = event.message
            seen = int(record.timestamp * 1000)
            key, lane, entry, why = answer(event.value, record.partition, record.offset, seen)
            sent.append(await lanes[lane].send(key=key, value=entry))
            sent.append(await audit.send(key=key, value=why))
            if watch.complete:
                app.loop.create_task(finish())
            yield None

    async def finish() -> None:
        await asyncio.gather(*sent)
        watch.report()

    faust.Worker(app, loglevel="error", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()

"""One run of a managed desk from outside: contacts come in time, made-up advisors answer."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from tierlane.address import Addresses
from tierlane.errors import BrokerError
from tierlane.routing.entry import ENTERED
from tierlane.stream.answering import Answering, answer
from tierlane.stream.board import Board
from tierlane.stream.feed import Feed, feed
from tierlane.stream.rehearsal import QUIET_SECONDS, SETTLED_SECONDS, Rehearsal
from tierlane.stream.security import client_options
from tierlane.stream.settings import Settings
from tierlane.topic import ADVISOR_OFFERS, CONTACT_REJECTED, ROUTING_AUDIT, lane_topic
from tierlane.value import parse_time

TICK: Final = 0.05
"""Seconds between two looks at what is due."""

WAIT_MS: Final = 50
LANES: Final = tuple(lane_topic(k) for k in ("standard", "priority", "dedicated", "selfservice"))
WATCHED: Final = (ROUTING_AUDIT, ADVISOR_OFFERS, CONTACT_REJECTED, *LANES)


class Coming(Protocol):
    """Something that happens to a contact."""

    @property
    def after(self) -> int:
        """Ms after the beginning."""

    def event(self, began: int) -> bytes:
        """Return it as an event in JSON."""


class Answerers(Answering, Protocol):
    """Advisors who sign on when it begins."""

    def begin(self, now: int) -> None:
        """Sign on, each at their time."""


class HallRehearsal(Rehearsal):
    """A rehearsal whose contacts come one by one, and whose advisors answer."""

    board: Board

    async def play_hall(
        self,
        coming: Sequence[Coming],
        crew: Answerers,
        cue: Callable[[int, Board], None],
        look: Callable[[Board], object],
    ) -> None:
        """Let everything happen at its time, and wait until every contact is over.

        `cue` is called with the ms since the beginning, and may let advisors do something else;
        `look` is called often. Raises BrokerError where nothing happens any more.
        """
        self.board = Board()
        settings = self.settings
        tasks = [
            asyncio.create_task(_watch(settings, self.board), name="watch"),
            asyncio.create_task(answer(settings, crew), name="answer"),
        ]
        begun = time.perf_counter()
        try:
            async with feed(settings) as sink:
                crew.begin(_now())
                await self._let_come(coming, sink, tasks, cue, look)
            self.seconds = time.perf_counter() - begun
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)

    async def _let_come(
        self,
        coming: Sequence[Coming],
        sink: Feed,
        tasks: Sequence["asyncio.Task[None]"],
        cue: Callable[[int, Board], None],
        look: Callable[[Board], object],
    ) -> None:
        addresses, left, began = Addresses(), list(coming), _now()
        seen, since = -1, time.monotonic()
        while True:
            now = _now() - began
            while left and left[0].after <= now:
                line = left.pop(0).event(began)
                address = addresses.of(line)
                await sink.put(address.topic, address.key.encode(), line)
                self.sent += 1
            await sink.push()
            for task in tasks:
                if task.done():
                    task.result()
            self.check()
            cue(now, self.board)
            look(self.board)
            if self.board.records != seen:
                seen, since = self.board.records, time.monotonic()
            quiet = time.monotonic() - since
            if not left and not self.board.open and quiet > SETTLED_SECONDS:
                return
            if quiet > QUIET_SECONDS:
                raise BrokerError(
                    f"nothing came out for {QUIET_SECONDS:.0f} s", hint=f"see `{self.log}`"
                )
            await asyncio.sleep(TICK)


async def _watch(settings: Settings, board: Board) -> None:
    """Read everything that is written, into a board, until cancelled."""
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed" if settings.exactly_once else "read_uncommitted",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=WAIT_MS,
    )
    topics = {settings.topic(name): name for name in WATCHED}
    await consumer.start()
    try:
        cluster = await consumer._client.fetch_all_metadata()
        parts = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(cluster.partitions_for_topic(topic) or ())
        ]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        while True:
            for part, records in (await consumer.getmany(timeout_ms=WAIT_MS)).items():
                for record in records:
                    take(board, topics[part.topic], record.value)
            await asyncio.sleep(0)
    finally:
        await consumer.stop()


def take(board: Board, topic: str, value: bytes) -> None:
    """Put one record on a board."""
    if topic == CONTACT_REJECTED:
        board.rejected += 1
        return
    event: Mapping[str, Any] = orjson.loads(value)
    if topic == ROUTING_AUDIT:
        board.audit(event["data"])
    elif topic == ADVISOR_OFFERS:
        board.offer(event["type"], event["data"], parse_time(event["time"]))
    elif event["type"] == ENTERED:
        board.entered(event["data"])


def _now() -> int:
    return time.time_ns() // 1_000_000

"""The worker: Faust's app with our transport, and the owners behind it."""

import asyncio
import contextlib
import gc
import os
import signal
import threading
from collections.abc import Sequence
from typing import Any, Final

import faust
import structlog
import uvloop
from faust.tables import TableManager
from faust.types import AppT, Message

from tierlane.errors import TierlaneError
from tierlane.stream import log as logs
from tierlane.stream import private
from tierlane.stream.catalogue import catalogue
from tierlane.stream.client import Clients
from tierlane.stream.ground import Ground, Kind
from tierlane.stream.member import Member, take_place
from tierlane.stream.metric import Metrics
from tierlane.stream.ownership import Ownership
from tierlane.stream.provision import prepare
from tierlane.stream.pulse import Pulse
from tierlane.stream.security import credentials
from tierlane.stream.settings import Settings
from tierlane.stream.transport import broker_urls, register
from tierlane.stream.web import Web

log = structlog.get_logger(__name__)

STOPPING: Final = 12.0
"""Seconds for an orderly stop; it must be over within 20, Python's own end included."""

ENDING: Final = 17.0
"""Seconds after which the process ends come what may.

A consumer of aiokafka that lost its broker may never stop, and its thread keeps the process. What
was in flight is undone by the next owner, as after a kill.
"""

LAG_EVERY: Final = 2.0

GARBAGE: Final = (20_000, 20, 50)
"""When Python looks for cycles: a batch makes thousands of tuples, none of which is in one."""


class App(faust.App):
    """Faust's app, which knows its owners."""

    ownership: Ownership


class Tables(TableManager):
    """Faust's tables, of which an app of ours has none.

    Faust waits a second for them at each start, and partitions would stand still that much longer.
    """

    async def on_start(self) -> None:
        """Begin at once with what makes the flow begin after a rebalance."""
        await self._update_channels()
        await self.recovery.start()


class BatchSchema(faust.Schema[Any, Any]):
    """A message's value is a batch already."""

    def compile(self, app: AppT, **_: Any) -> Any:
        """Return the function that makes a stream's event of a message."""
        create = app.create_event

        async def decode(message: Message, *, propagate: bool = False) -> Any:  # noqa: ARG001
            return create(None, message.value, None, message)

        return decode


def make_app(settings: Settings, member: Member, ownership: Ownership) -> App:
    """Return the Faust app: one agent a kind of owner, which hands over each batch."""
    register()
    app = App(
        settings.group,
        broker=broker_urls(settings.brokers),
        broker_credentials=credentials(settings),
        broker_client_id=f"tierlane-{member.number}",
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        broker_rebalance_timeout=max(30.0, settings.session_timeout),
        broker_request_timeout=max(40.0, settings.session_timeout + 5),
        broker_max_poll_interval=3600.0,
        consumer_group_instance_id=member.name if settings.static_membership else None,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=2 << 20,
        canonical_url=member.url,
        datadir=str(member.folder / "faust"),
        processing_guarantee="at_least_once",
        stream_wait_empty=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        autodiscover=False,
        store="memory://",
        TableManager=Tables,
    )
    app.ownership = ownership
    for kind in ownership.kinds:
        topic = app.topic(
            *map(settings.topic, kind.inputs), schema=BatchSchema(), acks=False, internal=False
        )
        app.agent(topic, name=kind.name)(_agent(ownership))
    return app


def _agent(ownership: Ownership) -> Any:
    async def hand_over(batches: Any) -> None:
        async for batch in batches:
            ownership.put(batch)

    return hand_over


class Worker:
    """One process: prepares, runs, and stops in order."""

    def __init__(self, settings: Settings, kinds: Sequence[Kind], metrics: Metrics) -> None:
        self._settings = settings
        self._kinds = kinds
        self._metrics = metrics
        self._stop = asyncio.Event()
        self._serving = False
        self._failure: BaseException | None = None
        self._pulse = Pulse()

    async def run(self) -> int:
        """Serve until told to stop; return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        work = asyncio.create_task(self._run(), name="worker")
        told = asyncio.create_task(self._stop.wait(), name="told")
        await asyncio.wait([work, told], return_when=asyncio.FIRST_COMPLETED)
        if not (work.done() or self._serving):
            work.cancel()  # it connects or waits for topics still, and has nothing to put in order
            await asyncio.wait([work])
            return 0
        told.cancel()
        return await work

    async def _run(self) -> int:
        settings = self._settings
        partitions = await prepare(settings, self._topics())
        member = take_place(settings.state_dir, settings.group)
        clients = Clients(settings)
        await clients.open([settings.topic(name) for name in partitions])
        ground = Ground(settings, clients, self._metrics, member.folder, partitions, self._fail)
        ownership = Ownership(ground, self._kinds)
        changes = [kind.change for kind in self._kinds if kind.change is not None]
        app = make_app(settings, member, ownership)
        web = Web(
            self._metrics,
            lambda: self._troubles(app) + [text for one in changes for text in one.troubles()],
        )
        port = await web.start(settings.web_host, settings.web_port)
        log.info(
            "started",
            member=member.name,
            web=f"http://{settings.web_host}:{port}",
            guarantee=settings.guarantee,
        )
        (member.folder / "web").write_text(f"{settings.web_host}:{port}\n")
        try:
            for change in changes:
                await change.start(ground, ownership.wake)
            await self._serve(app, ownership)
        finally:
            await asyncio.gather(*(change.stop() for change in changes))
            await web.stop()
            await clients.close()
            member.release()
        if isinstance(self._failure, TierlaneError):
            raise self._failure
        return 1 if self._failure is not None else 0

    def _topics(self) -> list[str]:
        """Return what owners read and write: every topic but those only others use."""
        return sorted(catalogue())

    async def _serve(self, app: App, ownership: Ownership) -> None:
        self._serving = True
        started = asyncio.create_task(app.start(), name="start")
        watch = asyncio.create_task(self._watch(app, started), name="watch")
        lag = asyncio.create_task(self._measure_lag(ownership), name="lag")
        pulse = asyncio.create_task(self._pulse.beat(ownership.answers), name="pulse")
        await self._stop.wait()
        log.info("stopping")
        end_within(ENDING, 0 if self._failure is None else 1)
        for task in (watch, lag, pulse):
            task.cancel()
        try:
            async with asyncio.timeout(STOPPING):
                # Owners first: what is in flight is committed while the group still holds us.
                await ownership.close()
                await app.stop()
        except TimeoutError:
            log.warning("stopped without waiting any longer")
        started.cancel()
        await asyncio.wait([started, watch, lag, pulse], timeout=1)
        log.info("stopped")

    async def _watch(self, app: App, started: asyncio.Task[None]) -> None:
        """End the worker when Faust ends by itself."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([started])
        if not started.cancelled() and (error := started.exception()) is not None:
            await self._fail(error)
            return
        await app.wait_until_stopped()
        await self._fail(app.crash_reason or RuntimeError("the consumer ended"))

    async def _fail(self, error: BaseException) -> None:
        if self._failure is None and not self._stop.is_set():
            self._failure = error
            log.error("worker failed", exc_info=error)
        self._stop.set()

    async def _measure_lag(self, ownership: Ownership) -> None:
        while True:
            await asyncio.sleep(LAG_EVERY)
            for owner in ownership.owners:
                for topic, behind in owner.lag().items():
                    self._metrics.lag.labels(owner.name, topic).set(behind)

    def _troubles(self, app: App) -> list[str]:
        found = []
        if self._stop.is_set():
            found.append("stopping")
        if silence := self._pulse.silence():
            found.append(f"no answer from the group's coordinator for {silence:.0f} s")
        if app.rebalancing:
            found.append("the group is dealing out partitions")
        ownership = app.ownership
        if ownership.generation < 0:
            found.append("no partitions were assigned yet")
        elif ownership.opening:
            found.append("state and profiles are being read")
        found += [
            f"{owner.name} waits for the group" for owner in ownership.owners if not owner.healthy
        ]
        return found


def end_within(seconds: float, code: int) -> None:
    """See that the process is over in so many seconds, with this exit code."""

    def end() -> None:
        log.warning("ended without waiting any longer")
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def run(settings: Settings, kinds: Sequence[Kind]) -> int:
    """Run a worker in this process until SIGTERM or SIGINT; return its exit code.

    Raises TierlaneError where it cannot start: settings, topics, libraries.
    """
    private.check()
    metrics = Metrics()
    logs.set_up(settings.log_level, metrics)

    async def main() -> int:
        logs.quiet_loop(asyncio.get_running_loop())
        return await Worker(settings, kinds, metrics).run()

    gc.set_threshold(*GARBAGE)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # the consumer's thread asks it too
    return asyncio.run(main())

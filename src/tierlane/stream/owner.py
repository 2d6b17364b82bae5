"""The owner of one input partition: it alone reads it, and writes its state.

An owner takes batches out of its inbox, has its machine turn them into effects, and writes these.
The machine's memory and what is written never part: a batch that is not written is rolled back,
and where that is not known the state is read again from the changelog.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiokafka.errors import (
    CorruptRecordException,
    InvalidMessageError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
)

from tierlane.routing.effect import Effects
from tierlane.stream.client import Producer
from tierlane.stream.ground import Ground, Group, Kind
from tierlane.stream.inbox import Batch, Inbox, halves
from tierlane.stream.log import places_of
from tierlane.stream.machine import Machine
from tierlane.stream.outbox import Outbox, TooMuchChanged
from tierlane.stream.placement import misplaced
from tierlane.stream.profile_store import LoadedProfiles
from tierlane.stream.progress import LOOK, Progress, ends
from tierlane.stream.recovery import restore
from tierlane.stream.transaction import ShutOut, Undone, Unknown, Write

log = structlog.get_logger(__name__)

SHARE: Final = 0.004
"""Seconds of a worker's time that a small transaction takes: owners leave each other that much."""

STRETCH: Final = 500
"""Records after which the loop gets its turn: others' transactions and the web wait no longer."""

AGAIN: Final = 0.5
"""Seconds before a batch that was refused for a passing reason is tried again."""

CLOSING: Final = 5.0
"""Seconds that a transaction in flight may take when its owner is closed."""

FENCING: Final = 30.0
"""Seconds for a producer id: as long as a broker may take to end the transaction before."""

GUILTY: Final = (
    CorruptRecordException,
    InvalidMessageError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TooMuchChanged,
)
"""Refusals that are about a record, not about the brokers' state."""


class Owner:
    """Drives the machine of one partition."""

    def __init__(self, ground: Ground, kind: Kind, partition: int, write: Write) -> None:
        self.kind = kind
        self.partition = partition
        self.name = f"{kind.name}-{partition}"
        self.inbox = Inbox(kind.inputs)
        self.places = ground.places(kind.inputs, partition)
        self.healthy = True
        """False once shut out: it writes nothing more unless the group confirms it."""
        self.serving = False
        self.machine: Machine
        self.profiles: LoadedProfiles
        self._ground = ground
        self._write = write
        self._producer: Producer | None = None
        self.progress = Progress(self.places)
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._parked = False
        self._closing = False
        self._begun = 0.0
        self._looked = 0.0
        self._not_before = 0.0
        self._no_change_before = 0.0

    @property
    def _group(self) -> Group:
        group = self._ground.group
        assert group is not None  # noqa: S101  # set before the first assignment
        return group

    @property
    def fenced(self) -> bool:
        """Whether it holds the partition's transactional id, as far as it knows."""
        return self._producer is not None

    @property
    def open(self) -> bool:
        """Whether records may be fetched for it; before a seek they would come in vain."""
        return self.serving and self.healthy and not self._parked

    @property
    def waiting(self) -> bool:
        """Whether `serve` or, after a rebalance, `resume` is still to come."""
        return self._parked or not self.serving

    # -- life

    async def fence(self) -> None:
        """Take the transactional id: what an earlier owner left open is undone by this."""
        await self._drop_producer()
        settings = self._ground.settings
        name = settings.transactional_id(self.name) if settings.exactly_once else None
        producer = self._ground.clients.producer(name)
        try:
            async with asyncio.timeout(FENCING):
                await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def serve(self) -> None:
        """Fetch from where the state stands, and begin; state and profiles must be loaded."""
        await self._seek()
        self.serving = True
        self._task = asyncio.create_task(self._run(), name=self.name)

    def put(self, batch: Batch) -> None:
        """Take in a fetched batch."""
        empty = not self.inbox.records
        self.inbox.put(batch)
        if empty or self.inbox.records >= self._ground.settings.batch_records:
            self._wake.set()

    def wake(self) -> None:
        """Look whether a change is due, though no record came."""
        self._wake.set()

    def park(self) -> None:
        """Begin no further transaction until `resume`; one in flight goes on."""
        self._parked = True

    async def idle(self) -> None:
        """Return when no transaction is in flight."""
        await self._idle.wait()

    async def resume(self) -> None:
        """Go on after a rebalance in which the partition stayed: fetch anew from the position."""
        if self.serving:
            await self._seek()
        self._parked = False
        self._wake.set()

    async def close(self) -> None:
        """End; a transaction in flight is given a while, then left for the next owner to undo."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, CLOSING)
        await self._drop_producer()
        if hasattr(self, "profiles"):
            self.profiles.close()

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    # -- the loop

    async def _run(self) -> None:
        try:
            while not self._closing:
                await self._wait()
                if self._parked or self._closing:
                    continue
                self._idle.clear()
                try:
                    await self._turn()
                finally:
                    self._idle.set()
        except Exception as error:
            log.exception("owner failed", owner=self.name)
            self.healthy = False
            await self._ground.fail(error)

    async def _wait(self) -> None:
        while not self._closing:
            delay = self._delay()
            if delay is not None and delay <= 0:
                return
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._wake.wait()

    def _delay(self) -> float | None:
        """Return the seconds until there is something to do; None until somebody says so."""
        if self._parked:
            return None
        now = time.monotonic()
        settings = self._ground.settings
        if self._change_due():
            return 0
        if self.inbox.records >= settings.batch_records:
            return 0
        if self.inbox.records:
            pause = max(settings.batch_interval, SHARE * self._ground.owners)
            return self._begun + pause - now
        return min(self._looked + LOOK - now, self._due(now))

    def _due(self, now: float) -> float:
        """Return the seconds until the machine's timers are due."""
        deadline = self.machine.next_deadline()
        if deadline is None:
            return math.inf
        return max(deadline / 1000 - time.time(), self._not_before - now)

    async def _turn(self) -> None:
        waited, self._looked = self.inbox.since, time.monotonic()
        strayed = self.progress.strayed(self.inbox, self._group)
        try:
            if self._change_due():
                await self._change()
            batches = self.inbox.take(self._ground.settings.batch_records)
            if batches:
                self._begun = self._looked
            if strayed or self.progress.broken(batches):
                self._ground.metrics.holes.inc()
                log.warning("a batch was lost on the way and is fetched again", owner=self.name)
                await self._seek()
            elif batches:
                await self._serve(batches)
            elif self._due(self._looked) <= 0:
                await self._fire()
        except (ShutOut, Unknown) as fault:
            await self._reopen(fault)
        if waited is not None:
            self._ground.metrics.stood_still(time.monotonic() - waited)

    def _change_due(self) -> bool:
        change = self.kind.change
        if change is None or time.monotonic() < self._no_change_before:
            return False
        return change.due(self.machine)

    async def _change(self) -> None:
        """Let what was published take effect, in a transaction of its own between two batches."""
        assert self.kind.change is not None  # noqa: S101  # it is due
        try:
            effects = self.kind.change.make(self.machine, time.time_ns() // 1_000_000)
        except Exception as error:  # noqa: BLE001  # our own code: the partition must go on
            self.machine.rollback()
            self._no_change_before = time.monotonic() + 60
            self._note_fault("change", error)
            return
        try:
            await self._settle([effects], [])
        except (TooMuchChanged, Undone) as fault:
            self.machine.rollback()
            self._no_change_before = time.monotonic() + AGAIN
            self._ground.metrics.aborted.labels(type(fault).__name__).inc()
            if isinstance(fault, Undone):
                await self._renew(fault)

    async def _fire(self) -> None:
        """Let timers fire by wall time; that is right only once everything was read."""
        self._not_before = time.monotonic() + 1
        if not self.progress.at_ends(self._group):
            return
        try:
            effects = self.machine.on_deadline(time.time_ns() // 1_000_000)
        except Exception as error:  # noqa: BLE001  # our own code: the partition must go on
            self.machine.rollback()
            self._not_before = time.monotonic() + 60
            self._note_fault("timers", error)
            return
        await self._settle([effects], [])

    def lag(self) -> dict[str, int]:
        """Return how many offsets each input topic is behind, where that is known."""
        return self.progress.behind(self._group)

    # -- one batch

    async def _serve(self, batches: list[Batch]) -> None:
        """Have batches done, as a whole if that works, else in ever smaller parts."""
        try:
            effects = [effect async for effect in self._work(batches)]
        except Exception as error:  # noqa: BLE001  # our own code: only the guilty may be put aside
            self.machine.rollback()
            self._note_fault("records", error)
            await self._divide(batches, error)
            return
        try:
            await self._settle(effects, batches)
        except TooMuchChanged as error:
            self.machine.rollback()
            await self._divide(batches, error)
        except Undone as fault:
            self.machine.rollback()
            self._ground.metrics.aborted.labels(type(fault.cause).__name__).inc()
            await self._renew(fault)
            if isinstance(fault.cause, GUILTY):
                await self._divide(batches, fault.cause)
            else:
                await asyncio.sleep(AGAIN)
                await self._serve(batches)

    async def _work(self, batches: list[Batch]) -> AsyncIterator[Effects]:
        for batch in batches:
            for begin in range(0, len(batch.records), STRETCH):
                yield self.machine.on_records(batch.topic, batch.records[begin : begin + STRETCH])
                await asyncio.sleep(0)

    async def _divide(self, batches: list[Batch], error: BaseException) -> None:
        """Do a batch that failed in two halves, each written by itself; park a single record."""
        count = sum(len(batch.records) for batch in batches)
        if count == 1:
            (batch,) = batches
            await self._settle([self.machine.park(batch.topic, batch.records[0], error)], batches)
            return
        first, second = halves(batches)
        await self._serve(first)
        await self._serve(second)

    async def _settle(self, effects: list[Effects], batches: list[Batch]) -> None:
        """Write effects, and keep them in memory once they are written."""
        ground = self._ground
        outbox = Outbox(
            ground.partitions,
            ground.codecs,
            self.partition,
            time.time_ns() // 1_000_000,
            transactional=ground.settings.exactly_once,
        )
        changes: dict[bytes, bytes | None] = {}
        for effect in effects:
            outbox.add(effect.outputs)
            changes |= effect.changes
        offsets = {self.places[topic]: end for topic, end in ends(batches).items()}
        if outbox.records or changes or offsets:
            assert self._producer is not None  # noqa: S101  # fenced before it serves
            with ground.metrics.writing.time():
                await self._write(self._producer, outbox, changes, offsets)
        self.machine.commit()
        self.progress.written(batches)
        self._report(effects, batches, outbox.records)

    def _report(self, effects: list[Effects], batches: list[Batch], outputs: int) -> None:
        metrics = self._ground.metrics
        for effect in effects:
            metrics.count(effect.counts)
        metrics.transactions.inc()
        metrics.outputs.inc(outputs)
        for batch in batches:
            partitions = self._ground.partitions[batch.topic]
            if wrong := misplaced(batch.records, self.partition, partitions):
                metrics.misplaced.labels(batch.topic).inc(wrong)
            metrics.records.labels(batch.topic).inc(len(batch.records))
            if batch.topic != self.kind.profiles:
                metrics.committed(batch.records)

    def _note_fault(self, where: str, error: BaseException) -> None:
        """Log the place of a fault of our own, never its text: that may hold contents."""
        self._ground.metrics.aborted.labels("own-code").inc()
        log.error(
            "own code failed",
            owner=self.name,
            what=where,
            error=type(error).__name__,
            place=places_of(error)[-1:],
        )

    # -- recovery

    async def _seek(self) -> None:
        """Fetch on from where the machine stands; what is in the inbox would come twice."""
        self.inbox.clear()
        wanted = {place: self.machine.position(topic) for topic, place in self.places.items()}
        try:
            found = await self._group.fetch_from(wanted)
        except (KafkaError, TimeoutError) as error:
            raise Unknown from error
        self.progress.sought(found)
        self.inbox.keep_from(self.progress.expected)

    async def _renew(self, fault: Undone) -> None:
        """Take a new producer after a batch that was surely not written.

        aiokafka goes on counting sequence numbers over a batch that was refused, so the old one
        would be refused from then on.
        """
        if not await self._group.confirm():
            raise ShutOut from fault
        try:
            await self.fence()
        except (KafkaError, TimeoutError) as error:
            raise Unknown from error

    async def _reopen(self, fault: ShutOut | Unknown) -> None:
        """Begin anew from the changelog, once the group confirms that the partition is ours.

        A lost transactional id has two causes. Where the partition went to another worker, the
        generation is not ours any more: the group says no, and soon takes the partition away.
        Where the broker ended a transaction that took too long, the group says yes. To take the
        id back without asking would shut out the rightful owner.
        """
        self.healthy = False
        if isinstance(fault, ShutOut):
            self._ground.metrics.fenced.inc()
        self._ground.metrics.aborted.labels(type(fault).__name__).inc()
        log.warning("owner begins anew", owner=self.name, fault=type(fault).__name__)
        self._idle.set()
        while not (self._closing or self._parked):
            try:
                if await self._group.confirm():
                    await self.fence()
                    await restore(self._ground, [self])
                    await self._seek()
                    self.healthy = True
                    return
            except (KafkaError, TimeoutError, ShutOut, Unknown) as error:
                log.warning("not yet", owner=self.name, fault=type(error).__name__)
            await asyncio.sleep(AGAIN)

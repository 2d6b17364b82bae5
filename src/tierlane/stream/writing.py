"""Doing batches: a machine turns them into effects, and these are written.

The machine's memory and what is written never part: a batch that is not written is rolled back.
Where that is not known, the fault is the owner's to deal with.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence
from math import inf
from typing import Final

import structlog
from aiokafka.errors import (
    CorruptRecordException,
    InvalidMessageError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
)

from tierlane.contact.reading import LATEST
from tierlane.errors import RevisionMissing
from tierlane.routing.effect import Effects
from tierlane.stream.client import Producer
from tierlane.stream.ground import Ground, Kind
from tierlane.stream.inbox import Batch, halves
from tierlane.stream.log import places_of
from tierlane.stream.machine import Machine
from tierlane.stream.outbox import Outbox, TooMuchChanged
from tierlane.stream.placement import misplaced
from tierlane.stream.progress import Progress, ends
from tierlane.stream.transaction import Draft, ShutOut, Undone, Unknown, Write

log = structlog.get_logger(__name__)

STRETCH: Final = 500
"""Records after which the loop gets its turn: others' transactions and the web wait no longer."""

AGAIN: Final = 0.5
"""Seconds before a batch that was refused for a passing reason is tried again."""

FAULTY: Final = 60.0
"""The same for what no record causes, where our own code raised at it."""

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


class Writing:
    """Has the machine of one partition do batches, and writes what comes of them."""

    def __init__(
        self, ground: Ground, kind: Kind, partition: int, write: Write, progress: Progress
    ) -> None:
        self.machine: Machine
        self._ground = ground
        self._kind = kind
        self._partition = partition
        self._name = f"{kind.name}-{partition}"
        self._write = write
        self._progress = progress
        self._producer: Producer | None = None

    @property
    def fenced(self) -> bool:
        """Whether it holds the partition's transactional id, as far as it knows."""
        return self._producer is not None

    async def fence(self) -> None:
        """Take the transactional id: what an earlier owner left open is undone by this."""
        await self.drop()
        settings = self._ground.settings
        name = settings.transactional_id(self._name) if settings.exactly_once else None
        producer = self._ground.clients.producer(name)
        try:
            async with asyncio.timeout(FENCING):
                await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def drop(self) -> None:
        """Let the producer go; what is in flight is left for the next one to undo."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def do(self, batches: list[Batch]) -> None:
        """Have batches done, as a whole if that works, else in ever smaller parts.

        Raises ShutOut or Unknown; the machine is ahead of what is written then.
        """
        try:
            effects = [effect async for effect in self._effects(batches)]
        except RevisionMissing as error:  # it was published, and has not come here yet
            self.machine.rollback()
            if await self._find(error.revision):
                await self.do(batches)
            else:
                await self._divide(batches, error)
            return
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
            await self._again(batches, fault)

    async def equip(self) -> None:
        """See that the revisions can be found that the machine's state names, and open it.

        Of the many objects of a long line none is in a cycle: looking for some takes longer than
        making them, six times at 100,000 contacts.
        """
        for revision in getattr(self.machine, "missing", tuple)():
            await self._find(revision)
        gc.disable()
        try:
            self.machine.next_deadline()
        finally:
            gc.enable()

    async def _find(self, revision: str) -> bool:
        change = self._kind.change
        return change is not None and await change.equip(revision)

    async def alone(self, what: str, make: Callable[[Machine, int], Effects]) -> float:
        """Write what no record causes, in a transaction of its own; `make` is handed the time, ms.

        Returns the seconds before it may be tried again: 0 where it is written.
        """
        try:
            effects = make(self.machine, time.time_ns() // 1_000_000)
        except Exception as error:  # noqa: BLE001  # our own code: the partition must go on
            self.machine.rollback()
            self._note_fault(what, error)
            return FAULTY
        try:
            await self._settle([effects], [])
        except TooMuchChanged as error:  # machines do a bounded part, so trying soon is no help
            self.machine.rollback()
            self._note_fault(what, error)
            return FAULTY
        except Undone as fault:
            self.machine.rollback()
            self._ground.metrics.aborted.labels(type(fault).__name__).inc()
            await self._renew(fault)
            return AGAIN
        return 0.0

    async def _effects(self, batches: Sequence[Batch]) -> AsyncIterator[Effects]:
        for batch in batches:
            for begin in range(0, len(batch.records), STRETCH):
                yield self.machine.on_records(batch.topic, batch.records[begin : begin + STRETCH])
                await asyncio.sleep(0)

    async def _again(self, batches: list[Batch], fault: Undone) -> None:
        """Do a batch that was surely not written again, in halves if a record is at fault."""
        self.machine.rollback()
        self._ground.metrics.aborted.labels(type(fault.cause).__name__).inc()
        await self._renew(fault)
        if isinstance(fault.cause, GUILTY):
            await self._divide(batches, fault.cause)
            return
        await asyncio.sleep(AGAIN)
        await self.do(batches)

    async def _divide(self, batches: list[Batch], error: BaseException) -> None:
        """Do a batch that failed in two halves, each written by itself; park a single record."""
        if sum(len(batch.records) for batch in batches) == 1:
            if not await self._relieved(batches[0].records[0].timestamp, error):
                await self._park(batches, error)
                return
            await self.do(batches)
            return
        first, second = halves(batches)
        await self.do(first)
        await self.do(second)

    async def _relieved(self, now: int, error: BaseException) -> bool:
        """Where timers that fire before a record make it too much, write them before it.

        Tells whether there were any: then the record is to be done again.
        """
        found = False
        if not isinstance(error, TooMuchChanged) or now >= LATEST:
            return False
        found = False
        while (self.machine.next_deadline() or inf) <= now:
            pause = await self.alone("timers", lambda machine, _: machine.on_deadline(now))
            if pause == FAULTY:
                return False
            await asyncio.sleep(pause)
            found = True
        return found

    async def _park(self, batches: Sequence[Batch], error: BaseException) -> None:
        """Put the one record aside, as often as that is refused."""
        (batch,) = batches
        while True:
            effects = self.machine.park(batch.topic, batch.records[0], error)
            try:
                await self._settle([effects], batches)
            except Undone as fault:
                self.machine.rollback()
                self._ground.metrics.aborted.labels(type(fault.cause).__name__).inc()
                await self._renew(fault)
                await asyncio.sleep(AGAIN)
            else:
                return

    async def _settle(self, effects: Sequence[Effects], batches: Sequence[Batch]) -> None:
        """Write effects, and keep them in memory once they are written."""
        draft = self._draft(effects, batches)
        if draft:
            assert self._producer is not None  # noqa: S101  # fenced before it serves
            with self._ground.metrics.writing.time():
                await self._write(self._producer, draft)
        self.machine.commit()
        self._progress.written(batches)
        self._report(effects, batches, draft.outbox.records)

    def _draft(self, effects: Sequence[Effects], batches: Sequence[Batch]) -> Draft:
        ground = self._ground
        outbox = Outbox(
            ground.partitions,
            ground.codecs,
            self._partition,
            time.time_ns() // 1_000_000,
            transactional=ground.settings.exactly_once,
        )
        changes: dict[bytes, bytes | None] = {}
        for effect in effects:
            outbox.add(effect.outputs)
            changes |= effect.changes
        places = ground.places(self._kind.inputs, self._partition)
        offsets = {places[topic]: end for topic, end in ends(batches).items()}
        return Draft(outbox, changes, offsets)

    def _report(self, effects: Sequence[Effects], batches: Sequence[Batch], outputs: int) -> None:
        metrics = self._ground.metrics
        for effect in effects:
            metrics.count(effect.counts)
        metrics.transactions.inc()
        metrics.outputs.inc(outputs)
        for batch in batches:
            partitions = self._ground.partitions[batch.topic]
            if wrong := misplaced(batch.records, self._partition, partitions):
                metrics.misplaced.labels(batch.topic).inc(wrong)
            metrics.records.labels(batch.topic).inc(len(batch.records))
            if batch.topic != self._kind.profiles:
                metrics.committed(batch.records)

    def _note_fault(self, where: str, error: BaseException) -> None:
        """Log the place of a fault of our own, never its text: that may hold contents."""
        self._ground.metrics.aborted.labels("own-code").inc()
        log.error(
            "own code failed",
            owner=self._name,
            what=where,
            error=type(error).__name__,
            place=places_of(error)[-1:],
        )

    async def _renew(self, fault: Undone) -> None:
        """Take a new producer after a batch that was surely not written.

        aiokafka goes on counting sequence numbers over a batch that was refused, so the old one
        would be refused from then on.
        """
        group = self._ground.group
        assert group is not None  # noqa: S101  # set before the first assignment
        if not await group.confirm():
            raise ShutOut from fault
        try:
            await self.fence()
        except (KafkaError, TimeoutError) as error:
            raise Unknown from error

"""The owner of one input partition: it alone reads it, and writes its state.

An owner takes batches out of its inbox and has them done and written (`writing`), one after the
other. Where it is not known whether a batch was written, or whose the partition is, it begins anew
from the changelog.
"""

import asyncio
import contextlib
import math
import time
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from tierlane.routing.effect import Effects
from tierlane.stream.ground import Ground, Group, Kind
from tierlane.stream.inbox import Batch, Inbox
from tierlane.stream.machine import Machine
from tierlane.stream.phase import UNSURE, WAITING, Phase
from tierlane.stream.profile_store import LoadedProfiles
from tierlane.stream.progress import LOOK, Progress
from tierlane.stream.recovery import restore
from tierlane.stream.transaction import ShutOut, Unknown, Write
from tierlane.stream.writing import AGAIN, Writing

log = structlog.get_logger(__name__)

SHARE: Final = 0.004
"""Seconds of a worker's time that a small transaction takes: owners leave each other that much."""

CLOSING: Final = 5.0
"""Seconds that a transaction in flight may take when its owner is closed."""

TOGETHER: Final = 2.0
"""Seconds that records of one topic wait for those of another that the log took before them."""

SOON: Final = 0.02
"""Seconds before that is looked at again."""

TIMERS: Final = 1.0
"""Seconds before timers that could not fire yet are looked at again."""


class Owner:
    """Drives the machine of one partition."""

    def __init__(self, ground: Ground, kind: Kind, partition: int, write: Write) -> None:
        self.kind = kind
        self.partition = partition
        self.name = f"{kind.name}-{partition}"
        self.phase = Phase.NEW
        self.inbox = Inbox(kind.inputs)
        self.places = ground.places(kind.inputs, partition)
        self.progress = Progress(self.places)
        self.writing = Writing(ground, kind, partition, write, self.progress)
        self.profiles: LoadedProfiles
        self._ground = ground
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
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
    def healthy(self) -> bool:
        """False once shut out: it writes nothing more unless the group confirms it."""
        return self.phase not in UNSURE

    @property
    def open(self) -> bool:
        """Whether records may be fetched for it; before a seek they would come in vain."""
        return self.phase is Phase.SERVING

    @property
    def waiting(self) -> bool:
        """Whether `serve` or, after a rebalance, `resume` is still to come."""
        return self.phase in WAITING

    # -- life

    async def serve(self) -> None:
        """Fetch from where the state stands, and begin; state and profiles must be loaded."""
        await self._seek()
        if self.phase is Phase.NEW:  # and was not closed meanwhile
            self.phase = Phase.SERVING
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
        if self.phase is Phase.SERVING:
            self.phase = Phase.PARKED
        elif self.phase is Phase.SHUT_OUT:
            self.phase = Phase.LOST

    async def idle(self) -> None:
        """Return when no transaction is in flight."""
        await self._idle.wait()

    async def resume(self) -> None:
        """Go on after a rebalance in which the partition stayed: fetch anew from the position.

        An owner that was shut out by what was in flight meanwhile begins anew.
        """
        before = self.phase
        if before is Phase.LOST:
            await self._take_up()
        await self._seek()
        if self.phase is before:
            self.phase = Phase.SERVING
            self._wake.set()

    async def close(self) -> None:
        """End; a transaction in flight is given a while, then left for the next owner to undo."""
        if self.phase is Phase.CLOSED:
            return
        self.phase = Phase.CLOSED
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, CLOSING)
        await self.writing.drop()
        if hasattr(self, "profiles"):
            self.profiles.close()

    # -- the loop

    async def _run(self) -> None:
        try:
            while self.phase is not Phase.CLOSED:
                await self._wait()
                if self.phase is not Phase.SERVING:
                    continue
                self._idle.clear()
                try:
                    await self._turn()
                finally:
                    self._idle.set()
        except Exception as error:
            log.exception("owner failed", owner=self.name)
            self.phase = Phase.LOST
            await self._ground.fail(error)

    async def _wait(self) -> None:
        while self.phase is not Phase.CLOSED:
            delay = self._delay()
            if delay is not None and delay <= 0:
                return
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._wake.wait()

    def _delay(self) -> float | None:
        """Return the seconds until there is something to do; None until somebody says so."""
        if self.phase is not Phase.SERVING:
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
        deadline = self.writing.machine.next_deadline()
        if deadline is None:
            return math.inf
        return max(deadline / 1000 - time.time(), self._not_before - now)

    async def _turn(self) -> None:
        waited, self._looked = self.inbox.since, time.monotonic()
        strayed = self.progress.strayed(self.inbox, self._group)
        try:
            if self._change_due():
                await self._change()
            batches = await self._take()
            if batches:
                self._begun = self._looked
            if strayed or self.progress.broken(batches):
                self._ground.metrics.holes.inc()
                log.warning("a batch was lost on the way and is fetched again", owner=self.name)
                await self._seek()
            elif batches:
                await self.writing.do(batches)
            elif self._due(self._looked) <= 0:
                await self._fire()
        except (ShutOut, Unknown) as fault:
            await self._reopen(fault)
        if waited is not None:
            self._ground.metrics.stood_still(time.monotonic() - waited)

    async def _take(self) -> list[Batch]:
        """Take what is to be done next, in the order of time where the kind asks for it.

        A topic of which more lies in the log than was fetched is waited for, but not for long.
        """
        most, inbox = self._ground.settings.batch_records, self.inbox
        if not self.kind.by_time:
            return inbox.take(most)
        behind = self.progress.behind(self._group)
        since = inbox.since
        early = since is not None and time.monotonic() - since < TOGETHER
        if early and any(behind.get(one, 0) and not inbox.holds(one) for one in self.places):
            await asyncio.sleep(SOON)
            return []
        return inbox.take_by_time(most)

    def _change_due(self) -> bool:
        change = self.kind.change
        if change is None or time.monotonic() < self._no_change_before:
            return False
        return change.due(self.writing.machine)

    async def _change(self) -> None:
        """Let what was published take effect, in a transaction of its own between two batches."""
        change = self.kind.change
        assert change is not None  # noqa: S101  # it is due
        pause = await self.writing.alone("change", change.make)
        self._no_change_before = time.monotonic() + pause

    async def _fire(self) -> None:
        """Let timers fire by wall time; that is right only once everything was read."""
        pause = TIMERS
        if self.progress.at_ends(self._group):
            pause = max(pause, await self.writing.alone("timers", _on_deadline))
        self._not_before = time.monotonic() + pause

    def lag(self) -> dict[str, int]:
        """Return how many offsets each input topic is behind, where that is known."""
        return self.progress.behind(self._group)

    # -- recovery

    async def _seek(self) -> None:
        """Fetch on from where the machine stands; what is in the inbox would come twice."""
        self.inbox.clear()
        machine = self.writing.machine
        wanted = {place: machine.position(topic) for topic, place in self.places.items()}
        try:
            found = await self._group.fetch_from(wanted)
        except (KafkaError, TimeoutError) as error:
            raise Unknown from error
        self.progress.sought(found)
        self.inbox.keep_from(self.progress.expected)

    async def _take_up(self) -> None:
        await self.writing.fence()
        await restore(self._ground, [self])
        await self.writing.equip()

    async def _reopen(self, fault: ShutOut | Unknown) -> None:
        """Begin anew from the changelog, once the group confirms that the partition is ours.

        A lost transactional id has two causes. Where the partition went to another worker, the
        generation is not ours any more: the group says no, and soon takes the partition away.
        Where the broker ended a transaction that took too long, the group says yes. To take the
        id back without asking would shut out the rightful owner.
        """
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.LOST if self.phase is Phase.PARKED else Phase.SHUT_OUT
        if isinstance(fault, ShutOut):
            self._ground.metrics.fenced.inc()
        self._ground.metrics.aborted.labels(type(fault).__name__).inc()
        log.warning("owner begins anew", owner=self.name, fault=type(fault).__name__)
        self._idle.set()
        while self.phase is Phase.SHUT_OUT:
            try:
                if await self._group.confirm():
                    await self._take_up()
                    await self._seek()
                    if self.phase is Phase.SHUT_OUT:
                        self.phase = Phase.SERVING
                    return
            except (KafkaError, TimeoutError, ShutOut, Unknown) as error:
                log.warning("not yet", owner=self.name, fault=type(error).__name__)
            await asyncio.sleep(AGAIN)


def _on_deadline(machine: Machine, now: int) -> Effects:
    return machine.on_deadline(now)

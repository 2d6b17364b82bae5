"""Which owners a worker has: made, kept and closed as the group deals out partitions."""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Collection, Coroutine, Iterable, Sequence
from typing import Any, Final

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from tierlane.stream.ground import Ground, Group, Kind
from tierlane.stream.inbox import Batch
from tierlane.stream.owner import Owner
from tierlane.stream.phase import Phase
from tierlane.stream.recovery import load_profiles, restore
from tierlane.stream.transaction import AtLeastOnce, ExactlyOnce, ShutOut, Unknown, Write

log = structlog.get_logger(__name__)

DRAIN: Final = 5.0
"""Seconds that a rebalance waits for transactions in flight; the others of the group wait too."""

AGAIN: Final = 1.0
"""Seconds before partitions that brokers did not let open are tried again."""

STAYING: Final = (Phase.SERVING, Phase.PARKED)
"""Owners in these phases go on where the partition stays theirs; the others are made anew."""

DEEP: Final = 2
"""An owner whose inbox holds this many full batches is not fetched for."""


class Ownership:
    """The owners of one worker, by kind and partition."""

    def __init__(self, ground: Ground, kinds: Sequence[Kind]) -> None:
        self.kinds = kinds
        self.topics = frozenset(
            ground.settings.topic(topic) for kind in kinds for topic in kind.inputs
        )
        """Input topics of all kinds, as the brokers know them."""
        self.generation = -1
        self._ground = ground
        self._owners: dict[tuple[str, int], Owner] = {}
        self._kind_of = {topic: kind.name for kind in kinds for topic in kind.inputs}
        self._topic_of: dict[TopicPartition, str] = {}
        self._opening: asyncio.Task[None] | None = None

    @property
    def owners(self) -> Collection[Owner]:
        """Every owner, opened or not."""
        return self._owners.values()

    @property
    def opening(self) -> bool:
        """Whether state or profiles are being read."""
        return self._opening is not None and not self._opening.done()

    def join(self, group: Group) -> None:
        """Make the group known to owners."""
        self._ground.group = group

    async def answers(self) -> bool:
        """Tell whether the group's coordinator answers; True before the group is known."""
        group = self._ground.group
        return group is None or await group.answers()

    def put(self, batch: Batch) -> None:
        """Hand a fetched batch to its owner; one fetched for an earlier assignment is dropped."""
        owner = self._owners.get((self._kind_of[batch.topic], batch.partition))
        if owner is not None and batch.generation == self.generation:
            owner.put(batch)

    def wake(self) -> None:
        """Have every owner that serves look whether a change is due."""
        for owner in self.owners:
            if owner.open:
                owner.wake()

    def topic_of(self, place: TopicPartition) -> str | None:
        """Return the topic's name without prefix; None where no owner reads it."""
        return self._topic_of.get(place)

    def flow(self) -> tuple[set[TopicPartition], set[TopicPartition]]:
        """Return the partitions of owners that serve, and of those that want more records."""
        enough = DEEP * self._ground.settings.batch_records
        open_: set[TopicPartition] = set()
        ready: set[TopicPartition] = set()
        for owner in self.owners:
            if owner.open:
                open_.update(owner.places.values())
                if owner.inbox.records < enough:
                    ready.update(owner.places.values())
        return open_, ready

    # -- rebalance

    async def revoke(self) -> None:
        """Let transactions in flight end before the group is joined anew; begin no others."""
        await self._stop_opening()
        for owner in self.owners:
            owner.park()
        waits = [asyncio.create_task(owner.idle()) for owner in self.owners]
        if waits:
            _, late = await asyncio.wait(waits, timeout=DRAIN)
            for task in late:
                task.cancel()

    async def assign(self, assigned: Collection[TopicPartition], generation: int) -> None:
        """Keep, close and make owners for what is assigned now.

        New owners fence here, before Faust goes on to read committed offsets: what an owner before
        them left open is then undone. State is read later, in a task: aiokafka sends no heartbeat
        before this returns.
        """
        wanted = self._wanted(assigned)
        following = generation == self.generation + 1
        self.generation = generation
        gone = {
            key: owner
            for key, owner in self._owners.items()
            if not (following and key in wanted and owner.phase in STAYING)
        }
        for key in gone:
            del self._owners[key]
        await asyncio.gather(*(owner.close() for owner in gone.values()))
        kept = list(self._owners.values())
        for owner in kept:
            owner.park()  # a new assignment begins where the group's offsets are: all seek anew
        new = [self._make(*key) for key in wanted if key not in self._owners]
        begun = time.monotonic()
        await self._fence(new)
        self._owners |= {(owner.kind.name, owner.partition): owner for owner in new}
        self._topic_of = {
            place: topic for owner in self.owners for topic, place in owner.places.items()
        }
        self._ground.owners = max(Counter(name for name, _ in wanted).values(), default=1)
        log.info(
            "assigned",
            generation=generation,
            kept=sorted(owner.name for owner in kept),
            new=sorted(owner.name for owner in new),
            fenced=round(time.monotonic() - begun, 3),
        )
        self._opening = asyncio.create_task(self._open(kept, new), name="opening")

    def _wanted(self, assigned: Collection[TopicPartition]) -> set[tuple[str, int]]:
        kinds = {self._ground.settings.topic(topic): name for topic, name in self._kind_of.items()}
        return {(kinds[place.topic], place.partition) for place in assigned if place.topic in kinds}

    def _make(self, name: str, partition: int) -> Owner:
        kind = next(kind for kind in self.kinds if kind.name == name)
        return Owner(self._ground, kind, partition, self._writer(kind))

    def _writer(self, kind: Kind) -> Write:
        settings, group = self._ground.settings, self._ground.group
        assert group is not None  # noqa: S101  # joined before the first assignment
        if settings.exactly_once:
            return ExactlyOnce(
                settings.group, kind.changelog, self._ground.names, settings.transaction_timeout
            )
        # A sign of life was given at most one interval before the process was stopped; half of
        # what is left of the time-out allows for clocks and busy cores.
        trust = (settings.session_timeout - settings.heartbeat_interval) / 2
        return AtLeastOnce(kind.changelog, self._ground.names, group, trust)

    async def _fence(self, owners: Sequence[Owner]) -> None:
        """Fence as far as brokers answer in time; who is left is fenced before state is read."""
        tasks = [asyncio.create_task(owner.writing.fence()) for owner in owners]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self, kept: Sequence[Owner], new: Sequence[Owner]) -> None:
        try:
            while waiting := [owner for owner in (*kept, *new) if owner.waiting]:
                try:
                    await _together(one.resume() for one in waiting if one in kept)
                    await self._bring_up([one for one in waiting if one in new])
                except (KafkaError, TimeoutError, Unknown) as error:
                    log.warning("partitions are not open yet", fault=type(error).__name__)
                    await asyncio.sleep(AGAIN)
            self._ground.metrics.owners.set(len(self._owners))
        except ShutOut:
            log.info("the next rebalance began before partitions were opened")
        except Exception as error:
            log.exception("partitions could not be opened")
            await self._ground.fail(error)

    async def _bring_up(self, owners: Sequence[Owner]) -> None:
        await _together(owner.writing.fence() for owner in owners if not owner.writing.fenced)
        await restore(self._ground, owners)
        await load_profiles(self._ground, owners)
        await _together(kind.change.ready() for kind in self.kinds if kind.change)
        await _together(owner.writing.equip() for owner in owners)
        await _together(owner.serve() for owner in owners)
        gc.freeze()  # what was read back stays; looking through it takes long

    async def _stop_opening(self) -> None:
        task, self._opening = self._opening, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    async def close(self) -> None:
        """Close every owner; transactions in flight end first."""
        await self._stop_opening()
        owners, self._owners, self._topic_of = list(self.owners), {}, {}
        await asyncio.gather(*(owner.close() for owner in owners))
        self._ground.metrics.owners.set(0)


async def _together(efforts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all at once; where one fails, the others are ended before its fault is raised.

    What runs on would meet the next try in the same owner: two seeks, or two producers.
    """
    tasks = [asyncio.create_task(effort) for effort in efforts]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise

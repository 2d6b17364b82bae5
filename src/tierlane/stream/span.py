"""Ranges of the topics of an installation, read as replay wants them: records, merged by time.

Inputs end where the group has committed, so that everything read was decided; what was written is
read to its end after that. Replay knows nothing of this module: it takes anything that has its
calls.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import merge
from operator import attrgetter
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, NodeNotReadyError

from tierlane.errors import BrokerError, TopicError
from tierlane.ports import Record
from tierlane.stream.security import client_options, unreachable
from tierlane.stream.settings import Settings
from tierlane.topic import (
    ADVISOR_DIRECTORY,
    ADVISOR_OFFERS,
    CUSTOMER_PROFILES,
    DESK_INPUTS,
    INTAKE_INPUTS,
    POLICY_REVISIONS,
    ROUTING_AUDIT,
    ROUTING_SHADOW,
    lane_topic,
)

INPUTS: Final = frozenset((*INTAKE_INPUTS, *DESK_INPUTS))

TOPICS: Final = (
    *INTAKE_INPUTS,
    *DESK_INPUTS,
    POLICY_REVISIONS,
    ADVISOR_DIRECTORY,
    ADVISOR_OFFERS,
    ROUTING_AUDIT,
    ROUTING_SHADOW,
    *(lane_topic(kind) for kind in ("standard", "priority", "dedicated", "selfservice")),
)
"""What is read where nobody names topics."""

WHOLE: Final = frozenset({CUSTOMER_PROFILES, POLICY_REVISIONS})
"""Read from their beginning whatever the range is: decisions in it rest on what came before."""

HELD: Final = 2_000
"""Records of a partition that wait to be merged, above which it is not fetched."""

FETCH_BYTES: Final = 1 << 20
WAIT_MS: Final = 100


class Range(NamedTuple):
    """Offsets of one partition; `end` None is as far as it goes."""

    topic: str
    partition: int
    begin: int
    end: int | None


class SpanRecord(NamedTuple):
    """A record with its topic as the code knows it, without the prefix of the installation."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


_STAMPED: Final = attrgetter("timestamp")


class Span:
    """The topics of an installation in a range of time or offsets."""

    def __init__(
        self,
        settings: Settings,
        *,
        since: int | None = None,
        until: int | None = None,
        ranges: Sequence[Range] = (),
    ) -> None:
        """`since` and `until` in ms since 1970, by the time at which the log took a record."""
        self.name: Final = f"kafka:{settings.brokers}"
        self._settings = settings
        self._since = since
        self._until = until
        self._ranges = {(one.topic, one.partition): one for one in ranges}
        self.spans: dict[tuple[str, int], tuple[int, int]] = {}
        """Topic and partition → first offset read and the end; settled by the first reading."""

    @property
    def cut(self) -> bool:
        """True: while it is read, workers go on writing."""
        return True

    def batches(self, topics: Collection[str] | None = None) -> Iterator[Sequence[Record]]:
        """Yield the records of these topics by timestamp, each partition by offset.

        Only what is committed is read. Raises `BrokerError` where no broker answers, `TopicError`
        where none of the topics is there.
        """
        with asyncio.Runner() as runner, _told():
            reading = _Reading(self._settings, runner)
            try:
                if not self.spans:
                    self._settle(reading)
                places = reading.places(topics)
                yield from reading.run(
                    {
                        place: (topic, *self.spans[topic, place.partition])
                        for place, topic in places.items()
                        if (topic, place.partition) in self.spans
                    }
                )
            finally:
                reading.close()

    def _settle(self, reading: "_Reading") -> None:
        """Settle where every partition begins and ends, whichever are read first."""
        places = reading.places(TOPICS)
        inputs = [place for place, topic in places.items() if topic in INPUTS]
        ends = reading.ends(inputs)
        committed = reading.committed(inputs)
        # After the inputs: what those led to is then below these ends.
        ends |= reading.ends([place for place in places if place not in ends])
        begins = reading.begins(list(places))
        for place, topic in places.items():
            begin, end = begins[place], ends[place]
            if topic in INPUTS and place in committed:
                end = min(end, committed[place])
            self.spans[topic, place.partition] = self._bounded(reading, place, topic, begin, end)

    def _bounded(
        self, reading: "_Reading", place: TopicPartition, topic: str, begin: int, end: int
    ) -> tuple[int, int]:
        wanted = self._ranges.get((topic, place.partition))
        if wanted is not None:
            return max(begin, wanted.begin), end if wanted.end is None else min(end, wanted.end)
        if topic in WHOLE:
            return begin, end
        if self._since is not None:
            begin = max(begin, reading.offset_at(place, self._since, end))
        if self._until is not None and topic in INPUTS:
            end = min(end, reading.offset_at(place, self._until, end))
        return begin, end


class _Reading:
    """One pass over the topics, on a loop of its own."""

    def __init__(self, settings: Settings, runner: asyncio.Runner) -> None:
        self._settings = settings
        self._runner = runner
        self._consumer: Any = runner.run(_begun(settings))

    def close(self) -> None:
        """Let go of the connection."""
        self._runner.run(self._consumer.stop())

    def places(self, topics: Collection[str] | None) -> dict[TopicPartition, str]:
        """Return the partitions of topics by their names here. Raises `TopicError` if none."""
        cluster = self._runner.run(self._consumer._client.fetch_all_metadata())
        wanted = {self._settings.topic(one): one for one in (topics or TOPICS)}
        found = {
            TopicPartition(name, number): topic
            for name, topic in wanted.items()
            for number in cluster.partitions_for_topic(name) or ()
        }
        if not found:
            raise TopicError(
                f"none of the topics is there, such as `{next(iter(wanted))}`",
                hint="see --brokers and --prefix",
            )
        return dict(sorted(found.items()))

    def begins(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offsets that are still there."""
        found: dict[TopicPartition, int] = self._runner.run(
            self._consumer.beginning_offsets(places)
        )
        return found

    def ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offsets below which everything is committed."""
        found: dict[TopicPartition, int] = self._runner.run(self._consumer.end_offsets(places))
        return found

    def committed(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offsets below which the installation's group has decided everything."""
        found = self._runner.run(_committed(self._settings))
        return {place: found[place] for place in places if place in found}

    def offset_at(self, place: TopicPartition, moment: int, end: int) -> int:
        """Return the first offset at or after a moment; the end where there is none."""
        found = self._runner.run(self._consumer.offsets_for_times({place: moment}))[place]
        return end if found is None else int(found.offset)

    def run(self, plan: Mapping[TopicPartition, tuple[str, int, int]]) -> Iterator[list[Record]]:
        """Yield the records of a plan, merged by timestamp."""
        waiting = {place: one for place, one in plan.items() if one[1] < one[2]}
        if not waiting:
            return
        self._runner.run(self._seek({place: begin for place, (_, begin, _) in waiting.items()}))
        held: dict[TopicPartition, deque[Record]] = {place: deque() for place in waiting}
        unread = set(waiting)
        while unread:
            self._fetch(plan, held, unread)
            if batch := _ripe(held, unread):
                yield batch
        if batch := _ripe(held, unread):
            yield batch

    def _fetch(
        self,
        plan: Mapping[TopicPartition, tuple[str, int, int]],
        held: dict[TopicPartition, deque[Record]],
        unread: set[TopicPartition],
    ) -> None:
        hungry = [place for place in unread if len(held[place]) < HELD]
        fetched, positions = self._runner.run(self._more(hungry))
        for place, records in fetched.items():
            topic, _, end = plan[place]
            held[place].extend(_renamed(one, topic) for one in records if one.offset < end)
        unread.difference_update(
            place for place, position in positions.items() if position >= plan[place][2]
        )

    async def _seek(self, begins: Mapping[TopicPartition, int]) -> None:
        self._consumer.assign(list(begins))
        for place, begin in begins.items():
            self._consumer.seek(place, begin)

    async def _more(
        self, hungry: Sequence[TopicPartition]
    ) -> tuple[dict[TopicPartition, list[Any]], dict[TopicPartition, int]]:
        """Return records of partitions, and where those now stand."""
        fetched = await self._consumer.getmany(*hungry, timeout_ms=WAIT_MS)
        return fetched, {place: await self._consumer.position(place) for place in hungry}


@contextmanager
def _told() -> Iterator[None]:
    """Tell of the clients' faults as ours."""
    try:
        yield
    except KafkaError as error:
        raise BrokerError(f"the topics cannot be read: {type(error).__name__}") from None


def _renamed(record: Any, topic: str) -> SpanRecord:
    return SpanRecord(
        topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        record.headers,
    )


def _ripe(
    held: dict[TopicPartition, deque[Record]], unread: Collection[TopicPartition]
) -> list[Record]:
    """Take what cannot be preceded by anything still to come, by timestamp."""
    if any(not held[place] for place in unread):
        return []
    bound = min((held[place][-1].timestamp for place in unread), default=None)
    taken: list[list[Record]] = []
    for records in held.values():
        part = []
        while records and (bound is None or records[0].timestamp <= bound):
            part.append(records.popleft())
        taken.append(part)
    return list(merge(*taken, key=_STAMPED))


async def _begun(settings: Settings) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_wait_ms=WAIT_MS,
    )
    try:
        await consumer.start()
    except KafkaError:
        await consumer.stop()
        raise unreachable(settings) from None
    return consumer


async def _committed(settings: Settings) -> dict[TopicPartition, int]:
    client = AIOKafkaAdminClient(**client_options(settings))
    await client.start()
    try:
        found = await client.list_consumer_group_offsets(settings.group)
    except (GroupCoordinatorNotAvailableError, NodeNotReadyError):
        return {}  # no group has ever been here
    finally:
        await client.close()
    return {place: one.offset for place, one in found.items() if one.offset >= 0}

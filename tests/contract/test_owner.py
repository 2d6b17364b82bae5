"""One owner on a real broker: what it writes when all goes well, and when it does not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError
from aiokafka.structs import TopicPartition

from tests.broker.log import Fresh, Kept, Log
from tests.conftest import Broker
from tests.contract.counting import BOOM, KIND, OUT, STATE, Counting
from tierlane.routing.effect import Effects, Output
from tierlane.stream.client import Clients, Producer
from tierlane.stream.ground import Ground
from tierlane.stream.inbox import Batch
from tierlane.stream.metric import Metrics
from tierlane.stream.murmur import place
from tierlane.stream.owner import Owner
from tierlane.stream.recovery import load_profiles, restore
from tierlane.stream.settings import Settings
from tierlane.stream.transaction import AtLeastOnce, ExactlyOnce
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES

TOPICS = (CONTACT_EVENTS, CUSTOMER_PROFILES, OUT, "contact.rejected", STATE)
PARTITION = 1


class Group:
    """A group of one, which says yes until told otherwise."""

    def __init__(self) -> None:
        self.member = True
        self.sought: list[dict[str, int]] = []
        self.handed_over: dict[TopicPartition, int] = {}
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while a seek is under way."""
        self.offsets: dict[TopicPartition, int] = {}

    async def confirm(self) -> bool:
        return self.member

    async def fetch_from(self, offsets: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
        self.sought.append({place.topic: offset for place, offset in offsets.items()})
        self.meanwhile()
        await asyncio.sleep(0)
        self.handed_over = {place: max(0, offset) for place, offset in offsets.items()}
        return dict(self.handed_over)

    def fetched(self, partition: TopicPartition) -> int | None:
        return self.handed_over.get(partition)

    async def commit_offsets(self, offsets: dict[TopicPartition, int]) -> None:
        self.offsets |= offsets

    def behind(self, partition: TopicPartition, position: int) -> int | None:
        return None


class Stage:
    """Makes owners on the test's topics, and looks at what they wrote."""

    def __init__(self, log: Log, folder: Path, **changes: Any) -> None:
        settings = {"batch_interval": 0.0, "batch_records": 200, **changes}
        self.log = log
        self.settings = Settings(brokers=log.address, prefix=log.prefix, **settings)
        self.metrics = Metrics()
        self.failed: list[BaseException] = []
        self._folder = folder
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        await self.log.create(TOPICS, 4)

    async def ground(self) -> Ground:
        clients = Clients(self.settings)
        await clients.open([self.settings.topic(name) for name in TOPICS])
        self._stack.push_async_callback(clients.close)
        partitions = dict.fromkeys(TOPICS, 4)
        ground = Ground(self.settings, clients, self.metrics, self._folder, partitions, self._fail)
        ground.group = Group()
        return ground

    async def _fail(self, error: BaseException) -> None:
        self.failed.append(error)

    async def owner(self) -> Owner:
        ground = await self.ground()
        names, settings = ground.names, self.settings
        write = (
            ExactlyOnce(settings.group, STATE, names, settings.transaction_timeout)
            if settings.exactly_once
            else AtLeastOnce(STATE, names, ground.group, settings.session_timeout / 2)
        )
        owner = Owner(ground, KIND, PARTITION, write)
        await owner.writing.fence()
        await restore(ground, [owner])
        await load_profiles(ground, [owner])
        await owner.serve()
        self._stack.push_async_callback(owner.close)
        return owner

    async def close(self) -> None:
        await self._stack.aclose()

    async def read(self, topic: str) -> list[Kept]:
        return [record async for record in self.log.read([topic])]

    async def values(self) -> list[bytes]:
        """Values in the lane, in the order of the contacts' offsets."""
        found = {int(r.key.rsplit(b"-", 1)[1]): r.value for r in await self.read(OUT)}
        return [found[offset] for offset in sorted(found)]


@asynccontextmanager
async def _stage(log: Log, folder: Path, **changes: Any) -> AsyncIterator[Stage]:
    stage = Stage(log, folder, **changes)
    await stage.open()
    try:
        yield stage
    finally:
        await stage.close()
    assert not stage.failed


def contacts(values: Iterable[bytes], begin: int = 0, previous: int | None = None) -> Batch:
    """A batch as fetched: a contact for each value, keyed by it."""
    records = [
        Kept(CONTACT_EVENTS, PARTITION, begin + number, 1_000, value, value)
        for number, value in enumerate(values)
    ]
    return Batch(CONTACT_EVENTS, PARTITION, begin if previous is None else previous, records, 1)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  # what is looked at has no event of its own
            await asyncio.sleep(0.01)


def at(owner: Owner) -> int:
    """Where the owner stands by what is written; its machine may be ahead."""
    return owner.progress.expected[CONTACT_EVENTS]


NAMES = [b"u-%d" % (number % 7) for number in range(100)]
COUNTED = [b"u-%d %d -" % (number % 7, number // 7 + 1) for number in range(100)]


async def test_outputs_state_and_offsets_are_written_together(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES))
        await until(lambda: at(owner) == 100)
        await owner.close()
        assert await stage.values() == COUNTED
        committed = await log.committed("tierlane", [CONTACT_EVENTS])
        assert committed == {(CONTACT_EVENTS, PARTITION): 100}
        state = await stage.read(STATE)
        assert {record.partition for record in state} == {PARTITION}
        assert {r.key: r.value for r in state}[b"u-0"] == b"15"


async def test_outputs_lie_on_the_partition_of_their_key(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES))
        await until(lambda: at(owner) == 100)
        records = await stage.read(OUT)
        assert {record.partition for record in records} == {0, 1, 2, 3}
        assert all(record.partition == place(record.key, 4) for record in records)


async def test_the_next_owner_goes_on_where_the_one_before_stood(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        first = await stage.owner()
        first.put(contacts(NAMES[:50]))
        await until(lambda: at(first) == 50)
        await first.close()
        second = await stage.owner()
        assert at(second) == 50
        # A fetch that begins before the position, as after a seek to what the group committed.
        second.put(contacts(NAMES))
        await until(lambda: at(second) == 100)
        assert await stage.values() == COUNTED
        assert len(await stage.read(OUT)) == 100


async def test_only_the_record_that_raises_is_put_aside(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        owner.put(contacts([*NAMES[:37], BOOM, *NAMES[37:80], BOOM, *NAMES[80:]]))
        await until(lambda: at(owner) == 102)
        assert [r.value for r in await stage.read("contact.rejected")] == [BOOM, BOOM]
        assert await stage.values() == COUNTED


async def test_a_shut_out_owner_writes_nothing_and_takes_nothing_back(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        zombie = await stage.owner()
        zombie.put(contacts(NAMES[:30]))
        await until(lambda: at(zombie) == 30)
        rightful = await stage.owner()
        zombie._ground.group.member = False
        zombie.put(contacts(NAMES[30:60], 30))
        await until(lambda: not zombie.healthy)
        rightful.put(contacts(NAMES[30:], 30))
        await until(lambda: at(rightful) == 100)
        await asyncio.sleep(1)
        assert not zombie.healthy and rightful.healthy
        assert await stage.values() == COUNTED
        assert len(await stage.read(OUT)) == 100


async def test_an_owner_that_lost_its_id_to_a_time_out_begins_anew(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES[:30]))
        await until(lambda: at(owner) == 30)
        # The broker ends an overlong transaction as it ends that of an owner before: by the epoch.
        other = owner._ground.clients.producer(stage.settings.transactional_id(owner.name))
        await other.start()
        await other.stop()
        owner.put(contacts(NAMES[30:60], 30))
        await until(lambda: len(owner._ground.group.sought) == 2)
        assert owner._ground.group.sought[-1][log.prefix + CONTACT_EVENTS] == 30
        owner.put(contacts(NAMES[30:], 30))
        await until(lambda: at(owner) == 100)
        assert await stage.values() == COUNTED
        assert len(await stage.read(OUT)) == 100


@pytest.mark.parametrize("written", [True, False])
async def test_an_unknown_outcome_is_asked_of_the_changelog(
    kafka: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        commit = Producer.commit_transaction

        async def lost(producer: Producer) -> None:
            monkeypatch.setattr(Producer, "commit_transaction", commit)
            if written:
                await commit(producer)
            raise KafkaConnectionError("the answer was lost")

        monkeypatch.setattr(Producer, "commit_transaction", lost)
        owner.put(contacts(NAMES[:50]))
        await until(lambda: len(owner._ground.group.sought) == 2)
        await until(lambda: owner.healthy)
        stood = 50 if written else 0
        assert at(owner) == stood
        owner.put(contacts(NAMES[stood:], stood))
        await until(lambda: at(owner) == 100)
        assert await stage.values() == COUNTED
        assert len(await stage.read(OUT)) == 100


@pytest.mark.parametrize("fault", [KafkaConnectionError, MessageSizeTooLargeError])
async def test_a_refused_batch_is_undone_and_done_again(
    kafka: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        send = Producer.send_batch
        times = 0

        async def refuse(producer: Producer, *given: Any, **more: Any) -> Any:
            nonlocal times
            times += 1
            if times == 3:
                raise fault
            return await send(producer, *given, **more)

        monkeypatch.setattr(Producer, "send_batch", refuse)
        owner.put(contacts(NAMES))
        await until(lambda: at(owner) == 100)
        assert times > 3
        assert await stage.values() == COUNTED
        assert len(await stage.read(OUT)) == 100
        assert not await stage.read("contact.rejected")


async def test_timers_whose_transaction_is_refused_fire_again(
    kafka: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired: list[int] = []

    def on_deadline(machine: Counting, now: int) -> Effects:
        fired.append(now)
        effects = Effects()
        effects.outputs.append(Output(OUT, b"k-1-0", b"lapsed"))
        return effects

    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        begin = Producer.begin_transaction

        async def refuse(producer: Producer) -> None:
            monkeypatch.setattr(Producer, "begin_transaction", begin)
            raise KafkaConnectionError

        monkeypatch.setattr(Producer, "begin_transaction", refuse)
        monkeypatch.setattr(Group, "behind", lambda *_: 0)
        monkeypatch.setattr(Counting, "on_deadline", on_deadline)
        monkeypatch.setattr(Counting, "next_deadline", lambda _: None if len(fired) > 1 else 1)
        await until(lambda: len(fired) == 2)
        await owner.close()
        assert [record.value for record in await stage.read(OUT)] == [b"lapsed"]


async def test_what_was_lost_on_the_way_is_fetched_again(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES[:30]))
        await until(lambda: at(owner) == 30)
        owner.put(contacts(NAMES[60:], 60))
        group = owner._ground.group
        await until(lambda: len(group.sought) == 2)
        assert at(owner) == 30 and group.sought[-1][log.prefix + CONTACT_EVENTS] == 30
        # Compaction and markers leave gaps between offsets: no hole, as nothing was fetched there.
        owner.put(contacts(NAMES[30:], 45, previous=30))
        await until(lambda: at(owner) == 115)
        assert await stage.values() == COUNTED


async def test_what_was_lost_on_the_way_is_fetched_again_where_nothing_follows(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES[:30]))
        await until(lambda: at(owner) == 30)
        group = owner._ground.group
        # Twenty more were fetched, and dropped by a rebalance or by Faust.
        group.handed_over[owner.places[CONTACT_EVENTS]] = 50
        await until(lambda: len(group.sought) == 2)
        assert group.sought[-1][log.prefix + CONTACT_EVENTS] == 30


async def test_what_is_fetched_while_a_seek_is_under_way_is_kept(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        owner = await stage.owner()
        group = owner._ground.group

        def fetch() -> None:
            group.meanwhile = lambda: None
            owner.put(contacts(NAMES[70:], 70))  # before the seek: it follows what was dropped
            owner.put(contacts(NAMES[:60], 0))  # after it

        group.meanwhile = fetch
        owner.put(contacts(NAMES[60:70], 60))
        await until(lambda: len(group.sought) == 2)
        await until(lambda: at(owner) == 60)
        owner.put(contacts(NAMES[60:], 60))
        await until(lambda: at(owner) == 100)
        assert len(group.sought) == 2
        assert await stage.values() == COUNTED


async def test_an_owner_that_is_closed_while_it_seeks_does_not_begin(
    kafka: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _stage(log, tmp_path) as stage:
        ground = await stage.ground()
        owner = Owner(ground, KIND, PARTITION, AtLeastOnce(STATE, {}, Group(), 1))
        await restore(ground, [owner])
        closing: list[asyncio.Task[None]] = []
        close = owner.close
        monkeypatch.setattr(
            ground.group, "meanwhile", lambda: closing.append(asyncio.create_task(close()))
        )
        await owner.serve()
        await asyncio.gather(*closing)
        assert not owner.open
        assert all(task.get_name() != owner.name for task in asyncio.all_tasks())


async def test_profiles_are_there_before_the_first_contact(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    async with _stage(log, tmp_path) as stage:
        await log.write(
            Fresh(CUSTOMER_PROFILES, key, value, PARTITION)
            for key, value in (
                (b"u-1", b"old"),
                (b"u-2", b"gone"),
                (b"u-1", b"new"),
                (b"u-2", None),
            )
        )
        owner = await stage.owner()
        owner.put(contacts([b"u-1", b"u-2", b"u-3"]))
        await until(lambda: at(owner) == 3)
        assert await stage.values() == [b"u-1 1 new", b"u-2 1 -", b"u-3 1 -"]


async def test_profiles_on_disk_are_read_on_from_where_they_stand(
    kafka: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes | None] = []
    load = Counting.load_profiles

    def noted(machine: Counting, records: Any) -> None:
        read.extend(record.key for record in records)
        load(machine, records)

    monkeypatch.setattr(Counting, "load_profiles", noted)
    async with _stage(log, tmp_path, profile_store="rocksdb") as stage:
        await log.write(Fresh(CUSTOMER_PROFILES, b"u-%d" % n, b"v", PARTITION) for n in range(100))
        first = await stage.owner()
        await first.close()
        await log.write([Fresh(CUSTOMER_PROFILES, b"u-7", b"newer", PARTITION)])
        second = await stage.owner()
        assert len(read) == 101 and read[-1] == b"u-7"
        assert second.profiles.get("u-7") == (100, b"newer")
        assert second.profiles.get("u-99") == (99, b"v")


async def test_at_least_once_writes_outputs_then_state_then_offsets(
    broker: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str, int]] = []
    send, commit = Producer.send_batch, Group.commit_offsets

    async def noted(producer: Producer, builder: Any, topic: str, *, partition: int) -> Any:
        name, count = topic.removeprefix(log.prefix), builder.record_count()
        done.append(("sent", name, count))
        future = await send(producer, builder, topic, partition=partition)
        future.add_done_callback(lambda _: done.append(("acknowledged", name, count)))
        return future

    async def committed(group: Group, offsets: dict[TopicPartition, int]) -> None:
        done.extend(("committed", place.topic, offset) for place, offset in offsets.items())
        await commit(group, offsets)

    monkeypatch.setattr(Producer, "send_batch", noted)
    monkeypatch.setattr(Group, "commit_offsets", committed)
    async with _stage(log, tmp_path, guarantee="at-least-once") as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES))
        await until(lambda: at(owner) == 100)
        assert (
            sorted(step[:2] for step in done[:-3])
            == [("acknowledged", OUT)] * 4 + [("sent", OUT)] * 4
        )
        assert done[-3:] == [
            ("sent", STATE, 8),  # seven keys and the position, in one record batch
            ("acknowledged", STATE, 8),
            ("committed", log.prefix + CONTACT_EVENTS, 100),
        ]
        assert await stage.values() == COUNTED


async def test_at_least_once_repeats_the_same_outputs_where_their_state_was_not_written(
    broker: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _stage(log, tmp_path, guarantee="at-least-once") as stage:
        owner = await stage.owner()
        group, send = owner._ground.group, Producer.send_batch

        async def refuse(producer: Producer, builder: Any, topic: str, *, partition: int) -> Any:
            if topic == log.prefix + STATE:
                monkeypatch.setattr(Producer, "send_batch", send)
                raise KafkaConnectionError
            return await send(producer, builder, topic, partition=partition)

        monkeypatch.setattr(Producer, "send_batch", refuse)
        owner.put(contacts(NAMES))
        await until(lambda: len(group.sought) == 2)
        assert group.offsets == {}
        owner.put(contacts(NAMES))
        await until(lambda: at(owner) == 100)
        written = Counter((record.key, record.value) for record in await stage.read(OUT))
        assert len(written) == 100 and set(written.values()) == {2}
        assert await stage.values() == COUNTED


async def test_at_least_once_cuts_a_batch_whose_changes_do_not_fit(
    broker: Broker, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tierlane.stream.outbox.STATE_BYTES", 200)
    async with _stage(log, tmp_path, guarantee="at-least-once") as stage:
        owner = await stage.owner()
        names = [b"u-%02d" % number for number in range(50)]
        owner.put(contacts(names))
        await until(lambda: at(owner) == 50)
        assert await stage.values() == [name + b" 1 -" for name in names]
        assert not await stage.read("contact.rejected")


async def test_keys_on_a_wrong_partition_are_counted(
    broker: Broker, log: Log, tmp_path: Path
) -> None:
    guarantee = "exactly-once" if broker.transactional else "at-least-once"
    async with _stage(log, tmp_path, guarantee=guarantee) as stage:
        owner = await stage.owner()
        owner.put(contacts(NAMES))
        await until(lambda: at(owner) == 100)
        wrong = sum(place(name, 4) != PARTITION for name in NAMES)
        page = stage.metrics.page().decode()
        assert f'tierlane_misplaced_total{{topic="contact.events"}} {float(wrong)}' in page

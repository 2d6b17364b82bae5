"""`tierlane topics` and the worker's look at its topics, on the run's broker."""

import asyncio

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition
from click.testing import CliRunner, Result

from tests.broker.log import Fresh, Log
from tests.conftest import Broker
from tierlane.cli import tierlane
from tierlane.errors import TopicError
from tierlane.ports import Record
from tierlane.stream.murmur import place
from tierlane.stream.provision import prepare
from tierlane.stream.reader import read_to_end
from tierlane.stream.settings import Settings
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES


def topics(log: Log, *arguments: str) -> Result:
    return CliRunner().invoke(
        tierlane, ["topics", *arguments, "--brokers", log.address, "--prefix", log.prefix]
    )


def states(result: Result) -> dict[str, str]:
    return {row["topic"]: row["state"] for row in orjson.loads(result.stdout)["topics"]}


def test_missing_then_created_then_fine(kafka: Broker, log: Log) -> None:
    missing = topics(log, "check", "--format", "json")
    assert missing.exit_code == 1 and set(states(missing).values()) == {"missing"}
    created = topics(log, "apply", "--partitions", "3", "--format", "json")
    assert created.exit_code == 0 and set(states(created).values()) == {"created"}
    fine = topics(log, "check", "--partitions", "3", "--format", "json")
    assert fine.exit_code == 0 and set(states(fine).values()) == {"fine"}
    again = topics(log, "apply", "--partitions", "3", "--format", "json")
    assert again.exit_code == 0 and set(states(again).values()) == {"fine"}
    assert "contact.events" in topics(log, "check").stdout


def test_a_topic_set_up_otherwise_is_told_and_left_alone(kafka: Broker, log: Log) -> None:
    asyncio.run(log.create({CUSTOMER_PROFILES: {"cleanup.policy": "delete"}}, 2))
    result = topics(log, "apply", "--partitions", "2", "--format", "json")
    assert result.exit_code == 1
    rows = {row["topic"]: row for row in orjson.loads(result.stdout)["topics"]}
    told = rows[log.prefix + CUSTOMER_PROFILES]["differences"]
    assert "cleanup.policy is delete, not compact" in told
    assert states(topics(log, "check", "--format", "json"))[log.prefix + CUSTOMER_PROFILES] == (
        "differs"
    )


def test_sample_finds_keys_that_lie_elsewhere(kafka: Broker, log: Log) -> None:
    topics(log, "apply", "--partitions", "4")
    right = [Fresh(CONTACT_EVENTS, b"u-%d" % n, b"v") for n in range(40)]
    asyncio.run(log.write(right))
    assert topics(log, "check", "--sample").exit_code == 0
    key = b"u-1"
    asyncio.run(log.write([Fresh(CONTACT_EVENTS, key, b"v", (place(key, 4) + 1) % 4)]))
    result = topics(log, "check", "--sample", "--format", "json")
    assert result.exit_code == 1
    sample = {row["topic"]: row for row in orjson.loads(result.stdout)["sample"]}
    assert sample[log.prefix + CONTACT_EVENTS] == {
        "topic": log.prefix + CONTACT_EVENTS,
        "keys": 41,
        "misplaced": 1,
    }
    told = topics(log, "check", "--sample")
    assert f"{log.prefix}{CONTACT_EVENTS}: 1 of 41 keys on another partition" in told.stdout
    assert "librdkafka: partitioner=murmur2_random" in told.stderr


def test_long_names_stay_whole_where_no_terminal_limits_them(kafka: Broker, log: Log) -> None:
    prefix = log.prefix + "of-an-installation-that-likes-to-say-what-it-is-in-full-"
    result = CliRunner().invoke(
        tierlane, ["topics", "check", "--brokers", log.address, "--prefix", prefix]
    )
    assert f"{prefix}{CONTACT_EVENTS}  " in result.stdout


def test_no_broker_is_wrong_use(kafka: Broker, log: Log) -> None:
    result = CliRunner().invoke(tierlane, ["topics", "check", "--brokers", "127.0.0.1:1"])
    assert result.exit_code == 2
    assert "no broker answers at `127.0.0.1:1`" in result.stderr


async def test_a_worker_is_told_which_topics_are_missing(kafka: Broker, log: Log) -> None:
    await log.create([CONTACT_EVENTS], 2)
    settings = Settings(brokers=log.address, prefix=log.prefix)
    with pytest.raises(TopicError) as caught:
        await prepare(settings, [CONTACT_EVENTS, CUSTOMER_PROFILES])
    assert f"topics are missing: `{log.prefix}{CUSTOMER_PROFILES}`" in str(caught.value)
    assert "tierlane topics apply" in str(caught.value)


async def test_reading_ends_behind_a_transaction_that_left_no_record(
    kafka: Broker, log: Log
) -> None:
    await log.create(["kept"], 1)
    name = log.prefix + "kept"
    producer = AIOKafkaProducer(bootstrap_servers=log.address, transactional_id=log.prefix + "t")
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait(name, b"kept", b"a")
        await producer.begin_transaction()
        await producer.send_and_wait(name, b"dropped", b"a")
        await producer.abort_transaction()
    finally:
        await producer.stop()
    found: list[bytes | None] = []

    def take(_: TopicPartition, records: list[Record]) -> None:
        found.extend(record.value for record in records)

    settings = Settings(brokers=log.address, prefix=log.prefix)
    ends = await asyncio.wait_for(read_to_end(settings, {TopicPartition(name, 0): 0}, take), 20)
    # A record, a marker, a record that was taken back, a marker: none of the last three is read.
    assert ends == {TopicPartition(name, 0): 4}
    assert found == [b"kept"]

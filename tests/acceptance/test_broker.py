"""The brokers that the tests stand on do what the tests rely on."""

import asyncio

from tests.broker.kafka import Kafka
from tests.broker.log import Fresh, Log
from tests.conftest import Broker


async def _values(log: Log) -> list[bytes | None]:
    return [record.value async for record in log.read(["contact.events"])]


def test_records_come_back_from_the_runs_broker(broker: Broker, log: Log) -> None:
    async def round_trip() -> list[bytes | None]:
        await log.create(["contact.events"], 1)
        await log.write(Fresh("contact.events", b"u-1", value) for value in (b"one", b"two"))
        return await _values(log)

    assert asyncio.run(round_trip()) == [b"one", b"two"]


def test_what_was_written_outlives_a_kill(own_kafka: Kafka) -> None:
    log = Log(own_kafka.address)
    asyncio.run(log.create(["contact.events"], 1))
    asyncio.run(log.write([Fresh("contact.events", None, b"one")]))
    own_kafka.restart(kill=True)
    assert asyncio.run(_values(log)) == [b"one"]

"""Writing to `policy.revisions`, one publisher of a policy at a time.

The transactional id belongs to the policy: who begins later shuts out who began before, whose
records then count for nothing. So nobody overwrites a change that he has not read.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
    RecordTooLargeError,
)

from tierlane.errors import BrokerError, UsageError
from tierlane.stream.revisions import Revisions, read_revisions
from tierlane.stream.security import client_options, unreachable
from tierlane.stream.settings import Settings
from tierlane.topic import POLICY_REVISIONS

LARGEST: Final = 16 << 20
"""Bytes of a record before it is compressed: twice what the topic takes afterwards."""


class Publisher:
    """Knows what stands on the topic, and adds to it."""

    def __init__(self, settings: Settings, producer: Any, revisions: Revisions) -> None:
        self.revisions = revisions
        self._settings = settings
        self._producer = producer

    async def write(self, records: Mapping[str, bytes]) -> None:
        """Write records by key, all or none, and return once they are kept.

        Raises BrokerError where another publisher of the policy came between, or brokers refuse.
        """
        try:
            if self._settings.exactly_once:
                async with self._producer.transaction():
                    await self._send(records)
            else:
                await self._send(records)
        except (ProducerFenced, InvalidProducerEpoch):
            raise BrokerError(
                "somebody else published this policy meanwhile; nothing was written",
                hint="look at `tierlane policy history`, and publish again",
            ) from None
        except (MessageSizeTooLargeError, RecordTooLargeError):
            raise UsageError(
                "the policy is larger than the topic takes",
                hint=f"see `max.message.bytes` of `{self._settings.topic(POLICY_REVISIONS)}`",
            ) from None
        except KafkaError as error:
            raise BrokerError(f"the brokers refused it: {type(error).__name__}") from None

    async def _send(self, records: Mapping[str, bytes]) -> None:
        topic = self._settings.topic(POLICY_REVISIONS)
        for key, value in records.items():
            await self._producer.send_and_wait(topic, value, key.encode())


@asynccontextmanager
async def publisher(settings: Settings, name: str) -> AsyncIterator[Publisher]:
    """Give a publisher of the policy `name`, who has read what stands on the topic.

    Raises BrokerError where no broker answers, TopicError without the topic.
    """
    exact = settings.exactly_once
    producer = AIOKafkaProducer(
        **client_options(settings),
        transactional_id=settings.transactional_id(f"policy.{name}") if exact else None,
        enable_idempotence=exact,
        acks="all",
        max_request_size=LARGEST,
        compression_type="gzip",
    )
    try:
        await producer.start()
    except KafkaError:
        await producer.stop()
        raise unreachable(settings) from None
    try:
        yield Publisher(settings, producer, await read_revisions(settings))
    finally:
        await producer.stop()

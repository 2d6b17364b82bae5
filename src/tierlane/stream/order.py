"""Puts an operator's orders on `advisor.events`, and finds the policy whose lanes they name."""

from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tierlane.errors import BrokerError, TopicError, Unreadable, UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import find_in, source_of
from tierlane.stream import provision
from tierlane.stream.release import only_of, standing_of
from tierlane.stream.revisions import read_revisions
from tierlane.stream.security import client_options, unreachable
from tierlane.stream.settings import Settings
from tierlane.topic import ADVISOR_EVENTS


class Placed(NamedTuple):
    """Where a record lies."""

    topic: str
    partition: int
    offset: int


async def live_revision(settings: Settings, name: str) -> Revision:
    """Return the live revision of a policy; of the only one, where `name` is empty.

    Raises UsageError where none is live, PolicyError, TopicError, BrokerError.
    """
    revisions = await read_revisions(settings)
    name = name or only_of(revisions)
    live = standing_of(revisions, name).live["live"]
    if live is None:
        raise UsageError(f"no revision of `{name}` is live")
    try:
        kept = await revisions.document(name, live)
    except Unreadable as error:
        raise UsageError(f"`{name}@{live}` cannot be read: {error}") from None
    return compile_policy(kept["document"].encode(), source_of(kept), find_in(kept))


async def give(settings: Settings, desk: str, orders: Sequence[bytes]) -> list[Placed]:
    """Write orders to one desk, in their order, and return where each is kept.

    Raises TopicError without the topic, BrokerError where brokers do not answer or refuse.
    """
    topic = settings.topic(ADVISOR_EVENTS)
    async with provision.admin(settings) as client:
        if topic not in await provision.counts(client, [topic]):
            raise TopicError(
                f"there is no topic `{topic}`", hint="`tierlane topics apply` creates the topics"
            )
    producer = AIOKafkaProducer(
        **client_options(settings), enable_idempotence=settings.exactly_once, acks="all"
    )
    try:
        await producer.start()
    except KafkaError:
        await producer.stop()
        raise unreachable(settings) from None
    try:
        kept = [await producer.send_and_wait(topic, one, desk.encode()) for one in orders]
    except KafkaError as error:
        raise BrokerError(f"the brokers refused the order: {type(error).__name__}") from None
    finally:
        await producer.stop()
    return [Placed(one.topic, one.partition, one.offset) for one in kept]

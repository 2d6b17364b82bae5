"""The names of Faust and aiokafka that they do not promise to keep, each tested at start.

Both are held to one version; this tells plainly what a change of version would break.
"""

from collections.abc import Iterator
from typing import Any, Final

import aiokafka
import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator
from aiokafka.producer.sender import Sender
from aiokafka.producer.transaction_manager import TransactionManager
from faust.tables import TableManager
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport

from tierlane.errors import TierlaneError

OWN: Final[tuple[tuple[type[Any], tuple[str, ...]], ...]] = (
    (AIOKafkaClient, ("_get_conn", "_wait_on_metadata", "set_topics", "bootstrap")),
    (AIOKafkaProducer, ("begin_transaction", "send_batch", "send_offsets_to_transaction")),
    (MessageAccumulator, ("add_batch",)),
    (Sender, ("start", "sender_task")),
    (TransactionManager, ("is_fatal_error",)),
    (AIOKafkaConsumer, ("seek", "pause", "resume", "position", "assignment")),
    (Fetcher, ("fetched_records",)),
    (GroupCoordinator, ("_send_req",)),
    (AIOKafkaConsumerThread, ("_create_worker_consumer", "_ensure_consumer", "call_thread")),
    (
        Consumer,
        (
            "_new_consumer_thread",
            "on_partitions_revoked",
            "on_partitions_assigned",
            "perform_seek",
            "getmany",
            "resume_flow",
            "_commit",
        ),
    ),
    (Transport, ("Consumer",)),
    (TableManager, ("_update_channels", "recovery")),
)
"""Classes, and the methods that are called or put in the place of theirs."""

SET_IN_INIT: Final[tuple[tuple[type[Any], tuple[str, ...]], ...]] = (
    (
        AIOKafkaProducer,
        ("client", "_metadata", "_message_accumulator", "_sender", "_txn_manager", "_closed"),
    ),
    (Sender, ("client", "_retry_backoff")),
    (MessageAccumulator, ("_cluster", "_closed")),
    (BatchBuilder, ("_builder", "_relative_offset")),
    (
        AIOKafkaConsumer,
        (
            "_coordinator",
            "_fetcher",
            "_isolation_level",
            "_fetch_max_wait_ms",
            "_partition_assignment_strategy",
            "_subscription",
            "_closed",
        ),
    ),
    (Fetcher, ("_subscriptions", "_closed")),
    (GroupCoordinator, ("member_id", "generation", "group_id")),
)
"""Classes, and the attributes that they set when made."""


class Incompatible(TierlaneError):
    """an installed library is not as this version needs it"""


def missing() -> list[str]:
    """Return every name that is not there, as `module.Class.name`."""
    return list(_missing())


def _missing() -> Iterator[str]:
    for owner, names in OWN:
        yield from (_name(owner, name) for name in names if not hasattr(owner, name))
    for owner, names in SET_IN_INIT:
        code = vars(owner)["__init__"].__code__
        known = {*code.co_names, *dir(owner)}
        yield from (_name(owner, name) for name in names if name not in known)


def _name(owner: type[Any], name: str) -> str:
    return f"{owner.__module__}.{owner.__qualname__}.{name}"


def check() -> None:
    """Raise Incompatible, with the names, unless everything is there."""
    if gone := missing():
        raise Incompatible(
            f"aiokafka {aiokafka.__version__} and faust {faust.__version__} lack "
            + ", ".join(f"`{name}`" for name in gone),
            hint="install the versions in requirements/, or those of pyproject.toml",
        )

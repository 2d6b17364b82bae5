"""Records of `contact.rejected` as JSON lines that a person can repair, and back again.

A line has `topic`, `key`, `reason`, `detail`, `partition`, `offset`, `headers`, and the original
value as `value` where it is JSON, else as `value_text`, else as `value_base64`.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tierlane.errors import Unreadable
from tierlane.ports import Record
from tierlane.stream.security import client_options, unreachable
from tierlane.stream.settings import Settings
from tierlane.topic import CONTACT_REJECTED, DESK_INPUTS, INTAKE_INPUTS

OURS: Final = "tierlane-"
"""Headers that begin so were added when the record was rejected."""

INPUTS: Final = frozenset((*INTAKE_INPUTS, *DESK_INPUTS))


class Repaired(NamedTuple):
    """A record to put back where it came from."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def line_of(record: Record) -> bytes:
    """Return a rejected record as one JSON line, without its end."""
    added = {name: value.decode() for name, value in record.headers if name.startswith(OURS)}
    row: dict[str, Any] = {
        "topic": added.get("tierlane-topic"),
        "partition": _number(added.get("tierlane-partition")),
        "offset": _number(added.get("tierlane-offset")),
        "reason": added.get("tierlane-reason"),
        "detail": added.get("tierlane-detail"),
        "headers": {
            name: _text_or_base64(value)
            for name, value in record.headers
            if not name.startswith(OURS)
        },
        **_field("key", record.key),
    }
    return orjson.dumps(row | _value(record.value))


def record_of(line: bytes) -> Repaired:
    """Return what a repaired line wants put back; raises Unreadable by place."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Unreadable("not-json", f"column {error.colno}") from None
    if type(row) is not dict:
        raise Unreadable("not-an-object", f"a JSON {type(row).__name__}")
    topic = row.get("topic")
    if topic not in INPUTS:
        raise Unreadable("no-topic", "topic: missing or not one that is read")
    headers = row.get("headers") or {}
    if type(headers) is not dict:
        raise Unreadable("bad-headers", "headers: no object")
    try:
        value = orjson.dumps(row["value"]) if "value" in row else _bytes("value", row)
        kept = tuple((name, _header(text)) for name, text in headers.items())
        return Repaired(topic, _bytes("key", row), value, kept)
    except (TypeError, ValueError, AttributeError) as error:
        raise Unreadable("bad-value", f"key, value or headers: {type(error).__name__}") from None


async def rejected_lines(settings: Settings) -> AsyncIterator[bytes]:
    """Yield every record now on `contact.rejected` as a line, partition by partition.

    Raises BrokerError when no broker answers.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=1 << 24,
    )
    try:
        await consumer.start()
    except KafkaError:
        await consumer.stop()
        raise unreachable(settings) from None
    try:
        name = settings.topic(CONTACT_REJECTED)
        for number in sorted(await _partitions(consumer, name)):
            part = TopicPartition(name, number)
            end = (await consumer.end_offsets([part]))[part]
            consumer.assign([part])
            await consumer.seek_to_beginning(part)
            # By position: the last offset may be a transaction's marker, which never arrives.
            while await consumer.position(part) < end:
                for record in (await consumer.getmany(part, timeout_ms=200)).get(part, ()):
                    yield line_of(record)
    finally:
        await consumer.stop()


async def _partitions(consumer: Any, name: str) -> Sequence[int]:
    cluster = await consumer._client.fetch_all_metadata()
    return tuple(cluster.partitions_for_topic(name) or ())


def _value(value: bytes | None) -> dict[str, Any]:
    try:
        return {"value": orjson.loads(value or b"")}
    except orjson.JSONDecodeError:
        return _field("value", value)


def _field(name: str, value: bytes | None) -> dict[str, Any]:
    if value is None:
        return {f"{name}_text": None}
    try:
        return {f"{name}_text": value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(value).decode()}


def _bytes(name: str, row: Mapping[str, Any]) -> bytes | None:
    if f"{name}_base64" in row:
        return b64decode(row[f"{name}_base64"], validate=True)
    text = row.get(f"{name}_text", row.get(name))
    return None if text is None else text.encode()


def _text_or_base64(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"base64:{b64encode(value).decode()}"


def _header(text: str) -> bytes:
    if text.startswith("base64:"):
        return b64decode(text.removeprefix("base64:"), validate=True)
    return text.encode()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None

"""Reading records as the contracts describe them, and telling them apart."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import orjson
from aiokafka.partitioner import murmur2

from tests.broker.log import Kept


def differing(one: Kept | None, other: Kept | None) -> list[str]:
    """Name the parts in which two records differ, by path; their contents stay unsaid."""
    if one is None or other is None:
        return ["only in one run"]
    found = [
        name
        for name in ("topic", "partition", "key", "headers")
        if getattr(one, name) != getattr(other, name)
    ]
    try:
        first, second = (dict(_leaves(orjson.loads(r.value or b""))) for r in (one, other))
    except ValueError:
        return [*found, "value"]
    paths = first.keys() | second.keys()
    return found + sorted(path for path in paths if first.get(path) != second.get(path))


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path, value


def read_event(record: Kept) -> Mapping[str, Any] | None:
    """Return the record as a CloudEvent with its `data`, from either content mode; else None."""
    headers = {name: value for name, value in record.headers if name.startswith("ce_")}
    try:
        value = orjson.loads(record.value or b"")
    except ValueError:
        return None
    if headers:
        value = {name[3:]: text.decode(errors="replace") for name, text in headers.items()} | {
            "data": value
        }
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return None
    return value


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition Java's default partitioner gives the key."""
    number: int = (murmur2(key) & 0x7FFFFFFF) % partitions
    return number


def routed(data: Mapping[str, Any]) -> tuple[object, ...]:
    """Return tier, scenario, lane and policy, which a lane entry and its decision must share."""
    policy = data.get("policy") or {}
    words = (_name(data.get(word)) for word in ("tier", "scenario", "lane"))
    return (*words, policy.get("name"), policy.get("revision"))


def _name(value: object) -> object:
    """Return the bare name: an audit record says also which rule gave it."""
    return value.get("name") if isinstance(value, dict) else value


def timeless(record: Kept, data: Mapping[str, Any]) -> Kept:
    """Set aside when a revision became active: that is a time of processing, and the only one.

    All other times in the audit are those of the event or of the log.
    """
    if data["kind"] != "activated":
        return record
    plain = {name: value for name, value in data.items() if name not in {"at", "seen"}}
    return record._replace(value=orjson.dumps(plain))


def digest(record: Kept, *, place: bool = True) -> bytes:
    """Hash what a reader sees of the record: all but its offset and the time of its writing."""
    seen = (
        record.key,
        record.value,
        record.headers,
        (record.topic, record.partition) if place else 0,
    )
    return blake2b(repr(seen).encode(), digest_size=16).digest()

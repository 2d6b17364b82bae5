"""Records that cannot be read, as they are written to `contact.rejected`."""

from hashlib import sha256
from typing import Final

from tierlane.errors import Unreadable
from tierlane.ports import Record
from tierlane.routing.effect import Output
from tierlane.topic import CONTACT_REJECTED

KEPT_BYTES: Final = 65_536
"""How much is kept of a value, a key or headers that do not fit."""


def refusal(topic: str, record: Record, error: Unreadable, most: int) -> Output:
    """Return the record as received, with headers that say why and where from.

    Of a record larger than `most` the first 64 KB remain, with a digest of the whole value.
    """
    key, value, headers = record.key, record.value, _headers(record)
    reason = error.reason
    if _size(key, value, headers) > most:
        reason = "too-large"
        digest = sha256(value or b"").hexdigest()
        size = str(len(value or b"")).encode()
        value = (value or b"")[:KEPT_BYTES]
        key = None if key is None else key[:KEPT_BYTES]
        if _size(None, None, headers) > KEPT_BYTES:
            headers = ()
        headers += (("tierlane-digest", f"sha256:{digest}".encode()), ("tierlane-size", size))
    told = (
        ("tierlane-reason", reason.encode()),
        ("tierlane-detail", error.detail.encode()),
        ("tierlane-topic", topic.encode()),
        ("tierlane-partition", str(record.partition).encode()),
        ("tierlane-offset", str(record.offset).encode()),
    )
    return Output(CONTACT_REJECTED, key, value, headers + told)


def _headers(record: Record) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value) for name, value in record.headers or ())


def _size(key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> int:
    carried = sum(len(name) + len(one or b"") for name, one in headers)
    return len(key or b"") + len(value or b"") + carried

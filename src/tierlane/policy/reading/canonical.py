"""The one form of a document: what a revision's name is the digest of.

It is JSON in the order written, without comments and places; only keys that are no text (the steps
of a ladder) stand unquoted, so that 5 and "5" differ. As such it is YAML, and reads back as itself:
a document that was merged from several can be handed on as one.
"""

import hashlib
from typing import Any

import orjson

from tierlane.policy.reading.source import Node, plain


def canonical(node: Node) -> bytes:
    """Return the canonical form of a document."""
    return _written(plain(node))


def digest(form: bytes) -> str:
    """Return the 16 characters that name the revision of a canonical form."""
    return hashlib.sha256(form).hexdigest()[:16]


def _written(value: Any) -> bytes:
    """Write a value; orjson does whatever has text for keys, which is nearly all."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a key further in that is no text
        if isinstance(value, dict):
            pairs = (_key(key) + _written(one) for key, one in value.items())
            return b"{" + b",".join(pairs) + b"}"
        return b"[" + b",".join(map(_written, value)) + b"]"


def _key(key: Any) -> bytes:
    return orjson.dumps(key) + (b":" if isinstance(key, str) else b": ")  # YAML wants the blank

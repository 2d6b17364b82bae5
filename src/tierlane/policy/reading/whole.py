"""A policy as one document that needs no other: what is handed on of an overlay.

It has the canonical form of the merged document, so it is the same revision; a row stands on one
line, and behind it as a comment the file and line that it was written in.
"""

import re
from collections.abc import Iterator
from typing import Final

from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading.address import NAMED, origins
from tierlane.policy.reading.canonical import canonical
from tierlane.policy.reading.chain import Find
from tierlane.policy.reading.overlay import gather
from tierlane.policy.reading.source import Mapping, Node, Sequence

_PLAIN: Final = re.compile(r"(?!(?:true|false|null)$)[a-z][a-z_]*(?:\.[a-z_]+)*")
"""Keys that need no quotes."""


def whole(text: bytes, source: str, find: Find) -> bytes:
    """Return a policy that extends nothing: its own text where it never did.

    Raises PolicyError where a base is not there, or the overlay does what it may not.
    """
    report = Report()
    node = gather(text, source, report, find)
    report.stop_on_errors()
    if not isinstance(node, Mapping) or not _from_elsewhere(node, source):
        return text
    return "".join(f"{line}\n" for line in _map(node, "")).encode()


def inherited(text: bytes, source: str, find: Find) -> dict[str, str]:
    """Return `FILE:LINE` of the rows that a policy has from what it extends, by their addresses."""
    places = origins(gather(text, source, Report(), find))
    return {
        address: f"{place.source}:{place.line}"
        for address, place in places.items()
        if place.source != source
    }


def _from_elsewhere(node: Node, source: str) -> bool:
    """Return whether something in a document was written in another file."""
    if isinstance(node, Mapping):
        parts: tuple[Node, ...] = tuple(part for entry in node.entries for part in entry)
    else:
        parts = node.items if isinstance(node, Sequence) else ()
    return node.place.source != source or any(_from_elsewhere(part, source) for part in parts)


def _map(node: Mapping, indent: str) -> Iterator[str]:
    for key, value in node.entries:
        name = str(key.value) if _PLAIN.fullmatch(str(key.value)) else _flow(key)
        if isinstance(value, Mapping) and value.entries and len(indent) < 4:
            yield f"{indent}{name}:"
            yield from _map(value, f"{indent}  ")
        elif isinstance(value, Sequence) and value.items and key.value in NAMED:
            yield f"{indent}{name}:"
            yield from (f"{indent}  - {_flow(row)}{_origin(row.place)}" for row in value.items)
        else:
            yield f"{indent}{name}: {_flow(value)}{_origin(key.place)}"


def _flow(node: Node) -> str:
    return canonical(node).decode()


def _origin(place: Place) -> str:
    name = "".join(sign if sign.isprintable() else "?" for sign in place.source)
    return f"  # {name}:{place.line}"

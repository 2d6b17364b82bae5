"""The rows of a document by the addresses that evidence, cases and `drop` call them by.

An address is the section and the names on the way, joined by `/`: `scenarios/return in time`,
`facts/allowed_days/own+shoes`, `lanes/bot`. What only holds rows (`rules`, `rows` …) is not named.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tierlane.policy.form.document import word
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.source import Leaf, Node, Sequence
from tierlane.policy.reading.source import Mapping as Map

NAMED: Final = {
    "facts": "fact", "rules": "rule", "highest_of": "set", "floors": "rule", "compliance": "rule",
    "serving": "rule", "budgets": "budget", "plans": "plan", "cases": "case",
    "counts": "count",
}  # fmt: skip
"""Lists whose rows have names, and the key that holds the name."""

_THROUGH: Final = ("rules", "highest_of", "table", "rows", "from", "counts")
"""Keys that an address leaves out."""


def name_of(row: Node, key: str) -> str | None:
    """Return the name of a row by the key that holds it; None where there is none."""
    for entry, value in row.entries if isinstance(row, Map) else ():
        if entry.value == key and isinstance(value, Leaf) and isinstance(value.value, str):
            return value.value
    return None


def cells_of(row: Node) -> str | None:
    """Return what a row of a table is called: its cells without the value."""
    if not isinstance(row, Sequence) or not all(isinstance(cell, Leaf) for cell in row.items):
        return None
    return "+".join(word(cell.value) for cell in row.items[:-1] if isinstance(cell, Leaf))


def label(row: Node, under: str) -> str | None:
    """Return what a row of the list under a key is called."""
    return cells_of(row) if under == "rows" else name_of(row, NAMED.get(under, ""))


def origins(document: Node) -> dict[str, Place]:
    """Return where each row of a document was written, by its address."""
    return {address: place for address, place in _walk(document, "", "") if address}


def _walk(node: Node, under: str, address: str) -> Iterator[tuple[str, Place]]:
    if isinstance(node, Map):
        for key, value in node.entries:
            if key.value in _THROUGH and isinstance(value, Map | Sequence):
                yield from _walk(value, str(key.value), address)
            else:
                inner = _joined(address, word(key.value))
                yield inner, key.place
                if isinstance(value, Map | Sequence):
                    yield from _walk(value, str(key.value), inner)
    elif isinstance(node, Sequence):
        for row in node.items:
            name = label(row, under)
            if name is not None:
                yield _joined(address, name), row.place
                yield from _walk(row, "", _joined(address, name)) if isinstance(row, Map) else ()


def _joined(address: str, name: str) -> str:
    return f"{address}/{name}" if address else name


class Drop:
    """Takes rows out of a document by their addresses; `missed` are those that were not there."""

    def __init__(self, addresses: Mapping[str, Leaf]) -> None:
        self.missed = dict(addresses)

    def out_of(self, document: Node) -> Node:
        """Return the document without the rows."""
        return self._prune(document, "", {address: address for address in self.missed})

    def _prune(self, node: Node, under: str, wanted: Mapping[str, str]) -> Node:
        """Prune one list or map; `wanted` maps what is left of each address to the whole of it."""
        if isinstance(node, Leaf) or not wanted:
            return node
        inner = _by_first(wanted)
        if isinstance(node, Sequence):
            kept = (self._keep(row, "", label(row, under), wanted, inner) for row in node.items)
            return Sequence(tuple(row for row in kept if row is not None), node.place)
        entries = []
        for key, value in node.entries:
            name, rest = str(key.value), wanted
            if name in _THROUGH and not isinstance(value, Leaf):
                value = self._prune(value, name, wanted)
                rest = {short: whole for short, whole in wanted.items() if whole in self.missed}
            left = self._keep(value, name, word(key.value), rest, inner)
            if left is not None:
                entries.append((key, left))
        return Map(tuple(entries), node.place)

    def _keep(
        self,
        node: Node,
        under: str,
        name: str | None,
        wanted: Mapping[str, str],
        inner: Mapping[str, Mapping[str, str]],
    ) -> Node | None:
        """Return what is left of one row, None if it is dropped."""
        if name is None:
            return node
        if name in wanted:
            self.missed.pop(wanted[name], None)
            return None
        return self._prune(node, under, inner[name]) if name in inner else node


def _by_first(wanted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Group addresses by each first part they may have: a name may itself hold a `/`."""
    found: dict[str, dict[str, str]] = {}
    for rest, whole in wanted.items():
        at = rest.find("/")
        while at >= 0:
            found.setdefault(rest[:at], {})[rest[at + 1 :]] = whole
            at = rest.find("/", at + 1)
    return found

"""What one policy says otherwise than another, by the addresses of its rows.

Cases are left out: they are examples of what a policy decides, and change nothing.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from tierlane.policy.reading.address import NAMED, label
from tierlane.policy.reading.canonical import canonical
from tierlane.policy.reading.source import Mapping, Node, Sequence

_SILENT: Final = ("tierlane", "policy", "cases", "base_cases", "extends", "drop")
"""Keys that say nothing of how contacts are decided."""
ROWS: Final = ("rules", "highest_of", "rows", "from", "table")
"""Keys that an address leaves out: what they hold is named by itself."""


class Changed(NamedTuple):
    """One part that is not the same; in canonical form, None where it is not there."""

    address: str
    """`floors/gold within a minute`, `desks/front/order`."""
    before: str | None
    after: str | None


def changes(a: Node, b: Node) -> tuple[Changed, ...]:
    """Return what B says otherwise than A: what changed or went in A's order, then what is new.

    Rows that are there in both and stand in another order are one change of their list, of their
    names in either order.
    """
    before, after = dict(_parts(a, "")), dict(_parts(b, ""))
    found = [
        Changed(address, text, after.get(address))
        for address, text in before.items()
        if after.get(address) != text
    ]
    found += [
        Changed(address, None, text) for address, text in after.items() if address not in before
    ]
    return tuple(one for one in found if not one.address.endswith(_ORDER)) + tuple(
        _reordered(before, after)
    )


_ORDER: Final = "/(order)"


def _parts(node: Node, address: str) -> Iterator[tuple[str, str]]:
    """Yield address and canonical form of the smallest parts that have a name of their own."""
    if isinstance(node, Mapping) and node.entries:
        for key, value in node.entries:
            name = str(key.value)
            if not address and name in _SILENT:
                continue
            inner = address if name in ROWS else f"{address}/{name}" if address else name
            if isinstance(value, Mapping):
                yield from _parts(value, inner)
            elif isinstance(value, Sequence) and _named(value, name):
                yield from _rows(value, name, inner)
            else:
                yield inner, canonical(value).decode()
    else:
        yield address, canonical(node).decode()


def _rows(node: Sequence, under: str, address: str) -> Iterator[tuple[str, str]]:
    names = []
    for row in node.items:
        name = label(row, under) or ""
        names.append(name)
        inner = f"{address}/{name}"
        if isinstance(row, Mapping) and _holds_rows(row):
            yield from _parts(_without(row, NAMED.get(under, "")), inner)
        elif isinstance(row, Mapping):
            yield inner, canonical(_without(row, NAMED.get(under, ""))).decode()
        else:
            yield inner, canonical(row).decode()
    yield f"{address}{_ORDER}", "\n".join(names)


def _named(node: Sequence, under: str) -> bool:
    names = [label(row, under) for row in node.items]
    return bool(names) and None not in names and len(set(names)) == len(names)


def _holds_rows(row: Mapping) -> bool:
    return any(key.value in (*ROWS, "ladder") for key, _ in row.entries)


def _without(row: Mapping, name: str) -> Mapping:
    return Mapping(tuple(one for one in row.entries if one[0].value != name), row.place)


def _reordered(before: dict[str, str], after: dict[str, str]) -> Iterator[Changed]:
    for address, text in before.items():
        if not address.endswith(_ORDER) or address not in after:
            continue
        ours, theirs = text.split("\n"), after[address].split("\n")
        shared = set(ours) & set(theirs)
        both = [one for one in ours if one in shared], [one for one in theirs if one in shared]
        if both[0] != both[1]:
            yield Changed(address.removesuffix(_ORDER), *(", ".join(one) for one in both))

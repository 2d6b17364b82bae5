"""No field of a decision is without its witness: each that is recorded is changed, and found.

Fields that say in which order inputs were seen are changed one by one, all others in one record,
each in a decision of its own.
"""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.replay.scene import recorded, verified
from tests.replay.test_tampering import List, audits

Path = tuple[str, ...]

ORDER = frozenset(
    {
        ("data", "owner"), ("data", "seq"), ("data", "kind"), ("data", "decision_id"), ("id",),
        ("data", "cause", "topic"), ("data", "cause", "partition"), ("data", "cause", "offset"),
        ("data", "cause", "profile", "offset"), ("data", "policy", "revision"),
        ("data", "policy", "name"),
    }
)  # fmt: skip
"""What verifying goes by."""

ENGINE = ("data", "engine")
"""Said first and never a difference: another release is not another decision."""


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield what is no object, with its place; of a list the first that it holds."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from leaves(value[0], (*path, "0"))
    else:
        yield path, value


def other(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and value.endswith("Z"):  # a moment, which stays one
        return f"{value[:-2]}{(int(value[-2]) + 1) % 10}Z"
    return f"{value}x" if isinstance(value, str) else "x"


def put(event: Any, path: Path, value: Any) -> None:
    for name in path[:-1]:
        event = event[int(name) if isinstance(event, list) else name]
    event[int(path[-1]) if isinstance(event, list) else path[-1]] = value


def altered(records: List, at: int, path: Path) -> bytes:
    event = orjson.loads(records[at].value)
    found = dict(leaves(event))[path]
    put(event, path, other(found))
    return orjson.dumps(event)


def places() -> dict[Path, list[int]]:
    """Return every path that a decision of one owner has, with the decisions that have it."""
    records, found = recorded(), dict[Path, list[int]]()
    for at in audits(list(records)):
        for path, _ in leaves(orjson.loads(records[at].value or b"")):
            if path[:2] != ENGINE:
                found.setdefault(path, []).append(at)
    return found


def test_each_field_is_held() -> None:
    records, free = list(recorded()), places()
    taken: set[int] = set()
    done: dict[str, str] = {}
    for path in sorted(free.keys() - ORDER, key=lambda one: len(free[one])):
        at = next((one for one in free[path] if one not in taken), None)
        assert at is not None, f"no decision is left to change {path} in"
        taken.add(at)
        name = orjson.loads(records[at].value or b"")["id"]
        records[at] = records[at]._replace(value=altered(records, at, path))
        done[name] = ".".join(path)
    assert len(done) > 80
    found = {one.id: one.field for one in verified(records).differences}
    assert found.keys() == done.keys()
    for name, path in done.items():
        # A map that is empty, a list, and a map with another key are told as a whole.
        assert path.startswith(found[name].partition("[")[0]), (path, found[name])


@pytest.mark.parametrize("path", sorted(ORDER), ids=".".join)
def test_a_field_that_verifying_goes_by_is_held_and_does_not_spread(path: Path) -> None:
    records, at = list(recorded()), places()[path][7]
    records[at] = records[at]._replace(value=altered(records, at, path))
    assert 1 <= len(verified(records).differences) <= 3

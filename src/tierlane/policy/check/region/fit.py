"""Finds values that give free terms the answers asked of them: text with words in it, and pairs.

It tries what is simple; whoever uses the example looks whether it does what was claimed.
"""

from collections.abc import Iterator
from typing import Any, Final

from tierlane.policy.check.region.line import OTHER
from tierlane.policy.check.region.plane import Plane
from tierlane.policy.condition.expression import Binary, Call, Const, Path, Tree

_SPECIAL: Final = frozenset("\\^$.*+?{}[]()|")


def fitted(plane: Plane, values: dict[str, Any], now: int) -> dict[str, Any]:
    """Return the values with plain ones in place of `OTHER`, and of times that nothing cuts."""
    found = dict(values)
    for name, value in values.items():
        if value is OTHER:
            found[name] = _text(plane, name, values)
        elif value is not None and _uncut_time(plane, name):
            found[name] = now
    for name, tree in plane.free.items():
        if isinstance(tree, Binary) and values.get(name) is not None:
            _pair(plane, tree, found, holds=bool(values[name]))
    return found


def _uncut_time(plane: Plane, name: str) -> bool:
    return plane.lines[name].type == "time" and len(plane.lines[name].values) == 2


def _text(plane: Plane, field: str, values: dict[str, Any]) -> str:
    """Return a text that has what the terms on it ask for."""
    start, inside, end = "", ["other"], ""
    for name, tree in plane.free.items():
        if not values.get(name) or not isinstance(tree, Call) or not _on(tree, field):
            continue
        word = tree.args[0].value if tree.args and isinstance(tree.args[0], Const) else None
        if not isinstance(word, str):
            continue
        if tree.name == "startsWith":
            start = word
        elif tree.name == "endsWith":
            end = word
        else:
            inside.append(next(_plain(word), "") if tree.name == "matches" else word)
    if len(inside) > 1:
        inside = inside[1:]
    return f"{start}{' '.join(inside)}{end}"


def _on(tree: Call, field: str) -> bool:
    return isinstance(tree.target, Path) and tree.target.text == field


def _plain(pattern: str) -> Iterator[str]:
    """Return the alternatives of a pattern that are plain text."""
    for part in pattern.removeprefix("(?i)").split("|"):
        text = part.strip("^$")
        if text and _SPECIAL.isdisjoint(text):
            yield text


def _pair(plane: Plane, tree: Binary, values: dict[str, Any], *, holds: bool) -> None:
    """Set one field by another, where the two are compared and nothing else cuts the first."""
    one, two = _name(tree.left, values), _name(tree.right, values)
    if one is None or two is None or values[one] is None or values[two] is None:
        return
    if len(plane.lines[one].values) > 2 and plane.lines[one].numeric:
        one, two = two, one
        sign = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(tree.sign, tree.sign)
    else:
        sign = tree.sign
    value = values[two]
    same = (sign in ("==", "<=", ">=")) is holds
    if sign in ("==", "!="):
        if same:
            values[one] = value
        elif values[one] == value and isinstance(value, str):
            values[one] = f"{value} too"
    elif plane.lines[one].numeric and len(plane.lines[one].values) <= 2:
        above = (sign in (">", ">=")) is holds
        values[one] = value if same and holds else value + (1 if above else -1)


def _name(tree: Tree, values: dict[str, Any]) -> str | None:
    return tree.text if isinstance(tree, Path) and tree.text in values else None

"""Where the lines of fields are cut: the constants that conditions, tables and ladders name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from tierlane.policy.condition.expression import (
    Binary,
    Call,
    Const,
    Path,
    Several,
    Tree,
    Unary,
    parse,
)
from tierlane.policy.form.field import Field, Type
from tierlane.policy.reading.shape import duration_ms
from tierlane.value import parse_time

MOST_RULES: Final = 20_000
"""Rules of one list that are drawn; above it only equal conditions are found."""

RECKONED: Final[dict[str, Type]] = {"days_since": "integer", "age": "duration"}
MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


@lru_cache(maxsize=MOST_RULES)
def tree_of(text: str) -> Tree:
    """Return the tree of a condition that was compiled before; it is asked for several times."""
    return parse(text)


@dataclass(slots=True)
class Cuts:
    """Constants by the line they cut, and the texts whose presence in a list is asked."""

    fields: Mapping[str, Field]
    points: dict[str, set[float]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)

    def take(self, tree: Tree, given: Mapping[str, tuple[Any, ...]]) -> None:
        """Note what a condition compares with; `given` are the values decided before."""
        if isinstance(tree, Binary):
            self._compared(tree, given)
            self.take(tree.left, given)
            self.take(tree.right, given)
        elif isinstance(tree, Unary):
            self.take(tree.operand, given)
        elif isinstance(tree, Call):
            for member in asked_members(tree):
                self.members.setdefault(member[0], set()).add(member[1])
            for part in (tree.target, *tree.args):
                if part is not None:
                    self.take(part, given)

    def add(self, name: str, kind: Type, values: Any) -> None:
        """Note constants that a field is compared with."""
        for value in values:
            if kind == "text" and isinstance(value, str):
                self.words.setdefault(name, set()).add(value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                self.points.setdefault(name, set()).add(float(value))

    def _compared(self, tree: Binary, given: Mapping[str, tuple[Any, ...]]) -> None:
        if tree.sign in ("&&", "||"):
            return
        for side, other in ((tree.left, tree.right), (tree.right, tree.left)):
            found = scalar(side, self.fields)
            if found is not None:
                self.add(*found, _values(other, given))
            elif isinstance(side, Path) and self._is_list(side) and tree.sign == "in":
                self.members.setdefault(side.text, set()).update(
                    one for one in _values(other, given) if isinstance(one, str)
                )

    def _is_list(self, path: Path) -> bool:
        known = self.fields.get(path.text)
        return known is not None and known.type == "list"


def scalar(tree: Tree, fields: Mapping[str, Field]) -> tuple[str, Type] | None:
    """Return the name and type of the line that a part of a condition reads, if it is one."""
    if isinstance(tree, Path):
        known = fields.get(tree.text)
        return None if known is None or known.type == "list" else (tree.text, known.type)
    if isinstance(tree, Call) and tree.name in RECKONED and tree.target is None and tree.args:
        path = tree.args[0]
        if isinstance(path, Path) and path.text in fields:
            return f"{tree.name}({path.text})", RECKONED[tree.name]
    return None


def constant(tree: Tree) -> tuple[Any] | None:
    """Return the value of a constant, times and durations as milliseconds; None if it is none."""
    if isinstance(tree, Const):
        return (tree.value,)
    if isinstance(tree, Call) and tree.name in ("duration", "timestamp") and tree.args:
        text = tree.args[0]
        if isinstance(text, Const) and isinstance(text.value, str):
            ms = duration_ms(text.value) if tree.name == "duration" else parse_time(text.value)
            return (ms,)
    return None


def _values(tree: Tree, given: Mapping[str, tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return every constant that a side of a comparison may stand for."""
    if isinstance(tree, Path):
        return given.get(tree.text, ())
    if isinstance(tree, Several):
        return tuple(value for item in tree.items for value in _values(item, given))
    return constant(tree) or ()


def asked_members(tree: Call) -> tuple[tuple[str, str], ...]:
    """Return list and text of `any_of(LIST, ['a'])` and `LIST.exists(x, x in ['a'])`, if it is one.

    It holds when the list has one of the texts.
    """
    path, listed = _walk(tree) if tree.name == "exists" else _common(tree)
    if path is None or not all(isinstance(one, Const) for one in listed):
        return ()
    texts = [one.value for one in listed if isinstance(one, Const)]
    return tuple((path.text, text) for text in texts if isinstance(text, str))


def _common(tree: Call) -> tuple[Path | None, tuple[Tree, ...]]:
    if tree.name == "any_of" and len(tree.args) == 2:
        path, listed = tree.args
        if isinstance(path, Path) and isinstance(listed, Several):
            return path, listed.items
    return None, ()


def _walk(tree: Call) -> tuple[Path | None, tuple[Tree, ...]]:
    if not isinstance(tree.target, Path) or len(tree.args) != 2:
        return None, ()
    name, body = tree.args
    if isinstance(name, Path) and isinstance(body, Binary) and body.left == _like(name, body.left):
        if body.sign == "==" and isinstance(body.right, Const):
            return tree.target, (body.right,)
        if body.sign == "in" and isinstance(body.right, Several):
            return tree.target, body.right.items
    return None, ()


def _like(name: Path, tree: Tree) -> Tree | None:
    return tree if isinstance(tree, Path) and tree.parts == name.parts else None


def replaced(tree: Tree, values: Mapping[str, Any]) -> Tree:
    """Return the tree with constants in place of what was decided before."""
    if isinstance(tree, Path):
        return Const(values[tree.text], tree.start, tree.end) if tree.text in values else tree

    def again(part: Tree) -> Tree:
        return replaced(part, values)

    if isinstance(tree, Binary):
        return Binary(tree.sign, again(tree.left), again(tree.right), tree.start, tree.end)
    if isinstance(tree, Unary):
        return Unary(tree.sign, again(tree.operand), tree.start, tree.end)
    if isinstance(tree, Several):
        return Several(tuple(map(again, tree.items)), tree.start, tree.end)
    if isinstance(tree, Call):
        target = None if tree.target is None else again(tree.target)
        if tree.name in ("exists", "all") and tree.args and isinstance(tree.args[0], Path):
            # The name that walks the list hides one decided before.
            values = {name: v for name, v in values.items() if name != tree.args[0].text}
        return Call(tree.name, tuple(map(again, tree.args)), target, tree.start, tree.end)
    return tree


def paths(tree: Tree) -> tuple[str, ...]:
    """Return every field and name that a condition reads, and those of its macros."""
    found: dict[str, None] = {}
    _gather(tree, found)
    return tuple(found)


def _gather(tree: Tree, found: dict[str, None]) -> None:
    if isinstance(tree, Path):
        found[tree.text] = None
    for part in parts(tree):
        _gather(part, found)


def parts(tree: Tree) -> tuple[Tree, ...]:
    """Return what a tree is put together from."""
    if isinstance(tree, Binary):
        return (tree.left, tree.right)
    if isinstance(tree, Unary):
        return (tree.operand,)
    if isinstance(tree, Several):
        return tree.items
    if isinstance(tree, Call):
        return tree.args if tree.target is None else (tree.target, *tree.args)
    return ()


def shown(tree: Tree) -> str:
    """Return the tree as text that is the same for equal trees, wherever they stand."""
    if isinstance(tree, Const):
        return repr(tree.value)
    if isinstance(tree, Path):
        return tree.text
    head = tree.sign if isinstance(tree, Binary | Unary) else getattr(tree, "name", "list")
    return f"{head}({', '.join(map(shown, parts(tree)))})"

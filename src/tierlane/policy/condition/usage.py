"""Notes what a condition asks of each field, so that its values fall into few classes."""

from typing import Any

from tierlane.policy.condition.emit import Emitter
from tierlane.policy.condition.expression import Binary, Call, Const, Path, Several, Tree, Unary
from tierlane.policy.condition.scope import Scope
from tierlane.policy.condition.slot import Slot
from tierlane.policy.condition.wording import wording
from tierlane.policy.reading.shape import duration_ms

_NUMERIC = ("number", "integer", "duration")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""Sign → the sign with the sides changed."""


def note(tree: Tree, scope: Scope) -> None:
    """Note the atoms of a condition; those that no class can stand for are asked each time."""
    if isinstance(tree, Binary) and tree.sign in ("&&", "||"):
        note(tree.left, scope)
        note(tree.right, scope)
    elif isinstance(tree, Unary) and tree.sign == "!":
        note(tree.operand, scope)
    elif not _simple(tree, scope):
        _note_free(tree, scope)


def _simple(tree: Tree, scope: Scope) -> bool:
    """Note an atom of a plain kind; tell whether it was one."""
    if isinstance(tree, Const | Path):
        return True  # a flag's classes are its values; the rest is decided before
    if isinstance(tree, Call):
        return tree.name in ("tier_is_at_least", "in_calendar")
    if not isinstance(tree, Binary):
        return False
    return _note_in(tree, scope) if tree.sign == "in" else _note_sides(tree, scope)


def _note_sides(tree: Binary, scope: Scope) -> bool:
    one, two = _slot(tree.left, scope), _slot(tree.right, scope)
    left, right = _values(tree.left, scope), _values(tree.right, scope)
    if left is not None and right is not None:
        return True
    if one is not None and right is not None:
        return _note_comparison(one, tree.sign, right)
    if two is not None and left is not None:
        return _note_comparison(two, _MIRRORED.get(tree.sign, tree.sign), left)
    return False


def _note_in(tree: Binary, scope: Scope) -> bool:
    slot, values = _slot(tree.left, scope), _values(tree.left, scope)
    if isinstance(tree.right, Several):
        listed = [_values(item, scope) for item in tree.right.items]
        if any(one is None for one in listed):
            return False
        if values is not None:
            return True
        every = tuple(value for one in listed for value in one or ())
        return slot is not None and _note_comparison(slot, "==", every)
    target = _slot(tree.right, scope)
    if target is None or values is None or target.type != "list":
        return False
    target.members.update(str(value) for value in values)
    return True


def _note_comparison(slot: Slot, sign: str, values: tuple[Any, ...]) -> bool:
    constants = [value for value in values if value is not None]
    if slot.type in _NUMERIC:
        _edges(slot, sign).update(float(value) for value in constants)
    elif sign not in ("==", "!="):
        return False
    elif slot.type == "text":
        slot.words.update(constants)
    else:
        return slot.type == "flag" or not constants
    return True


def _edges(slot: Slot, sign: str) -> set[float]:
    if sign in (">=", "<"):
        return slot.least
    return slot.most if sign in (">", "<=") else slot.points


def _slot(tree: Tree, scope: Scope) -> Slot | None:
    if isinstance(tree, Path):
        known = tree.text in scope.slots.fields
        return scope.slots.of(tree.text) if known else None
    if isinstance(tree, Call) and tree.name in ("days_since", "age") and tree.target is None:
        return Emitter(scope).reckoned(tree)
    return None


def _values(tree: Tree, scope: Scope) -> tuple[Any, ...] | None:
    """Return the constants that a side may stand for, or None when it is not of that kind."""
    if isinstance(tree, Const):
        return (tree.value,)
    if isinstance(tree, Path) and (given := scope.given.get(tree.text)):
        return given.values or None  # a figure of a desk may be anything
    if isinstance(tree, Call) and tree.name == "duration" and isinstance(tree.args[0], Const):
        return (duration_ms(str(tree.args[0].value)),)
    return None


def _note_free(tree: Tree, scope: Scope) -> None:
    emitter = Emitter(scope)
    source = emitter.flag(tree)
    if emitter.names:
        # It mixes fields with what is decided first, so it cannot be asked beforehand.
        for index in emitter.slots:
            scope.slots.all[index].exact = True
    elif emitter.slots:
        sources = scope.slots.free.setdefault(tuple(emitter.slots), [])
        if source not in sources:
            sources.append(source)
        if (question := wording(tree)) is not None:
            scope.slots.wordings[source] = question

"""Reads `expect`: each key with a value of the kind it compares with, and its place."""

from typing import Any

from tierlane.lane import KINDS
from tierlane.policy.form.case import EXACT, LISTS, MAPS, SINGLE, SPANS, TIMES, Expected
from tierlane.policy.reading.shape import Shape, duration_ms, near
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence, plain
from tierlane.value import parse_time

_NUMBERS = ("priority", "score", "place")
_NAMES = frozenset(EXACT) - {"step", *_NUMBERS} | {"offered_to", "served_by", "left"}
_NULLABLE = ("advisor", "offered_to", "served_by", "left", "place")


def expectations(
    shape: Shape, node: Node | None, name: str, known: tuple[str, ...] = SINGLE
) -> tuple[Expected, ...]:
    """Read what is expected of one contact; `known` are the keys there may be."""
    if node is None:
        return ()
    found = []
    for key, (place, value) in shape.entries(node, f"`expect` of case `{name}`").items():
        if key not in known and not (key.startswith("fact.") and len(key) > 5):
            hint = near(key, (*known, "fact.NAME"))
            message = f"case `{name}` expects an unknown `{key}`"
            shape.report.error("unknown_key", place.place, message, hint)
            continue
        _check_kind(shape, key, value)
        found.append(_expected(key, value))
    return tuple(found)


def desk_expectation(shape: Shape, key: str, node: Node) -> Expected:
    """Read what is expected of the desks under one of `case.DESK`."""
    for inner, (_, value) in shape.entries(node, f"`{key}`").items():
        what = f"`{key}` of `{inner}`"
        if key in ("offers", "order", "choose"):
            shape.texts(value, what)
        else:
            for one, (_, part) in shape.entries(value, what).items():
                if key == "fit":
                    shape.number(part, f"the fit of `{one}`", 0)
                else:
                    shape.text(part, f"the reason of `{one}`")
    return _expected(key, node)


def _expected(key: str, node: Node) -> Expected:
    parts: tuple[Node, ...] = ()
    if isinstance(node, Sequence):
        parts = node.items
    elif isinstance(node, Mapping):
        parts = tuple(name for name, _ in node.entries)
    return Expected(key, plain(node), node.place, tuple(one.place for one in parts))


def _check_kind(shape: Shape, key: str, node: Node) -> None:
    what = f"`{key}`"
    if key in LISTS:
        shape.texts(node, what)
    elif key in MAPS:
        _check_map(shape, key, node)
    elif key in (*TIMES, *SPANS):
        _check_time(shape, key, node)
    elif _is_null(node) and (key in _NULLABLE or key.startswith("fact.")):
        return
    elif key in _NUMBERS:
        shape.number(node, what, 0)
    elif key == "step":
        if not (isinstance(node, Leaf) and node.value == "fallback"):
            shape.integer(node, "`step`, where it is not `fallback`,", 1)
    elif key in _NAMES:
        text = shape.text(node, what)
        if key == "kind" and text and text not in KINDS:
            shape.report.error("unknown_kind", node.place, f"no kind `{text}`", near(text, KINDS))
    else:
        shape.constant(node, what)


def _check_map(shape: Shape, key: str, node: Node) -> None:
    if key == "serve":
        shape.entries(node, "`serve`")
        return
    if not isinstance(node, Mapping):
        shape.wrong(node, f"`{key}`", "a map")
        return
    for name, value in node.entries:
        if key == "passed_over" and not _is_step(name.value):
            shape.wrong(name, "a key of `passed_over`", "a step's number, or `PLAN/NUMBER`")
        shape.text(value, f"the reason of `{name.value}`")


def _check_time(shape: Shape, key: str, node: Node) -> None:
    value: Any = node.value if isinstance(node, Leaf) else node
    if key in SPANS:
        if value is not None and duration_ms(str(value)) is None:
            shape.wrong(node, f"`{key}`", "a time such as `30s`, or `null`")
        return
    if value is None or (isinstance(value, str) and _is_time(value.removesuffix(" working"))):
        return
    shape.wrong(
        node, f"`{key}`", f"a time after arrival such as `30s`, or a moment such as `{_SUCH}`"
    )


_SUCH = "2026-03-02T20:00:00+08:00"


def _is_time(text: str) -> bool:
    if duration_ms(text) is not None:
        return True
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _is_null(node: Node) -> bool:
    return isinstance(node, Leaf) and node.value is None


def _is_step(key: object) -> bool:
    """Tell whether a key names a step: a number, or `PLAN/NUMBER` where a plan handed over."""
    return type(key) is int or (isinstance(key, str) and key.rpartition("/")[2].isdigit())

"""Reads a file of limits; each fault with its place."""

from typing import Final

from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.shape import Shape, duration_ms, near
from tierlane.policy.reading.source import Leaf, Node, read
from tierlane.replay.gate.known import MEASURES, every
from tierlane.replay.gate.limit import SIDES, Limit

BY: Final = tuple(MEASURES)
_ROW: Final = ("side", "by", "name", "at_least", "at_most", "surely")


class LimitsError(PolicyError):
    """the limits cannot be used"""


def read_limits(text: bytes, source: str) -> tuple[Limit, ...]:
    """Return the limits of a file; raises LimitsError with every fault and its place."""
    report = Report()
    try:
        shape, node = Shape(report), read(text, source)
    except PolicyError as error:  # no YAML at all
        raise LimitsError(error.findings) from None
    entries = shape.keys(node, "a file of limits", (), ("limits",))
    items = shape.items(entries.get("limits"), "`limits`")
    found = tuple(_limit(shape, item) for item in items)
    if "limits" in entries and not items:
        report.error("missing_key", entries["limits"].place, "`limits` names no limit")
    shape.unique(((one.name, one.place) for one in found), "limit")
    if report.errors:
        raise LimitsError(report.errors)
    return found


def _limit(shape: Shape, node: Node) -> Limit:
    entries = shape.keys(node, "a limit", _ROW, ("limit", "measure"))
    name = shape.label(entries["limit"], "`limit`") if "limit" in entries else ""
    bounds = [one for one in ("at_least", "at_most") if one in entries]
    if len(bounds) != 1 and entries:
        message = f"limit `{name}` needs one of `at_least` and `at_most`"
        shape.report.error("missing_key", node.place, message)
    by = _word(shape, entries.get("by"), "`by`", BY)
    if by not in ("all", "all work") and "name" not in entries:
        shape.report.error(
            "missing_key", node.place, f"limit `{name}` needs the `name` of its {by}"
        )
    return Limit(
        name=name,
        measure=_measure(shape, entries["measure"], by) if "measure" in entries else "",
        bound=_bound(shape, entries[bounds[0]], f"`{bounds[0]}`") if bounds else 0.0,
        at_least=bounds[:1] == ["at_least"],
        place=node.place,
        side=_word(shape, entries["side"], "`side`", SIDES) if "side" in entries else "",
        by=by,
        value=shape.text(entries["name"], "`name`") if "name" in entries else "",
        surely=shape.flag(entries["surely"], "`surely`") if "surely" in entries else False,
    )


def _measure(shape: Shape, node: Node, by: str) -> str:
    """Return a measure that there is by this; what only the figures can tell is not asked here."""
    word = shape.text(node, "`measure`")
    known = MEASURES.get(by, ())
    if word and known and word not in known:
        elsewhere = [name for name, words in MEASURES.items() if word in words]
        if elsewhere:
            where = ", ".join(f"`{one}`" for one in elsewhere)
            message, hint = f"`{word}` is no measure by {by}", f"it is one by {where}"
        else:
            message, hint = f"no measure is called `{word}`", near(word, every())
        shape.report.error("unknown_value", node.place, message, hint)
    return word


def _word(shape: Shape, node: Node | None, what: str, words: tuple[str, ...]) -> str:
    if node is None:
        return words[0]
    word = shape.text(node, what)
    if word and word not in words:
        shape.report.error(
            "unknown_value", node.place, f"{what} is never `{word}`", near(word, words)
        )
    return word


def _bound(shape: Shape, node: Node, what: str) -> float:
    """Read `80%`, `30s`, or a number; a minus stands before either for a difference."""
    value = node.value if isinstance(node, Leaf) else None
    if type(value) in (int, float):
        return float(value)  # type: ignore[arg-type] # a bool is of another type
    if isinstance(value, str):
        sign, text = (-1, value[1:]) if value.startswith("-") else (1, value)
        ms = duration_ms(text)
        if ms is not None:
            return sign * ms / 1000
        try:
            if text.endswith("%"):
                return sign * float(text[:-1]) / 100
        except ValueError:
            pass
    shape.wrong(node, what, "a share such as `80%`, a time such as `30s`, or a number")
    return 0.0

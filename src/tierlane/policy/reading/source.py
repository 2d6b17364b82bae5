"""YAML text → nodes that remember their place.

Plain scalars follow the core schema of YAML 1.2: `no` and `22:00` are text. Anchors, aliases,
tags, duplicate keys and second documents are refused; so is what passes the limits below.
libyaml's events are read one by one into a stack of our own, so depth never meets recursion.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from tierlane.policy.form.finding import Place, PolicyError, Report

LARGEST: Final = 8 * 1024 * 1024
"""Bytes of a document."""
_HINTS: Final = (
    (
        "cannot start any token",
        "indent by blanks, not tabs; quote text that begins with `@`, `%` or a backtick",
    ),
    (
        "expected ',' or",
        "close each bracket; a condition that holds `,`, `[` or `: ` stands in double quotes",
    ),
    (
        "did not find expected",
        "lines that belong together begin at one column, and each entry of a list with `- `",
    ),
    ("could not find expected ':'", "a line is `key: value`, or begins with `- ` in a list"),
    ("mapping values are not allowed", "quote text that holds `: `, or see what is indented above"),
    ("sequence entries are not allowed", "a list begins on the line below its key"),
    ("end of stream", "a quote is not closed"),
)
"""What libyaml's words mean to who wrote the document; the first that is found in them."""
DEEPEST: Final = 32
MOST_NODES: Final = 1_000_000
"""A table of 100,000 rows with eight cells stays below it."""

Scalar = str | int | float | bool | None

_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}\Z|0o[0-7]{1,20}\Z|0x[0-9a-fA-F]{1,15}\Z")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z")
_WORDS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls, blanks without width, and what turns the direction of writing; joiners are spelling."""
_MAYBE_NUMBER: Final = frozenset("0123456789+-.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar."""

    value: Scalar
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Pairs in the order written; keys are scalars and differ."""

    entries: "tuple[tuple[Leaf, Node], ...]"
    place: Place


Node = Leaf | Sequence | Mapping


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    place: Place
    is_map: bool
    nodes: list[Node] = field(default_factory=list)


def read(text: str | bytes, source: str) -> Node:
    """Read one YAML document; raises PolicyError with the place of the first fault."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise _refuse(
            "too_large", Place(source, 1, 1), f"the document has more than {LARGEST} bytes"
        )
    try:
        return _build(text, source)
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark, source)
        problem = str(error.problem or "cannot be read as YAML")
        hint = next((hint for words, hint in _HINTS if words in problem), "")
        raise _refuse("not_yaml", place, problem, hint) from None
    except (yaml.YAMLError, UnicodeError):
        raise _refuse("not_yaml", Place(source, 1, 1), "not text in UTF-8") from None


def _build(text: str | bytes, source: str) -> Node:
    stack: list[_Open] = []
    root: Node | None = None
    count = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.NodeEvent):
            count += 1
            place = _place(event.start_mark, source)
            _refuse_tricks(event, place)
            if len(stack) >= DEEPEST or count > MOST_NODES:
                raise _refuse(
                    "too_deep",
                    place,
                    f"nested more than {DEEPEST} deep, or more than {MOST_NODES} values",
                )
        if isinstance(event, yaml.ScalarEvent):
            node: Node = Leaf(_scalar(event, place), place)
        elif isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent)))
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            node = _close(stack.pop())
        else:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                where = _place(event.start_mark, source)
                raise _refuse("second_document", where, "a file holds one document")
            continue
        if stack:
            stack[-1].nodes.append(node)
        else:
            root = node
    if root is None:
        raise _refuse("empty", Place(source, 1, 1), "the document is empty")
    return root


def _place(mark: Any, source: str) -> Place:
    return Place(source, mark.line + 1, mark.column + 1) if mark else Place(source, 1, 1)


def _refuse_tricks(event: yaml.NodeEvent, place: Place) -> None:
    if event.anchor is not None:
        word = "alias" if isinstance(event, yaml.AliasEvent) else "anchor"
        hint = "write the value out where it is meant"
        raise _refuse("anchor", place, f"{word} `{event.anchor}` is not allowed", hint)
    tag = getattr(event, "tag", None)
    if tag is not None:
        hint = "a condition or text that begins with `!` stands in double quotes"
        raise _refuse("tag", place, f"tag `{tag}` is not allowed", hint)


def _scalar(event: yaml.ScalarEvent, place: Place) -> Scalar:
    text: str = event.value
    if not text.isprintable() and (hidden := _HIDDEN.search(text)):
        name = f"U+{ord(hidden.group()):04X}"
        raise _refuse("hidden_sign", place, f"the sign {name} cannot be seen", "delete it")
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _MAYBE_NUMBER:
        return text
    if _INTEGER.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _NUMBER.match(text):
        number = float(text)
        if not math.isfinite(number) or text.lstrip("+-").isdigit():
            raise _refuse("number", place, "the number is too large")
        return number
    return text


def _close(part: _Open) -> Node:
    if not part.is_map:
        return Sequence(tuple(part.nodes), part.place)
    keys, values = part.nodes[::2], part.nodes[1::2]
    seen: dict[Scalar, Place] = {}  # 1, 1.0 and true are one key to whoever looks it up
    entries = []
    for key, value in zip(keys, values, strict=True):
        if not isinstance(key, Leaf):
            raise _refuse("key", key.place, "a key must be a plain value")
        if key.value in seen:
            hint = f"the first is in line {seen[key.value].line}"
            raise _refuse("duplicate_key", key.place, f"key `{key.value}` stands twice", hint)
        seen[key.value] = key.place
        entries.append((key, value))
    return Mapping(tuple(entries), part.place)


def entry(node: Node, key: str) -> Node | None:
    """Return what stands under a key of a map; None where there is none, or no map."""
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for name, value in entries if name.value == key), None)


def plain(node: Node) -> Any:
    """Return the node as dicts, lists and scalars, in the order written."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node.entries}


def _refuse(code: str, place: Place, message: str, hint: str = "") -> PolicyError:
    report = Report()
    report.error(code, place, message, hint)
    return PolicyError(report.findings)

"""Trees → typed CEL of flat variables; what does not fit together is refused with its character."""

from dataclasses import dataclass, field
from typing import Final

import cel
import orjson

from tierlane.policy.condition.expression import (
    Binary,
    Call,
    Const,
    NotCel,
    Path,
    Several,
    Tree,
    Unary,
)
from tierlane.policy.condition.pattern import MOST, cost
from tierlane.policy.condition.scope import Scope
from tierlane.policy.condition.slot import Slot
from tierlane.policy.condition.wording import wording
from tierlane.policy.form.field import Type
from tierlane.policy.reading.shape import duration_ms, near
from tierlane.value import parse_time

_NUMERIC: Final = ("number", "integer")
_ORDERED: Final = ("number", "integer", "time", "duration", "text")
_DECIDED: Final = ("tier", "scenario", "fact", "lane", "desk", "budget", "who")
_NEVER_NULL: Final = ("contact.id", "contact.channel", "now")
_TEXT_METHODS: Final = ("contains", "startsWith", "endsWith", "matches")
_FUNCTIONS: Final = (
    "age", "any_of", "days_since", "duration", "in_calendar", "size", "tier_is_at_least",
    "timestamp",
)  # fmt: skip
_REFUSED: Final = {
    "has": "ask with `!= null`",
    "getHours": "write the hours into the data: offsets make it a trap",
    "map": "only `exists` and `all` walk a list",
    "filter": "only `exists` and `all` walk a list",
}


@dataclass(slots=True)
class Emitter:
    """Writes one term; remembers what it reads."""

    scope: Scope
    slots: dict[int, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    local: str = ""
    """The variable of the macro that is being written."""

    def flag(self, tree: Tree) -> str:
        """Return the CEL of a condition; raises NotCel when it is none."""
        kind, source = self.write(tree)
        if kind != "flag":
            message = "a condition must be true or false"
            raise NotCel(message, tree.start, f"this is of type {kind}", "wrong_type")
        return source

    def write(self, tree: Tree) -> tuple[Type, str]:
        """Return the type of a tree and its CEL."""
        if isinstance(tree, Const):
            return _constant(tree)
        if isinstance(tree, Path):
            return self._path(tree)
        if isinstance(tree, Unary):
            return self._unary(tree)
        if isinstance(tree, Binary):
            return self._binary(tree)
        if isinstance(tree, Several):
            parts = [self.write(item) for item in tree.items]
            if len({kind for kind, _ in parts if kind not in ("null", "number", "integer")}) > 1:
                raise NotCel("values of different types in one list", tree.start, "", "wrong_type")
            return "list", f"[{', '.join(source for _, source in parts)}]"
        return self._call(tree)

    def _path(self, tree: Path) -> tuple[Type, str]:
        if self.local and tree.parts == (self.local,):
            return "text", self.local
        if given := self.scope.given.get(tree.text):
            self.names[given.variable] = None
            return given.type, given.variable
        if tree.parts[0] in _DECIDED:
            known = near(tree.text, self.scope.given)
            raise NotCel(f"`{tree.text}` is not decided here", tree.start, known, "unknown_name")
        slot = self.scope.slot(tree.text, tree.start)
        self.slots[slot.index] = None
        return slot.type, slot.variable

    def _unary(self, tree: Unary) -> tuple[Type, str]:
        kind, source = self.write(tree.operand)
        if tree.sign == "!" and kind != "flag":
            raise NotCel("`!` needs true or false", tree.start, "", "wrong_type")
        if tree.sign == "-" and kind not in _NUMERIC:
            raise NotCel("`-` needs a number", tree.start, "", "wrong_type")
        return kind, f"{tree.sign}({source})"

    def _binary(self, tree: Binary) -> tuple[Type, str]:
        if tree.sign in ("&&", "||"):
            return "flag", f"({self.flag(tree.left)}) {tree.sign} ({self.flag(tree.right)})"
        (left, a), (right, b) = self.write(tree.left), self.write(tree.right)
        if tree.sign == "in":
            self._check_in(tree, left, right)
        elif tree.sign in ("+", "-", "*", "/", "%"):
            return self._sum(tree, (left, a), (right, b))
        else:
            self._check_comparison(tree, left, right)
        return "flag", f"({a}) {tree.sign} ({b})"

    def _check_in(self, tree: Binary, left: Type, right: Type) -> None:
        if right != "list":
            raise NotCel("`in` needs a list on its right", tree.start, "", "wrong_type")
        if isinstance(tree.right, Several):
            for item in tree.right.items:
                self._check_comparison(Binary("==", tree.left, item, tree.start), left, None)
        elif left != "text":
            raise NotCel("the list holds text", tree.start, "", "wrong_type")

    def _check_comparison(self, tree: Binary, left: Type, right: Type | None) -> None:
        kind = right or Emitter(self.scope, local=self.local).write(tree.right)[0]
        equal = tree.sign in ("==", "!=")
        fits = left == kind or (left in _NUMERIC and kind in _NUMERIC)
        if not (fits or (equal and "null" in (left, kind))):
            message = f"`{tree.sign}` between {left} and {kind}"
            raise NotCel(message, tree.start, "both sides must be of one type", "wrong_type")
        if not equal and left not in _ORDERED:
            raise NotCel(f"{left} has no order", tree.start, "", "wrong_type")
        if not equal and any(_is_path(side, "tier") for side in (tree.left, tree.right)):
            hint = "`tier_is_at_least('…')` goes by the order of the tiers"
            raise NotCel("`tier` would be compared by its letters", tree.start, hint, "tier_order")
        self._check_value(tree.left, tree.right)
        self._check_value(tree.right, tree.left)

    def _check_value(self, side: Tree, other: Tree) -> None:
        if not (isinstance(side, Path) and isinstance(other, Const)) or other.value is None:
            return
        given, known = self.scope.given.get(side.text), self.scope.slots.fields.get(side.text)
        values = given.values if given else known.values if known else ()
        if values and other.value not in values and type(other.value) is str:
            hint = near(other.value, (one for one in values if isinstance(one, str)))
            message = f"`{side.text}` is never `{other.value}`"
            raise NotCel(message, other.start, hint, "unknown_value")

    def _sum(self, tree: Binary, one: tuple[Type, str], two: tuple[Type, str]) -> tuple[Type, str]:
        (left, a), (right, b) = one, two
        if left in _NUMERIC and right in _NUMERIC:
            if left == right:
                return left, f"({a}) {tree.sign} ({b})"
            a, b = (f"double({x})" if t == "integer" else f"({x})" for t, x in (one, two))
            return "number", f"{a} {tree.sign} {b}"
        if tree.sign == "-" and left == right == "time":
            return "duration", f"({a}) - ({b})"
        if tree.sign in ("+", "-") and left == "time" and right == "duration":
            return "time", f"({a}) {tree.sign} ({b})"
        raise NotCel(f"`{tree.sign}` between {left} and {right}", tree.start, "", "wrong_type")

    def _call(self, tree: Call) -> tuple[Type, str]:
        if tree.name in _REFUSED:
            raise NotCel(
                f"`{tree.name}` is not part of the language", tree.start, _REFUSED[tree.name]
            )
        if tree.target is not None:
            return self._method(tree, tree.target)
        if tree.name in ("days_since", "age", "in_calendar"):
            slot = self.reckoned(tree)
            self.slots[slot.index] = None
            return slot.type, slot.variable
        if tree.name == "tier_is_at_least":
            return "flag", f"rank >= {self._rank(tree)}"
        if tree.name == "size" and len(tree.args) == 1:
            kind, source = self.write(tree.args[0])
            _need(tree, kind in ("list", "text"), "`size` needs a list or text")
            return "integer", f"size({source})"
        if tree.name == "any_of" and len(tree.args) == 2:
            (left, a), (right, b) = (self.write(arg) for arg in tree.args)
            _need(tree, left == right == "list", "`any_of` needs two lists")
            return "flag", f"({a}).exists(one, one in ({b}))"
        if tree.name in ("duration", "timestamp"):
            return _moment(tree)
        hint = near(tree.name, (*_FUNCTIONS, *_TEXT_METHODS, "exists", "all"))
        raise NotCel(f"no function `{tree.name}`", tree.start, hint, "unknown_function")

    def reckoned(self, tree: Call) -> Slot:
        """Return the slot of `days_since(FIELD)`, `age(FIELD)` or `in_calendar('NAME')`."""
        if tree.name == "in_calendar":
            return self._opening(tree)
        path = tree.args[0] if len(tree.args) == 1 else None
        _need(tree, isinstance(path, Path), f"`{tree.name}` needs a field that is a time")
        base = self.scope.slot(path.text, tree.start)  # type: ignore[union-attr] # a path, as needed
        _need(tree, base.type == "time", f"`{base.path}` is not a time")
        kind: Type = "integer" if tree.name == "days_since" else "duration"
        return self.scope.slots.derived(tree.name, base, kind)

    def _opening(self, tree: Call) -> Slot:
        name = tree.args[0] if len(tree.args) == 1 else None
        value = name.value if isinstance(name, Const) else None
        _need(tree, isinstance(value, str), "`in_calendar` needs the name of a calendar")
        if value not in self.scope.slots.calendars:
            hint = near(str(value), self.scope.slots.calendars) or "state it under `calendars`"
            raise NotCel(f"no calendar `{value}`", tree.start, hint, "unknown_calendar")
        return self.scope.slots.opening(str(value))

    def _rank(self, tree: Call) -> int:
        _need(tree, self.scope.tier_known, "the tier is not decided here")
        name = tree.args[0] if len(tree.args) == 1 else None
        _need(tree, isinstance(name, Const), "`tier_is_at_least` needs the name of a tier")
        value = name.value if isinstance(name, Const) else None
        if value not in self.scope.tiers:
            hint = near(str(value), self.scope.tiers)
            raise NotCel(f"no tier `{value}`", tree.start, hint, "unknown_tier")
        self.names["rank"] = None
        return self.scope.tiers.index(str(value))

    def _method(self, tree: Call, target: Tree) -> tuple[Type, str]:
        if tree.name in ("exists", "all"):
            return self._macro(tree, target)
        kind, source = self.write(target)
        if tree.name == "size" and not tree.args and kind in ("list", "text"):
            return "integer", f"size({source})"
        _need(tree, tree.name in _TEXT_METHODS, f"no method `{tree.name}`")
        _need(tree, kind == "text" and len(tree.args) == 1, f"`{tree.name}` needs text")
        kind, argument = self.write(tree.args[0])
        _need(tree, kind == "text", f"`{tree.name}` needs text")
        if tree.name == "matches":
            _pattern(tree)
        return "flag", f"({source}).{tree.name}({argument})"

    def _macro(self, tree: Call, target: Tree) -> tuple[Type, str]:
        _need(tree, not self.local, "one walk over a list inside another")
        _need(tree, len(tree.args) == 2 and isinstance(tree.args[0], Path), "needs a name first")
        kind, source = self.write(target)
        _need(tree, kind == "list", f"`{tree.name}` needs a list")
        name = tree.args[0].text  # type: ignore[union-attr] # a path, as needed above
        self.local = name
        body = self.flag(tree.args[1])
        self.local = ""
        return "flag", f"({source}).{tree.name}({name}, {body})"

    def warnings(self, tree: Tree) -> "list[NotCel]":
        """Return what is doubtful: `!=` on a field that may be null."""
        asked = {path for sign, path, other in _pairs(tree) if sign == "!=" and other is None}
        hint = "`null != 'x'` is true: add `&& … != null`, or ask with `==`"
        slow = [
            NotCel(
                "a pattern is read anew for every contact, which takes 20 to 100 µs",
                call.start,
                "`contains`, or a list of words (`a|b`, `(?i)a|b`), takes a fifth of a microsecond",
                "slow_pattern",
            )
            for call in _calls(tree)
            if call.name == "matches" and wording(call) is None
        ]
        return slow + [
            NotCel(f"`{path.text}` may be null", path.start, hint, "nullable_not_equal")
            for sign, path, other in _pairs(tree)
            if sign == "!=" and other is not None
            if path.text in self.scope.slots.fields and path.text not in _NEVER_NULL
            if path.text not in {one.text for one in asked}
        ]


def _pairs(tree: Tree) -> list[tuple[str, Path, object]]:
    """Return sign, path and constant of every comparison of the two."""
    if isinstance(tree, Unary):
        return _pairs(tree.operand)
    if not isinstance(tree, Binary):
        return []
    if isinstance(tree.left, Path) and isinstance(tree.right, Const):
        return [(tree.sign, tree.left, tree.right.value)]
    return [*_pairs(tree.left), *_pairs(tree.right)]


def _calls(tree: Tree) -> list[Call]:
    """Return every call in a condition."""
    if isinstance(tree, Call):
        parts: tuple[Tree, ...] = tree.args if tree.target is None else (tree.target, *tree.args)
    elif isinstance(tree, Binary):
        parts = (tree.left, tree.right)
    else:
        parts = (tree.operand,) if isinstance(tree, Unary) else ()
    inner = [call for part in parts for call in _calls(part)]
    return [tree, *inner] if isinstance(tree, Call) else inner


def _is_path(tree: Tree, text: str) -> bool:
    return isinstance(tree, Path) and tree.text == text


def _need(tree: Call, holds: object, message: str) -> None:
    if not holds:
        raise NotCel(message, tree.start, "", "wrong_type")


def _constant(tree: Const) -> tuple[Type, str]:
    value = tree.value
    if value is None:
        return "null", "null"
    if isinstance(value, bool):
        return "flag", "true" if value else "false"
    if isinstance(value, str):
        return "text", orjson.dumps(value).decode()
    return ("integer", str(value)) if isinstance(value, int) else ("number", repr(value))


def _moment(tree: Call) -> tuple[Type, str]:
    value = tree.args[0].value if len(tree.args) == 1 and isinstance(tree.args[0], Const) else None
    _need(tree, isinstance(value, str), f"`{tree.name}` needs a constant text")
    text = str(value)
    if tree.name == "duration":
        ms = duration_ms(text)
        _need(tree, ms is not None, f"`{text}` is no duration")
        return "duration", f"duration('{ms}ms')"
    try:
        parse_time(text)
    except ValueError:
        _need(tree, False, f"`{text}` is no time with an offset")
    return "time", f"timestamp({orjson.dumps(text).decode()})"


def _pattern(tree: Call) -> None:
    pattern = tree.args[0].value if isinstance(tree.args[0], Const) else None
    _need(tree, isinstance(pattern, str), "`matches` needs a constant pattern")
    if cost(str(pattern)) > MOST:
        hint = "repeat less, or name signs such as `[a-z0-9]` instead of `\\w`"
        message = "the pattern takes more than 10 ms to read, for each contact anew"
        raise NotCel(message, tree.start, hint, "bad_pattern")
    # The binding tells of a bad pattern only when run, and shows the text it ran on; so it is
    # run here on nothing.

    try:
        cel.evaluate(f"''.matches({orjson.dumps(pattern).decode()})")
    except (RuntimeError, ValueError, TypeError):
        hint = "the syntax is that of Rust's `regex`: no look-around, no back-references"
        raise NotCel("the pattern cannot be read", tree.start, hint, "bad_pattern") from None

"""Compiles what is asked of advisors and of a line: wants, and keys of order and choice."""

from dataclasses import dataclass, replace
from typing import Final

from tierlane.policy.condition.condition import Condition, Conditions
from tierlane.policy.condition.emit import Emitter
from tierlane.policy.condition.expression import (
    Binary,
    Call,
    Const,
    NotCel,
    Path,
    Several,
    Tree,
    Unary,
    parse,
    terms,
)
from tierlane.policy.condition.scope import Given, Scope
from tierlane.policy.deciding.asking import Side, Sorted, Test, Want
from tierlane.policy.form.document import Written
from tierlane.policy.form.field import Type
from tierlane.policy.form.finding import Report
from tierlane.policy.line.want import FLIPPED
from tierlane.policy.reading.shape import near

ROOT: Final = "advisor."
KNOWN: Final[dict[str, Type]] = {
    "id": "text", "team": "text", "rank": "integer", "languages": "list", "channels": "list",
    "can": "list",
}  # fmt: skip
"""The fields of an advisor known without a word; `skills.NAME` is a level, `attributes.NAME` as
declared under `fields`."""
_SHAPE: Final = "a want compares one field of the advisor with what is known of the contact"
_HINT: Final = "such as `contact.language in advisor.languages` or `advisor.skills.claims >= 3`"


@dataclass(slots=True)
class Advising:
    """Compiles wants and keys of one policy; faults go to the report."""

    report: Report
    conditions: Conditions
    declared: dict[str, Type]
    """Types of `advisor.attributes.NAME`, by `attributes.NAME`."""

    def wants(self, written: tuple[Written, ...], scope: Scope) -> tuple[Want, ...]:
        """Compile a list of wants; one joined by `&&` is as many wants."""
        found: list[Want] = []
        for one in written:
            try:
                found += [self._want(part, one.text, scope) for part in terms(parse(one.text))]
            except NotCel as error:
                self.conditions.tell(error, one)
        return tuple(found)

    def key(self, written: Written, scope: Scope, kinds: tuple[Type, ...]) -> Sorted | None:
        """Compile an expression to sort by, of one of the types `kinds`."""
        try:
            tree = parse(written.text)
            fields = self._fields(tree)
            whole = self._scope(fields, scope)
            term, kind = self.conditions.value(tree, written.text, whole)
        except NotCel as error:
            self.conditions.tell(error, written)
            return None
        if kind not in kinds:
            message = f"`{written.text}` is of type {kind}"
            hint = f"here it must be of type {' or '.join(kinds)}"
            self.report.error("wrong_type", written.place, message, hint)
        return Sorted(term, tuple((_variable(one), one, self._type(one)) for one in fields))

    def _want(self, tree: Tree, text: str, scope: Scope) -> Want:
        tests: list[Test] = []
        of_contact: list[Condition] = []
        for part in _alternatives(tree):
            if self._fields(part):
                tests.append(self._test(part, text, scope))
            else:
                of_contact.append(self.conditions.part(part, text, scope))
        if not tests:
            raise NotCel("the want asks nothing of an advisor", tree.start, _HINT, "want")
        return Want(text[tree.start : tree.end].strip(), tuple(tests), tuple(of_contact))

    def _test(self, tree: Tree, text: str, scope: Scope) -> Test:
        Emitter(self._scope(self._fields(tree), scope)).flag(tree)  # the types fit together
        left, sign, right = _sides(tree)
        ours, theirs = _advisor(left), _advisor(right)
        if bool(ours) == bool(theirs):
            raise NotCel(_SHAPE, tree.start, _HINT, "want")
        side = right if ours else left
        if self._type(ours or theirs) == "list" and sign not in ("in", "shares"):
            raise NotCel("lists are not compared as a whole", tree.start, _HINT, "want")
        if self._fields(side):
            raise NotCel(_SHAPE, side.start, _HINT, "want")
        if isinstance(side, Const) and side.value is None:
            hint = "what an advisor lacks meets no want but `!=`; ask `advisor.skills.ja >= 1`"
            raise NotCel("an advisor is not compared with null", side.start, hint, "want")
        if sign == "in":
            return Test(theirs or ours, "has" if theirs else "among", self._side(side, text, scope))
        sign = sign if ours or sign == "shares" else FLIPPED[sign]
        return Test(ours or theirs, sign, self._side(side, text, scope))

    def _side(self, tree: Tree, text: str, scope: Scope) -> Side:
        if isinstance(tree, Const):
            return Side(tree.value)
        if isinstance(tree, Several) and all(isinstance(one, Const) for one in tree.items):
            return Side(tuple(one.value for one in tree.items if isinstance(one, Const)))
        if isinstance(tree, Path):
            if given := scope.given.get(tree.text):
                return Side(name=given.variable)
            side = scope.slot(tree.text, tree.start)
            side.hollow = side.hollow or side.type == "list"
            return Side(slot=side.index)
        term, _ = self.conditions.value(tree, text, scope)
        for slot in term.slots:
            scope.slots.all[slot].exact = True  # whether it has an answer may hang on the value
        return Side(term=term)

    def _scope(self, fields: tuple[str, ...], scope: Scope) -> Scope:
        given = {ROOT + one: Given(_variable(one), self._type(one), ()) for one in fields}
        return replace(scope, given={**scope.given, **given})

    def _fields(self, tree: Tree) -> tuple[str, ...]:
        """Return the fields of the advisor that a tree reads; raises NotCel for an unknown one."""
        found = dict.fromkeys(one.text for one in paths(tree) if one.parts[0] == "advisor")
        for one in paths(tree):
            if one.parts[0] == "advisor" and not self._known(one.text.removeprefix(ROOT)):
                hint = self._hint(one)
                raise NotCel(f"no field `{one.text}`", one.start, hint, "unknown_field")
        return tuple(one.removeprefix(ROOT) for one in found)

    def _known(self, field: str) -> bool:
        start, _, name = field.partition(".")
        named = bool(name) and "." not in name
        return field in KNOWN or field in self.declared or (start == "skills" and named)

    def _hint(self, path: Path) -> str:
        if path.parts[1:2] == ("attributes",):
            return f"declare it: `fields: {{{path.text}: number}}`"
        return near(path.text, [ROOT + one for one in (*KNOWN, "skills.NAME", *self.declared)])

    def _type(self, field: str) -> Type:
        return KNOWN.get(field) or self.declared.get(field) or "number"


def paths(tree: Tree) -> list[Path]:
    """Return every field or name that a tree reads, in the order of reading."""
    if isinstance(tree, Path):
        return [tree]
    if isinstance(tree, Binary):
        parts: tuple[Tree, ...] = (tree.left, tree.right)
    elif isinstance(tree, Call):
        parts = (*((tree.target,) if tree.target is not None else ()), *tree.args)
    elif isinstance(tree, Unary):
        parts = (tree.operand,)
    else:
        parts = tree.items if isinstance(tree, Several) else ()
    return [path for part in parts for path in paths(part)]


def _variable(field: str) -> str:
    return "a_" + field.replace(".", "__")


def _alternatives(tree: Tree) -> list[Tree]:
    if isinstance(tree, Binary) and tree.sign == "||":
        return [*_alternatives(tree.left), *_alternatives(tree.right)]
    return [tree]


def _sides(tree: Tree) -> tuple[Tree, str, Tree]:
    if isinstance(tree, Binary) and (tree.sign in FLIPPED or tree.sign == "in"):
        return tree.left, tree.sign, tree.right
    if isinstance(tree, Call) and tree.name == "any_of" and len(tree.args) == 2:
        return tree.args[0], "shares", tree.args[1]
    raise NotCel(_SHAPE, tree.start, _HINT, "want")


def _advisor(tree: Tree) -> str:
    """Return the advisor's field that a side is, or nothing."""
    of_advisor = isinstance(tree, Path) and tree.parts[0] == "advisor"
    return tree.text.removeprefix(ROOT) if of_advisor and isinstance(tree, Path) else ""

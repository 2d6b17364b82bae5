"""Conditions → where they are true and where they are false; elsewhere they have no answer.

It follows the binding, which decides: an operation on null has no answer, `==`, `!=` and `in` ask
null as any other value, `false && …` and `true || …` absorb what has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final, NamedTuple

import cel

from tierlane.policy.check.region.cut import (
    MIRRORED,
    asked_members,
    constant,
    parts,
    paths,
    replaced,
    scalar,
    shown,
)
from tierlane.policy.check.region.diagram import EVERYTHING, NOTHING, Diagram
from tierlane.policy.check.region.line import OTHER, Line
from tierlane.policy.check.region.plane import Plane
from tierlane.policy.condition.emit import Emitter
from tierlane.policy.condition.expression import Binary, Call, Const, Path, Several, Tree, Unary
from tierlane.policy.condition.scope import Scope, Slots

_CONTRARY: Final = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}

MOST_MIXED: Final = 512
"""Combinations of facts that one term may mix with fields; beyond it its answer is free."""


class Truth(NamedTuple):
    """Where a condition is true, and where it is false."""

    true: int
    false: int


Given = Mapping[str, Mapping[Any, int]]
"""What was decided before: name → value → region."""

YES: Final = Truth(EVERYTHING, NOTHING)
NO: Final = Truth(NOTHING, EVERYTHING)
UNANSWERED: Final = Truth(NOTHING, NOTHING)


@dataclass(slots=True)
class Judge:
    """Tells of one policy's conditions where they hold."""

    plane: Plane
    given: dict[str, Mapping[Any, int]] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    _programs: dict[str, Any] = field(default_factory=dict)
    _compared: dict[tuple[str, str, Any], Truth | None] = field(default_factory=dict)

    @property
    def diagram(self) -> Diagram:
        """The diagram that its regions are of."""
        return self.plane.diagram

    def truth(self, tree: Tree) -> Truth:
        """Return where a condition is true and where it is false."""
        if isinstance(tree, Binary) and tree.sign in ("&&", "||"):
            return self._joined(tree.sign, self.truth(tree.left), self.truth(tree.right))
        if isinstance(tree, Unary) and tree.sign == "!":
            inner = self.truth(tree.operand)
            return Truth(inner.false, inner.true)
        if isinstance(tree, Call) and tree.name == "tier_is_at_least":
            return self._at_least(tree)
        names = [name for name in paths(tree) if name in self.given]
        return self._mixed(tree, names) if names else self._atom(tree)

    def _joined(self, sign: str, one: Truth, two: Truth) -> Truth:
        both, either = self.diagram.both, self.diagram.either
        if sign == "&&":
            return Truth(both(one.true, two.true), either(one.false, two.false))
        return Truth(either(one.true, two.true), both(one.false, two.false))

    def _at_least(self, tree: Call) -> Truth:
        asked = tree.args[0].value if isinstance(tree.args[0], Const) else None
        rank = self.tiers.index(str(asked))
        true = NOTHING
        for name in self.tiers[rank:]:
            true = self.diagram.either(true, self.given["tier"].get(name, NOTHING))
        return Truth(true, self.diagram.without(EVERYTHING, true))

    def _mixed(self, tree: Tree, names: list[str]) -> Truth:
        """Ask a term once for every value of the facts that it reads."""
        count = 1
        for name in names:
            count *= len(self.given[name])
        if count > MOST_MIXED:
            return self._free(tree, ())
        true = false = NOTHING
        for values in product(*(self.given[name].items() for name in names)):
            here = EVERYTHING
            for _, region in values:
                here = self.diagram.both(here, region)
            if here == NOTHING:
                continue
            known = {name: value for name, (value, _) in zip(names, values, strict=True)}
            answer = self._atom(replaced(tree, known))
            true = self.diagram.either(true, self.diagram.both(here, answer.true))
            false = self.diagram.either(false, self.diagram.both(here, answer.false))
        return Truth(true, false)

    def _atom(self, tree: Tree) -> Truth:
        """Tell of a term that reads fields alone."""
        if isinstance(tree, Const):
            return {True: YES, False: NO}.get(tree.value, UNANSWERED)  # type: ignore[arg-type] # a flag
        if isinstance(tree, Binary) and (found := self._comparison(tree)) is not None:
            return found
        if isinstance(tree, Path) and (found_line := scalar(tree, self.plane.cuts.fields)):
            line = self.plane.line(found_line[0])
            return Truth(line.equal(self.diagram, (True,)), line.equal(self.diagram, (False,)))
        if isinstance(tree, Call) and (members := asked_members(tree)):
            return self._members(members)
        reads = self._reads(tree)
        if len(reads) == 1 and self._is_text(reads[0]):
            return self._by_word(tree, self.plane.line(reads[0]))
        return self._free(tree, reads)

    def _comparison(self, tree: Binary) -> Truth | None:
        """Tell of a field against constants, and of constants; None is another kind of term."""
        if tree.sign == "in":
            return self._in(tree)
        if tree.sign not in MIRRORED:
            return None
        left, right = self._side(tree.left), self._side(tree.right)
        if isinstance(left, Line) and isinstance(right, tuple):
            return self._against(left, tree.sign, right[0])
        if isinstance(right, Line) and isinstance(left, tuple):
            return self._against(right, MIRRORED[tree.sign], left[0])
        if isinstance(left, tuple) and isinstance(right, tuple):
            return _flag(compare(tree.sign, left[0], right[0]))
        return self._null_list(tree)

    def _side(self, tree: Tree) -> Line | tuple[Any] | None:
        found = scalar(tree, self.plane.cuts.fields)
        return self.plane.line(found[0]) if found else constant(tree)

    def _null_list(self, tree: Binary) -> Truth | None:
        sides = (tree.left, tree.right)
        lists = [s.text for s in sides if isinstance(s, Path) and s.text in self.plane.cuts.fields]
        nulls = [side for side in sides if isinstance(side, Const) and side.value is None]
        if len(lists) != 1 or not nulls or tree.sign not in ("==", "!="):
            return None
        there = self.plane.present(lists[0])
        away = self.diagram.without(EVERYTHING, there)
        return Truth(away, there) if tree.sign == "==" else Truth(there, away)

    def _in(self, tree: Binary) -> Truth | None:
        if isinstance(tree.right, Several):
            return self._listed(self._side(tree.left), tree.right)
        asked = tree.left.value if isinstance(tree.left, Const) else None
        if isinstance(tree.right, Path) and isinstance(asked, str):
            return self._members(((tree.right.text, asked),))
        return None

    def _listed(self, left: Line | tuple[Any] | None, listed: Several) -> Truth | None:
        values = [constant(item) for item in listed.items]
        if left is None or None in values:
            return None
        asked = [value[0] for value in values if value is not None]
        if isinstance(left, tuple):
            return _flag(left[0] in asked)
        true = left.equal(self.diagram, asked)
        return Truth(true, self.diagram.without(EVERYTHING, true))

    def _against(self, line: Line, sign: str, value: Any) -> Truth | None:
        key = (line.name, sign, value if type(value) is not bool else str(value))
        if key not in self._compared:
            self._compared[key] = self._compare(line, sign, value)
        return self._compared[key]

    def _compare(self, line: Line, sign: str, value: Any) -> Truth | None:
        if sign in ("==", "!="):
            same = line.equal(self.diagram, (value,))
            other = self.diagram.without(EVERYTHING, same)
            return Truth(same, other) if sign == "==" else Truth(other, same)
        if not line.numeric or value is None:
            return None
        true = line.ordered(self.diagram, sign, value)
        return Truth(true, line.ordered(self.diagram, _CONTRARY[sign], value))

    def _members(self, members: tuple[tuple[str, str], ...]) -> Truth:
        true = NOTHING
        for name, text in members:
            true = self.diagram.either(true, self.plane.member(name, text))
        there = self.plane.present(members[0][0])
        return Truth(self.diagram.both(there, true), self.diagram.without(there, true))

    def _by_word(self, tree: Tree, line: Line) -> Truth:
        """Ask the binding of every text that is named; of other text the answer is free."""
        program, variable = self._program(tree)
        true: list[int] = []
        false: list[int] = []
        for number, value in enumerate(line.values[:-1]):
            answer = _asked(program, {variable: value})
            if answer is not None:
                (true if answer else false).append(number)
        yes, no = line.among(self.diagram, true), line.among(self.diagram, false)
        rest = line.among(self.diagram, (len(line.values) - 1,))
        free = self._free(tree, (line.name,))
        either, both = self.diagram.either, self.diagram.both
        return Truth(either(yes, both(rest, free.true)), either(no, both(rest, free.false)))

    def _program(self, tree: Tree) -> tuple[Any, str]:
        key = shown(tree)
        if key not in self._programs:
            emitter = Emitter(Scope(Slots(dict(self.plane.cuts.fields)), {}, self.tiers))
            source = emitter.flag(tree)
            self._programs[key] = (cel.compile(source), f"v{next(iter(emitter.slots))}")
        found: tuple[Any, str] = self._programs[key]
        return found

    def _reads(self, tree: Tree) -> tuple[str, ...]:
        """Return the lines that a term reads."""
        found: dict[str, None] = {}

        def gather(part: Tree) -> None:
            one = scalar(part, self.plane.cuts.fields)
            if one is not None:
                found[one[0]] = None
                return
            if isinstance(part, Path) and part.text in self.plane.cuts.fields:
                found[part.text] = None
            for inner in parts(part):
                gather(inner)

        gather(tree)
        return tuple(found)

    def _is_text(self, name: str) -> bool:
        known = self.plane.cuts.fields.get(name)
        return known is not None and known.type == "text"

    def _free(self, tree: Tree, reads: Iterable[str]) -> Truth:
        """Tell of a term that no constants settle: it may be true or false where it has an answer.

        One that walks a list, or that is not known here, may also have none.
        """
        name = shown(tree)
        yes = self.plane.answer(name, tree)
        reads = tuple(reads)
        if isinstance(tree, Binary) and tree.sign in ("==", "!=") and _bare(tree, reads):
            return self._same(tree, reads, yes)
        there = EVERYTHING
        walks = _walks(tree) or not (reads or _hours(tree))
        for one in () if walks else reads:
            there = self.diagram.both(there, self.plane.present(one))
        if walks or _reckons(tree):
            there = self.diagram.both(there, self.plane.answered(name))
        return Truth(self.diagram.both(there, yes), self.diagram.without(there, yes))

    def _same(self, tree: Binary, reads: tuple[str, ...], yes: int) -> Truth:
        """Tell of field against field: null equals null, and nothing else."""
        diagram = self.diagram
        one, two = (self.plane.present(name) for name in reads)
        both, none = diagram.both(one, two), diagram.without(EVERYTHING, diagram.either(one, two))
        same = diagram.either(
            none, diagram.both(both, yes if tree.sign == "==" else diagram.without(EVERYTHING, yes))
        )
        other = diagram.without(EVERYTHING, same)
        return Truth(same, other) if tree.sign == "==" else Truth(other, same)


def compare(sign: str, one: Any, two: Any) -> bool | None:
    """Compare as the binding does; None where there is no answer."""
    if sign in ("==", "!="):
        return (one == two) is (sign == "==")
    if one is None or two is None or one is OTHER:
        return None
    if sign in ("<", "<="):
        return bool(one < two or (sign == "<=" and one == two))
    return bool(one > two or (sign == ">=" and one == two))


def _flag(answer: object) -> Truth:
    return UNANSWERED if answer is None else YES if answer else NO


def _asked(program: Any, variables: dict[str, Any]) -> bool | None:
    try:
        answer = program.execute(variables)
    except Exception:  # noqa: BLE001 # the binding raises builtins of many kinds
        return None
    return answer if answer is True or answer is False else None


def _bare(tree: Binary, reads: tuple[str, ...]) -> bool:
    plain = isinstance(tree.left, Path) and isinstance(tree.right, Path)
    return plain and len(reads) == 2


def _hours(tree: Tree) -> bool:
    """Tell whether a term asks for the hour alone, which it always may."""
    return isinstance(tree, Call) and tree.name == "in_calendar"


def _walks(tree: Tree) -> bool:
    if isinstance(tree, Call) and tree.name in ("exists", "all", "any_of"):
        return True
    return any(map(_walks, parts(tree)))


def _reckons(tree: Tree) -> bool:
    """Tell whether a term may fail: it divides, it may overflow, or its parts are not known."""
    if isinstance(tree, Binary) and tree.sign in ("+", "-", "*", "/", "%"):
        return True
    known = (
        "in_calendar",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "size",
        "days_since",
        "age",
    )
    if isinstance(tree, Call) and tree.name not in (*known, "duration", "timestamp"):
        return True
    return any(map(_reckons, parts(tree)))

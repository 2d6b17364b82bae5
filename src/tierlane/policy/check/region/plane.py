"""The plane of all contacts: its lines, made when first asked for, and what cannot occur on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tierlane.policy.check.region.cut import Cuts
from tierlane.policy.check.region.diagram import DEEPEST, EVERYTHING, Diagram, TooLarge
from tierlane.policy.check.region.line import Line, Role, numbers, words
from tierlane.policy.condition.expression import Tree
from tierlane.policy.form.field import COUNTS, Type

RECKONED_FROM = {"days_since": True, "age": True, "years": False}
"""Whether the value is there just when the one it is reckoned from is."""


@dataclass(slots=True)
class Plane:
    """Every line of one policy; a line's bits come after those of the lines made before it."""

    diagram: Diagram
    cuts: Cuts
    lines: dict[str, Line] = field(default_factory=dict)
    free: dict[str, Tree] = field(default_factory=dict)
    """Free bit → the term whose answer it is, which no constants settle."""
    _next: int = 0
    _world: tuple[int, int] = (0, EVERYTHING)
    """How many lines there were when it was made, and where contacts can be."""

    def line(self, name: str) -> Line:
        """Return the line of a field, of `days_since(FIELD)` or of `age(FIELD)`."""
        found = self.lines.get(name)
        return found or self._add(name, *self._classes(name))

    def choice(self, name: str, values: Iterable[Any], role: Role = "given") -> Line:
        """Return a line of values that stand for themselves, such as the shares of a draw."""
        found = self.lines.get(name)
        return found or self._add(name, "text", tuple(values), (), role=role, more=DEEPEST)

    def answer(self, name: str, tree: Tree) -> int:
        """Return the region in which a term that no constants settle is true."""
        self.free.setdefault(name, tree)
        return self._bit(name, "free")

    def answered(self, name: str) -> int:
        """Return the region in which such a term has an answer at all."""
        return self._bit(f"{name} has an answer", "free")

    def present(self, name: str) -> int:
        """Return where a field is not null."""
        known = self.cuts.fields.get(name)
        if known is not None and known.type == "list":
            return self.diagram.without(EVERYTHING, self._bit(name, "missing"))
        line = self.line(name)
        return line.among(self.diagram, range(1, len(line.values)))

    def member(self, name: str, text: str) -> int:
        """Return where a list, if it is not null, has a text."""
        return self._bit(member_name(name, text), "member")

    def world(self) -> int:
        """Return where contacts can be: what is reckoned has what it is reckoned from."""
        count, world = self._world
        if count != len(self.lines):
            world = EVERYTHING
            for law in self._laws():
                world = self.diagram.both(world, law)
            self._world = (len(self.lines), world)
        return world

    def _laws(self) -> Iterable[int]:
        for name in list(self.lines):
            how, _, rest = name.partition("(")
            if how in RECKONED_FROM and rest[:-1] in self.lines:
                here, base = self.present(name), self.present(rest[:-1])
                yield self._implies(here, base)
                if RECKONED_FROM[how]:
                    yield self._implies(base, here)
            if name == "profile.age" and "profile.birth_year" in self.lines:
                yield self._implies(self.present(name), self.present("profile.birth_year"))
            if name.startswith("profile.") and name in self.cuts.fields and "profile" in self.lines:
                yield self._implies(self.present(name), self.present("profile"))
            if name == "now" or name.startswith(COUNTS):
                yield self.present(name)  # none yet counts as 0

    def _implies(self, one: int, two: int) -> int:
        return self.diagram.either(self.diagram.without(EVERYTHING, one), two)

    def _classes(self, name: str) -> tuple[Type, tuple[Any, ...], tuple[Any, ...]]:
        known = self.cuts.fields.get(name)
        kind = known.type if known else ("integer" if name.startswith("days") else "duration")
        closed = known.values if known else ()
        if name == "profile" or kind == "flag":
            return "flag", (None, True) if name == "profile" else (None, False, True), ()
        if kind == "text":
            return kind, words(self.cuts.words.get(name, ()), closed), closed
        cuts = {*self.cuts.points.get(name, ()), *map(float, closed)}
        return kind, numbers(kind, cuts), closed

    def _bit(self, name: str, role: Role) -> int:
        line = self.lines.get(name) or self._add(name, "flag", (False, True), (), role=role)
        return line.among(self.diagram, (1,))

    def _add(
        self,
        name: str,
        kind: Type,
        values: tuple[Any, ...],
        closed: tuple[Any, ...],
        *,
        role: Role = "field",
        more: int = 0,
    ) -> Line:
        line = Line(name, kind, values, self._next, closed, role)
        self._next += line.bits
        if self._next > DEEPEST + more:
            raise TooLarge
        self.lines[name] = line
        return line


def member_name(name: str, text: str) -> str:
    """Return the name of the bit that tells whether a list has a text."""
    return f"{text!r} in {name}"

"""Conditions: resolved against the fields, checked for types, and written anew for the binding.

In what the binding evaluates every field is one flat variable, so that nothing is loaded that the
condition does not read, and an absent parent looks like an absent field: both are null.
"""

from dataclasses import dataclass, field

import cel

from tierlane.policy.condition.emit import Emitter
from tierlane.policy.condition.expression import NotCel, Tree, parse, terms
from tierlane.policy.condition.scope import Scope
from tierlane.policy.condition.usage import note
from tierlane.policy.form.document import Written
from tierlane.policy.form.field import Type
from tierlane.policy.form.finding import Place, Report


@dataclass(frozen=True, slots=True)
class Term:
    """One `&&` part of a condition, ready to be asked."""

    text: str
    """As the document has it."""
    about: str
    """What the audit shows: the field alone where it reads no other, else the text."""
    program: cel.Program
    slots: tuple[int, ...]
    """The slots it reads, in the order of reading."""
    names: tuple[str, ...]
    """The variables decided before that it reads: `f_stage`, `tier`, `rank`, `scenario`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold: every term; no terms always hold."""

    terms: tuple[Term, ...] = ()
    slots: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()

    def and_also(self, other: "Condition") -> "Condition":
        """Return the condition that both hold."""
        terms = (*self.terms, *other.terms)
        return Condition(terms, self.slots | other.slots, self.names | other.names)


ALWAYS = Condition()
LONGEST_SHOWN = 160
"""Characters of a term in the audit record; the whole stands in the policy."""

_READABLE = {"rank": "tier", "tier": "tier", "scenario": "scenario"}


@dataclass(slots=True)
class Conditions:
    """Compiles the conditions of one policy; equal terms share one program."""

    report: Report
    programs: dict[str, cel.Program] = field(default_factory=dict)

    def compile(self, written: Written | None, scope: Scope) -> Condition:
        """Return the condition ready to be asked; what is wrong with it goes to the report."""
        if written is None or not written.text:
            return ALWAYS
        try:
            tree = parse(written.text)
            parts = terms(tree)
            compiled = tuple(self._term(part, written.text, scope) for part in parts)
        except NotCel as error:
            self.tell(error, written)
            return ALWAYS
        for warning in Emitter(scope).warnings(tree):
            place = _inside(written, warning.at)
            self.report.warn(warning.code, place, warning.message, warning.hint)
        slots = frozenset(slot for term in compiled for slot in term.slots)
        return Condition(compiled, slots, frozenset(n for term in compiled for n in term.names))

    def _term(self, tree: Tree, text: str, scope: Scope) -> Term:
        emitter = Emitter(scope)
        source = emitter.flag(tree)
        note(tree, scope)
        shown = text[tree.start : tree.end].strip()
        about = _about(emitter, scope, shown)
        return Term(shown, about, self._program(source), tuple(emitter.slots), tuple(emitter.names))

    def _program(self, source: str) -> cel.Program:
        if source not in self.programs:
            self.programs[source] = cel.compile(source)
        return self.programs[source]

    def part(self, tree: Tree, text: str, scope: Scope) -> Condition:
        """Return a part of a condition, ready to be asked by itself; raises NotCel."""
        term = self._term(tree, text, scope)
        return Condition((term,), frozenset(term.slots), frozenset(term.names))

    def value(self, tree: Tree, text: str, scope: Scope) -> tuple[Term, Type]:
        """Return an expression that gives a value, and its type; raises NotCel."""
        emitter = Emitter(scope)
        kind, source = emitter.write(tree)
        shown = text[tree.start : tree.end].strip()
        slots, names = tuple(emitter.slots), tuple(emitter.names)
        return Term(shown, shown, self._program(source), slots, names), kind

    def tell(self, error: NotCel, written: Written) -> None:
        """Report what is wrong with an expression, at its character."""
        self.report.error(error.code, _inside(written, error.at), error.message, error.hint)


def _about(emitter: Emitter, scope: Scope, shown: str) -> str:
    """Return the one field that a term reads; its text, cut, when it reads several."""
    read = {scope.slots.all[slot].path for slot in emitter.slots}
    read |= {_READABLE.get(name, name.replace("f_", "fact.", 1)) for name in emitter.names}
    if len(read) == 1:
        return read.pop()
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def _inside(written: Written, at: int) -> Place:
    """Return the place of a character of a condition; exact for one that is not quoted."""
    line = written.text.count("\n", 0, at)
    if line:
        return Place(written.place.source, written.place.line + line, 1)
    return written.place._replace(column=written.place.column + at)

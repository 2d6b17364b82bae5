"""What a condition may name at its place: fields, and what was decided before it."""

from dataclasses import dataclass, field, replace
from typing import Any

import cel

from tierlane.calendar import Calendar
from tierlane.policy.condition.expression import NotCel
from tierlane.policy.condition.slot import Slot
from tierlane.policy.condition.wording import Asked, Wording, asked
from tierlane.policy.form.document import Constant
from tierlane.policy.form.field import COUNTS, HIDDEN, OPEN, Field, Type
from tierlane.policy.reading.shape import close, near


@dataclass(frozen=True, slots=True)
class Given:
    """A name decided before: `fact.stage`, `tier` or `scenario`, and the values it may have."""

    variable: str
    type: Type
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """Atoms of conditions that no class stands for; their answers are asked for every contact.

    Those that read the same fields are asked at once, as one list.
    """

    together: cel.Program
    alone: tuple[cel.Program, ...]
    slots: tuple[int, ...]
    words: Asked | None = None
    """Answers them without the binding, where all ask for words of one text."""


@dataclass(slots=True)
class Slots:
    """All slots of one policy; grows while conditions are resolved."""

    fields: dict[str, Field]
    calendars: dict[str, Calendar] = field(default_factory=dict)
    all: list[Slot] = field(default_factory=list)
    free: dict[tuple[int, ...], list[str]] = field(default_factory=dict)
    """Slots → the atoms that read just these, as the binding gets them."""
    wordings: dict[str, Wording] = field(default_factory=dict)
    """Atom → the question it is, where words alone answer it."""
    _by_path: dict[str, int] = field(default_factory=dict)

    def of(self, path: str) -> Slot:
        """Return the slot of a known field."""
        index = self._by_path.get(path)
        if index is not None:
            return self.all[index]
        if path == "profile.age":
            return self.derived("years", self.of("profile.birth_year"), "integer", path)
        if path.startswith(COUNTS):
            return self.derived("or_zero", self.raw(path), "integer", path)
        if path == "contact.arrived_at":
            return self.derived("arrived", self.raw(path), "time", path)
        return self.raw(path)

    def raw(self, path: str) -> Slot:
        """Return the slot of a field as it comes, whatever conditions make of it."""
        index = self._by_path.get(f"raw {path}")
        if index is not None:
            return self.all[index]
        known = HIDDEN.get(path) or self.fields[path]
        return self._add(f"raw {path}", Slot(len(self.all), path, known.type, known))

    def derived(self, how: str, base: Slot, kind: Type, name: str = "") -> Slot:
        """Return the slot of a value reckoned from another and from `now`."""
        key = name or f"{how}({base.path})"
        if key in self._by_path:
            return self.all[self._by_path[key]]
        slot = Slot(len(self.all), base.path, kind, None, (how, base.index))
        return self._add(key, slot)

    def opening(self, name: str) -> Slot:
        """Return the slot that tells whether a calendar is open at `now`."""
        return self.derived(f"in_calendar {name}", self.raw("now"), "flag")

    def atoms(self) -> tuple[Free, ...]:
        """Return the free atoms, ready to be asked."""
        found = []
        for slots, sources in self.free.items():
            by_words = [source for source in sources if source in self.wordings]
            others = [source for source in sources if source not in self.wordings]
            if by_words:
                words = asked(tuple(self.wordings[source] for source in by_words))
                found.append(_free(slots, by_words, words))
            if others:
                found.append(_free(slots, others, None))
        return tuple(found)

    def _add(self, key: str, slot: Slot) -> Slot:
        self._by_path[key] = slot.index
        self.all.append(slot)
        return slot


def _free(slots: tuple[int, ...], sources: list[str], words: Asked | None) -> Free:
    together = cel.compile(f"[{', '.join(sources)}]")
    return Free(together, tuple(map(cel.compile, sources)), slots, words)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition at one place may use."""

    slots: Slots
    given: dict[str, Given]
    tiers: tuple[str, ...]
    tier_known: bool = False
    masked: bool = True
    """Whether masked fields may be read here: in facts only."""

    def with_given(self, name: str, given: Given, **changes: Any) -> "Scope":
        """Return the scope of the rules after `name` was decided."""
        return replace(self, given={**self.given, name: given}, **changes)

    def slot(self, path: str, at: int) -> Slot:
        """Return the slot of a field; raises NotCel when there is none, or it is masked here."""
        known = self.slots.fields.get(path)
        if known is None:
            raise NotCel(f"no field `{path}`", at, self._hint(path), "unknown_field")
        if known.mask and not self.masked:
            hint = "read it in a fact and ask the fact here"
            raise NotCel(f"`{path}` is masked", at, hint, "masked_outside_facts")
        return self.slots.of(path)

    def _hint(self, path: str) -> str:
        for start in OPEN:
            if path.startswith(start):
                alike = [one for one in self.slots.fields if one.startswith(start)]
                declare = f"declare it: `fields: {{{path}: number}}`"
                meant = close(path, alike)
                return f"{meant} If not, {declare}" if meant else declare
        names = (*self.slots.fields, *self.given)
        if "." in path or any(one.startswith(f"{path}.") for one in names):
            return near(path, names)
        return close(path, names) or f"text stands in quotes: `'{path}'`"

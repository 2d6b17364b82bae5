"""One contact's values before the rules: what is asked of them, and what the answers leave behind.

It lives while the rules of one equivalence class are tried; all that outlives it are values.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import cel

from tierlane.decision import Fault, Missed
from tierlane.policy.condition import Condition, Term
from tierlane.policy.slot import BAD

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SAFE: Final = 2**53
"""Beyond it a whole number and its double part ways."""


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _number(value: Any) -> float | None:
    if type(value) is float:
        return value
    if type(value) is not int:
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _integer(value: Any) -> int | None:
    return value if type(value) is int and -_SAFE < value < _SAFE else None


def _flag(value: Any) -> bool | None:
    return value if value is True or value is False else None


def _list(value: Any) -> list[str] | None:
    return value if type(value) is list and all(type(one) is str for one in value) else None


def _time(value: Any) -> datetime | None:
    return None if value is None or value is BAD else _EPOCH + timedelta(milliseconds=value)


def _duration(value: Any) -> timedelta | None:
    return None if value is None else timedelta(milliseconds=value)


TYPED: Final[dict[str, Callable[[Any], Any]]] = {
    "text": _text, "number": _number, "integer": _integer, "flag": _flag, "list": _list,
    "time": _time, "duration": _duration,
}  # fmt: skip
"""Per type: the value as the binding gets it; one of a wrong type reads as null."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a set of rules gave, and why."""

    value: Any
    rows: tuple[str, ...] = ()
    """The rows that held, such as `scenarios/return in time`."""
    missed: tuple[Missed, ...] = ()
    faults: tuple[Fault, ...] = ()
    used: tuple[int, ...] = ()


@dataclass(slots=True)
class Evaluation:
    """The values of one contact and the answers so far."""

    paths: tuple[str, ...]
    """Per slot."""
    types: tuple[Callable[[Any], Any], ...]
    """Per slot, from `TYPED`."""
    values: list[Any]
    classes: tuple[Any, ...]
    given: dict[str, Any] = field(default_factory=dict)
    """What was decided so far, by variable: `f_stage`, `tier`, `rank`, `scenario`."""
    context: cel.Context = field(default_factory=cel.Context)
    bound: set[str] = field(default_factory=set)
    used: dict[int, None] = field(default_factory=dict)
    because: list[str] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def value(self, slot: int) -> Any:
        """Return a slot's value of its declared type, or None."""
        return self.types[slot](self.values[slot])

    def give(self, variable: str, value: Any) -> None:
        """Make a decided value readable by the conditions that follow."""
        self.given[variable] = value
        self.bound.discard(variable)

    def failing(
        self, condition: Condition, row: str, faults: list[Fault]
    ) -> tuple[str, str] | None:
        """Return why a condition does not hold, in full and in short; None if it does.

        A term that has no answer counts as false: `missing FIELD` if a field it read is null, else
        it is a fault.
        """
        for term in condition.terms:
            try:
                answer = term.program.execute(self._bind(term))
            except Exception as error:  # noqa: BLE001 # the binding raises builtins of many kinds  # the binding raises builtins of many kinds
                why = self._unanswered(term, row, faults, type(error).__name__)
                return why, why
            if answer is False:
                return term.text, term.about
            if answer is not True:  # a flag that is null stands alone
                why = self._unanswered(term, row, faults, type(answer).__name__)
                return why, why
        return None

    def take(self, hit: Hit) -> Any:
        """Add a set's reasons to the evidence and return its value."""
        self.because.extend(hit.rows)
        self.missed.extend(hit.missed)
        self.faults.extend(hit.faults)
        self.used.update(dict.fromkeys(hit.used))
        return hit.value

    def _bind(self, term: Term) -> cel.Context:
        for slot in term.slots:
            name = f"v{slot}"
            if name not in self.bound:
                self.context.add_variable(name, self.value(slot))
                self.bound.add(name)
        for name in term.names:
            if name not in self.bound:
                self.context.add_variable(name, self.given[name])
                self.bound.add(name)
        return self.context

    def _unanswered(self, term: Term, row: str, faults: list[Fault], error: str) -> str:
        for slot in term.slots:
            if self.value(slot) is None:
                return f"missing {self.paths[slot]}"
        faults.append(Fault("condition", row, error))
        return f"no answer: {term.text}"

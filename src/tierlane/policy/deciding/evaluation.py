"""One contact's values before the rules: what is asked of them, and what the answers leave behind.

It lives while the rules of one equivalence class are tried; all that outlives it are values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import cel

from tierlane.decision import Fault, Missed
from tierlane.policy.condition.condition import Condition, Term
from tierlane.policy.condition.slot import BAD, LARGEST, doubt
from tierlane.policy.deciding.evidence import Told, considered, told

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _number(value: Any) -> float | None:
    plain = type(value) in (int, float) and -LARGEST < value < LARGEST  # NaN is not
    return float(value) if plain else None


def _integer(value: Any) -> int | None:
    return value if type(value) is int and -LARGEST < value < LARGEST else None


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


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """What a set of rules gave, and why; a set gives equal answers as one object (see `Memo`)."""

    value: Any
    rows: tuple[str, ...] = ()
    """The rows that held, such as `scenarios/return in time`."""
    missed: tuple[Missed, ...] = ()
    faults: tuple[Fault, ...] = ()
    used: Mapping[int, None] = field(default_factory=dict)
    unlisted: int = 0
    """Rows that did not hold either and whose reasons are not kept."""
    binding: bool = False
    """Whether the set's rows all count: then one that is not in `rows` did not hold."""
    encoded: list[Told] = field(default_factory=list)

    def told(self) -> Told:
        """Return it as the audit record writes it; encoded once.

        Only when asked: of nine answers worked out, one is new, and encoding takes 40 µs.
        """
        if not self.encoded:
            self.encoded.append(told(self.value, self.rows, self._considered()))
        return self.encoded[0]

    def _considered(self) -> tuple[tuple[bytes, int], ...]:
        if not self.missed:
            return ()
        part = considered(self.missed, binding=self.binding)
        shown = ((part, len(self.missed)),) if part else ()
        return (*shown, (b"", self.unlisted)) if self.unlisted else shown


class Evaluation:
    """The values of one contact and the answers so far."""

    __slots__ = (
        "_bound", "_context", "classes", "doubtful", "faults", "given", "paths", "types", "used",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        paths: tuple[str, ...],
        types: tuple[Callable[[Any], Any], ...],
        values: list[Any],
        classes: tuple[Any, ...],
    ) -> None:
        """Take path and type (from `TYPED`), value and class of each slot."""
        self.paths, self.types, self.values, self.classes = paths, types, values, classes
        self.doubtful = any(map(doubt, classes))
        """Whether a value may be of a wrong type or outside its closed set."""
        self.given: dict[str, Any] = {}
        """What was decided so far, by variable: `f_stage`, `tier`, `rank`, `scenario`."""
        self._context: cel.Context | None = None
        """Made when the first condition is asked: most classes are answered from memory."""
        self._bound: set[str] = set()
        self.used: dict[int, None] = {}
        """The slots that placing read, in order."""
        self.faults: list[Fault] = []
        """What placing had no answer from."""

    def value(self, slot: int) -> Any:
        """Return a slot's value of its declared type, or None."""
        return self.types[slot](self.values[slot])

    def give(self, variable: str, value: Any) -> None:
        """Make a decided value readable by the conditions that follow."""
        self.given[variable] = value
        self._bound.discard(variable)

    def give_all(self, decided: Mapping[str, Any]) -> None:
        """Make several decided values readable."""
        self.given.update(decided)
        self._bound.difference_update(decided)

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
            except Exception as error:  # noqa: BLE001 # the binding raises builtins of many kinds
                return self._unanswered(term, row, faults, type(error).__name__)
            if answer is False:
                return term.text, term.about
            if answer is not True:  # a flag that is null stands alone
                return self._unanswered(term, row, faults, type(answer).__name__)
        return None

    def answer(self, term: Term) -> Any:
        """Return what an expression gives, None where it has no answer."""
        try:
            return term.program.execute(self._bind(term))
        except Exception:  # noqa: BLE001 # the binding raises builtins of many kinds
            return None

    def _bind(self, term: Term) -> cel.Context:
        if self._context is None:
            self._context = cel.Context()
        for slot in term.slots:
            name = f"v{slot}"
            if name not in self._bound:
                self._context.add_variable(name, self.value(slot))
                self._bound.add(name)
        for name in term.names:
            if name not in self._bound:
                self._context.add_variable(name, self.given[name])
                self._bound.add(name)
        return self._context

    def _unanswered(self, term: Term, row: str, faults: list[Fault], error: str) -> tuple[str, str]:
        for slot in term.slots:
            if self.value(slot) is None:
                return f"missing {self.paths[slot]}", self.paths[slot]
        for name in term.names:
            if self.given[name] is None:  # a figure of a desk, such as `lane_oldest`
                return f"missing {name.replace('_', '.', 1)}", name.replace("_", ".", 1)
        faults.append(Fault("condition", row, error))
        return f"no answer: {term.text}", term.about

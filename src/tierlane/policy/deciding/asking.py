"""What is asked of advisors and of a line, ready to be worked out for one contact.

What a want compares an advisor with is worked out once, when the contact enters (`bind`); then only
the advisors differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tierlane.policy.condition.condition import Condition, Term
from tierlane.policy.deciding.evaluation import TYPED, Evaluation
from tierlane.policy.form.field import Type
from tierlane.policy.line.want import Advisor, Bound, Wanted


@dataclass(frozen=True, slots=True)
class Side:
    """What an advisor is compared with: a constant, a slot, a decided value, or worked out."""

    value: Any = None
    slot: int = -1
    name: str = ""
    term: Term | None = None

    def of(self, evaluation: Evaluation) -> Any:
        """Return the value for one contact, lists as tuples; None where there is none."""
        if self.slot >= 0:
            evaluation.used[self.slot] = None
            found = evaluation.value(self.slot)
        elif self.name:
            found = evaluation.given[self.name]
        elif self.term is not None:
            evaluation.used.update(dict.fromkeys(self.term.slots))
            found = evaluation.answer(self.term)
        else:
            found = self.value
        return tuple(found) if isinstance(found, list) else found


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of an advisor's field, its other side still to be worked out."""

    field: str
    sign: str
    side: Side


@dataclass(frozen=True, slots=True)
class Want:
    """Alternatives of which one must hold: tests of the advisor, and conditions of the contact."""

    text: str
    tests: tuple[Test, ...]
    of_contact: tuple[Condition, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether fields alone stand on the other side, so that a class of contacts tells all."""
        return not self.of_contact and all(one.side.term is None for one in self.tests)

    @property
    def named(self) -> int:
        """The slot that names the one advisor wanted, or -1."""
        (one, *more) = self.tests or (Test("", "", Side()),)
        alone = not more and not self.of_contact
        return one.side.slot if alone and (one.field, one.sign) == ("id", "==") else -1

    def bind(self, evaluation: Evaluation) -> Bound | None:
        """Return the want of one contact; None where the contact itself meets it."""
        for condition in self.of_contact:
            evaluation.used.update(dict.fromkeys(condition.slots))
            if evaluation.failing(condition, self.text, evaluation.faults) is None:
                return None
        asked = ((one, one.side.of(evaluation)) for one in self.tests)
        tests = [Wanted(one.field, one.sign, to) for one, to in asked if to not in (None, ())]
        return Bound(self.text, tuple(tests))


def missing(wants: tuple[Want, ...], evaluation: Evaluation) -> bool:
    """Tell whether some want has nothing to compare an advisor with."""
    bound = (one.bind(evaluation) for one in wants)
    return any(one is not None and not one.tests for one in bound)


@dataclass(frozen=True, slots=True)
class Sorted:
    """A compiled key of an order or a choice that is an expression."""

    term: Term
    fields: tuple[tuple[str, str, Type], ...] = ()
    """Variable, field and type of what it reads of the advisor."""

    def of(self, evaluation: Evaluation) -> Any:
        """Return its value for one contact, None where it has no answer."""
        return evaluation.answer(self.term)

    def bind(self, evaluation: Evaluation) -> Callable[[Advisor], Any]:
        """Return the function advisor → value for one contact."""
        fixed = {f"v{slot}": evaluation.value(slot) for slot in self.term.slots}
        of_advisor = {name for name, _, _ in self.fields}
        fixed |= {n: evaluation.given[n] for n in self.term.names if n not in of_advisor}
        return lambda advisor: self.ask(fixed, advisor)

    def ask(self, known: Mapping[str, Any], advisor: Advisor) -> Any:
        """Return its value for an advisor; `known` are the variables that are the contact's."""
        asked = {n: TYPED[kind](_listed(advisor.get(path))) for n, path, kind in self.fields}
        try:
            return self.term.program.execute({**known, **asked})
        except Exception:  # noqa: BLE001 # the binding raises builtins of many kinds
            return None


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

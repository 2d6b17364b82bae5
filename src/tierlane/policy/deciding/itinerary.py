"""What a desk must know of a contact to take it through its plan, worked out when it is decided.

Intake alone holds profile and memory, so it answers beforehand whatever hangs on them, for each
step of the plan and of the plans that may take over: why it can never be taken, what is asked of
an advisor, what the conditions of the desk will read. A desk adds what only time and its own
figures tell: whether a lane is closed or full, budgets, and whether to skip.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from tierlane.decision import Priority, Promise
from tierlane.lane import Lane
from tierlane.policy.condition.slot import WRONG
from tierlane.policy.deciding.evaluation import Evaluation
from tierlane.policy.deciding.line import Line, Preferring
from tierlane.policy.deciding.obligation import Held, lift, service
from tierlane.policy.deciding.planning import Bounds, CompiledPlan, CompiledStep, holding, unfit
from tierlane.policy.form.document import Floor
from tierlane.policy.line.figure import ABSENT, READ
from tierlane.policy.line.want import Bound

_OF_THE_DESK: Final = frozenset(name.replace(".", "_") for name in READ)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

Known = tuple[tuple[str, Any], ...]
"""Variables that conditions and keys of a desk read, with their values."""

Homes = Callable[[str], tuple[bool, str | None]]
"""Gives of an advisor whether the directory says anything, and their home desk, if it knows one."""


class Leg(NamedTuple):
    """One step of a plan as it is for one contact."""

    lane: str
    reason: str = ""
    """Why it is passed over whatever the desk knows, or nothing."""
    wants: tuple[Bound, ...] = ()
    prefer: tuple[Bound, ...] = ()
    missing: bool = False
    """Whether a want has nothing to compare with."""
    budgets: tuple[str, ...] = ()
    """Those that hold in its lane."""
    values: tuple[Any, ...] = ()
    """What the keys of the desk's order that are expressions gave."""
    known: Known = ()
    serve: Known = ()
    """What its lane tells who serves, by key."""
    not_before: int = 0
    """The moment in ms before which its desk does not offer the contact; 0 is at once."""

    @property
    def advisor(self) -> str | None:
        """The one advisor that is wanted by name."""
        for want in self.wants:
            (one, *more) = want.tests or (None,)
            if one is not None and not more and (one.field, one.sign) == ("id", "=="):
                return str(one.value)
        return None


@dataclass(frozen=True, slots=True)
class Itinerary:
    """All that a desk needs to know of one contact; plain values, equal for equal decisions."""

    revision: str
    plan: str
    legs: tuple[tuple[str, tuple[Leg, ...]], ...]
    """The steps of the plan, and of each that may take over, by the plan's name."""
    last: Leg
    """The fallback, for a contact that no step is eligible for."""
    priority: Priority
    floor: Floor
    answer: int | None
    """Ms after arrival by which an answer is promised; working time is reckoned already."""
    channel: str
    customer: str | None
    barred: tuple[tuple[str, str], ...] = ()
    """Lane and reason of those that the contact may never be in, such as a floor."""
    decided: bool = True
    """False: no rule could be asked, and the contact goes to the fallback."""

    def leg(self, plan: str, step: int) -> Leg:
        """Return a step, counted from 1."""
        for name, legs in self.legs:  # a generator takes three times as long
            if name == plan:
                return legs[step - 1]
        raise KeyError(plan)

    def has(self, plan: str, step: int | str) -> bool:
        """Tell whether there is such a step; the fallback is none."""
        legs = dict(self.legs).get(plan, ())
        return isinstance(step, int) and 1 <= step <= len(legs)

    def lifted(self, priority: Priority) -> Priority:
        """Return a priority, not below the floor."""
        return lift(priority, self.floor)

    def why_barred(self, lane: str) -> str:
        """Return why the contact may never be in a lane, or nothing."""
        return next((why for name, why in self.barred if name == lane), "")


@dataclass(frozen=True, slots=True)
class Itinerant:
    """Makes the legs of one contact from its values and what was decided."""

    bounds: Bounds
    serving: Held
    lines: Mapping[str, Line]
    lanes: tuple[Lane, ...]
    evaluation: Evaluation
    homes: Homes | None = None

    def legs(
        self, plan: CompiledPlan, plans: Mapping[str, CompiledPlan]
    ) -> tuple[tuple[str, tuple[Leg, ...]], ...]:
        """Return the legs of a plan and of all that may take over from it."""
        found: dict[str, tuple[Leg, ...]] = {}
        left = [plan]
        while left:
            one = left.pop()
            if one.name in found:
                continue
            found[one.name] = tuple(
                self._leg(f"plans/{one.name}/{number}", step)
                for number, step in enumerate(one.steps, 1)
            )
            left += [plans[name] for name in _onward(one) if name in plans]
        return tuple(found.items())

    def last(self, lane: Lane) -> Leg:
        """Return the fallback as a leg."""
        self._enter(lane)
        return Leg(lane.name, **self._of_lane(lane, None))

    def barred(self) -> tuple[tuple[str, str], ...]:
        """Return the lanes that the contact may never be in, with the reason."""
        found = ((one.name, unfit(one, self.bounds, self.evaluation)) for one in self.lanes)
        return tuple((name, why) for name, why in found if why)

    def _leg(self, row: str, step: CompiledStep) -> Leg:
        """Return a step as it is for the contact: one that names an advisor, at their home desk.

        There it is in the first lane of its kind that may take the contact. It is passed over where
        there is none, and where the directory does not know the advisor.
        """
        leg = self._in_lane(row, step, step.lane)
        named = leg.advisor
        if self.homes is None or named is None or leg.reason.startswith("when"):
            return leg
        says, desk = self.homes(named)
        if not says or desk == step.lane.desk:
            return leg
        for lane in self._like(step.lane, desk):
            there = self._in_lane(row, step, lane)
            if not there.reason:
                return there
        return leg._replace(reason=ABSENT)

    def _like(self, lane: Lane, desk: str | None) -> Iterator[Lane]:
        """Yield the lanes of the same kind at a managed desk."""
        line = self.lines.get(desk or "")
        if line is not None and line.managed:
            yield from (one for one in self.lanes if (one.desk, one.kind) == (desk, lane.kind))

    def _in_lane(self, row: str, step: CompiledStep, lane: Lane) -> Leg:
        evaluation = self.evaluation
        self._enter(lane)
        why = evaluation.failing(step.when, row, evaluation.faults)
        reason = f"when: {why[0]}" if why is not None else unfit(lane, self.bounds, evaluation)
        bound = [want.bind(evaluation) for want in step.wants]
        preferred = [want.bind(evaluation) for want in step.prefer]
        wants = tuple(one for one in bound if one is not None)
        return Leg(
            lane=lane.name,
            reason=reason,
            wants=wants,
            prefer=tuple(one for one in preferred if one is not None),
            missing=any(not one.tests for one in wants),
            **self._of_lane(lane, step),
        )

    def _enter(self, lane: Lane) -> None:
        for name in ("name", "kind", "desk"):
            self.evaluation.give(f"lane_{name}", getattr(lane, name))

    def _of_lane(self, lane: Lane, step: CompiledStep | None) -> dict[str, Any]:
        line = self.lines[lane.desk]
        constants, carried = service(self.serving, lane, self.bounds.compliance)
        held = holding(self.bounds, self.evaluation)
        return {
            "budgets": tuple(one.name for one in held),
            "values": tuple(one.of(self.evaluation) for one in line.sorts),
            "known": self._known(step, step.choose or line.choose if step else line.choose),
            "serve": (*constants.items(), *self._carried(carried)),
            "not_before": self._not_before(line),
        }

    def _not_before(self, line: Line) -> int:
        moment = None if line.not_before is None else line.not_before.of(self.evaluation)
        return (moment - _EPOCH) // _MS if isinstance(moment, datetime) else 0

    def _known(self, step: CompiledStep | None, choose: Preferring) -> Known:
        """Return the variables that the step's `skip_if` and the keys of choice read."""
        terms = [
            (term, frozenset[str]()) for term in (step.skip.terms if step and step.skip else ())
        ]
        terms += [(one.term, frozenset(name for name, _, _ in one.fields)) for one in choose.sorts]
        found: dict[str, Any] = {}
        for term, of_advisor in terms:
            for slot in term.slots:
                found[f"v{slot}"] = self.evaluation.value(slot)
            for name in term.names:
                if name not in of_advisor and name not in _OF_THE_DESK:
                    found[name] = self.evaluation.given[name]
        return tuple(found.items())

    def _carried(self, carried: Mapping[str, int | str]) -> Iterable[tuple[str, Any]]:
        evaluation = self.evaluation
        for key, where in carried.items():
            if isinstance(where, str):
                yield key, evaluation.given[where]
            elif evaluation.values[where] is not None and evaluation.classes[where] != WRONG:
                yield key, evaluation.values[where]


def answer_of(promise: Promise, arrived: int) -> int | None:
    """Return the ms after arrival by which an answer is promised."""
    due = promise.due("answer", arrived)
    return None if due is None else due - arrived


def _onward(plan: CompiledPlan) -> Iterable[str]:
    """Yield the plans that may take over from a plan."""
    yield plan.then
    for step in plan.steps:
        yield step.lane.full.plan
        yield step.lane.closed.plan

"""Compiles what concerns lanes and lines: plans with their steps, budgets, and the desks' keys."""

from dataclasses import dataclass, field
from typing import Final

from tierlane.lane import KINDS, Lane
from tierlane.policy.compiling.advising import ROOT, Advising
from tierlane.policy.compiling.unmanaged import HINT, NEEDS, unmanaged
from tierlane.policy.condition.condition import Condition, Conditions
from tierlane.policy.condition.scope import Given, Scope
from tierlane.policy.deciding.asking import Sorted, Want
from tierlane.policy.deciding.line import Line, Preferring
from tierlane.policy.deciding.planning import CompiledPlan, CompiledStep
from tierlane.policy.deciding.valueset import Choice, Row
from tierlane.policy.form.desk import EXPRESSED, Desk, Key
from tierlane.policy.form.document import Budget, Document, Plan, Step, Written
from tierlane.policy.form.field import Type, declared_type
from tierlane.policy.form.finding import Report
from tierlane.policy.line.budgeting import Budgeted
from tierlane.policy.line.choosing import Choosing
from tierlane.policy.line.figure import READ
from tierlane.policy.line.ordering import Order
from tierlane.policy.line.transition import Clock, Transitions
from tierlane.policy.reading.shape import near

_SORTABLE: Final[tuple[Type, ...]] = ("number", "integer")


@dataclass(slots=True)
class PlanAssembly:
    """The plans, budgets and desks of one policy while they are compiled."""

    document: Document
    report: Report
    conditions: Conditions
    lanes: dict[str, Lane]
    advising: Advising = field(init=False)
    outside: dict[str, str] = field(init=False)
    """Lane → desk of the lanes that an outside system serves."""

    def __post_init__(self) -> None:
        """Take up what the policy declares of advisors."""
        declared: dict[str, Type] = {
            path.removeprefix(ROOT): declared_type(one.type)
            for path, one in self.document.fields
            if path.startswith(ROOT)
        }
        self.advising = Advising(self.report, self.conditions, declared)
        self.outside = unmanaged(self.document)

    def lane(self, written: Written) -> Lane | None:
        """Return a lane by name; an unknown one is reported."""
        found = self.lanes.get(written.text)
        if found is None and written.text:
            message = f"no lane `{written.text}`"
            hint = near(written.text, self.lanes)
            self.report.error("unknown_lane", written.place, message, hint)
        return found

    def plans(self, scope: Scope) -> Choice:
        """Compile the plans; the last takes every contact that is left."""
        plans = self.document.plans
        if not plans or plans[-1].when is not None:
            place = plans[-1].place if plans else self.document.place
            hint = "the last plan takes who is left: give it no `when`"
            self.report.error("last_plan", place, "some contacts would have no plan", hint)
        rows = tuple(
            Row(
                f"plans/{one.name}",
                one.name,
                self.conditions.compile(one.when, scope),
                self._plan(one, self._in_lane(scope)),
            )
            for one in plans
        )
        return Choice("plans", rows, None)

    def budgets(self, scope: Scope) -> tuple[Budgeted, ...]:
        """Compile the budgets."""
        return tuple(self._budget(one, self._in_lane(scope)) for one in self.document.budgets)

    def _budget(self, one: Budget, scope: Scope) -> Budgeted:
        when = self.conditions.compile(one.when, scope)
        found = Budgeted(one.name, when, one.per, one.most, one.within)
        lanes = [lane for lane in self.lanes.values() if found.may_hold(lane)]
        if not lanes:
            self.report.warn("budget_unused", one.place, f"budget `{one.name}` holds for no lane")
        for lane in lanes:
            if lane.name in self.outside:
                message = f"budget `{one.name}`, which holds for lane `{lane.name}`, {NEEDS}"
                hint = HINT.format(desk=lane.desk)
                self.report.error("plan_needs_managed_desk", one.place, message, hint)
                break
        return found

    def lines(self, scope: Scope) -> tuple[Line, ...]:
        """Compile what the desks run their lines by."""
        return tuple(self._line(one, self._in_lane(scope)) for one in self.document.desks)

    def _line(self, desk: Desk, scope: Scope) -> Line:
        for duty in desk.duties:
            for lane in duty.lanes:
                self.lane(Written(lane.lane, lane.place))
        return Line(
            desk=desk.name,
            managed=desk.managed,
            order=Order(tuple(key.how for key in desk.order)),
            sorts=self._sorts(desk.order, scope),
            choose=self._preferring(desk.choose, scope),
            offer=desk.offer,
            capacity=desk.capacity,
            wrap_up=desk.wrap_up,
            duties=desk.duties,
            bound=desk.bound,
            calendar=desk.calendar,
            not_before=self._not_before(desk.not_before, scope),
            silence=desk.silence,
            lapse=desk.lapse,
        )

    def _not_before(self, key: Key | None, scope: Scope) -> Sorted | None:
        if key is None:
            return None
        found = self.advising.key(Written(key.text, key.place), scope, ("time",))
        for slot in found.term.slots if found is not None else ():
            scope.slots.all[slot].exact = True  # the moment itself goes to the desk
        return found

    def _preferring(self, keys: tuple[Key, ...], scope: Scope) -> Preferring:
        return Preferring(Choosing(tuple(key.how for key in keys)), self._sorts(keys, scope))

    def _sorts(self, keys: tuple[Key, ...], scope: Scope) -> tuple[Sorted, ...]:
        found = []
        for key in keys:
            if key.how in EXPRESSED:
                kinds: tuple[Type, ...] = ("flag",) if key.how == "first" else _SORTABLE
                one = self.advising.key(Written(key.text, key.place), scope, kinds)
                found += [one] if one is not None else []
        return tuple(found)

    def _in_lane(self, scope: Scope) -> Scope:
        """Return the scope of what is asked about a lane: its name, kind and desk are known."""
        names = tuple(self.lanes)
        desks = tuple(desk.name for desk in self.document.desks)
        for name, values in (("name", names), ("kind", KINDS), ("desk", desks)):
            scope = scope.with_given(f"lane.{name}", Given(f"lane_{name}", "text", values))
        return scope

    def _plan(self, one: Plan, scope: Scope) -> CompiledPlan:
        """Compile a plan's steps; a step without a lane stays in the one before."""
        steps: list[CompiledStep] = []
        lane: Lane | None = None
        for step in one.steps:
            if step.lane is not None:
                lane = self.lane(step.lane)
            elif lane is None:
                self.report.error("missing_key", step.place, "the first step needs a `lane`")
            if lane is not None:
                steps.append(self._step(step, lane, scope))
        last = one.last or self.document.last
        if not one.steps and last.plan is None:
            hint = "name the plan that takes over: `finally: {plan: NAME}`"
            message = f"plan `{one.name}` has no steps, and no plan takes over"
            self.report.error("no_steps", one.place, message, hint)
        clocks = tuple(
            Clock(step.until, step.before_answer, step.lasts, step.working) for step in one.steps
        )
        then = last.plan.text if last.plan is not None else ""
        return CompiledPlan(
            one.name, tuple(steps), Transitions(clocks, self.document.last.until), then, last.close
        )

    def _step(self, step: Step, lane: Lane, scope: Scope) -> CompiledStep:
        if lane.kind == "dedicated" and not step.who:
            message = f"lane `{lane.name}` is dedicated, and the step names no advisor"
            hint = "`who: [advisor.id == profile.dedicated_advisor]`"
            self.report.warn("no_advisor", step.place, message, hint)
        for one in step.borrow:
            self.lane(one)
        return CompiledStep(
            lane=lane,
            when=self.conditions.compile(step.when, scope),
            wants=self._wants(step, lane, scope),
            priority=step.priority,
            skip=self._skip(step, scope),
            skip_text=" ".join(step.skip_if.text.split()) if step.skip_if is not None else "",
            prefer=self.advising.wants(step.prefer, scope),
            borrow=tuple(one.text for one in step.borrow),
            choose=self._preferring(step.choose, scope) if step.choose else None,
            opening=self._opening(lane, scope),
        )

    def _opening(self, lane: Lane, scope: Scope) -> int:
        """Return the slot that tells whether a lane's desk is open, -1 where that is not asked.

        A lane that waits until it opens is asked where it has a limit: that holds while it is open.
        """
        limits = (lane.most_waiting, lane.longest_wait)
        if lane.closed.how == "wait" and limits == (None, None):
            return -1
        for desk in self.document.desks:
            if desk.name == lane.desk and desk.calendar is not None:
                return scope.slots.opening(desk.calendar.name).index
        return -1

    def _skip(self, step: Step, scope: Scope) -> Condition | None:
        if step.skip_if is None:
            return None
        for name, kind in READ.items():
            scope = scope.with_given(name, Given(name.replace(".", "_"), kind, ()))
        return self.conditions.compile(step.skip_if, scope)

    def _wants(self, step: Step, lane: Lane, scope: Scope) -> tuple[Want, ...]:
        wants: list[Want] = []
        for one in step.who:
            found = self.advising.wants((one,), scope)
            if lane.name in self.outside and any(want.named < 0 for want in found):
                message = f"`{one.text}` needs a desk that knows its advisors"
                hint = "a step can name one: `advisor.id == profile.dedicated_advisor`"
                self.report.error("plan_needs_managed_desk", one.place, message, hint)
            wants += found
        return tuple(wants)

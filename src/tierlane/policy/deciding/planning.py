"""The plan and its first eligible step.

Intake asks what only the contact, the lane and the rules say; for a managed desk also what its
figures say, which are handed in (see `figure`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tierlane.decision import FALLBACK, Fault, Priority
from tierlane.lane import NEXT_STEP, Compliance, Detour, Lane
from tierlane.policy.condition.condition import Condition
from tierlane.policy.deciding.asking import Want, missing
from tierlane.policy.deciding.evaluation import Evaluation
from tierlane.policy.deciding.line import Preferring
from tierlane.policy.line.budgeting import Budgeted
from tierlane.policy.line.figure import ABSENT, NOBODY, Figures
from tierlane.policy.line.transition import Transitions


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step with its lane resolved."""

    lane: Lane
    when: Condition
    wants: tuple[Want, ...]
    priority: Priority | None
    skip: Condition | None = None
    """When to pass the step over while nobody can take the contact; None is `who.missing`."""
    skip_text: str = ""
    prefer: tuple[Want, ...] = ()
    borrow: tuple[str, ...] = ()
    choose: Preferring | None = None
    """None: as the desk chooses."""
    opening: int = -1
    """The slot that tells whether the lane's desk is open, -1 where that is not asked."""

    @property
    def skipping(self) -> str:
        """The reason that is told where `skip` holds."""
        return "who.missing" if self.skip_text == "who.missing" else f"skip_if: {self.skip_text}"

    @property
    def advisor_slot(self) -> int:
        """The slot that names the one advisor wanted, or -1."""
        return next((one.named for one in self.wants if one.named >= 0), -1)

    @property
    def conditional(self) -> bool:
        """Whether conditions are asked on the way, so that placing may look at everything."""
        asks = self.when.terms or self.skip is not None
        return bool(asks) or not all(want.plain for want in self.wants)

    @property
    def looks(self) -> tuple[frozenset[int], frozenset[str]]:
        """The slots, and the names decided before, that one not conditional looks at.

        Beside these placing looks at what `Bounds` names. A slot that is missing here would let a
        contact be placed as another one was.
        """
        sides = [test.side for want in self.wants for test in want.tests]
        slots = {self.opening, *(side.slot for side in sides)} - {-1}
        return frozenset(slots), frozenset({side.name for side in sides} - {""})


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan with its steps resolved."""

    name: str
    steps: tuple[CompiledStep, ...]
    transitions: Transitions
    then: str = ""
    """The plan that takes over when the steps have run out; nothing: the contact is closed."""
    close: str = ""
    """The message with which it is closed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What binds a contact on its way through a plan: floors, compliance, budgets, figures."""

    never: tuple[tuple[str, str], ...]
    """Kind of lane and the floor that forbids it."""
    compliance: Compliance
    channel_slot: int
    identity_slot: int
    language_slot: int = -1
    """-1 where no lane names languages."""
    budgets: tuple[Budgeted, ...] = ()
    figures: Figures = NOBODY
    answer: int | None = None
    """The promised time to an answer, where the end of a step hangs on it; by the clock only.

    Working time takes at least as long, and the desk, which has the moment, reckons it.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where a contact goes; equal places are one object (see `Rulebook`)."""

    plan: str
    step: int | str
    lane: Lane
    advisor_slot: int = -1
    priority: Priority | None = None
    passed_over: tuple[tuple[int | str, str, str], ...] = ()
    """Step, lane and reason; a step of a plan that handed over is `PLAN/NUMBER`."""
    used: tuple[int, ...] = ()
    """The slots read on the way, in order."""
    faults: tuple[Fault, ...] = ()


Passed = list[tuple[int | str, str, str]]


def place(
    plan: CompiledPlan,
    plans: Mapping[str, CompiledPlan],
    bounds: Bounds,
    fallback: Lane,
    evaluation: Evaluation,
) -> Placed:
    """Take the first step that is eligible.

    A lane that is full or closed may send on to another plan; so does a plan that has no step for
    the contact and names one that takes over. None eligible leaves the fallback lane. The check
    refuses plans that hand over in a circle, so this ends.
    """
    passed: Passed = []
    while True:
        found, then = _walk(plan, bounds, evaluation, passed)
        if found is not None:
            step = plan.steps[found - 1]
            return Placed(
                plan.name, found, step.lane, step.advisor_slot, step.priority, tuple(passed)
            )
        if not then:
            return Placed(plan.name, FALLBACK, fallback, -1, None, tuple(passed))
        passed = [(_of(plan.name, step), lane, why) for step, lane, why in passed]
        plan = plans[then]


def _of(plan: str, step: int | str) -> str:
    return step if isinstance(step, str) else f"{plan}/{step}"


def _walk(
    plan: CompiledPlan, bounds: Bounds, evaluation: Evaluation, passed: Passed
) -> tuple[int | None, str]:
    """Return the first eligible step, or the plan that takes over."""
    over = () if bounds.answer is None else plan.transitions.limits(bounds.answer)
    for number, step in enumerate(plan.steps, 1):
        if over and over[number - 1] <= 0:
            passed.append((number, step.lane.name, "until"))
            continue
        reason, detour = _reason(f"plans/{plan.name}/{number}", step, bounds, evaluation)
        if not reason:
            return number, ""
        passed.append((number, step.lane.name, reason))
        if detour.how == "plan":
            return None, detour.plan
    return None, plan.then


def _reason(
    row: str, step: CompiledStep, bounds: Bounds, evaluation: Evaluation
) -> tuple[str, Detour]:
    """Return why a step is passed over, in the order the language states, or nothing."""
    lane = step.lane
    _give_lane(lane, step, bounds, evaluation)
    evaluation.used.update(dict.fromkeys(step.when.slots))
    why = evaluation.failing(step.when, row, evaluation.faults)
    if why is not None:
        return f"when: {why[0]}", NEXT_STEP
    if reason := unfit(lane, bounds, evaluation):
        return reason, NEXT_STEP
    if (reason := _shut(step, bounds, evaluation)) and (detour := _detour(lane, reason)):
        return reason, detour
    return _busy(row, step, bounds, evaluation), NEXT_STEP


def _shut(step: CompiledStep, bounds: Bounds, evaluation: Evaluation) -> str:
    """Return whether the lane is closed, or else full: what the calendar says comes first."""
    if step.opening >= 0 and evaluation.value(step.opening) is False:
        return "closed"
    return "full" if bounds.figures.full(step.lane) else ""


def _detour(lane: Lane, reason: str) -> Detour | None:
    """Return where a lane that is shut sends a contact; None where it waits for it to open."""
    detour = lane.closed if reason == "closed" else lane.full
    return None if detour.how == "wait" else detour


def _busy(row: str, step: CompiledStep, bounds: Bounds, evaluation: Evaluation) -> str:
    """Return why nobody is to serve the contact here, though the lane would take it."""
    left = _left(bounds, evaluation)
    if left is not None and left <= 0:
        return "budget"
    return _skipped(step, left, row, bounds, evaluation)


def _give_lane(lane: Lane, step: CompiledStep, bounds: Bounds, evaluation: Evaluation) -> None:
    """Make the lane readable to the conditions of a step and of budgets."""
    if bounds.budgets or step.when.names or step.skip is not None:
        evaluation.give("lane_name", lane.name)
        evaluation.give("lane_kind", lane.kind)
        evaluation.give("lane_desk", lane.desk)


def unfit(lane: Lane, bounds: Bounds, evaluation: Evaluation) -> str:
    """Return what forbids a contact the lane, whenever it comes; nothing if nothing does.

    In this order: its channels, its languages, compliance, a floor, a weak identity.
    """
    if lane.channels and evaluation.value(bounds.channel_slot) not in lane.channels:
        return "channel"
    if lane.languages and _foreign(lane, bounds, evaluation):
        return "language"
    identity = _identity(lane, bounds, evaluation)
    if not lane.keeps(bounds.compliance, identity):
        return _broken(lane, bounds.compliance, identity)
    for kind, floor in bounds.never:
        if kind == lane.kind:
            return floor
    return "identity" if identity < lane.identity else ""


def _foreign(lane: Lane, bounds: Bounds, evaluation: Evaluation) -> bool:
    evaluation.used[bounds.language_slot] = None
    spoken = evaluation.value(bounds.language_slot)
    return spoken is not None and spoken not in lane.languages


def _identity(lane: Lane, bounds: Bounds, evaluation: Evaluation) -> int:
    if not lane.identity and not bounds.compliance.identity:
        return 0
    evaluation.used[bounds.identity_slot] = None
    return evaluation.value(bounds.identity_slot) or 0


def _broken(lane: Lane, mark: Compliance, identity: int) -> str:
    """Return the first compliance rule that the lane cannot keep."""
    for name, one in mark.rules:
        if not lane.keeps(one, identity):
            return name
    return "compliance"


def holding(bounds: Bounds, evaluation: Evaluation) -> list[Budgeted]:
    """Return the budgets that hold for a contact in the lane that the conditions are given."""
    held = []
    for one in bounds.budgets:
        evaluation.used.update(dict.fromkeys(one.when.slots))
        if evaluation.failing(one.when, f"budgets/{one.name}", evaluation.faults) is None:
            held.append(one)
    return held


def _left(bounds: Bounds, evaluation: Evaluation) -> int | None:
    """Return the least that is left of the budgets that hold; None where none does."""
    left = (one.left(bounds.figures.left) for one in holding(bounds, evaluation))
    return min(left, default=None)


def _skipped(
    step: CompiledStep, left: int | None, row: str, bounds: Bounds, evaluation: Evaluation
) -> str:
    """Return why the step is passed over while nobody can take the contact at once."""
    unknown = missing(step.wants, evaluation) if step.wants else False
    if step.skip is None:
        return "who.missing" if unknown else ""
    figures = bounds.figures
    if figures.lane(step.lane.name).free and not unknown:
        return ""
    names = figures.names(step.lane, left, missing=unknown)
    for name, value in names.items():
        evaluation.give(name, value)
    evaluation.used.update(dict.fromkeys(step.skip.slots))
    if evaluation.failing(step.skip, row, evaluation.faults) is not None:
        return ""
    evaluation.give("who_absent", value=False)
    if names["who_absent"] and evaluation.failing(step.skip, row, []) is not None:
        return "who.missing" if unknown else ABSENT
    return step.skipping

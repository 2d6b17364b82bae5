"""The plan and its first eligible step, for desks that an existing system serves."""

from dataclasses import dataclass

from tierlane.decision import FALLBACK, Priority
from tierlane.lane import Compliance, Lane
from tierlane.policy.condition import Condition
from tierlane.policy.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step with its lane resolved."""

    lane: Lane
    when: Condition
    advisors: tuple[int, ...]
    """The slots that name the advisor wanted; all must name one, and the same."""
    priority: Priority | None
    opening: int = -1
    """The slot that tells whether the lane's desk is open, -1 where that is not asked."""


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan with its steps resolved."""

    name: str
    steps: tuple[CompiledStep, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What floors and compliance bind a contact to."""

    never: tuple[tuple[str, str], ...]
    """Kind of lane and the floor that forbids it."""
    compliance: Compliance
    channel_slot: int
    identity_slot: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a contact goes."""

    step: int | str
    lane: Lane
    advisor_slot: int
    priority: Priority | None
    passed_over: tuple[tuple[int, str, str], ...]


def place(plan: CompiledPlan, bounds: Bounds, fallback: Lane, evaluation: Evaluation) -> Placed:
    """Take the first step that is eligible; none leaves the fallback lane."""
    passed: list[tuple[int, str, str]] = []
    for number, step in enumerate(plan.steps, 1):
        reason = _reason(f"plans/{plan.name}/{number}", step, bounds, evaluation)
        if not reason:
            advisor = step.advisors[0] if step.advisors else -1
            return Placed(number, step.lane, advisor, step.priority, tuple(passed))
        passed.append((number, step.lane.name, reason))
    return Placed(FALLBACK, fallback, -1, None, tuple(passed))


def _reason(row: str, step: CompiledStep, bounds: Bounds, evaluation: Evaluation) -> str:
    """Return why a step is passed over, in the order the language states, or nothing."""
    lane = step.lane
    evaluation.used.update(dict.fromkeys(step.when.slots))
    why = evaluation.failing(step.when, row, evaluation.faults)
    if why is not None:
        return f"when: {why[0]}"
    if lane.channels and evaluation.value(bounds.channel_slot) not in lane.channels:
        return "channel"
    identity = _identity(lane, bounds, evaluation)
    if not lane.keeps(bounds.compliance, identity):
        return _broken(lane, bounds.compliance, identity)
    for kind, floor in bounds.never:
        if kind == lane.kind:
            return floor
    if identity < lane.identity:
        return "identity"
    return _closed(step, evaluation) or _missing_advisor(step, evaluation)


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


def _closed(step: CompiledStep, evaluation: Evaluation) -> str:
    shut = step.opening >= 0 and evaluation.value(step.opening) is False
    return "closed" if shut else ""


def _missing_advisor(step: CompiledStep, evaluation: Evaluation) -> str:
    for slot in step.advisors:
        evaluation.used[slot] = None
        if evaluation.value(slot) is None:
            return "who.missing"
    return ""

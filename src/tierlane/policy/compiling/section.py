"""What the sections of a document are compiled to, before a revision is bound of it."""

from dataclasses import dataclass

from tierlane.lane import Lane
from tierlane.policy.condition.slot import Slot
from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.planning import CompiledPlan, CompiledStep
from tierlane.policy.deciding.tiering import Keep, Margin
from tierlane.policy.deciding.valueset import Choice, Obligation, ValueFinder
from tierlane.policy.line.budgeting import Budgeted
from tierlane.scenario import ScenarioBook


@dataclass(frozen=True, slots=True)
class Always:
    """The slots that every revision has, whatever its rows read."""

    channel: Slot
    customer: Slot
    profile: Slot
    identity: Slot
    language: int
    """-1 where no lane asks for it."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """The compiled `tiers` section."""

    sets: tuple[ValueFinder, ...]
    margins: tuple[Margin, ...]
    keep: Keep | None
    held: int
    """The slot of the tier held, -1 where neither margin nor keep asks for it."""


@dataclass(frozen=True, slots=True)
class Sections:
    """The compiled sections, in the order in which a contact meets them."""

    always: Always
    facts: tuple[tuple[str, str, ValueFinder], ...]
    """Of each its name, the variable it gives and its set."""
    tiers: Tiers
    scenarios: Choice
    book: ScenarioBook
    after: tuple[Choice, ...]
    """What stands between the scenario and the plan."""
    plans: Choice
    budgets: tuple[Budgeted, ...]
    lines: tuple[Line, ...]
    counts: Obligation
    fallback: Lane

    @property
    def every_plan(self) -> tuple[CompiledPlan, ...]:
        """The plans, in their order."""
        return tuple(row.value for row in self.plans.rows)

    @property
    def every_step(self) -> tuple[CompiledStep, ...]:
        """The steps of all plans."""
        return tuple(step for plan in self.every_plan for step in plan.steps)

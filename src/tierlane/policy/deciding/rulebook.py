"""The rules of a revision tried on one contact: from its values to the outcome of its class."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import cel

from tierlane.decision import FALLBACK, Fault, Outcome, Priority, Promise
from tierlane.lane import Lane
from tierlane.policy.condition.scope import Free
from tierlane.policy.condition.slot import NULL, OTHER, UNKNOWN, WRONG
from tierlane.policy.deciding.composing import Composer, Tried
from tierlane.policy.deciding.evaluation import Evaluation
from tierlane.policy.deciding.itinerary import Homes, Itinerant, Itinerary, answer_of
from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.memo import MEMO, Memo, Picker, Suite
from tierlane.policy.deciding.obligation import joined, strictest, tighten
from tierlane.policy.deciding.planning import Bounds, CompiledPlan, Placed, place
from tierlane.policy.deciding.tiering import Tiering
from tierlane.policy.line.budgeting import Budgeted
from tierlane.policy.line.figure import NOBODY, Figures
from tierlane.scenario import ScenarioBook

MOST_OUTCOMES: Final = 32_768
"""Outcomes remembered by the answers that led to them; at about 3 KB each below 100 MB."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The compiled sets of a policy, in the order of evaluation."""

    composer: Composer
    types: tuple[Callable[[Any], Any], ...]
    facts: Suite
    tiering: Tiering
    scenarios: Memo
    book: ScenarioBook
    after_scenario: Suite
    """Floors, compliance, serving, promises, priorities, plans, counts."""
    conditional_steps: bool
    """Whether steps or budgets have conditions; then placing may look at everything."""
    channel_slot: int
    customer_slot: int
    profile_slot: int
    identity_slot: int
    language_slot: int
    place_slots: Picker
    """Picks the classes that placing looks at where nothing is conditional."""
    place_names: Picker | None
    """Picks what was decided before and is looked at likewise; None where nothing is."""
    fallback: Lane
    default_priority: Priority
    default_promise: Promise
    plans: Mapping[str, CompiledPlan]
    budgets: tuple[Budgeted, ...]
    hurried: bool
    """Whether a step ends some time before the promised answer, so that placing looks at it."""
    outcomes: dict[Any, Outcome] = field(default_factory=dict)
    places: dict[Any, Placed] = field(default_factory=dict)
    """By what was looked at on the way."""
    same_places: dict[Any, Placed] = field(default_factory=dict)
    """Equal places are one object, so that outcomes can be found by their identity."""

    def brief(self) -> "Rulebook":
        """Return the same rules with nothing remembered, and outcomes without their evidence."""
        composer = replace(self.composer, evident=False, fronts={}, halves={}, inputs={})
        return replace(self, composer=composer, outcomes={}, places={}, same_places={})

    @property
    def paths(self) -> tuple[str, ...]:
        """Per slot the field it is read from."""
        return self.composer.paths

    def answer(self, atoms: Free, values: list[Any]) -> Any:
        """Return the class of atoms: their answers, and which of their fields are null."""
        if atoms.words is not None:
            text = values[atoms.slots[0]]
            if type(text) is not str:  # it reads as null, and is all that is asked
                return (f"v{atoms.slots[0]}",)
            answers = atoms.words(text)
            if answers is not None:
                return answers
        asked = {f"v{slot}": self.types[slot](values[slot]) for slot in atoms.slots}
        missing = () if None not in asked.values() else _missing(asked)
        if missing and len(missing) == len(asked):
            return missing
        try:
            answers = tuple(atoms.together.execute(asked))
        except Exception:  # noqa: BLE001 # one without an answer spoils the list: each by itself
            answers = tuple([_alone(program, asked) for program in atoms.alone])
        return (answers, missing)

    def decide(
        self, evaluation: Evaluation, *, remember: bool, figures: Figures = NOBODY
    ) -> Outcome:
        """Ask the sets in order and put the outcome together; `figures` must not be remembered.

        Many classes get the same answers from every set: they share one outcome, found by the
        answers alone, so that a class met for the first time costs look-ups and no encoding.
        """
        if not remember:
            tried = self._ask(evaluation, remember=False)
            placed = self._place(tried, evaluation, figures)
            return self.composer.outcome(tried, placed, evaluation, remember=False)
        tried = self._ask(evaluation, remember=True)
        placed = self._placed(tried, evaluation)
        key = (tried, placed, self._beyond(evaluation))
        outcome = self.outcomes.get(key)
        if outcome is None:
            if len(self.outcomes) >= MOST_OUTCOMES:
                self.outcomes.clear()
            outcome = self.composer.outcome(tried, placed, evaluation, remember=True)
            self.outcomes[key] = outcome
        return outcome

    def _beyond(self, evaluation: Evaluation) -> tuple[Any, ...]:
        """Return what an outcome hangs on beside answers and place: what is wrong with values."""
        classes = evaluation.classes
        if evaluation.doubtful:
            return classes
        return (
            classes[self.channel_slot] == NULL,
            classes[self.profile_slot] == NULL,
            classes[self.customer_slot] == NULL,
        )

    def _ask(self, evaluation: Evaluation, *, remember: bool) -> Tried:
        answer, one = (Suite.find, Memo.find) if remember else (Suite.afresh, Memo.afresh)
        facts = answer(self.facts, evaluation)
        tiers = answer(self.tiering.sets, evaluation)
        earned = self.tiering.find(evaluation, tiers, remember=remember)
        self._give_tier(evaluation, earned.tier)
        scenario = one(self.scenarios, evaluation)
        evaluation.give("scenario", scenario.value)
        tier = self.book.tier_of(scenario.value, earned.tier, self.tiering.order.default)
        if tier != earned.tier:
            self._give_tier(evaluation, tier)
        return Tried(facts, earned, scenario, tier, answer(self.after_scenario, evaluation))

    def last_resort(self, fault: Fault) -> Outcome:
        """Return the outcome of a contact that could not be decided."""
        return self.composer.without_rules(
            Placed(FALLBACK, FALLBACK, self.fallback),
            self.default_priority,
            self.default_promise,
            tier=self.tiering.order.default,
            scenario=self.book.default,
            fault=fault,
        )

    def _give_tier(self, evaluation: Evaluation, tier: str) -> None:
        evaluation.give("tier", tier)
        evaluation.give("rank", self.tiering.order.rank(tier))

    def _placed(self, tried: Tried, evaluation: Evaluation) -> Placed:
        """Return the place, found by what placing looks at; equal places are one object."""
        key: Any = evaluation.classes
        if not self.conditional_steps:
            names = None if self.place_names is None else self.place_names(evaluation.given)
            key = (self.place_slots(key), names)
        promise = tried.promise if self.hurried else None
        key = (tried.plan, tried.floors, tried.compliance, promise, key)
        placed = self.places.get(key)
        if placed is None:
            placed = self._place(tried, evaluation, NOBODY)
            way = (placed.plan, placed.step, placed.passed_over, placed.used, placed.faults)
            if len(self.places) >= MEMO:
                self.places.clear()
                self.same_places.clear()
            placed = self.places[key] = self.same_places.setdefault((tried.plan, way), placed)
        return placed

    def _place(self, tried: Tried, evaluation: Evaluation, figures: Figures) -> Placed:
        plan: CompiledPlan = tried.plan.value
        if self._unknown_channel(evaluation):
            return Placed(plan.name, FALLBACK, self.fallback)
        bounds = self._bounds(tried, figures)
        placed = place(plan, self.plans, bounds, self.fallback, evaluation)
        return replace(placed, used=tuple(evaluation.used), faults=tuple(evaluation.faults))

    def _unknown_channel(self, evaluation: Evaluation) -> bool:
        return evaluation.classes[self.channel_slot] in (NULL, WRONG, UNKNOWN, OTHER)

    def _bounds(self, tried: Tried, figures: Figures) -> Bounds:
        floor, never = strictest(tried.floors.value)
        return Bounds(
            never,
            joined(tried.compliance.value),
            self.channel_slot,
            self.identity_slot,
            self.language_slot,
            self.budgets,
            figures,
            tighten(tried.promise.value, floor).answer if self.hurried else None,
        )

    def itinerary(
        self,
        evaluation: Evaluation,
        lanes: tuple[Lane, ...],
        lines: Iterable[Line],
        arrived: int,
        homes: Homes | None,
    ) -> Itinerary:
        """Return what a desk must know of a contact that arrived at a moment in ms."""
        tried = self._ask(evaluation, remember=False)
        plan: CompiledPlan = tried.plan.value
        floor, _ = strictest(tried.floors.value)
        by_desk = {one.desk: one for one in lines}
        bounds = self._bounds(tried, NOBODY)
        maker = Itinerant(bounds, tried.serving.value, by_desk, lanes, evaluation, homes)
        channel = evaluation.value(self.channel_slot)
        return Itinerary(
            revision=self.composer.named["revision"],
            plan=plan.name,
            legs=maker.legs(plan, self.plans),
            last=maker.last(self.fallback),
            priority=tried.priority.value,
            floor=floor,
            answer=answer_of(tighten(tried.promise.value, floor), arrived),
            channel=channel or "",
            customer=evaluation.value(self.customer_slot),
            barred=maker.barred(),
            decided=not self._unknown_channel(evaluation),
        )


def _missing(asked: dict[str, Any]) -> tuple[str, ...]:
    return tuple([variable for variable, value in asked.items() if value is None])


def _alone(program: cel.Program, asked: dict[str, Any]) -> Any:
    try:
        return program.execute(asked)
    except Exception as error:  # noqa: BLE001 # the binding raises builtins of many kinds
        return type(error).__name__

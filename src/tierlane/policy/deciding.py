"""The rules of a revision tried on one contact: from its values to the outcome of its class."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import cel

from tierlane.decision import FALLBACK, Fault, Outcome, Priority, Promise
from tierlane.lane import Compliance, Lane
from tierlane.policy.budgeting import Budgeted
from tierlane.policy.evaluation import TYPED, Evaluation, Hit
from tierlane.policy.evidence import entry_of, evidence_of
from tierlane.policy.figure import NOBODY, Figures
from tierlane.policy.obligation import joined, lift, service, strictest, tighten
from tierlane.policy.planning import Bounds, CompiledPlan, Placed, place
from tierlane.policy.scope import Free
from tierlane.policy.slot import NULL, OTHER, UNKNOWN, WRONG
from tierlane.policy.tiering import Earned, Tiering
from tierlane.policy.valueset import Memo
from tierlane.scenario import ScenarioBook

_TOLD = ("now", "profile")
"""Read by rules, yet told elsewhere: as the record's `at`, and as an error where there is none."""


MOST_OUTCOMES: Final = 32_768
"""Outcomes remembered by the answers that led to them; at about 3 KB each below 100 MB."""


class Tried(NamedTuple):
    """The answers of all sets, in the order of evaluation."""

    hits: tuple[Hit, ...]
    """Of the facts, then of the sets of tiers."""
    earned: Earned
    scenario: Hit
    tier: str
    """The tier that counts in this scenario."""
    floors: Hit
    compliance: Hit
    serving: Hit
    promise: Hit
    priority: Hit
    plan: Hit
    counts: Hit
    """What the contact will count as (`memory`); it decides nothing."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The compiled sets of a policy, in the order of evaluation."""

    policy: str
    revision: str
    paths: tuple[str, ...]
    types: tuple[Callable[[Any], Any], ...]
    sources: tuple[int, ...]
    """Per slot the one its value comes from: itself, or what it is reckoned from."""
    masks: tuple[str, ...]
    facts: tuple[tuple[str, str, Memo], ...]
    """Name, variable and set."""
    tiering: Tiering
    scenarios: Memo
    book: ScenarioBook
    after_scenario: tuple[Memo, ...]
    """Floors, compliance, serving, promises, priorities, plans, counts."""
    conditional_steps: bool
    """Whether steps or budgets have conditions; then the answers of the sets are not all."""
    channel_slot: int
    customer_slot: int
    profile_slot: int
    identity_slot: int
    fallback: Lane
    default_priority: Priority
    default_promise: Promise
    plans: Mapping[str, CompiledPlan]
    budgets: tuple[Budgeted, ...]
    outcomes: dict[Any, Outcome] = field(default_factory=dict)

    def answer(self, atoms: Free, values: list[Any]) -> Any:
        """Return the class of atoms: their answers, and which of their fields are null."""
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
        tried = self._ask(evaluation, _recalled if remember else _afresh)
        placed = self._place(tried, evaluation, figures)
        if not remember:
            return self._outcome(tried, placed, evaluation)
        beyond = self._beyond(evaluation.classes)
        key = (*tried, placed.plan, placed.step, placed.passed_over, *beyond)
        outcome = self.outcomes.get(key)
        if outcome is None:
            if len(self.outcomes) >= MOST_OUTCOMES:
                self.outcomes.clear()
            outcome = self.outcomes[key] = self._outcome(tried, placed, evaluation)
        return outcome

    def _beyond(self, classes: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what an outcome hangs on beside answers and place: what is wrong with values."""
        if self.conditional_steps or WRONG in classes or UNKNOWN in classes:
            return classes
        return (
            classes[self.channel_slot] == NULL,
            classes[self.profile_slot] == NULL,
            classes[self.customer_slot] == NULL,
        )

    def _ask(self, evaluation: Evaluation, ask: Callable[[Memo, Evaluation], Hit]) -> Tried:
        hits: list[Hit] = []
        for _, variable, one in self.facts:
            hit = ask(one, evaluation)
            hits.append(hit)
            evaluation.give(variable, hit.value)
        earned = self.tiering.find(evaluation, ask, hits)
        self._give_tier(evaluation, earned.tier)
        scenario = ask(self.scenarios, evaluation)
        evaluation.give("scenario", scenario.value)
        tier = self.book.tier_of(scenario.value, earned.tier, self.tiering.order.default)
        if tier != earned.tier:
            self._give_tier(evaluation, tier)
        rest = (ask(one, evaluation) for one in self.after_scenario)
        return Tried(tuple(hits), earned, scenario, tier, *rest)

    def _outcome(self, tried: Tried, placed: Placed, evaluation: Evaluation) -> Outcome:
        placing, evaluation.used = evaluation.used, {}
        faults = self._look(evaluation)
        earned = tried.earned
        evaluation.take(tried.hits)
        evaluation.faults.extend(earned.faults)
        evaluation.used.update(dict.fromkeys(self.tiering.held_from))
        if earned.kept:
            evaluation.because.append(earned.kept)
        evaluation.take((tried.scenario, *tried[4:]))
        evaluation.used.update(placing)
        floor, _ = strictest(tried.floors.value)
        mark = joined(tried.compliance.value)
        constants, carried = service(tried.serving.value, placed.lane, mark)
        constants |= {k: evaluation.given[v] for k, v in carried.items() if isinstance(v, str)}
        priority = placed.priority or tried.priority.value
        return self._encoded(
            Outcome(
                tier=tried.tier,
                earned_tier=earned.tier,
                tier_rule=earned.rule,
                tier_earned=earned.now,
                scenario=tried.scenario.value,
                scenario_rule=_rule(tried.scenario, "scenarios"),
                plan=placed.plan,
                plan_rule=_rule(tried.plan, "plans"),
                step=placed.step,
                lane=placed.lane.name,
                kind=placed.lane.kind,
                desk=placed.lane.desk,
                priority=lift(priority, floor),
                promise=tighten(tried.promise.value, floor),
                facts=tuple(
                    [(one[0], hit.value) for one, hit in zip(self.facts, tried.hits, strict=False)]
                ),
                because=tuple(evaluation.because),
                tried=tuple(evaluation.missed),
                passed_over=placed.passed_over,
                errors=(*faults, *dict.fromkeys(evaluation.faults)),
                serve=constants,
                carry=tuple((k, v) for k, v in carried.items() if isinstance(v, int)),
                kept=_kept(mark),
                counted=tuple(one.name for _, one in tried.counts.value),
                advisor_slot=placed.advisor_slot,
                **self._inputs(evaluation),
            ),
            evaluation.shown,
        )

    def last_resort(self, fault: Fault) -> Outcome:
        """Return the outcome of a contact that could not be decided."""
        order = self.tiering.order
        outcome = Outcome(
            tier=order.default,
            earned_tier=order.default,
            tier_rule="tiers/default",
            tier_earned=False,
            scenario=self.book.default,
            scenario_rule="scenarios/default",
            plan=FALLBACK,
            plan_rule=FALLBACK,
            step=FALLBACK,
            lane=self.fallback.name,
            kind=self.fallback.kind,
            desk=self.fallback.desk,
            priority=self.default_priority,
            promise=self.default_promise,
            errors=(fault,),
        )
        return self._encoded(outcome, ())

    def _encoded(self, outcome: Outcome, shown: Iterable[tuple[bytes, int]]) -> Outcome:
        entry = entry_of(outcome, self.policy, self.revision)
        evidence, left_out = evidence_of(outcome, shown)
        return replace(outcome, evidence=evidence, left_out=left_out, entry=entry)

    def _give_tier(self, evaluation: Evaluation, tier: str) -> None:
        evaluation.give("tier", tier)
        evaluation.give("rank", self.tiering.order.rank(tier))

    def _look(self, evaluation: Evaluation) -> list[Fault]:
        """Return what is wrong with the values themselves."""
        codes = {WRONG: "wrong_type", UNKNOWN: "unknown_value"}
        faults = []
        for slot, path in enumerate(self.paths):
            number = evaluation.classes[slot]
            if self.sources[slot] == slot and type(number) is int and number in codes:
                faults.append(Fault(codes[number], path))
        if evaluation.classes[self.channel_slot] == NULL:
            faults.append(Fault("unknown_value", "contact.channel"))
        if evaluation.values[self.profile_slot] is None:
            known = evaluation.classes[self.customer_slot] != NULL
            code = "missing_profile" if known else "unknown_customer"
            faults.append(Fault(code, "profile" if known else "contact.customer_id"))
        evaluation.used[self.channel_slot] = None
        return faults

    def _place(self, tried: Tried, evaluation: Evaluation, figures: Figures) -> Placed:
        plan: CompiledPlan = tried.plan.value
        if evaluation.classes[self.channel_slot] in (NULL, WRONG, UNKNOWN, OTHER):
            return Placed(plan.name, FALLBACK, self.fallback, -1, None, ())
        _, never = strictest(tried.floors.value)
        mark = joined(tried.compliance.value)
        bounds = Bounds(never, mark, self.channel_slot, self.identity_slot, self.budgets, figures)
        return place(plan, self.plans, bounds, self.fallback, evaluation)

    def _inputs(self, evaluation: Evaluation) -> dict[str, Any]:
        """Return the fields read: those shown, and those that leave a receipt.

        A contact that has no value for one of them leaves it out (`Revision.decide`).
        """
        plain: dict[str, int] = {}
        times: dict[str, int] = {}
        masked: dict[str, tuple[str, int, str]] = {}
        for slot in evaluation.used:
            source = self.sources[slot]
            path, how = self.paths[source], self.masks[source]
            if path in _TOLD or evaluation.classes[source] == WRONG:
                continue
            if how:
                masked[path] = (path, source, how)
            else:
                (times if self.types[source] is TYPED["time"] else plain)[path] = source
        return {
            "used": tuple(plain.items()),
            "times": tuple(times.items()),
            "masked": tuple(masked.values()),
        }


def _rule(hit: Hit, of: str) -> str:
    return hit.rows[0] if hit.rows else f"{of}/default"


def _kept(mark: Compliance) -> tuple[int, int] | tuple[()]:
    asked = mark.retain_years or mark.retain_ms
    return (mark.retain_years, mark.retain_ms) if asked else ()


def _missing(asked: dict[str, Any]) -> tuple[str, ...]:
    return tuple([variable for variable, value in asked.items() if value is None])


def _alone(program: cel.Program, asked: dict[str, Any]) -> Any:
    try:
        return program.execute(asked)
    except Exception as error:  # noqa: BLE001 # the binding raises builtins of many kinds
        return type(error).__name__


def _recalled(memo: Memo, evaluation: Evaluation) -> Hit:
    return memo.find(evaluation)


def _afresh(memo: Memo, evaluation: Evaluation) -> Hit:
    return memo.finder.find(evaluation)

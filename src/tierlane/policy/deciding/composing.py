"""From the answers of all sets and the place to an outcome, with its evidence encoded.

An outcome has two halves: what the facts and the tiers gave, and what all that follows came to. The
second half is made once for each combination of answers; the first is joined from parts that every
answer has ready. So an outcome met for the first time costs joining, not encoding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, NamedTuple
from zlib import crc32

from tierlane.decision import Fault, Outcome, Priority, Promise
from tierlane.lane import Compliance
from tierlane.policy.condition.slot import NULL, UNKNOWN, WRONG, doubt
from tierlane.policy.deciding.evaluation import Evaluation, Hit
from tierlane.policy.deciding.evidence import (
    Policy,
    Told,
    because_of,
    considered_of,
    entry_of,
    lanes_of,
    place_of,
    scenario_of,
    terms_of,
    tier_of,
)
from tierlane.policy.deciding.obligation import joined, lift, service, strictest, tighten
from tierlane.policy.deciding.planning import Placed
from tierlane.policy.deciding.tiering import Earned

MOST_HALVES: Final = 8_192
"""Halves and lists of inputs remembered; at about 3 KB each they stay below 25 MB."""

Inputs = tuple[
    tuple[tuple[str, int], ...], tuple[tuple[str, int], ...], tuple[tuple[str, int, str], ...]
]
"""Path and slot of the values read that are shown, of the times, and of those with a mask."""


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

    @property
    def later(self) -> tuple[Hit, ...]:
        """The answers from the scenario on."""
        return (self.scenario, *self[4:])


class Half(NamedTuple):
    """What the sets from the scenario on and the place come to, whatever the facts were."""

    priority: Priority
    promise: Promise
    constants: dict[str, Any]
    """What serving tells that is the same for all."""
    carry: tuple[tuple[str, int], ...]
    decided: tuple[tuple[str, str], ...]
    """Key of serving and the variable decided before whose value it tells."""
    kept: tuple[int, int] | tuple[()]
    counted: tuple[str, ...]
    """The counts of memory that the contact adds to."""
    because: tuple[str, ...]
    tried: tuple[Any, ...]
    faults: tuple[Fault, ...]
    used: tuple[int, ...]
    told: tuple[Told, ...]
    scenario: bytes
    place: bytes
    lanes: bytes
    unlisted: int
    """Lanes that there was no room for."""
    entry: bytes
    terms: int
    """A checksum of what the entry promises, but for what `decided` adds."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Puts outcomes together for one policy."""

    named: Policy
    facts: tuple[tuple[str, bytes], ...]
    """Name of each fact, plain and as the key of a member."""
    paths: tuple[str, ...]
    sources: tuple[int, ...]
    """Per slot the one its value comes from: itself, or what it is reckoned from."""
    shown: tuple[str, ...]
    """Per slot how its value is told: `plain`, `time`, a mask, or nothing where it is not."""
    held_from: tuple[int, ...]
    """The slots read to tell whether a tier is held."""
    channel_slot: int
    customer_slot: int
    profile_slot: int
    halves: dict[Any, Half] = field(default_factory=dict)
    inputs: dict[tuple[int, ...], Inputs] = field(default_factory=dict)

    def outcome(
        self, tried: Tried, placed: Placed, evaluation: Evaluation, *, remember: bool
    ) -> Outcome:
        """Put the outcome together; `remember` finds what was made before, and changes nothing."""
        half = self._recalled(tried, placed) if remember else self._half(tried, placed)
        earned = tried.earned
        rows, missed, faults, used = self._gathered(tried, placed, half)
        evidence, left_out = self._evidence(tried, half, rows)
        plain, times, masked = self._inputs(used, evaluation, remember=remember)
        constants, terms = half.constants, half.terms
        if half.decided:
            decided = {key: evaluation.given[v] for key, v in half.decided}
            constants, terms = constants | decided, crc32(repr(decided).encode(), terms)
        return Outcome(
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
            priority=half.priority,
            promise=half.promise,
            facts=tuple(
                [(fact[0], hit.value) for fact, hit in zip(self.facts, tried.hits, strict=False)]
            ),
            because=rows,
            tried=missed,
            passed_over=placed.passed_over,
            errors=(*self._look(evaluation), *faults),
            serve=constants,
            carry=half.carry,
            kept=half.kept,
            counted=half.counted,
            advisor_slot=placed.advisor_slot,
            used=plain,
            times=times,
            masked=masked,
            evidence=evidence,
            left_out=left_out,
            entry=half.entry,
            terms=terms,
        )

    def without_rules(
        self, placed: Placed, priority: Priority, promise: Promise, *, tier: str, scenario: str,
        fault: Fault,
    ) -> Outcome:  # fmt: skip
        """Return the outcome of a contact that no rule was asked about."""
        rule, where, lane = "tiers/default", "scenarios/default", placed.lane
        place = place_of(str(placed.step), placed.step, lane, priority, promise)
        entry = entry_of(
            lane, priority, tier=tier, scenario=scenario, step=placed.step, policy=self.named
        )
        head = (tier_of(tier, rule, tier), scenario_of(scenario, where), b'"facts":{}', place)
        return Outcome(
            tier=tier,
            earned_tier=tier,
            tier_rule=rule,
            tier_earned=False,
            scenario=scenario,
            scenario_rule=where,
            plan=str(placed.step),
            plan_rule=str(placed.step),
            step=placed.step,
            lane=lane.name,
            kind=lane.kind,
            desk=lane.desk,
            priority=priority,
            promise=promise,
            serve={},
            errors=(fault,),
            evidence=b",".join(head) + b',"considered":{},"because":[',
            entry=entry,
            terms=terms_of(entry, promise, {}),
        )

    def _recalled(self, tried: Tried, placed: Placed) -> Half:
        key = (tried[2:], placed)
        half = self.halves.get(key)
        if half is None:
            if len(self.halves) >= MOST_HALVES:
                self.halves.clear()
            half = self.halves[key] = self._half(tried, placed)
        return half

    def _half(self, tried: Tried, placed: Placed) -> Half:
        floor, _ = strictest(tried.floors.value)
        mark = joined(tried.compliance.value)
        constants, carried = service(tried.serving.value, placed.lane, mark)
        priority = lift(placed.priority or tried.priority.value, floor)
        promise = tighten(tried.promise.value, floor)
        lanes, unlisted = lanes_of(placed.passed_over)
        later, lane, scenario = tried.later, placed.lane, tried.scenario.value
        entry = entry_of(
            lane,
            priority,
            tier=tried.tier,
            scenario=scenario,
            step=placed.step,
            policy=self.named,
        )
        return Half(
            priority=priority,
            promise=promise,
            constants=constants,
            carry=tuple([(k, v) for k, v in carried.items() if isinstance(v, int)]),
            decided=tuple([(k, v) for k, v in carried.items() if isinstance(v, str)]),
            kept=_kept(mark),
            counted=tuple(one.name for _, one in tried.counts.value),
            because=tuple(chain.from_iterable(hit.rows for hit in later)),
            tried=tuple(hit.missed for hit in later if hit.missed),
            faults=tuple(chain.from_iterable(hit.faults for hit in later)),
            used=tuple(dict.fromkeys(chain(*(hit.used for hit in later), placed.used))),
            told=tuple(hit.told() for hit in later),
            scenario=scenario_of(scenario, _rule(tried.scenario, "scenarios")),
            place=place_of(placed.plan, placed.step, lane, priority, promise),
            lanes=lanes,
            unlisted=unlisted,
            entry=entry,
            terms=terms_of(entry, promise, constants),
        )

    def _gathered(
        self, tried: Tried, placed: Placed, half: Half
    ) -> tuple[tuple[str, ...], tuple[Any, ...], Iterable[Fault], dict[int, None]]:
        """Join what the sets left: rows that held, those that did not, faults, slots read."""
        because: list[str] = []
        missed = []
        faults = list(placed.faults)
        used: dict[int, None] = {self.channel_slot: None}
        for hit in tried.hits:
            because += hit.rows
            used.update(hit.used)
            if hit.missed:
                missed.append(hit.missed)
            if hit.faults:
                faults += hit.faults
        used.update(dict.fromkeys(chain(self.held_from, half.used)))
        if tried.earned.kept:
            because.append(tried.earned.kept)
        because += half.because
        faults += (*tried.earned.faults, *half.faults)
        return tuple(because), (*missed, *half.tried), dict.fromkeys(faults), used

    def _evidence(self, tried: Tried, half: Half, rows: tuple[str, ...]) -> tuple[bytes, int]:
        """Encode the reasons: members without braces, `because` last and its list left open.

        Also returns how many rows were left out.
        """
        earned = tried.earned
        all_told = [hit.told() for hit in tried.hits]
        facts = b",".join(
            [key + one.value for (_, key), one in zip(self.facts, all_told, strict=False)]
        )
        if earned.told:
            all_told.append(earned.told)
        all_told += half.told
        because, hidden = because_of(all_told, rows)
        considered, left_out = considered_of(all_told, half.lanes)
        tier = tier_of(tried.tier, earned.rule, earned.tier)
        evidence = b'%b,%b,"facts":{%b},%b,"considered":{%b},"because":[%b' % (
            tier, half.scenario, facts, half.place, considered, because,
        )  # fmt: skip
        return evidence, left_out + hidden + half.unlisted

    def _look(self, evaluation: Evaluation) -> list[Fault]:
        """Return what is wrong with the values themselves."""
        codes = {WRONG: "wrong_type", UNKNOWN: "unknown_value"}
        classes, faults = evaluation.classes, []
        if evaluation.doubtful:
            for slot, path in enumerate(self.paths):
                number = doubt(classes[slot])
                if self.sources[slot] == slot and number != NULL:
                    faults.append(Fault(codes[number], path))
        if classes[self.channel_slot] == NULL:
            faults.append(Fault("unknown_value", "contact.channel"))
        if classes[self.profile_slot] == NULL:
            known = classes[self.customer_slot] != NULL
            code = "missing_profile" if known else "unknown_customer"
            faults.append(Fault(code, "profile" if known else "contact.customer_id"))
        return faults

    def _inputs(
        self, used: Mapping[int, None], evaluation: Evaluation, *, remember: bool
    ) -> Inputs:
        """Return the fields read: those shown, and those that leave a receipt.

        A contact that has no value for one of them leaves it out (`Revision.decide`).
        """
        key = tuple(dict.fromkeys(map(self.sources.__getitem__, used)))
        if evaluation.doubtful:
            return self._told([slot for slot in key if evaluation.classes[slot] != WRONG])
        if not remember:
            return self._told(key)
        inputs = self.inputs.get(key)
        if inputs is None:
            if len(self.inputs) >= MOST_HALVES:
                self.inputs.clear()
            inputs = self.inputs[key] = self._told(key)
        return inputs

    def _told(self, slots: Iterable[int]) -> Inputs:
        plain: dict[str, int] = {}
        times: dict[str, int] = {}
        masked: dict[str, tuple[str, int, str]] = {}
        for slot in slots:
            path, how = self.paths[slot], self.shown[slot]
            if how in ("plain", "time"):
                (plain if how == "plain" else times)[path] = slot
            elif how:
                masked[path] = (path, slot, how)
        return tuple(plain.items()), tuple(times.items()), tuple(masked.values())


def _rule(hit: Hit, of: str) -> str:
    return hit.rows[0] if hit.rows else f"{of}/default"


def _kept(mark: Compliance) -> tuple[int, int] | tuple[()]:
    asked = mark.retain_years or mark.retain_ms
    return (mark.retain_years, mark.retain_ms) if asked else ()

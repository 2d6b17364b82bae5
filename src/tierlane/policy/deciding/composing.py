"""From the answers of all sets and the place to an outcome, with its evidence encoded.

An outcome is joined from three parts: what the facts gave, what the tiers gave, and what all that
follows came to. Each is made once for each combination of answers, with its evidence encoded. So
an outcome met for the first time costs joining three parts: no encoding, and no look at each set.
"""

from collections.abc import Iterable
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
    entry_of,
    lanes_of,
    place_of,
    scenario_of,
    terms_of,
    tier_of,
)
from tierlane.policy.deciding.memo import Answers
from tierlane.policy.deciding.obligation import joined, lift, service, strictest, tighten
from tierlane.policy.deciding.part import Part, evidence, part
from tierlane.policy.deciding.planning import Placed
from tierlane.policy.deciding.tiering import Earned

MOST_HALVES: Final = 8_192
"""Fronts, halves and lists of inputs remembered, each; at about 3 KB they stay below 75 MB."""

Inputs = tuple[
    tuple[tuple[str, int], ...], tuple[tuple[str, int], ...], tuple[tuple[str, int, str], ...]
]
"""Path and slot of the values read that are shown, of the times, and of those with a mask."""


class Tried(NamedTuple):
    """The answers of all sets, in the order of evaluation."""

    facts: Answers
    earned: Earned
    """What the sets of tiers came to."""
    scenario: Hit
    tier: str
    """The tier that counts in this scenario."""
    later: Answers
    """Of floors, compliance, serving, promises, priorities, plans and counts; what the contact
    counts as (`memory`) decides nothing."""

    @property
    def floors(self) -> Hit:
        """The floors that bind."""
        return self.later.hits[0]

    @property
    def compliance(self) -> Hit:
        """What a lane must keep."""
        return self.later.hits[1]

    @property
    def serving(self) -> Hit:
        """What is told to who serves."""
        return self.later.hits[2]

    @property
    def promise(self) -> Hit:
        """What is promised, before the floors."""
        return self.later.hits[3]

    @property
    def priority(self) -> Hit:
        """The priority at the start, before the floors."""
        return self.later.hits[4]

    @property
    def plan(self) -> Hit:
        """The plan that holds."""
        return self.later.hits[5]


class Front(NamedTuple):
    """What the facts came to."""

    facts: tuple[tuple[str, object], ...]
    encoded: bytes
    """The same as members of an object."""
    part: Part


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
    part: Part
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
    channel_slot: int
    customer_slot: int
    profile_slot: int
    evident: bool = True
    """Whether outcomes carry their evidence, encoded."""
    fronts: dict[Answers, Front] = field(default_factory=dict)
    halves: dict[Any, Half] = field(default_factory=dict)
    inputs: dict[Any, Inputs] = field(default_factory=dict)

    def outcome(
        self, tried: Tried, placed: Placed, evaluation: Evaluation, *, remember: bool
    ) -> Outcome:
        """Put the outcome together; `remember` finds what was made before, and changes nothing."""
        front = self._front(tried.facts, remember=remember)
        half = self._half(tried, placed, remember=remember)
        earned = tried.earned
        parts = (front.part, earned.part, half.part)
        told, left_out = self._evidence(tried, parts, front, half) if self.evident else (b"", 0)
        plain, times, masked = self._inputs(parts, evaluation, remember=remember)
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
            facts=front.facts,
            because=front.part.because + earned.part.because + half.part.because,
            tried=front.part.tried + earned.part.tried + half.part.tried,
            passed_over=placed.passed_over,
            errors=(*self._look(evaluation), *_faults(parts, placed, earned)),
            serve=constants,
            carry=half.carry,
            kept=half.kept,
            counted=half.counted,
            advisor_slot=placed.advisor_slot,
            used=plain,
            times=times,
            masked=masked,
            evidence=told,
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

    def _front(self, facts: Answers, *, remember: bool) -> Front:
        front = self.fronts.get(facts)
        if front is None:
            values = [
                (name, hit.value) for (name, _), hit in zip(self.facts, facts.hits, strict=True)
            ]
            told = [
                key + hit.told().value for (_, key), hit in zip(self.facts, facts.hits, strict=True)
            ]
            front = Front(tuple(values), b",".join(told), part(facts.hits))
            if remember:
                if len(self.fronts) >= MOST_HALVES:
                    self.fronts.clear()
                self.fronts[facts] = front
        return front

    def _half(self, tried: Tried, placed: Placed, *, remember: bool) -> Half:
        key = (tried[2:], placed)
        half = self.halves.get(key)
        if half is None:
            half = self._made(tried, placed)
            if remember:
                if len(self.halves) >= MOST_HALVES:
                    self.halves.clear()
                self.halves[key] = half
        return half

    def _made(self, tried: Tried, placed: Placed) -> Half:
        _, _, serving, promised, prior, _, counts = tried.later.hits
        floor, _ = strictest(tried.floors.value)
        mark = joined(tried.compliance.value)
        constants, carried = service(serving.value, placed.lane, mark)
        priority = lift(placed.priority or prior.value, floor)
        promise = tighten(promised.value, floor)
        lanes, unlisted = lanes_of(placed.passed_over)
        lane, scenario = placed.lane, tried.scenario.value
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
            counted=tuple(one.name for _, one in counts.value),
            part=part((tried.scenario, *tried.later.hits), placed.used),
            scenario=scenario_of(scenario, _rule(tried.scenario, "scenarios")),
            place=place_of(placed.plan, placed.step, lane, priority, promise),
            lanes=lanes,
            unlisted=unlisted,
            entry=entry,
            terms=terms_of(entry, promise, constants),
        )

    def _evidence(
        self, tried: Tried, parts: tuple[Part, ...], front: Front, half: Half
    ) -> tuple[bytes, int]:
        """Encode the reasons: members without braces, `because` last and its list left open.

        Also returns how many rows were left out.
        """
        earned = tried.earned
        because, considered, left_out = evidence(parts, half.lanes)
        tier = tier_of(tried.tier, earned.rule, earned.tier)
        told = b'%b,%b,"facts":{%b},%b,"considered":{%b},"because":[%b' % (
            tier, half.scenario, front.encoded, half.place, considered, because,
        )  # fmt: skip
        return told, left_out + half.unlisted

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

    def _inputs(self, parts: tuple[Part, ...], evaluation: Evaluation, *, remember: bool) -> Inputs:
        """Return the fields read: those shown, and those that leave a receipt.

        A contact that has no value for one of them leaves it out (`Revision.decide`).
        """
        used = tuple([one.used for one in parts])
        if evaluation.doubtful:
            return self._told([s for s in self._slots(used) if evaluation.classes[s] != WRONG])
        inputs = self.inputs.get(used)
        if inputs is None:
            inputs = self._told(self._slots(used))
            if remember:
                if len(self.inputs) >= MOST_HALVES:
                    self.inputs.clear()
                self.inputs[used] = inputs
        return inputs

    def _slots(self, used: tuple[tuple[int, ...], ...]) -> Iterable[int]:
        """Return where the values read come from, each once, the channel first."""
        read = chain((self.channel_slot,), *used)
        return dict.fromkeys(map(self.sources.__getitem__, read))

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


def _faults(parts: Iterable[Part], placed: Placed, earned: Earned) -> Iterable[Fault]:
    """Join what had no answer, each once."""
    front, tiers, half = parts
    every = chain(placed.faults, front.faults, tiers.faults, earned.faults, half.faults)
    return dict.fromkeys(every)


def _rule(hit: Hit, of: str) -> str:
    return hit.rows[0] if hit.rows else f"{of}/default"


def _kept(mark: Compliance) -> tuple[int, int] | tuple[()]:
    asked = mark.retain_years or mark.retain_ms
    return (mark.retain_years, mark.retain_ms) if asked else ()

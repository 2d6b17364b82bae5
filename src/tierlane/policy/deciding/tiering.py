"""The tier: the highest that a set gives, a step held within its margin, a tier kept for a time."""

from dataclasses import dataclass, field
from typing import Any, Final

from tierlane.decision import Fault
from tierlane.policy.deciding.evaluation import Evaluation
from tierlane.policy.deciding.evidence import told
from tierlane.policy.deciding.memo import Answers, Suite
from tierlane.policy.deciding.part import Part, part
from tierlane.tier import TierOrder

MOST_EARNED: Final = 8_192
"""Tiers remembered by what led to them; at about 1 KB each they stay below 8 MB."""


KEPT_BY_MARGIN: Final = "tiers/margin"
KEPT_FOR_A_TIME: Final = "tiers/keep"
"""The rows by which a tier is one that was held."""


@dataclass(frozen=True, slots=True)
class Margin:
    """The steps of one tier ladder that has a margin, with the thresholds lowered by it."""

    slot: int
    steps: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """A tier held is kept while the age in the slot is below the limit."""

    slot: int
    limit: int


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """The tier of a customer and what gave it; equal ones are one object (see `Tiering`)."""

    tier: str
    rule: str
    now: bool
    """Whether a set gave it now, so that memory is renewed."""
    part: Part
    """What the sets gave; and `tiers/margin` or `tiers/keep`, where a tier held is kept."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Tiering:
    """The compiled `tiers` section."""

    order: TierOrder
    sets: Suite
    margins: tuple[Margin, ...] = ()
    keep: Keep | None = None
    held_slot: int = -1
    """The slot of the tier held, -1 where neither margin nor keep asks for it."""
    known: dict[Any, Earned] = field(default_factory=dict)
    """By the answers and the classes of what is held."""

    @property
    def held_from(self) -> tuple[int, ...]:
        """The slots read to tell whether a tier is held."""
        margins = tuple(margin.slot for margin in self.margins)
        keep = () if self.keep is None else (self.keep.slot,)
        return () if self.held_slot < 0 else (self.held_slot, *margins, *keep)

    def find(self, evaluation: Evaluation, answers: Answers, *, remember: bool) -> Earned:
        """Return the tier that the answers of the sets come to."""
        if not remember:
            return self._earned(evaluation, answers)
        held: tuple[Any, ...] = ()
        if self.held_slot >= 0:
            held = tuple([evaluation.classes[slot] for slot in self.held_from])
        earned = self.known.get((answers, held))
        if earned is None:
            if len(self.known) >= MOST_EARNED:
                self.known.clear()
            earned = self.known[answers, held] = self._earned(evaluation, answers)
        return earned

    def _earned(self, evaluation: Evaluation, answers: Answers) -> Earned:
        best, rule, hits = -1, "tiers/default", answers.hits
        for (_, one), hit in zip(self.sets.members, hits, strict=True):
            if hit.value is not None and (rank := self.order.rank(hit.value)) > best:
                best, rule = rank, hit.rows[0] if hit.rows else one.finder.name
        earned = best >= 0
        if not earned:
            best = self.order.rank(self.order.default)
        if self.held_slot < 0:
            return Earned(self.order.names[best], rule, earned, part(hits))
        held, faults = self._held(evaluation)
        if held > best:
            rank, kept = self._kept(evaluation, held)
            if rank > best:
                whole = part(hits, self.held_from, (kept, told(None, (kept,), ())))
                return Earned(self.order.names[rank], kept, False, whole, faults)
        whole = part(hits, self.held_from)
        return Earned(self.order.names[best], rule, earned, whole, faults)

    def _held(self, evaluation: Evaluation) -> tuple[int, tuple[Fault, ...]]:
        name = evaluation.value(self.held_slot)
        if name is None:
            return -1, ()
        if name not in self.order.names:
            return -1, (Fault("unknown_value", "memory.tier"),)
        return self.order.rank(name), ()

    def _kept(self, evaluation: Evaluation, held: int) -> tuple[int, str]:
        """Return the rank that is kept of the tier held, and by what.

        Who holds a tier holds the steps below it, too: where the tier itself is lost, the highest
        step within its margin is kept.
        """
        within = max(
            (
                min(self.order.rank(tier), held)
                for margin in self.margins
                if (value := evaluation.value(margin.slot)) is not None
                for limit, tier in margin.steps
                if value >= limit
            ),
            default=-1,
        )
        if within < held and self.keep is not None:
            age = evaluation.values[self.keep.slot]
            if age is not None and age < self.keep.limit:
                return held, KEPT_FOR_A_TIME
        return within, KEPT_BY_MARGIN


def lowered(point: float, margin: float) -> float:
    """Return a step lowered by its margin: below it the step is lost."""
    return point - abs(point) * margin

"""The tier: the highest that a set gives, a step held within its margin, a tier kept for a time."""

from collections.abc import Callable
from dataclasses import dataclass

from tierlane.decision import Fault
from tierlane.policy.evaluation import Evaluation, Hit
from tierlane.policy.valueset import Memo
from tierlane.tier import TierOrder


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


@dataclass(frozen=True, slots=True)
class Tiering:
    """The compiled `tiers` section."""

    order: TierOrder
    sets: tuple[Memo, ...]
    margins: tuple[Margin, ...] = ()
    keep: Keep | None = None
    held_slot: int = -1
    """The slot of the tier held, -1 where neither margin nor keep asks for it."""

    def find(
        self, evaluation: Evaluation, ask: Callable[[Memo, Evaluation], Hit]
    ) -> tuple[str, str, bool]:
        """Return the tier, the row that gave it, and whether a set gave it now."""
        best, rule = -1, "tiers/default"
        for one in self.sets:
            hit = ask(one, evaluation)
            evaluation.take(hit)
            if hit.value is not None and (rank := self.order.rank(hit.value)) > best:
                best, rule = rank, hit.rows[0] if hit.rows else one.finder.name
        earned = best >= 0
        if not earned:
            best = self.order.rank(self.order.default)
        held = self._held(evaluation)
        if held > best and (kept := self._kept(evaluation, held)):
            evaluation.because.append(kept)
            return self.order.names[held], kept, False
        return self.order.names[best], rule, earned

    def _held(self, evaluation: Evaluation) -> int:
        if self.held_slot < 0:
            return -1
        evaluation.used[self.held_slot] = None
        name = evaluation.value(self.held_slot)
        if name is None:
            return -1
        if name not in self.order.names:
            evaluation.faults.append(Fault("unknown_value", "memory.tier"))
            return -1
        return self.order.rank(name)

    def _kept(self, evaluation: Evaluation, held: int) -> str:
        for margin in self.margins:
            evaluation.used[margin.slot] = None
            value = evaluation.value(margin.slot)
            for limit, tier in margin.steps:
                if value is not None and value >= limit and self.order.rank(tier) >= held:
                    return "tiers/margin"
        if self.keep is not None:
            evaluation.used[self.keep.slot] = None
            age = evaluation.values[self.keep.slot]
            if age is not None and age < self.keep.limit:
                return "tiers/keep"
        return ""

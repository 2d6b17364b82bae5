"""The tier: the highest that a set gives, a step held within its margin, a tier kept for a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

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


class Earned(NamedTuple):
    """The tier of a customer and what gave it."""

    tier: str
    rule: str
    now: bool
    """Whether a set gave it now, so that memory is renewed."""
    kept: str
    """`tiers/margin` or `tiers/keep`, where the tier is one that was held."""
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Tiering:
    """The compiled `tiers` section."""

    order: TierOrder
    sets: tuple[Memo, ...]
    margins: tuple[Margin, ...] = ()
    keep: Keep | None = None
    held_slot: int = -1
    """The slot of the tier held, -1 where neither margin nor keep asks for it."""

    @property
    def held_from(self) -> tuple[int, ...]:
        """The slots read to tell whether a tier is held."""
        margins = tuple(margin.slot for margin in self.margins)
        keep = () if self.keep is None else (self.keep.slot,)
        return () if self.held_slot < 0 else (self.held_slot, *margins, *keep)

    def find(
        self, evaluation: Evaluation, ask: Callable[[Memo, Evaluation], Hit], hits: list[Hit]
    ) -> Earned:
        """Return the tier; the answers of the sets are added to `hits`."""
        best, rule = -1, "tiers/default"
        for one in self.sets:
            hit = ask(one, evaluation)
            hits.append(hit)
            if hit.value is not None and (rank := self.order.rank(hit.value)) > best:
                best, rule = rank, hit.rows[0] if hit.rows else one.finder.name
        earned = best >= 0
        if not earned:
            best = self.order.rank(self.order.default)
        if self.held_slot < 0:
            return Earned(self.order.names[best], rule, earned, "", ())
        held, faults = self._held(evaluation)
        if held > best and (kept := self._kept(evaluation, held)):
            return Earned(self.order.names[held], kept, False, kept, faults)
        return Earned(self.order.names[best], rule, earned, "", faults)

    def _held(self, evaluation: Evaluation) -> tuple[int, tuple[Fault, ...]]:
        name = evaluation.value(self.held_slot)
        if name is None:
            return -1, ()
        if name not in self.order.names:
            return -1, (Fault("unknown_value", "memory.tier"),)
        return self.order.rank(name), ()

    def _kept(self, evaluation: Evaluation, held: int) -> str:
        for margin in self.margins:
            value = evaluation.value(margin.slot)
            for limit, tier in margin.steps:
                if value is not None and value >= limit and self.order.rank(tier) >= held:
                    return "tiers/margin"
        if self.keep is not None:
            age = evaluation.values[self.keep.slot]
            if age is not None and age < self.keep.limit:
                return "tiers/keep"
        return ""

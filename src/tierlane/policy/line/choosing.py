"""The choice between advisors who may take a contact: keys of a desk or step, the best first."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

from tierlane.policy.line.ordering import expressed
from tierlane.policy.line.want import Advisor, Bound, fit, nearest, skilled


class Candidate(NamedTuple):
    """What the choice looks at of one advisor, now."""

    advisor_id: str
    values: Advisor
    """By field: `rank`, `skills.claims`, `languages` …"""
    load: float = 0.0
    """The share of the capacity in use (`Capacity.load`)."""
    free: float = 0.0
    """The units of capacity left (`Capacity.free`)."""
    idle: int = 0
    """Ms since the advisor last had something to do."""
    turn: int | None = None
    """When the advisor was last offered a contact, in ms; None never was."""
    expressed: tuple[Any, ...] = ()
    """What the keys that are expressions gave, in their order."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """The keys in turn; then who is idle longest, then the advisor's id."""

    keys: tuple[str, ...] = ("load", "idle")

    def sort(self, candidates: Sequence[Candidate], wants: Sequence[Bound]) -> list[Candidate]:
        """Return the advisors, the best for a contact with these wants and preferences first."""
        return sorted(candidates, key=lambda one: self.key(one, wants))

    def key(self, one: Candidate, wants: Sequence[Bound]) -> tuple[Any, ...]:
        """Return what an advisor sorts by: the least is the best."""
        values = iter(one.expressed)
        parts = [self._part(how, one, wants, values) for how in self.keys]
        return (*parts, -one.idle, one.advisor_id)

    def _part(self, how: str, one: Candidate, wants: Sequence[Bound], values: Any) -> Any:
        if how in ("load", "free", "idle"):
            return one.load if how == "load" else -getattr(one, how)
        if how == "turn":
            return -inf if one.turn is None else one.turn
        if how == "rank":
            rank = one.values.get("rank")
            return inf if rank is None else rank
        if how == "nearest":
            return nearest(wants, one.values)
        if how in ("fit", "skilled"):
            return -(fit if how == "fit" else skilled)(wants, one.values)
        return expressed(how, next(values))

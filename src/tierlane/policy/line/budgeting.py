"""Budgets: how much of a scarce service may be given, counted by the desk that owns it."""

from collections.abc import Mapping
from dataclasses import dataclass

from tierlane.lane import Lane
from tierlane.policy.condition.condition import Condition


@dataclass(frozen=True, slots=True)
class Budgeted:
    """A compiled budget."""

    name: str
    when: Condition
    per: str
    most: int
    within: str | int

    def owner(self, desk: str, advisor: str | None, customer: str | None) -> str | None:
        """Return whose contacts are counted together; None where the contact names nobody."""
        return {"desk": desk, "advisor": advisor, "customer": customer}[self.per]

    def may_hold(self, lane: Lane) -> bool:
        """Tell whether it may hold for a lane: no condition on the lane itself says otherwise."""
        names = {"lane_name": lane.name, "lane_kind": lane.kind, "lane_desk": lane.desk}
        return all(
            term.program.execute({name: names[name] for name in term.names}) is not False
            for term in self.when.terms
            if not term.slots and names.keys() >= set(term.names)
        )

    def left(self, spent: Mapping[str, int]) -> int:
        """Return what is left, by what is left of each budget; one that is not named is unspent."""
        return spent.get(self.name, self.most)

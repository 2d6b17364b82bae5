"""Tiers: how much the policy lets a customer's value weigh, in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TierOrder:
    """The tiers of a policy, lowest first, and the one that needs no reason."""

    names: tuple[str, ...]
    default: str

    def rank(self, name: str) -> int:
        """Return the place of a tier, 0 the lowest; raises ValueError when it is none."""
        return self.names.index(name)

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

    def highest(self, names: tuple[str, ...]) -> str:
        """Return the highest of the tiers named, or the default when none is."""
        return max(names, key=self.rank, default=self.default)


@dataclass(frozen=True, slots=True)
class HeldTier:
    """The tier a customer was last decided to have, as intake's memory keeps it."""

    name: str
    earned_at: int
    """Milliseconds since 1970 at which a set last gave it."""

"""Scenarios: what kind of situation a contact is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScenarioBook:
    """The scenarios a policy knows: the default, all others, and those that ignore the tier."""

    default: str
    names: tuple[str, ...]
    ignore_tier: tuple[str, ...] = ()

    def tier_of(self, scenario: str, earned: str, default: str) -> str:
        """Return the tier that counts in a scenario: the default where the tier is ignored."""
        return default if scenario in self.ignore_tier else earned

"""Scenarios: what kind of situation a contact is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScenarioBook:
    """The scenarios a policy knows: the default, all others, and those that ignore the tier."""

    default: str
    names: tuple[str, ...]
    ignore_tier: tuple[str, ...] = ()

"""The fields that conditions may read: their types and where they stand."""

from dataclasses import dataclass
from typing import Final, Literal

Type = Literal["text", "number", "integer", "flag", "time", "list", "duration", "null"]

KNOWN: Final[dict[str, Type]] = {
    **dict.fromkeys(
        (
            "contact.id", "contact.customer_id", "contact.channel", "contact.language",
            "contact.region", "contact.platform", "contact.product", "contact.subject",
            "contact.text", "profile.customer_id", "profile.region", "profile.dedicated_advisor",
            "profile.account_team", "profile.membership.programme", "profile.membership.level",
            "memory.last_advisor", "memory.last_scenario", "memory.last_outcome",
            "memory.last_channel",
        ),
        "text",
    ),
    **dict.fromkeys(
        ("contact.identity", "profile.birth_year", "profile.age", "memory.contacts"), "integer"
    ),
    **dict.fromkeys(
        (
            "contact.arrived_at", "profile.membership.until", "memory.first_at", "memory.last_at",
            "now",
        ),
        "time",
    ),
    "profile": "flag",
    **dict.fromkeys(("profile.segments", "profile.languages", "profile.preferences"), "list"),
}  # fmt: skip
"""Path → type of every field known without a word in the policy."""

OPEN: Final = ("contact.attributes.", "profile.measures.", "profile.signals.")
"""Maps whose fields a policy declares under `fields`."""

COUNTS: Final = "memory.count."
"""Begins the names of what a policy counts under `memory`; none yet counts as 0."""

PERSONAL: Final = frozenset(
    {"contact.text", "profile.preferences", "profile.birth_year", "profile.age"}
)
"""Masked unless the policy releases them by `masking: {PATH: keep}`."""

_KEYS: Final = {"contact.id": "contact_id"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a policy knows it."""

    path: str
    type: Type
    values: tuple[str | int | float | bool, ...] = ()
    """The closed set, empty where any value may come."""
    mask: str = ""
    """`drop`, `hash`, `last 4` or `year`: readable in facts only; empty is shown as it is."""

    @property
    def place(self) -> tuple[str, ...]:
        """The keys that lead to it, from `contact`, `profile` or `memory`."""
        root, *rest = self.path.split(".")
        return (root, _KEYS[self.path]) if self.path in _KEYS else (root, *rest)


HIDDEN: Final = {
    "memory.tier.name": Field("memory.tier.name", "text"),
    "memory.tier.earned_at": Field("memory.tier.earned_at", "time"),
}
"""What `keep` and `margin` read; conditions cannot name it."""


def declared_type(word: str) -> Type:
    """Return the type that a document calls `list of text`, `number` …"""
    types: dict[str, Type] = {
        "number": "number", "text": "text", "flag": "flag", "time": "time", "list of text": "list",
    }  # fmt: skip
    return types[word]

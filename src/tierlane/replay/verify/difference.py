"""What differs between a record and what follows from its inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["changed", "missing", "inserted", "doubled", "reordered", "unreadable"]

MEANINGS: Final[dict[Kind, str]] = {
    "changed": "the record says something else than follows",
    "missing": "what follows is not in the record",
    "inserted": "nothing in the inputs leads to it",
    "doubled": "it stands there twice",
    "reordered": "it stands before what came before it",
    "unreadable": "it cannot be read",
}

ABSENT: Final = "(absent)"
"""Stands for the side that does not have a field."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, with both sides."""

    kind: Kind
    topic: str
    owner: str
    seq: int | None
    """The audit record's number; None on other topics."""
    id: str
    """The record's id, as it follows; where nothing does, as it was recorded."""
    field: str = ""
    """The first field that differs, such as `data.tier.name`."""
    recorded: Any = None
    derived: Any = None

    @property
    def place(self) -> tuple[str, str, int, str]:
        """What differences are put in order by, whoever found them first."""
        return self.topic, self.owner, self.seq or 0, self.id

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; what does not apply is left out."""
        plain: dict[str, Any] = {"difference": self.kind, "topic": self.topic, "owner": self.owner}
        if self.seq is not None:
            plain["seq"] = self.seq
        plain["id"] = self.id
        if self.field:
            plain |= {"field": self.field, "recorded": self.recorded, "derived": self.derived}
        return plain


Found = tuple[str, Any, Any]
"""A field, and both sides of it."""

Passes = Callable[[str, Any, Any], bool]
"""Tells of a field and both sides whether to let it pass: what cannot be compared here."""


def first(recorded: Any, derived: Any, passes: Passes, path: str = "") -> Found | None:
    """Return the first field that differs, with both sides; None where nothing does.

    Fields are looked at in the order in which they are written, those that only the recorded side
    has come last.
    """
    if isinstance(recorded, dict) and isinstance(derived, dict):
        return _members(recorded, derived, passes, path)
    if isinstance(recorded, list) and isinstance(derived, list):
        return _members(_numbered(recorded), _numbered(derived), passes, path)
    # By type, too: to Python false is 0, and true is 1.
    same = type(recorded) is type(derived) and recorded == derived
    return None if same or passes(path, recorded, derived) else (path, recorded, derived)


def _members(
    recorded: Mapping[str, Any], derived: Mapping[str, Any], passes: Passes, path: str
) -> Found | None:
    for name in (*derived, *(name for name in recorded if name not in derived)):
        inner = f"{path}.{name}" if path else name
        found = first(recorded.get(name, ABSENT), derived.get(name, ABSENT), passes, inner)
        if found:
            return found
    return None


def _numbered(items: list[Any]) -> dict[str, Any]:
    return {str(number): one for number, one in enumerate(items)}

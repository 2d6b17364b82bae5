"""What a verification found."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tierlane.replay.verify.difference import Difference


@dataclass(slots=True)
class Verdict:
    """Of one owner, or of all together."""

    owners: int = 0
    events: int = 0
    """Input records that were done again."""
    compared: Counter[str] = field(default_factory=Counter)
    """Audit records that are equal, by kind."""
    outcomes: int = 0
    """Equal records on other topics: lane entries, returns, what a shadow said."""
    trusted: int = 0
    """Decisions from the audit alone whose inputs were masked or cut short."""
    midway: int = 0
    """Records of owners that begin in the middle which hang on what these kept by then."""
    profiles_missing: int = 0
    """Decisions that name a version of a profile which is not in the record."""
    excused: int = 0
    """Records that differ and rest on such a version, now or through what is remembered of it."""
    beyond: int = 0
    """Records that were caused past the end of a range that was cut."""
    absent: Counter[str] = field(default_factory=Counter)
    """Records that follow, by topics of which nothing is in the record."""
    differences: list[Difference] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """What is to be said first: another engine, what could not be compared."""
    complete: bool = True
    """Whether every owner was verified."""

    @property
    def decisions(self) -> int:
        """Decisions that were made again and are equal."""
        return self.compared["decided"]

    @property
    def unproven(self) -> int:
        """Records that were neither proven nor disproven."""
        missing = self.profiles_missing + self.absent.total()
        return self.trusted + self.midway + self.excused + missing

    def add(self, other: "Verdict") -> None:
        """Take over what was found of another owner."""
        self.owners += other.owners
        self.events += other.events
        self.compared += other.compared
        self.outcomes += other.outcomes
        self.trusted += other.trusted
        self.midway += other.midway
        self.profiles_missing += other.profiles_missing
        self.excused += other.excused
        self.beyond += other.beyond
        self.absent += other.absent
        self.differences += other.differences
        self.notices += [one for one in other.notices if one not in self.notices]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "notices": self.notices,
            "complete": self.complete,
            "owners": self.owners,
            "events": self.events,
            "audit_records": sum(self.compared.values()),
            "by_kind": dict(sorted(self.compared.items())),
            "decisions": self.decisions,
            "other_records": self.outcomes,
            "on_trust": self.trusted,
            "midway": self.midway,
            "profiles_missing": self.profiles_missing,
            "excused": self.excused,
            "beyond": self.beyond,
            "absent": dict(sorted(self.absent.items())),
            "differences": [one.as_dict() for one in self.differences],
        }

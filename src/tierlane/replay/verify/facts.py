"""What is told of all owners together, whoever gathered their records."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Self

from tierlane.replay.verify.difference import Difference
from tierlane.replay.verify.gathering import Gathering
from tierlane.replay.verify.hint import ACTIVATED, Hint
from tierlane.topic import CONTACT_EVENTS

FIRST: Final = 20
"""Records whose revisions tell what an owner began with, where it does not say so itself."""


@dataclass(slots=True)
class Facts:
    """Of the records that one process gathered, or of all."""

    topics: Counter[str] = field(default_factory=Counter)
    """Records by topic; those that two processes need are counted twice."""
    engines: Counter[str] = field(default_factory=Counter)
    """Other engines than this one, and their records."""
    deployments: Counter[str] = field(default_factory=Counter)
    owners: set[str] = field(default_factory=set)
    """Those that wrote, or had something to read."""
    begun_by: dict[str, list[str]] = field(default_factory=dict)
    """Owner that wrote → the revisions that it may have begun with."""
    differences: list[Difference] = field(default_factory=list)
    """What was found without doing anything again."""
    cut: bool = False
    """Whether workers went on writing past what is read of their inputs."""

    @classmethod
    def of(cls, gathering: Gathering) -> Self:
        """Return what a gathering tells."""
        facts = cls(
            Counter(gathering.topics),
            Counter(gathering.engines),
            Counter(gathering.deployments),
            set(gathering.hints),
            {owner: begun(hints.ordered()) for owner, hints in gathering.hints.items()},
            list(gathering.differences),
        )
        facts.owners |= {f"intake-{one}" for one in gathering.partitions(CONTACT_EVENTS)}
        return facts

    def add(self, other: "Facts") -> None:
        """Take over what another process tells."""
        self.topics += other.topics
        self.engines += other.engines
        self.deployments += other.deployments
        self.owners |= other.owners
        self.begun_by |= other.begun_by
        self.differences += other.differences

    @property
    def deployment(self) -> str:
        """The deployment that most records name."""
        return ranked(self.deployments)[0][0] if self.deployments else "d1"

    @property
    def begun(self) -> list[str]:
        """The revisions that any owner may have begun with, in the order of owners."""
        return [name for owner in ordered(self.begun_by) for name in self.begun_by[owner]]


def ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return names and counts, most first; the same in whatever order they were counted."""
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def ordered(owners: "set[str] | dict[str, list[str]]") -> list[str]:
    """Return owners in the order of kind and number."""
    return sorted(owners, key=lambda one: (one.partition("-")[0], number_of(one), one))


def number_of(owner: str) -> int:
    """Return the partition in an owner's name; -1 where there is none."""
    number = owner.partition("-")[2]
    return int(number) if number.isdigit() else -1


def begun(hints: Sequence[Hint]) -> list[str]:
    """Return the revisions named, that of an activation at the very beginning first."""
    if hints and hints[0].what == ACTIVATED:
        return list(dict.fromkeys(one.policy for one in hints if one.policy))
    named = islice((one.policy for one in hints if one.policy), FIRST)
    return [name for name, _ in Counter(named).most_common()]

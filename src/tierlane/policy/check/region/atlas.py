"""A policy as regions: which contacts each row takes, from the facts to the steps of the plans."""

from dataclasses import dataclass, field
from typing import Any, Final

from tierlane.lane import Lane
from tierlane.policy.check.region.cut import tree_of
from tierlane.policy.check.region.diagram import EVERYTHING, NOTHING, Diagram
from tierlane.policy.check.region.truth import Judge
from tierlane.policy.form.document import Document, Step, Written
from tierlane.policy.form.finding import Place

UNDRAWN: Final = -1
"""Stands for the region of a row that the budget did not suffice for."""

Ruled = tuple[str, Place, Written | None, Any]
"""Name, place, condition and value of a row, before it is drawn."""


@dataclass(slots=True)
class Row:
    """One row: where its condition holds, and what is left of it by the rows above."""

    name: str
    place: Place
    when: Written | None
    holds: int
    takes: int
    value: Any = None


@dataclass(slots=True)
class List:
    """The rows of one list, and where none of them holds."""

    name: str
    rows: list[Row]
    rest: int = EVERYTHING
    exact: bool = True
    """Whether `takes` and `rest` are known: the budget may end before."""


@dataclass(slots=True)
class Stop:
    """One step of a plan: who comes to it, who may enter, and what keeps the others out."""

    step: Step
    lane: Lane
    comes: int
    enters: int
    blocked: dict[str, int]
    """Floor or compliance rule → where it keeps contacts out of this step."""


@dataclass(slots=True)
class Atlas:
    """Every list of a policy as regions; made by `draw`."""

    document: Document
    judge: Judge
    lists: dict[str, List] = field(default_factory=dict)
    """By name, in the order of evaluation: `facts/upset`, `scenarios`, `plans`."""
    binding: dict[str, List] = field(default_factory=dict)
    """Lists whose rows all count: `floors`, `compliance`, `serving`."""
    stops: dict[str, list[Stop]] = field(default_factory=dict)
    """The steps by plan."""
    left: dict[str, int] = field(default_factory=dict)
    """By plan the contacts that no step takes at any hour."""
    falls: int = NOTHING
    """The contacts that go to the fallback, some of them at some hours only."""
    unplaced: int = NOTHING
    """The contacts whose channel is none: they go to the fallback at once."""
    earned: dict[str, int] = field(default_factory=dict)
    """Where each tier is the highest that a set gives now, or the default."""
    stands: dict[str, int] = field(default_factory=dict)
    """The same with tiers kept from an earlier time; no scenario ignores it yet."""
    entangled: list[str] = field(default_factory=list)
    """Lists that went over the budget."""

    @property
    def diagram(self) -> Diagram:
        """The diagram that all regions are of."""
        return self.judge.diagram

    def occurs(self, region: int) -> bool:
        """Tell whether there can be a contact in a region."""
        return self.diagram.both(region, self.judge.plane.world()) != NOTHING

    def condition(self, written: Written | None) -> int:
        """Return where a condition holds."""
        return EVERYTHING if written is None else self.judge.truth(tree_of(written.text)).true

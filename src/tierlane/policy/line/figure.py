"""The figures of desks that a decision may look at: who waits, who is free, what is left.

They are handed in as a value, so that a decision stays a function of its arguments. Intake knows
nothing of a line and decides with `NOBODY`: empty lanes, and nobody free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from tierlane.lane import Lane
from tierlane.policy.form.field import Type


@dataclass(frozen=True, slots=True)
class LaneFigure:
    """What is so of a lane now."""

    waiting: int = 0
    on: int = 0
    """Advisors on duty for it."""
    free: int = 0
    """Of these, who could take a contact at once."""
    not_asked: int = 0
    """Of these, who was not offered this contact yet."""
    oldest: int | None = None
    """The age in ms of the contact that waits longest."""
    expected_wait: int | None = None
    """In ms; None where nothing is expected."""


@dataclass(frozen=True, slots=True)
class DeskFigure:
    """What is so of a desk now."""

    waiting: int = 0
    on: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is so of all desks; a lane or desk that is not named is empty, a budget unspent."""

    lanes: Mapping[str, LaneFigure] = field(default_factory=dict)
    desks: Mapping[str, DeskFigure] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    """What is left of a budget, by its name."""

    def lane(self, name: str) -> LaneFigure:
        """Return the figures of a lane."""
        return self.lanes.get(name, EMPTY)

    def names(
        self, lane: Lane, left: int | None, *, missing: bool, absent: bool | None = None
    ) -> dict[str, Any]:
        """Return what `skip_if` may read while a contact would enter a lane, by variable.

        Where it is not known who is `absent`, it is everybody as long as nobody is on; and where a
        want is `missing`, there is nobody to be there.
        """
        here, desk = self.lane(lane.name), self.desks.get(lane.desk, DeskFigure())
        return {
            "lane_waiting": here.waiting, "lane_on": here.on, "lane_free": here.free,
            "lane_not_asked": here.not_asked, "lane_oldest": _span(here.oldest),
            "lane_expected_wait": _span(here.expected_wait), "desk_waiting": desk.waiting,
            "desk_on": desk.on, "desk_free": desk.free, "budget_left": left,
            "who_missing": missing,
            "who_absent": missing or (not here.on if absent is None else absent),
        }  # fmt: skip

    def full(self, lane: Lane) -> bool:
        """Tell whether a lane takes nobody else."""
        here = self.lane(lane.name)
        if lane.most_waiting is not None and here.waiting >= lane.most_waiting:
            return True
        wait = here.expected_wait
        return lane.longest_wait is not None and wait is not None and wait > lane.longest_wait


ABSENT: Final = "advisor_absent"
"""Why a step is passed over that names advisors of whom none is there."""

EMPTY: Final = LaneFigure()
NOBODY: Final = Figures()

READ: Final[dict[str, Type]] = {
    "lane.waiting": "integer", "lane.on": "integer", "lane.free": "integer",
    "lane.not_asked": "integer", "lane.oldest": "duration", "lane.expected_wait": "duration",
    "desk.waiting": "integer", "desk.on": "integer", "desk.free": "integer",
    "budget.left": "integer", "who.missing": "flag",
    "who.absent": "flag",
}  # fmt: skip
"""The names that `skip_if` may read, and their types."""


def figures_of(
    given: Mapping[str, Mapping[str, float]], lanes: Iterable[Lane], budgets: Iterable[str]
) -> Figures:
    """Return the figures that a case states: `{people: {waiting: 3, free: 0}, keepers: {left: 0}}`.

    Times are ms. A name is that of a lane, else of a budget, else of a desk. A desk that is not
    named has what its lanes have together: who waits is added up; of advisors the lane with the
    most counts, since one advisor serves several.
    """
    known, spent = {lane.name: lane for lane in lanes}, set(budgets)
    here = {name: _lane(value) for name, value in given.items() if name in known}
    desks: dict[str, DeskFigure] = {}
    for name, figure in here.items():
        desk = desks.get(known[name].desk, DeskFigure())
        desks[known[name].desk] = DeskFigure(
            desk.waiting + figure.waiting, max(desk.on, figure.on), max(desk.free, figure.free)
        )
    left = {name: int(given[name].get("left", 0)) for name in given.keys() & spent - here.keys()}
    for name in given.keys() - here.keys() - left.keys():
        desks[name] = DeskFigure(
            *[int(given[name].get(key, 0)) for key in ("waiting", "on", "free")]
        )
    return Figures(here, desks, left)


def _lane(value: Mapping[str, float]) -> LaneFigure:
    counted = {key: int(number) for key, number in value.items()}
    free = counted.get("free", 0)
    return LaneFigure(
        waiting=counted.get("waiting", 0),
        on=max(counted.get("on", 0), free),
        free=free,
        not_asked=counted.get("not_asked", free),
        oldest=counted.get("oldest"),
        expected_wait=counted.get("expected_wait"),
    )


def _span(ms: int | None) -> timedelta | None:
    return None if ms is None else timedelta(milliseconds=ms)

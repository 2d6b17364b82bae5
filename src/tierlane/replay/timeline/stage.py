"""The advisors of a timeline as a desk takes them: which desk is theirs, and what they can do."""

from dataclasses import replace
from typing import Any, Final

from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.capacity import Capacity, Use
from tierlane.policy.form.case import StagedAdvisor, Stated
from tierlane.policy.form.desk import Duty, DutyLane
from tierlane.routing.waiting.event import SignedOn
from tierlane.routing.waiting.told import abilities

_STATED: Final = ("rank", "languages", "channels", "can", "attributes")


def desk_of(advisor: StagedAdvisor, revision: Revision, home: str) -> Line:
    """Return the desk of an advisor: the one with the duty, or with the first lane of it.

    Without a duty it is `home`.
    """
    lines = {one.desk: one for one in revision.lines}
    by_lane = {one.name: lines[one.desk] for one in revision.lanes}
    if isinstance(advisor.duty, Stated):
        name = advisor.duty.name
        return next(one for one in revision.lines if any(duty.name == name for duty in one.duties))
    if advisor.duty:
        return by_lane[advisor.duty[0].lane.name]
    return lines[home]


def signed_on(advisor: StagedAdvisor, line: Line, start: int, now: int) -> SignedOn:
    """Return the event by which an advisor begins to serve; `start` is that of the timeline."""
    return SignedOn(
        advisor_id=advisor.name,
        values=_values(advisor),
        capacity=_capacity(advisor, line.capacity),
        duty=_duty(advisor, line),
        channels=advisor.channels,
        idle_since=start - advisor.idle if advisor.idle else now,
        holds=advisor.holds,
    )


def _values(advisor: StagedAdvisor) -> dict[str, Any]:
    stated = {name: getattr(advisor, name) for name in _STATED}
    named = {"advisor_id": advisor.name, "team": advisor.team or None}
    return abilities(stated | named | {"skills": dict(advisor.skills)})


def _capacity(advisor: StagedAdvisor, capacity: Capacity) -> Capacity:
    """Return the desk's capacity with the advisor's own units, and most contacts of a channel."""
    stated = dict(advisor.capacity)
    units = stated.pop("units", capacity.units)
    uses = {one.channel: one for one in capacity.uses}
    for channel, most in stated.items():
        use = uses.get(channel, Use(channel, 0.0))
        uses[channel] = replace(use, most=int(most))
    return Capacity(units, tuple(uses.values()))


def _duty(advisor: StagedAdvisor, line: Line) -> Duty | None:
    if isinstance(advisor.duty, Stated):
        return next(one for one in line.duties if one.name == advisor.duty.name)
    if advisor.duty is None:
        return None
    lanes = (DutyLane(one.lane.name, int(one.rank), one.after) for one in advisor.duty)
    return Duty.of(tuple(lanes))

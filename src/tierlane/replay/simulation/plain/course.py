"""The whole way of a contact through its plan, as the real desk walks it while nobody serves."""

from collections.abc import Mapping
from typing import NamedTuple

from tierlane.policy.deciding.itinerary import Itinerary, Leg
from tierlane.policy.deciding.planning import CompiledPlan
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.deciding import Deciding
from tierlane.replay.simulation.plain.reason import Involved
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Arrived
from tierlane.routing.waiting.kin import naming
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.row import Alike


class Stop(NamedTuple):
    """What a contact waits for from one age on. Ages are ms."""

    age: int
    lane: str
    entered: int
    """The age at which it entered that lane."""
    skill: str
    alike: Alike
    leg: Leg
    chooses: tuple[str, ...]
    """The keys by which an advisor is chosen for it."""


class Course(NamedTuple):
    """The way of contacts that were decided alike, while nobody serves them."""

    about: Mapping[str, str]
    """What rows of behaviour ask, as it is at the arrival."""
    desk: str
    answer: int | None
    """Ms within which an answer is promised."""
    stops: tuple[Stop, ...]
    closes: int | None
    """The age at which the policy ends it; None never does."""


def course(deciding: Deciding, about: Mapping[str, str], itinerary: Itinerary, desk: str) -> Course:
    """Return the way of a contact; raises Involved where it hangs on more than its age."""
    _look(deciding.revision, itinerary, desk)
    walked = ManagedDesk(desk, deciding.revision)
    lapse, stops, closes = walked.state.book.line.lapse, list[Stop](), None
    arrived = Arrived("contact", itinerary, 0, itinerary.plan)
    changes = walked.on_events(0, (arrived,), "arrival")
    while changes:
        for one in changes:
            if one.kind == "handed over":
                raise Involved("a contact is handed over to another desk")
            if one.kind in ("entered", "stepped"):
                stops.append(_stop(deciding, walked, one, stops))
            elif one.kind == "closed":
                closes = one.at
        due = walked.next_deadline()
        changes = [] if due is None or due >= lapse else walked.on_deadline(due)
    if not stops or stops[0].age:
        raise Involved("a contact is closed as it comes")
    return Course(dict(about), desk, itinerary.answer, tuple(stops), closes)


def _stop(deciding: Deciding, walked: ManagedDesk, one: Change, before: list[Stop]) -> Stop:
    contact = walked.state.contacts["contact"]
    if contact.alike is None or one.itinerary is None:
        raise Involved("a contact is in no line")
    return Stop(
        age=one.at,
        lane=one.lane,
        entered=one.at if one.kind == "entered" else before[-1].entered,
        skill=deciding.skill(one.itinerary, one),
        alike=contact.alike,
        leg=contact.leg,
        chooses=walked.asking.preferring(contact).choosing.keys,
    )


def _look(revision: Revision, itinerary: Itinerary, desk: str) -> None:
    """Raise Involved where the way of a contact hangs on the desk, the clock or a name."""
    line = next(one for one in revision.lines if one.desk == desk)
    if line.calendar is not None:
        raise Involved(f"desk `{desk}` has a calendar")
    if line.offer.at_once != 1:
        raise Involved(f"desk `{desk}` offers a contact to several at once")
    lanes = {one.name: one for one in revision.lanes}
    for name, legs in itinerary.legs:
        plan = revision.rules.plans[name]
        _look_at_plan(plan)
        for leg in legs:
            _look_at_leg(leg)
    _look_at_leg(itinerary.last)
    for name in {itinerary.last.lane, *(leg.lane for _, legs in itinerary.legs for leg in legs)}:
        if lanes[name].most_waiting is not None or lanes[name].longest_wait is not None:
            raise Involved(f"lane `{name}` may be full")


def _look_at_plan(plan: CompiledPlan) -> None:
    if any(one.skip is not None for one in plan.steps):
        raise Involved(f"a step of plan `{plan.name}` is skipped by what the desk sees")
    if any(one.working is not None for one in plan.transitions.clocks):
        raise Involved(f"plan `{plan.name}` counts working time")


def _look_at_leg(leg: Leg) -> None:
    if leg.budgets:
        raise Involved(f"budget `{leg.budgets[0]}`")
    if leg.not_before:
        raise Involved("a contact is not offered before a moment")
    if not leg.reason and naming(leg.wants):
        raise Involved("a step names an advisor")

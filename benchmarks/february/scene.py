"""The log as scenes of the simulator: callers as they came into the queue, servers as they stayed.

A caller comes when the VRU is left; who hung up in it, and calls without anybody (PHANTOM), are no
part of it. What the log tells of his patience and service is withheld: both are drawn from fits.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.february.presence import Stay
from tierlane.policy.form.case import StagedAdvisor
from tierlane.policy.form.finding import Place
from tierlane.replay.fitting.figure import as_json, behaviour
from tierlane.replay.fitting.record import about, fit
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.journal import ANSWERED, LEFT, Fared, Journal
from tierlane.replay.simulation.recorded import Recorded
from tierlane.replay.simulation.scene import Scene, Text
from tierlane.replay.simulation.staffing import Group, Hours, Staffing
from tierlane.replay.source.anonbank import PACK, Row
from tierlane.sample.pack import pack

ZONE = "Asia/Jerusalem"


def comings(rows: Iterable[Row]) -> tuple[Coming, ...]:
    """Return the callers who came into the queue or were answered at once, by time."""
    found = [one for row in rows if (one := _coming(row)) is not None]
    return tuple(sorted(found, key=lambda one: (one.arrived, one.contact_id)))


def _coming(row: Row) -> Coming | None:
    course = row.course
    begin = course.queue[0] if course.queue else course.answered
    if course.outcome == "PHANTOM" or begin is None:
        return None
    arrived = _ms(begin)
    name = f"{row.line}-{row.number}"
    contact = {
        "contact_id": name, "channel": "voice", "subject": row.kind,
        "attributes": {"priority": row.priority},
    }  # fmt: skip
    if course.answered is None:
        end = course.queue[1] if course.queue else begin
        return Coming(name, arrived, contact, gave_up=float(max(_ms(end) - arrived, 0)))
    lasted = float(_ms(course.over) - _ms(course.answered))
    waited = float(max(_ms(course.answered) - arrived, 0))
    return Coming(name, arrived, contact, lasted=lasted, waited=waited)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def fitted(rows: Iterable[Row]) -> Behaviour:
    """Return patience and service as fitted to callers, by type."""
    model = fit(about(comings(rows), None), ("subject",), ZONE)
    return behaviour(as_json(model), Behaviour())


def scene(
    day: date,
    rows: Sequence[Row],
    stays: Mapping[str, Sequence[Stay]],
    internet: frozenset[str],
    model: Behaviour,
) -> Scene:
    """Return one day; `stays` are those of all days.

    Raises UsageError for a day without callers.
    """
    groups = []
    for name, many in stays.items():
        hours = tuple(_hours(one, day) for one in many if one.begin.date() == day)
        if hours:
            advisor = StagedAdvisor(name, Place("the log", 1, 1))
            desk = "internet" if name in internet else "centre"
            groups.append(Group(advisor, hours, desk))
    came = tuple(one._replace(lasted=None, gave_up=None, waited=0.0) for one in comings(rows))
    staffing = Staffing("as the log shows it", tuple(groups), ZONE, model)
    return Scene(Text(pack(PACK).encode(), f"{PACK}.yaml"), staffing, Recorded(came, ZONE))


def _hours(one: Stay, day: date) -> Hours:
    """Return a stay in minutes of its day, both ends cut alike; at least a minute."""
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(ZONE))
    begin, end = ((at - midnight) // timedelta(minutes=1) for at in one)
    # On this weekday only: who still waits at midnight is not served in the morning.
    return Hours(1, begin, max(end, begin + 1), frozenset((day.weekday(),)))


def real(rows: Sequence[Row]) -> Journal:
    """Return what really happened to the same callers, as the simulator tells it."""
    came = comings(rows)
    fared = tuple(
        Fared(
            one.contact_id, one.arrived, "voice", _tier(one), "", "", "", "",
            LEFT if one.gave_up is not None else ANSWERED,
            round(one.waited if one.gave_up is None else one.gave_up),
            round(one.waited if one.gave_up is None else one.gave_up), None,
        )
        for one in came
    )  # fmt: skip
    return Journal(0, came[0].arrived, came[-1].arrived + 1, fared, (), 0)


def _tier(one: Coming) -> str:
    return "high" if one.contact["attributes"]["priority"] == 2 else "regular"

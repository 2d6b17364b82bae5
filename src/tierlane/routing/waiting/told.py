"""What advisors and operators tell of, as events of a managed desk.

Pure: the data of an event that was read, and the desk's `Line`, in; an event of the desk out. What
an advisor does not state of their capacity is as the desk has it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from tierlane.errors import Unreadable
from tierlane.operator import CLOSED, HALTED, MOVED, OPENED, RELEASED, RESUMED
from tierlane.policy.deciding.line import Line
from tierlane.policy.form.capacity import Capacity, Use
from tierlane.policy.form.desk import Duty, DutyLane
from tierlane.policy.reading.shape import duration_ms
from tierlane.routing.waiting.event import (
    Halted,
    Heard,
    Ordered,
    Released,
    Reopened,
    Resumed,
    Shut,
    SignedOff,
    SignedOn,
    Stood,
)
from tierlane.value import parse_time

Data = Mapping[str, Any]
Order = Shut | Reopened | Ordered | Released | Halted | Resumed

STANDS: Final = {"available": "on", "break": "break", "wrap-up": "break", "away": "break"}
"""What a desktop says of its advisor → how the seat stands; to wrap up is no time for offers."""


def signed_on(data: Data, line: Line, now: int) -> SignedOn:
    """Return the event by which an advisor begins to serve at the desk of `line`.

    A duty that the desk does not know has no lanes until a revision states it. Raises `Unreadable`
    for an `idle_since` that is no time; one after `now` counts as now.
    """
    return SignedOn(
        advisor_id=data["advisor_id"],
        values=abilities(data),
        capacity=_capacity(data.get("capacity") or {}, line.capacity),
        duty=_duty(data, line),
        channels=tuple(data.get("channels") or ()),
        idle_since=_idle_since(data, now),
        holds=tuple((data.get("holds") or {}).items()),
    )


def stood(data: Data) -> Stood:
    """Return the event by which an advisor's readiness changes."""
    return Stood(data["advisor_id"], STANDS[data["state"]])


def heard(data: Data) -> Heard:
    """Return the event of a heartbeat; without a list it says nothing of contacts."""
    holds = data.get("contacts")
    return Heard(data["advisor_id"], None if holds is None else tuple(holds))


def signed_off(data: Data) -> SignedOff:
    """Return the event by which an advisor leaves the desk."""
    return SignedOff(data["advisor_id"])


def order(kind: str, data: Data) -> Order:
    """Return the event of an operator's order of the type `kind`.

    Raises `Unreadable` for an `until` that is no time.
    """
    return _ORDERS[kind](data)


def abilities(data: Data) -> dict[str, Any]:
    """Return what an advisor can do by field, as wants and keys of choice read it."""
    values: dict[str, Any] = {
        "id": data["advisor_id"],
        "team": data.get("team"),
        "rank": data.get("rank"),
        "languages": tuple(data.get("languages") or ()),
        "channels": tuple(data.get("channels") or ()),
        "can": tuple(data.get("can") or ()),
    }
    skills = data.get("skills") or {}
    graded = skills if isinstance(skills, Mapping) else dict.fromkeys(skills, 1)
    values |= {f"skills.{name}": level for name, level in graded.items()}
    for name, value in (data.get("attributes") or {}).items():
        values[f"attributes.{name}"] = tuple(value) if isinstance(value, list) else value
    return values


def _capacity(stated: Data, of_desk: Capacity) -> Capacity:
    units = stated.get("units")
    units = of_desk.units if units is None else units
    uses = {one.channel: one for one in of_desk.uses}
    for channel, own in (stated.get("channels") or {}).items():
        uses[channel] = _use(own, uses.get(channel), channel, units)
    return Capacity(units, tuple(uses.values()))


def _use(own: Data, of_desk: Use | None, channel: str, units: float) -> Use:
    """Return what a channel takes; one that the desk does not name is read as in a policy."""
    costs, most, beside = own.get("costs"), own.get("most"), own.get("beside")
    if of_desk is None:
        of_desk = Use(channel, 0 if most is not None and costs is None else units)
    return replace(
        of_desk,
        costs=of_desk.costs if costs is None else costs,
        most=of_desk.most if most is None else most,
        beside=of_desk.beside if beside is None else _beside(beside),
    )


def _beside(stated: str | list[str]) -> tuple[str, ...] | None:
    if isinstance(stated, list):
        return tuple(stated)
    return None if stated == "any" else ()


def _duty(data: Data, line: Line) -> Duty | None:
    name, stated = data.get("duty"), data.get("lanes")
    if name is not None:
        return next((one for one in line.duties if one.name == name), Duty(name, ()))
    if stated is None:
        return None
    return Duty.of(tuple(_lane(one, place) for place, one in enumerate(stated, 1)))


def _lane(stated: str | Data, place: int) -> DutyLane:
    if isinstance(stated, str):
        return DutyLane(stated, place)
    rank, after = stated.get("rank"), stated.get("after")
    return DutyLane(
        stated["lane"],
        place if rank is None else rank,
        0 if after is None else duration_ms(after) or 0,
    )


def _idle_since(data: Data, now: int) -> int | None:
    since = _moment(data, "idle_since")
    return None if since is None else min(since, now)


def _moment(data: Data, name: str) -> int | None:
    text = data.get(name)
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise Unreadable("bad-time", f"data.{name}: no ISO 8601 time with an offset") from None


_ORDERS: Final[Mapping[str, Callable[[Data], Order]]] = {
    CLOSED: lambda data: Shut(data["lane"], _moment(data, "until")),
    OPENED: lambda data: Reopened(data["lane"]),
    MOVED: lambda data: Ordered(data["contact_id"], data["lane"]),
    RELEASED: lambda data: Released(data["contact_id"]),
    HALTED: lambda _: Halted(),
    RESUMED: lambda _: Resumed(),
}

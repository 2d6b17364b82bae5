"""The advisors of a timeline: which desk is theirs, and what their desktops say of them."""

from typing import Any

from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Given, StagedAdvisor, Stated
from tierlane.routing.waiting import told
from tierlane.routing.waiting.event import SignedOn
from tierlane.value import format_time


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


def home_of(revision: Revision, given: Given | None, start: int) -> str:
    """Return the desk of the first lane served by people in the plan of a contact.

    Without a contact it is the first desk of the policy. That is where advisors without a duty sit.
    """
    if given is None:
        return revision.lines[0].desk
    contact = {"contact_id": "", **given.contact}
    found = revision.itinerary(contact, given.profile, given.memory, start, arrived=start)
    lanes = {one.name: one for one in revision.lanes}
    legs = [*(one for _, legs in found.legs for one in legs if not one.reason), found.last]
    people = (lanes[one.lane] for one in legs if lanes[one.lane].kind != "selfservice")
    return next(people, lanes[found.last.lane]).desk


def signed_on(advisor: StagedAdvisor, line: Line, start: int, now: int) -> SignedOn:
    """Return the event by which an advisor begins to serve; `start` is that of the timeline."""
    return told.signed_on(signing_on(advisor, line.desk, start), line, now)


def signing_on(advisor: StagedAdvisor, desk: str, start: int) -> dict[str, Any]:
    """Return the `data` of the record by which an advisor signs on, as a desktop writes it."""
    data: dict[str, Any] = {
        "advisor_id": advisor.name,
        "desk": desk,
        "skills": dict(advisor.skills),
        "languages": list(advisor.languages),
        "channels": list(advisor.channels),
        "can": list(advisor.can),
        "team": advisor.team or None,
        "rank": _whole(advisor.rank),
        "attributes": dict(advisor.attributes or {}),
        "capacity": _room(advisor),
        "holds": dict(advisor.holds),
        **_duty(advisor),
    }
    if advisor.idle:
        data["idle_since"] = format_time(start - advisor.idle)
    return data


def _whole(number: float | None) -> float | None:
    """Return a number as a whole one where it is: a case may write `2.0`."""
    return int(number) if number is not None and number == int(number) else number


def _room(advisor: StagedAdvisor) -> dict[str, Any]:
    """Return the advisor's own units, and of each channel how many there may be at once."""
    stated = dict(advisor.capacity)
    units = stated.pop("units", None)
    channels = {channel: {"most": int(most)} for channel, most in stated.items()}
    return {"units": units, "channels": channels}


def _duty(advisor: StagedAdvisor) -> dict[str, Any]:
    if advisor.duty is None:
        return {}
    if isinstance(advisor.duty, Stated):
        return {"duty": advisor.duty.name}
    lanes = [
        {"lane": one.lane.name, "rank": int(one.rank), "after": f"{one.after}ms"}
        for one in advisor.duty
    ]
    return {"lanes": lanes}

"""A step that names an advisor leads to that advisor's home desk."""

from typing import Any

import pytest

from tests.unit.routing.hall import START, Hall, kinds, offers
from tests.unit.routing.test_directory import listed
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.line.figure import ABSENT
from tierlane.routing.directory import Directory

POLICY = compile_policy(
    """
tierlane: 1
policy: homes
desks: {centre: {}, north: {}, south: {}, old: {managed: false}}
lanes:
  people: {kind: standard, desk: centre}
  north-keeper: {kind: dedicated, desk: north}
  south-voice: {kind: dedicated, desk: south, channels: [voice]}
  south-keeper: {kind: dedicated, desk: south, serve: {script: warm}}
  south-people: {kind: standard, desk: south}
  old-keeper: {kind: dedicated, desk: old}
plans:
  - plan: keeper
    when: profile.dedicated_advisor != null
    steps:
      - {lane: north-keeper, who: [advisor.id == profile.dedicated_advisor], until: 30s}
      - {lane: people}
  - {plan: everybody, steps: [{lane: people}]}
finally: {until: 1h, close: sorry}
fallback: people
""",
    "homes.yaml",
)


def itinerary(directory: Directory | None, advisor: str = "a-1") -> Itinerary:
    contact = {"contact_id": "k-1", "channel": "chat"}
    homes = None if directory is None else directory.looking("d")
    profile = {"dedicated_advisor": advisor}
    return POLICY.itinerary(contact, profile, None, START, arrived=START, homes=homes)


def first(desk: str | None) -> tuple[str, str]:
    """Return lane and reason of the step that names the advisor, who is at home at a desk."""
    found = Directory()
    found.take(0, [listed(0, "a-1" if desk else "a-2", desk or "north")])
    leg = itinerary(found).leg("keeper", 1)
    return leg.lane, leg.reason


@pytest.mark.parametrize(
    ("desk", "lane", "reason"),
    [
        ("north", "north-keeper", ""),
        ("south", "south-keeper", ""),  # not for voice alone, and of the same kind
        ("centre", "north-keeper", ABSENT),  # has no lane of the kind
        ("old", "north-keeper", ABSENT),  # is not managed
        ("gone", "north-keeper", ABSENT),
        (None, "north-keeper", ABSENT),
    ],
)
def test_step_is_in_a_lane_of_its_kind_at_home(desk: str | None, lane: str, reason: str) -> None:
    assert first(desk) == (lane, reason)


@pytest.mark.parametrize("directory", [None, Directory()])
def test_without_a_directory_the_advisor_is_where_the_step_says(
    directory: Directory | None,
) -> None:
    leg = itinerary(directory).leg("keeper", 1)
    assert (leg.lane, leg.reason) == ("north-keeper", "")


def test_what_is_told_who_serves_is_that_of_the_lane_there() -> None:
    found = Directory()
    found.take(0, [listed(0, "a-1", "south")])
    assert dict(itinerary(found).leg("keeper", 1).serve) == {"script": "warm"}


def hall(desk: str, directory: Directory) -> tuple[Hall, Any]:
    one = Hall(POLICY, desk)
    made = itinerary(directory)
    event = one.arrival("k-1", 0, profile=None)
    return one, event._replace(itinerary=made, plan=made.plan)


def test_the_desk_of_the_lane_hands_the_contact_over() -> None:
    found = Directory()
    found.take(0, [listed(0, "a-1", "south")])
    north, arrived = hall("north", found)
    (change,) = north.at(0, arrived)
    assert (change.kind, change.desk) == ("handed over", "south")

    south = Hall(POLICY, "south")
    south.sign_on(0, "a-1")
    south.sign_on(0, "a-2")
    assert change.onward is not None
    changes = south.at(1, change.onward)
    assert [one.lane for one in changes if one.kind == "entered"] == ["south-keeper"]
    assert offers(changes) == [("a-1", "k-1")]
    south.decline(2, "a-1", "k-1")
    (after,) = [one for one in south.at(31) if one.kind == "handed over"]
    assert after.desk == "centre"


def test_who_is_not_known_is_passed_over_at_once() -> None:
    found = Directory()
    found.take(0, [listed(0, "a-2", "north")])
    north, arrived = hall("north", found)
    changes = north.at(0, arrived)
    assert kinds(changes) == ["handed over"]
    assert changes[0].onward is not None
    assert changes[0].onward.passed_over == ((1, "north-keeper", ABSENT),)
    assert changes[0].desk == "centre"

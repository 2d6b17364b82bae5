"""Contacts at desks whose revision is not known any more, and desks that are ahead of intakes."""

from collections.abc import Callable

import pytest

from tests.contract.event import arrived, contact
from tests.unit.routing.floor import POLICY, TEXT, Floor
from tierlane.errors import RevisionMissing, StateError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision

RENAMED = compile_policy(TEXT.replace("people", "everyone"), "renamed.yaml")
"""Has the same desks, and another lane in place of `people`."""
ELSEWHERE = compile_policy(
    TEXT.replace("desk: hall", "desk: yard").replace("hall:", "yard:"), "elsewhere.yaml"
)
"""Has no desk `hall`."""


def knowing(*revisions: Revision) -> Callable[[str], Revision | None]:
    return {one.hash: one for one in revisions}.get


def test_a_contact_whose_revision_is_gone_goes_to_the_fallback_and_is_decided_again() -> None:
    floor = Floor()
    floor.tell("signed_on", who="a-1")
    floor.serve("k-1", "u-1")
    floor.give(arrived(floor.now, "k-2", "u-2", subject="claim", channel="chat"))
    floor.lookup = knowing(RENAMED)
    floor.reopen(RENAMED)
    floor.intake.activate(RENAMED, floor.now)
    floor.audits.clear()
    floor.tell("heartbeat", who="a-2")
    replanned = [one for one in floor.audits if one["kind"] == "replan"]
    assert [(one["contact_id"], one["reason"]) for one in replanned] == [
        ("k-1", "revision_gone"),
        ("k-2", "revision_gone"),
    ]
    assert floor.lanes[-1] == ("k-2", "everyone")
    floor.heard()
    floor.tell("finished", contact_id="k-1")  # whoever served goes on serving
    assert floor.heard("contact_id", "advisor_id")[-1] == ("offered", "k-2", "a-1")
    floor.reopen(RENAMED)
    assert floor.desk.missing() == []


def test_what_was_decided_anew_meanwhile_and_is_not_known_is_left_out() -> None:
    floor = Floor(knowing(POLICY, RENAMED))
    floor.tell("signed_on", who="a-1")
    floor.serve("k-1", "u-1")
    floor.intake.activate(RENAMED, floor.now)
    floor.intake.commit()
    floor.give(contact("updated", "up", floor.now, "k-1", "u-1", subject="claim"))
    floor.lookup = knowing(POLICY)
    floor.reopen(POLICY)
    floor.tell("finished", contact_id="k-1")
    assert floor.audits[-1]["kind"] == "finished"


def test_a_desk_that_nobody_knows_stops_with_a_remedy() -> None:
    floor = Floor()
    floor.give(arrived(floor.now, "k-1", "u-1"))
    floor.lookup = knowing(ELSEWHERE)
    floor.reopen(ELSEWHERE)
    with pytest.raises(StateError, match=r"publish `.*` again, or start with its file") as raised:
        floor.desk.next_deadline()
    assert POLICY.hash in str(raised.value)


def test_who_comes_by_a_revision_nobody_knows_is_waited_for_and_then_at_the_fallback() -> None:
    floor = Floor(knowing(RENAMED))
    floor.desk = floor.made(RENAMED)
    with pytest.raises(RevisionMissing):
        floor.give(arrived(floor.now, "k-1", "u-1", subject="claim"))
    floor.desk.rollback()
    record = floor.last
    floor.take(floor.desk, floor.desk.park(record.topic, record, RevisionMissing(POLICY.hash)))
    assert floor.lanes == [("k-1", "everyone")]


def test_an_intake_that_is_not_that_far_yet_decides_again_when_it_is() -> None:
    floor = Floor(knowing(POLICY, RENAMED))
    floor.give(arrived(floor.now, "k-1", "u-1", subject="order"))
    floor.give(arrived(floor.now, "k-2", "u-2", subject="scarce"))
    floor.publish(floor.desk, RENAMED, 1)  # and asks an intake that still goes by the other
    (asked,) = [one for one in floor.audits if one["kind"] == "replan"]
    assert (asked["contact_id"], asked["reason"]) == ("k-1", "lane_gone")
    assert floor.lanes == [("k-1", "people"), ("k-2", "scarce")]
    floor.publish(floor.intake, RENAMED, 1)
    assert floor.lanes[2:] == [("k-1", "everyone")]
    before = len(floor.audits)
    floor.publish(floor.intake, POLICY, 2)  # it is not awaited any more
    assert [one["kind"] for one in floor.audits[before:]] == []

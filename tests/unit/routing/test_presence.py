"""Whether whom a step names is there: one's own advisor, one of several, a team."""

import pytest

from tests.unit.routing.hall import START, Hall, kinds, offers, revision
from tierlane.policy.line.want import Bound, Wanted
from tierlane.routing.waiting.event import SignedOff, Stood, Vanished
from tierlane.routing.waiting.kin import naming

ENDLESS = revision(
    "advisor.id == contact.attributes.wanted], for: 15s}",
    "advisor.id == contact.attributes.wanted]}",
)
IF_THERE = revision("for: 15s}", "for: 15s, skip_if: who.absent}")
WANTED = {"subject": "wanted", "attributes": {"wanted": "a"}}


def step(hall: Hall, name: str = "k1") -> int | str:
    return hall.desk.state.contacts[name].step


@pytest.mark.parametrize(
    ("tests", "names"),
    [
        ((Wanted("id", "==", "a"),), True), ((Wanted("id", "among", ("a", "b")),), True),
        ((Wanted("team", "==", "north"),), True), ((), False),
        ((Wanted("id", "==", "a"), Wanted("team", "==", "north")), True),
        ((Wanted("id", "!=", "a"),), False), ((Wanted("skills.ja", ">=", 1),), False),
        ((Wanted("id", "==", "a"), Wanted("skills.ja", ">=", 1)), False),
    ],
)  # fmt: skip
def test_a_want_names_whom_where_nothing_else_can_meet_it(tests, names):
    want = Bound("w", tests)
    assert naming((want,)) == ((want,) if names else ())


def test_a_step_that_says_no_time_is_for_who_is_there():
    hall = Hall(ENDLESS)
    hall.come(0, "k1", "voice", **WANTED)
    assert step(hall) != 1
    assert hall.desk.state.contacts["k1"].passed_over[0] == (1, "people", "advisor_absent")
    hall.sign_on(1, "a", "general")
    assert offers(hall.come(2, "k2", "voice", **WANTED)) == []  # the first took all there is of `a`
    assert step(hall, "k2") == 1


@pytest.mark.parametrize("event", [Stood("a", "off"), SignedOff("a"), Vanished("a")])
def test_it_is_left_when_the_last_of_them_leaves(event):
    hall = Hall(ENDLESS)
    hall.sign_on(0, "a", "general")
    hall.come(1, "busy", "voice")
    hall.come(2, "k1", "voice", **WANTED)
    assert step(hall) == 1
    hall.at(3, event)
    assert step(hall) != 1
    assert (1, "people", "advisor_absent") in hall.desk.state.contacts["k1"].passed_over


def test_a_break_ends_so_who_has_one_is_waited_for():
    hall = Hall(ENDLESS)
    hall.sign_on(0, "a", "general")
    hall.at(1, Stood("a", "break"))
    hall.come(2, "k1", "voice", **WANTED)
    assert step(hall) == 1
    assert offers(hall.at(3, Stood("a", "on"))) == [("a", "k1")]


def test_one_that_says_a_time_waits_for_who_may_come_unless_it_says_otherwise():
    hall, other = Hall(), Hall(IF_THERE)
    for one in (hall, other):
        one.come(0, "k1", "voice", **WANTED)
    assert (step(hall), step(other) != 1) == (1, True)
    assert offers(hall.sign_on(5, "a", "general")) == [("a", "k1")]
    assert other.desk.state.contacts["k1"].passed_over[0] == (1, "people", "advisor_absent")


def test_where_nobody_is_named_that_is_the_reason():
    hall = Hall(IF_THERE)
    made = hall.come(0, "k1", "voice", subject="wanted")
    assert kinds(made) == ["entered"]
    assert hall.desk.state.contacts["k1"].passed_over[0] == (1, "people", "who.missing")
    assert hall.desk.next_deadline() is not None and hall.desk.next_deadline() > START

"""A contact to be rung back: its place, its steps' clock, and what leaves with it."""

import pytest

from tests.unit.routing.hall import HALL, START, Hall, kinds, offers, revision
from tierlane.routing.waiting.event import Gone, Ordered, Updated
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.value import format_time

KEY = "not_before: contact.attributes.ring_at"
FIELD = "contact.attributes.wanted: text"
TEXT = HALL.replace(FIELD, f"{FIELD}\n  contact.attributes.ring_at: time")
POLICY = revision("offer: {lasts: 10s}", f"offer: {{lasts: 10s}}\n    {KEY}", TEXT)


@pytest.fixture
def hall() -> Hall:
    return Hall(POLICY)


def rung(hall: Hall, name: str, now: float, second: float, **about):
    """Return a contact, as it is told at `now`, that is to be rung at a second."""
    at = format_time(START + round(second * 1000))
    return hall.arrival(name, now, "chat", attributes={"ring_at": at}, **about)


def test_the_moment_is_a_timer_and_the_only_one(hall):
    hall.at(0, rung(hall, "k1", 0, 30))
    hall.sign_on(1, "a", "general")
    assert hall.desk.next_deadline() == START + 30_000
    assert offers(hall.desk.on_deadline(START + 29_999)) == []
    assert offers(hall.desk.on_deadline(START + 30_000)) == [("a", "k1")]


def test_a_step_of_its_own_time_gets_all_of_it(hall):
    hall.at(0, rung(hall, "k1", 0, 30, subject="scarce"))  # its step lasts to an age of 30 s
    hall.at(59.9)
    assert hall.desk.state.contacts["k1"].step == 1
    hall.at(60)
    assert hall.desk.state.contacts["k1"].step == 2


def test_put_off_twice_and_brought_forward_it_loses_and_gains_nothing(hall):
    hall.come(0, "k1", subject="scarce")
    for now, second in ((10, 100), (20, 200), (50, 60)):
        hall.at(now, Updated("k1", rung(hall, "k1", now, second, subject="scarce").itinerary))
    one = hall.desk.state.contacts["k1"]
    assert (one.paused, one.due - START, one.not_before - START) == (50_000, 80_000, 60_000)
    hall.at(55, Updated("k1", rung(hall, "k1", 55, 40, subject="scarce").itinerary))
    assert (one.paused, one.due - START, one.not_before) == (45_000, 75_000, 0)


def test_an_operator_may_move_it_and_it_is_not_offered_sooner(hall):
    hall.at(0, rung(hall, "k1", 0, 30))
    hall.at(1, Ordered("k1", "senior"))
    hall.sign_on(2, "b", "senior")
    assert offers(hall.desk.on_deadline(START + 29_999)) == []
    assert offers(hall.desk.on_deadline(START + 30_000)) == [("b", "k1")]


def test_what_it_held_leaves_with_it(hall):
    hall.at(0, rung(hall, "k1", 0, 30))
    assert kinds(hall.at(1, Gone("k1", "abandoned"))) == ["left"]
    assert hall.desk.on_deadline(START + 30_000) == []
    assert not hall.desk.state.line.waiting["people"]


def test_the_other_desk_goes_on_by_the_clock_of_its_steps(hall):
    hall.at(0, rung(hall, "k1", 0, 30, subject="far"))  # on to `other` at an age of 12 s
    assert hall.desk.on_deadline(START + 41_999) == []
    (made,) = hall.desk.on_deadline(START + 42_000)
    assert made.onward.paused == 30_000
    other = ManagedDesk("other", POLICY)
    other.on_events(START + 42_000, [made.onward], "x")
    assert other.next_deadline() == START + 210_000  # `finally` at an age of 3 m


def test_a_desk_begun_again_knows_of_it(hall):
    hall.at(0, rung(hall, "k1", 0, 30))
    hall.sign_on(1, "a", "general")
    again = ManagedDesk.restore(hall.desk.snapshot(), {POLICY.hash: POLICY})
    assert again.next_deadline() == START + 30_000
    assert again.on_deadline(START + 30_000) == hall.desk.on_deadline(START + 30_000)

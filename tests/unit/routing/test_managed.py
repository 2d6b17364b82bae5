"""A managed desk, event by event: what its rules of the house say, each at its exact moment."""

import pytest

from tests.unit.routing.hall import START, Hall, kinds, offers, revision
from tierlane.routing.waiting.event import (
    Declined,
    Gone,
    Ordered,
    Published,
    Released,
    Reopened,
    Shut,
    Stood,
    Updated,
    Vanished,
)
from tierlane.routing.waiting.managed import ManagedDesk


@pytest.fixture
def hall() -> Hall:
    return Hall()


def where(hall: Hall, name: str) -> tuple[str, int | str, str]:
    one = hall.desk.state.contacts[name]
    return one.plan, one.step, one.lane


def test_an_acceptance_in_the_millisecond_before_an_offer_expires_is_confirmed(hall):
    hall.sign_on(0, "a", "general")
    assert offers(hall.come(1, "k1", "voice")) == [("a", "k1")]
    assert kinds(hall.accept(10.999, "a", "k1")) == ["confirmed"]


def test_at_the_moment_it_expires_the_acceptance_comes_too_late(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice")
    made = hall.accept(11, "a", "k1")
    assert kinds(made) == ["expired", "revoked"]
    assert made[1].reason == "not offered"


def test_a_sole_advisor_who_declines_does_not_block_the_line(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice")
    hall.come(2, "k2", "voice")
    assert offers(hall.decline(3, "a", "k1")) == [("a", "k2")]


def test_whoever_declined_is_asked_again_in_the_next_step(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice", subject="scarce")
    assert offers(hall.decline(3, "a", "k1")) == []
    assert hall.desk.on_deadline(START + 30_999) == []
    assert offers(hall.desk.on_deadline(START + 31_000)) == [("a", "k1")]
    assert where(hall, "k1") == ("scarce", 2, "people")


@pytest.mark.parametrize(
    ("again", "asked"), [("never", []), ("next step", []), ("7s", [("a", "k1")])]
)
def test_when_whoever_declined_is_asked_again(again, asked):
    hall = Hall(revision("offer: {lasts: 10s}", f"offer: {{lasts: 10s, again: {again}}}"))
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice")
    hall.decline(3, "a", "k1")
    assert offers(hall.at(9.999)) == []
    assert offers(hall.at(10)) == asked


def test_two_are_asked_at_once_and_the_second_is_told_that_it_is_taken():
    hall = Hall(revision("offer: {lasts: 10s}", "offer: {lasts: 10s, at_once: 2}"))
    for name in "abc":
        hall.sign_on(0, name, "general")
    assert offers(hall.come(1, "k1", "voice")) == [("a", "k1"), ("b", "k1")]
    made = hall.accept(2, "b", "k1")
    assert kinds(made) == ["revoked", "confirmed"]
    assert (made[0].advisor_id, made[0].reason) == ("a", "taken")
    late = hall.accept(3, "a", "k1")
    assert [(one.kind, one.reason) for one in late] == [("revoked", "taken")]


def test_a_step_ends_though_nothing_else_happens_and_another_plan_takes_over(hall):
    hall.come(0, "k1")
    assert where(hall, "k1") == ("everybody", 1, "people")
    assert kinds(hall.desk.on_deadline(START + 50_000)) == ["entered"]
    assert where(hall, "k1") == ("everybody", 2, "senior")
    made = hall.desk.on_deadline(START + 90_000)
    assert kinds(made) == ["escalated", "stepped"]
    assert where(hall, "k1") == ("rescue", 1, "senior")
    assert hall.desk.state.contacts["k1"].priority.start == 9
    made = hall.desk.on_deadline(START + 180_000)
    assert [(one.kind, one.reason) for one in made] == [("closed", "sorry")]
    assert hall.desk.next_deadline() is None and not hall.desk.state.contacts


def test_what_was_missed_collapses_into_one_call_that_tells_each_step_at_its_moment(hall):
    hall.come(0, "k1")
    made = hall.desk.on_deadline(START + 100_000)
    assert [(one.kind, one.at - START) for one in made] == [
        ("entered", 50_000), ("escalated", 90_000), ("stepped", 90_000)
    ]  # fmt: skip


def test_a_floor_lifts_the_priority_in_every_step(hall):
    hall.come(0, "k1", "voice")
    one = hall.desk.state.contacts["k1"]
    assert one.priority.start == 1 and one.itinerary.lifted(one.priority).start == 2


def test_whoever_declined_is_free_all_the_same_so_the_step_is_not_skipped(hall):
    hall.sign_on(0, "b", "general")
    hall.come(1, "k1", "voice", subject="wanted", attributes={"wanted": "nobody"})
    assert where(hall, "k1") == ("wanted", 1, "people")
    assert offers(hall.desk.on_deadline(START + 16_000)) == [("b", "k1")]
    hall.decline(17, "b", "k1")
    assert where(hall, "k1") == ("wanted", 2, "people")


def test_the_same_with_nobody_free_is_skipped_on_entering(hall):
    hall.come(1, "k1", "voice", subject="wanted", attributes={"wanted": "nobody"})
    hall.desk.on_deadline(START + 16_000)
    one = hall.desk.state.contacts["k1"]
    assert one.step == 3
    assert one.passed_over == ((2, "people", "skip_if: lane.free == 0"),)
    assert hall.desk.state.contacts["k1"].alike.lanes == ("people", "senior")


def test_a_budget_counts_what_is_offered_and_served_and_is_free_again(hall):
    hall.sign_on(0, "a", "general")
    assert offers(hall.come(1, "k1", "chat", subject="scarce")) == [("a", "k1")]
    assert offers(hall.come(2, "k2", "chat", subject="scarce")) == []
    refused = hall.desk.asking.refusal(
        hall.desk.state.contacts["k2"], hall.desk.state.seats["a"], START + 2000
    )
    assert refused == "budget"
    hall.accept(3, "a", "k1")
    assert offers(hall.at(4)) == []
    assert offers(hall.finish(5, "a", "k1")) == [("a", "k2")]


def test_a_full_lane_sends_on_and_whoever_leaves_makes_room(hall):
    for number in range(6):
        hall.come(number, f"k{number}")
    hall.come(6, "late")
    assert where(hall, "late") == ("everybody", 2, "senior")
    assert hall.desk.state.contacts["late"].passed_over == ((1, "people", "full"),)
    hall.at(7, Gone("k0", "abandoned"))
    hall.come(8, "later")
    assert where(hall, "later") == ("everybody", 1, "people")


def test_a_contact_is_handed_to_the_desk_of_its_next_step_with_its_age(hall):
    hall.come(0, "k1", subject="far")
    (made,) = hall.desk.on_deadline(START + 12_000)
    assert (made.kind, made.desk) == ("handed over", "other")
    assert not hall.desk.state.contacts
    other = ManagedDesk("other", hall.policy)
    (entered,) = other.on_events(START + 12_000, [made.onward], "x")
    assert (entered.kind, entered.lane, entered.step) == ("entered", "away", 2)
    assert other.state.contacts["k1"].arrived == START
    assert other.state.contacts["k1"].entries == ("people", "away")


def test_an_advisor_who_falls_silent_gives_everything_back_with_its_age(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "chat")
    hall.accept(2, "a", "k1")
    hall.come(3, "k2", "chat")
    hall.come(4, "k3", "chat")
    hall.sign_on(5, "b", "general")
    made = hall.at(6, Vanished("a"))
    assert {one.contact_id for one in made if one.kind in ("revoked", "returned")} == {"k1", "k2"}
    assert hall.desk.state.contacts["k1"].arrived == START + 1000
    assert "a" not in hall.desk.state.seats
    assert ("b", "k1") in offers(made)


def test_on_a_break_nothing_is_offered_and_what_is_served_stays(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "chat")
    hall.accept(2, "a", "k1")
    hall.come(3, "k2", "chat")
    assert kinds(hall.at(4, Stood("a", "break"))) == ["revoked"]
    assert hall.desk.state.contacts["k1"].served_by == "a"
    assert offers(hall.at(5, Stood("a", "on"))) == [("a", "k2")]


def test_after_a_call_there_is_time_to_wrap_up(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice")
    hall.accept(2, "a", "k1")
    hall.come(3, "k2", "voice")
    assert offers(hall.finish(10, "a", "k1")) == []
    assert offers(hall.at(14.999)) == []
    assert offers(hall.desk.on_deadline(START + 15_000)) == [("a", "k2")]


def test_who_was_decided_again_keeps_its_age_and_in_the_same_plan_its_step(hall):
    hall.come(0, "k1")
    hall.desk.on_deadline(START + 50_000)
    again = hall.arrival("k1", 60, subject="patient")
    hall.at(60, Updated("k1", again.itinerary))
    assert where(hall, "k1") == ("everybody", 2, "senior")
    assert hall.desk.state.contacts["k1"].arrived == START
    other = hall.arrival("k1", 70, subject="scarce")
    hall.at(70, Updated("k1", other.itinerary))
    # The first step of the other plan ends at the age of 30 s, which is over.
    assert where(hall, "k1") == ("scarce", 2, "people")


def test_an_operator_closes_and_opens_a_lane(hall):
    hall.at(0, Shut("people", START + 10_000))
    hall.come(1, "k1")
    assert where(hall, "k1") == ("everybody", 2, "senior")
    assert hall.desk.state.contacts["k1"].passed_over == ((1, "people", "closed"),)
    hall.come(10, "k2")
    assert where(hall, "k2") == ("everybody", 1, "people")
    hall.at(11, Shut("people"))
    hall.come(12, "k3")
    hall.at(13, Reopened("people"))
    hall.come(14, "k4")
    assert [where(hall, name)[1] for name in ("k3", "k4")] == [2, 1]


def test_an_operator_moves_a_contact_and_its_step_ends_all_the_same(hall):
    hall.come(0, "k1")
    assert kinds(hall.at(10, Ordered("k1", "senior"))) == ["ordered", "entered"]
    assert where(hall, "k1") == ("everybody", 1, "senior")
    made = hall.at(11, Ordered("k1", "away"))
    assert [(one.kind, one.reason) for one in made] == [("no_effect", "not a lane of this desk")]
    assert hall.desk.next_deadline() == START + 50_000


def test_an_operator_takes_a_contact_back_and_it_is_offered_to_another(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "chat")
    hall.accept(2, "a", "k1")
    assert offers(hall.at(3, Released("k1"))) == []
    assert offers(hall.sign_on(4, "b", "general")) == [("b", "k1")]


def test_a_published_revision_runs_the_desk_and_who_waits_keeps_its_plan(hall):
    hall.come(0, "k1")
    new = revision("lasts: 10s", "lasts: 20s")
    hall.at(1, Published(new))
    (made,) = [one for one in hall.sign_on(2, "a", "general") if one.kind == "offered"]
    assert made.expires == START + 22_000
    assert hall.desk.state.contacts["k1"].itinerary.revision == hall.policy.hash != new.hash


def test_what_is_told_of_nobody_known_has_no_effect_and_says_so(hall):
    made = hall.at(0, Gone("k9", "ended"), Declined("z", "k9"), Stood("z", "on"), Vanished("z"))
    assert kinds(made) == ["no_effect"] * 4
    hall.come(1, "k1")
    assert kinds(hall.come(2, "k1")) == ["no_effect"]
    assert kinds(hall.finish(3, "z", "k1")) == ["no_effect"]


def test_the_expected_wait_goes_by_the_pace_of_late(hall):
    expected = hall.desk.asking.expected_wait
    assert expected("people", 0, 1) == 0
    assert expected("people", 3, 0) is None
    hall.sign_on(0, "a", "general")
    for number in range(3):
        hall.come(number * 20, f"k{number}", "mail")
        hall.accept(number * 20, "a", f"k{number}")
    assert expected("people", 3, 0) == 80_000


def test_what_changes_while_a_contact_is_served_counts_when_it_comes_back(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "chat")
    hall.accept(2, "a", "k1")
    hall.at(3, Updated("k1", hall.arrival("k1", 3, "chat", subject="scarce").itinerary))
    assert where(hall, "k1") == ("everybody", 1, "people")
    hall.at(4, Vanished("a"))
    assert where(hall, "k1") == ("scarce", 1, "scarce")


def test_an_offer_by_another_channel_is_made_anew(hall):
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "chat")
    made = hall.at(2, Updated("k1", hall.arrival("k1", 2, "voice").itinerary))
    assert [(one.kind, one.reason) for one in made if one.kind == "revoked"] == [
        ("revoked", "changed")
    ]
    assert offers(made) == [("a", "k1")]
    assert hall.desk.state.seats["a"].counts["voice"] == 1

"""Signs of life at a managed desk: heartbeats, silence, signing off, lapsing, our standstill."""

import pytest

from tests.unit.routing.hall import START, Hall, kinds, offers, revision
from tierlane.routing.waiting.event import (
    Accepted,
    Gone,
    Heard,
    Published,
    SignedOff,
    Stood,
    Updated,
    Vanished,
)
from tierlane.routing.waiting.managed import ManagedDesk


@pytest.fixture
def hall() -> Hall:
    """A hall with an advisor who serves `k1`, is offered `k2`, and sends heartbeats."""
    hall = Hall()
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "chat")
    hall.accept(2, "a", "k1")
    hall.come(3, "k2", "chat")
    hall.at(4, Heard("a", ("k1",)))
    return hall


# ---------------------------------------------------------------------- silence


def test_a_silent_advisor_has_vanished_at_that_very_moment(hall):
    hall.accept(5, "a", "k2")
    assert hall.desk.on_deadline(START + 64_999) == []
    made = hall.desk.on_deadline(START + 65_000)
    assert kinds(made)[0] == "vanished"
    assert made[0].due == START + 65_000
    back = [(one.contact_id, one.reason) for one in made if one.kind == "returned"]
    assert back == [("k1", "silent"), ("k2", "silent")]
    assert not hall.desk.state.seats


@pytest.mark.parametrize(
    "sign", [Heard("a", ("k1",)), Stood("a", "on"), Accepted("a", "k2"), Accepted("a", "no such")]
)
def test_any_event_of_the_advisor_is_a_sign_of_life(hall, sign):
    hall.at(12, sign)
    hall.at(71.999)
    assert "a" in hall.desk.state.seats
    hall.at(72)
    assert "a" not in hall.desk.state.seats


def test_silence_counts_from_the_logs_time_though_heartbeats_are_read_late_and_in_any_order(hall):
    hall.sign_on(5, "b", "general")
    desk = hall.desk
    desk.on_events(START + 30_000, [Heard("b")], "b1", START + 29_000)
    desk.on_events(START + 30_000, [Heard("a", ("k1",))], "a1", START + 20_000)
    vanished = [one for one in desk.on_deadline(START + 95_000) if one.kind == "vanished"]
    assert [(one.advisor_id, one.due) for one in vanished] == [
        ("a", START + 80_000),
        ("b", START + 89_000),
    ]


def test_a_shorter_silence_that_is_published_counts_at_once(hall):
    shorter = revision("offer: {lasts: 10s}", "offer: {lasts: 10s}\n    silence: 10s")
    hall.at(20)
    made = hall.at(21, Published(shorter))
    assert [one.at for one in made if one.kind == "vanished"] == [START + 21_000]


# ---------------------------------------------------------------------- capacity is mended


def test_a_contact_not_listed_goes_back_after_two_heartbeats_ten_seconds_apart(hall):
    hall.at(5, Heard("a", ()))
    hall.at(12, Heard("a", ()))
    hall.at(21, Heard("a", ()))
    assert hall.desk.state.contacts["k1"].served_by == "a"
    made = hall.at(22, Heard("a", ()))
    assert [(one.kind, one.reason) for one in made if one.contact_id == "k1"][:1] == [
        ("returned", "not held")
    ]
    assert hall.desk.state.contacts["k1"].arrived == START + 1000


def test_one_that_is_listed_again_stays(hall):
    hall.at(12, Heard("a", ()))
    hall.at(17, Heard("a", ("k1",)))
    hall.at(23, Heard("a", ()))
    hall.at(32, Heard("a", ()))
    assert hall.desk.state.contacts["k1"].served_by == "a"


def test_a_contact_that_is_not_theirs_takes_room_and_they_are_told_once(hall):
    hall.come(5, "k3", "voice", subject="scarce")
    made = hall.at(6, Heard("a", ("k1", "k3")))
    assert [(one.kind, one.contact_id, one.reason) for one in made] == [
        ("revoked", "k3", "not offered")
    ]
    assert hall.desk.state.seats["a"].counts["voice"] == 1
    assert hall.at(7, Heard("a", ("k1", "k3"))) == []
    hall.at(8, Heard("a", ("k1",)))
    assert hall.desk.state.seats["a"].counts["voice"] == 0


def test_what_nobody_knows_takes_the_room_of_a_channel_that_is_not_named(hall):
    hall.at(5, Heard("a", ("k1", "alien")))
    hall.at(13)  # the offer of k2 has expired
    assert hall.desk.state.seats["a"].full
    assert offers(hall.come(14, "k9", "mail")) == []
    assert ("a", "k9") in offers(hall.at(15, Heard("a", ("k1",))))


def test_those_that_came_another_way_are_no_strangers_and_fewer_of_them_are_believed():
    hall = Hall()
    event = hall.seat("a", "general")._replace(holds=(("chat", 2),))
    hall.at(0, event)
    hall.at(1, Heard("a", ("x", "y")))
    assert hall.desk.state.seats["a"].counts["chat"] == 2
    hall.come(2, "k1", "chat")
    assert offers(hall.at(3, Heard("a", ("x",)))) == [("a", "k1")]


def test_a_heartbeat_that_lists_nothing_tells_nothing_of_contacts(hall):
    for second in (15, 30, 45):
        hall.at(second, Heard("a"))
    assert hall.desk.state.contacts["k1"].served_by == "a"


# ---------------------------------------------------------------------- signing off


def test_signing_off_is_confirmed_once_nothing_is_served(hall):
    made = hall.at(5, SignedOff("a"))
    assert kinds(made) == ["revoked"]
    assert (made[0].contact_id, made[0].reason) == ("k2", "off")
    made = hall.finish(9, "a", "k1")
    assert kinds(made) == ["finished", "signed_off"]
    assert "a" not in hall.desk.state.seats


def test_with_nothing_to_do_it_is_confirmed_at_once():
    hall = Hall()
    hall.sign_on(0, "a", "general")
    assert kinds(hall.at(1, SignedOff("a"))) == ["signed_off"]
    assert kinds(hall.at(2, SignedOff("a"))) == ["signed_off again"]


def test_whoever_comes_back_before_it_was_confirmed_stays(hall):
    hall.at(5, SignedOff("a"))
    assert offers(hall.at(6, Stood("a", "on"))) == [("a", "k2")]
    assert "signed_off" not in kinds(hall.finish(9, "a", "k1"))


def test_who_is_to_sign_off_and_falls_silent_has_vanished_only(hall):
    hall.at(5, SignedOff("a"))
    made = hall.at(6, Vanished("a"))
    assert kinds(made)[0] == "vanished" and "signed_off" not in kinds(made)


@pytest.mark.parametrize("how", ["ended", "abandoned"])
def test_the_last_contact_may_go_by_itself(hall, how):
    hall.at(5, SignedOff("a"))
    assert kinds(hall.at(6, Gone("k1", how))) == ["withdrawn", "left", "signed_off"]


# ---------------------------------------------------------------------- lapsing

LAPSING = ("offer: {lasts: 10s}", "offer: {lasts: 10s}\n    lapse: 30s")


def test_a_contact_lapses_and_what_it_held_is_free():
    hall = Hall(revision(*LAPSING))
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice")
    hall.accept(2, "a", "k1")
    hall.come(30, "k2", "voice")
    assert kinds(hall.desk.on_deadline(START + 31_999)) == []
    made = hall.desk.on_deadline(START + 32_000)
    assert [(one.kind, one.contact_id, one.reason, one.due - START) for one in made] == [
        ("withdrawn", "k1", "lapsed", 32_000),
        ("lapsed", "k1", "no news", 32_000),
    ]
    assert hall.desk.state.seats["a"].held == {}
    made = hall.desk.on_deadline(START + 37_000)  # wrapped up
    assert offers(made) == [("a", "k2")]


def test_news_put_it_off():
    hall = Hall(revision(*LAPSING))
    hall.come(0, "k1")
    hall.at(20, Updated("k1", hall.arrival("k1", 20).itinerary))
    hall.at(49.999)
    assert "k1" in hall.desk.state.contacts
    assert kinds(hall.at(50)) == ["entered", "lapsed"]  # its step ends at that moment, too


# ---------------------------------------------------------------------- standstill


def test_missed_steps_are_one_move_that_lists_them_and_the_timers_moment(hall):
    hall.come(5, "k3", subject="scarce")
    hall.desk.fall_behind()
    assert hall.desk.next_deadline() is None
    assert kinds(hall.at(40)) == ["expired"]
    assert hall.desk.state.contacts["k3"].step == 1
    made = hall.desk.caught_up(START + 100_000, "c99")
    moves = [one for one in made if one.contact_id == "k2" and one.kind != "offered"]
    assert [(one.kind, one.plan, one.step) for one in moves] == [
        ("escalated", "everybody", 2), ("entered", "rescue", 1)
    ]  # fmt: skip
    assert ("everybody/2", "senior", "until") in moves[-1].passed_over
    assert moves[-1].due == START + 53_000 and moves[-1].at == START + 100_000


def test_nobody_is_silent_for_our_absence(hall):
    hall.desk.fall_behind()
    hall.at(500, Updated("k1", hall.arrival("k1", 500).itinerary))
    hall.desk.caught_up(START + 600_000, "c99")
    assert "a" in hall.desk.state.seats
    hall.desk.on_deadline(START + 659_999)
    assert "a" in hall.desk.state.seats
    assert "vanished" in kinds(hall.desk.on_deadline(START + 660_000))


@pytest.mark.parametrize(("second", "kind"), [(12.9, "confirmed"), (13, "revoked")])
def test_an_acceptance_logged_in_time_counts(hall, second, kind):
    hall.desk.fall_behind()
    assert kinds(hall.accept(second, "a", "k2"))[-1] == kind


def test_begun_again_in_the_middle_of_a_standstill_it_goes_on_as_it_was(hall):
    hall.come(5, "k3", subject="scarce")
    hall.desk.fall_behind()
    hall.at(40)
    again = ManagedDesk.restore(hall.desk.snapshot(), {hall.policy.hash: hall.policy})
    for desk in (hall.desk, again):
        desk.on_events(START + 50_000, [Heard("a", ("k1",))], "c7")
    assert again.caught_up(START + 100_000, "c9") == hall.desk.caught_up(START + 100_000, "c9")
    assert again.snapshot() == hall.desk.snapshot()


def test_a_policy_that_is_published_while_the_desk_catches_up_makes_nobody_silent(
    hall: Hall,
) -> None:
    hall.desk.fall_behind()
    assert "vanished" not in kinds(hall.at(100_000, Published(revision("offer: {lasts: 10s}"))))
    assert "vanished" not in kinds(hall.desk.caught_up(START + 100_001_000, "s"))

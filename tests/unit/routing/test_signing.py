"""Signing on and off at the desks of one owner, and what desktops are told of it."""

import pytest

from tests.contract.event import arrived, contact
from tests.unit.routing.floor import POLICY, Floor


@pytest.fixture
def floor() -> Floor:
    made = Floor()
    made.tell("signed_on")
    assert made.heard("advisor_id", "desk") == [("signed_on", "a-1", "hall")]
    return made


def test_signing_off_is_confirmed_to_the_desktop_once_nothing_is_served(floor: Floor) -> None:
    floor.serve("k-1", "u-1")
    floor.heard()
    floor.tell("signed_off")
    assert floor.heard() == []
    floor.tell("finished", contact_id="k-1")
    assert floor.heard("advisor_id", "desk", "reason", "offer_id", "contact_id") == [
        ("signed_off", "a-1", "hall", "off", "-", "-")
    ]


def test_who_is_not_signed_on_is_told_so_when_they_sign_off(floor: Floor) -> None:
    floor.tell("signed_off", who="a-9")
    assert floor.heard("advisor_id", "reason") == [("signed_off", "a-9", "off")]
    assert floor.audits[-1]["kind"] == "signed_off_again"


def test_who_was_called_silent_is_told_that_they_are_signed_on_no_more(floor: Floor) -> None:
    floor.tell("heartbeat", contacts=[])
    floor.now += 61_000
    floor.tell("heartbeat", who="a-2")
    assert floor.heard("advisor_id", "reason") == [("signed_off", "a-1", "silent")]


def test_who_signs_on_the_moment_they_were_silent_was_gone_before_and_is_there(
    floor: Floor,
) -> None:
    floor.tell("heartbeat", contacts=[])
    floor.now += 60_000
    floor.tell("signed_on")
    kinds = [one["kind"] for one in floor.audits][-5:]
    assert kinds == ["vanished", "claimed", "yielded", "granted", "signed_on"]
    assert "a-1" in floor.desk.desks()["hall"].state.seats


def test_signing_on_at_another_desk_is_refused_until_signing_off_is_confirmed(
    floor: Floor,
) -> None:
    floor.serve("k-1", "u-1")
    floor.tell("signed_off")
    floor.heard()
    floor.tell("signed_on", "tower")
    assert floor.heard("desk", "at_desk", "reason") == [
        ("refused", "tower", "hall", "at another desk")
    ]
    refused = floor.audits[-1]
    assert (refused["kind"], refused["advisor"], refused["at_desk"]) == ("refused", "a-1", "hall")
    floor.tell("finished", contact_id="k-1")
    floor.tell("signed_on", "tower")
    assert floor.heard("desk") == [("signed_off", "hall"), ("signed_on", "tower")]
    kinds = [one["kind"] for one in floor.audits]
    assert kinds[-5:] == ["signed_off", "yielded", "claimed", "granted", "signed_on"]
    floor.tell("signed_on")
    assert floor.heard("desk", "at_desk") == [("refused", "hall", "tower")]


def test_a_desk_begun_only_to_refuse_is_kept_as_every_other(floor: Floor) -> None:
    # Else a standstill would be told of a desk that an owner who takes over does not know.
    floor.tell("signed_on", "tower")
    before = sorted(floor.desk.desks())
    floor.reopen(POLICY)
    assert sorted(floor.desk.desks()) == before == ["hall", "tower"]


def test_signing_on_again_at_the_same_desk_is_none_of_that(floor: Floor) -> None:
    floor.serve("k-1", "u-1")
    floor.heard()
    floor.tell("signed_on", languages=["zh"])
    assert floor.heard("desk") == [("signed_on", "hall")]
    assert [one["kind"] for one in floor.audits][-1] == "signed_on"
    floor.tell("finished", contact_id="k-1")
    assert floor.audits[-1]["kind"] == "finished"


@pytest.mark.parametrize("how", ["abandoned", "transferred"])
def test_who_serves_is_told_that_the_contact_is_not_theirs_any_more(floor: Floor, how: str) -> None:
    offered = floor.serve("k-1", "u-1")
    floor.heard()
    floor.give(contact(how, "gone", floor.now, "k-1", "u-1"))
    assert floor.heard("contact_id", "offer_id", "reason")[0] == (
        "revoked", "k-1", offered["offer_id"], how,
    )  # fmt: skip
    assert [one["advisor"] for one in floor.audits if one["kind"] == "withdrawn"] == ["a-1"]


def test_a_heartbeat_that_crosses_with_the_news_takes_no_room(floor: Floor) -> None:
    floor.tell("heartbeat", contacts=[])
    floor.serve("k-1", "u-1")
    floor.give(contact("abandoned", "gone", floor.now, "k-1", "u-1"))
    floor.heard()
    floor.now += 500
    floor.tell("heartbeat", contacts=["k-1"])
    floor.give(arrived(floor.now, "k-2", "u-2", subject="order"))
    assert floor.heard("contact_id") == [("offered", "k-2")]
    floor.tell("declined", offer_id=floor.audits[-1]["offer"])
    floor.now += 10_000
    floor.tell("heartbeat", contacts=["k-1"])  # they have it all the same: it takes room
    floor.heard()
    floor.give(arrived(floor.now, "k-3", "u-3", subject="order"))
    assert floor.heard() == []


def test_an_answer_that_names_its_offer_alone_is_answered_with_the_contact(floor: Floor) -> None:
    offered = floor.serve("k-1", "u-1")
    floor.heard()
    floor.tell("accepted", offer_id=offered["offer_id"])
    assert floor.heard("contact_id") == [("confirmed", "k-1")]
    floor.tell("finished", contact_id="k-1")
    floor.give(arrived(floor.now, "k-2", "u-2", subject="order"))
    (late,) = [one["offer_id"] for one in floor.told if one["type"] == "offered"]
    floor.now += 61_000
    floor.tell("state", state="break")
    floor.heard()
    floor.tell("accepted", offer_id=late)
    assert floor.heard("contact_id", "offer_id", "reason") == [
        ("revoked", "k-2", late, "not offered")
    ]
    floor.desk.restore(dict(floor.desk.snapshot()).items())
    floor.tell("accepted", offer_id=late)
    assert floor.heard("contact_id") == [("revoked", "k-2")]
    floor.tell("accepted", offer_id="never made")
    assert floor.heard("contact_id") == [("revoked", "-")]

"""What advisors and operators tell of, as events of a managed desk."""

from typing import Any

import orjson
import pytest

from tests.contract.event import cloud_event
from tests.unit.routing.hall import START, Hall, offers, revision
from tierlane.advisor import ADVISOR_EVENTS
from tierlane.contact.reading import Event, Reader
from tierlane.errors import Unreadable
from tierlane.operator import ORDERS
from tierlane.policy.deciding.line import Line
from tierlane.policy.form.capacity import Use
from tierlane.policy.form.desk import Duty, DutyLane
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
from tierlane.routing.waiting.told import heard, order, signed_off, signed_on, stood
from tierlane.value import format_time

READER = Reader({**ADVISOR_EVENTS, **ORDERS})
WHO = {"advisor_id": "a-1", "desk": "hall"}


def read(kind: str, **data: Any) -> Event:
    """Read an event as a desk's owner does."""
    return READER.check(orjson.loads(cloud_event(kind, "e", START, data)))


@pytest.fixture(scope="module")
def line() -> Line:
    return next(one for one in revision().lines if one.desk == "hall")


def seated(line: Line, **data: Any) -> SignedOn:
    event = read("advisor.signed_on", **WHO, **data)
    assert not event.left_out
    return signed_on(event.data, line, START)


def test_who_states_nothing_is_as_the_desk_has_it(line: Line) -> None:
    assert seated(line) == SignedOn(
        "a-1",
        {"id": "a-1", "team": None, "rank": None, "languages": (), "channels": (), "can": ()},
        line.capacity,
    )


def test_null_is_as_not_stated(line: Line) -> None:
    fields = ADVISOR_EVENTS["tierlane.advisor.signed_on.v1"].__annotations__["data"]
    names = set(fields.__annotations__) - {"advisor_id", "desk"}
    assert {"skills", "lanes", "holds", "team"} <= names
    assert seated(line, **dict.fromkeys(names)) == seated(line)


def test_abilities_are_as_wants_read_them(line: Line) -> None:
    stated = {
        "skills": {"claims": 3, "ja": 0.5},
        "languages": ["zh"],
        "channels": ["chat"],
        "can": ["record"],
        "team": "north",
        "rank": 2,
        "attributes": {"licences": ["a", "b"], "years": 4},
    }
    found = seated(line, **stated)
    assert found.values == {
        "id": "a-1", "team": "north", "rank": 2, "languages": ("zh",), "channels": ("chat",),
        "can": ("record",), "skills.claims": 3, "skills.ja": 0.5,
        "attributes.licences": ("a", "b"), "attributes.years": 4,
    }  # fmt: skip
    assert found.channels == ("chat",)


def test_list_of_skills_gives_each_the_level_one(line: Line) -> None:
    values = seated(line, skills=["ja", "claims"]).values
    assert (values["skills.ja"], values["skills.claims"]) == (1, 1)


def test_own_capacity_is_laid_over_that_of_the_desk(line: Line) -> None:
    own = {
        "units": 50,
        "channels": {
            "chat": {"most": 1},
            "mail": {"beside": "none"},
            "sms": {"costs": 25, "beside": ["chat"]},
            "app": {"most": 2},
            "post": {},
        },
    }
    found = seated(line, capacity=own).capacity
    assert found.units == 50
    assert found.uses == (
        Use("voice", 100),
        Use("chat", 40, ("mail",), 1),
        Use("mail", 10, ()),
        Use("sms", 25, ("chat",)),
        Use("app", 0, None, 2),
        Use("post", 50),
    )


def test_beside_any_lifts_what_the_desk_says(line: Line) -> None:
    capacity = seated(line, capacity={"channels": {"chat": {"beside": "any"}}}).capacity
    assert capacity.use("chat") == Use("chat", 40, None, 2)


def test_lanes_come_in_their_order_each_from_its_age(line: Line) -> None:
    lanes = ["people", {"lane": "senior", "after": "1m30s"}, {"lane": "scarce", "rank": 1}]
    duty = seated(line, lanes=lanes).duty
    assert duty is not None
    assert duty.lanes == (
        DutyLane("people", 1), DutyLane("senior", 2, 90_000), DutyLane("scarce", 1),
    )  # fmt: skip


def test_no_lanes_are_none_and_not_all(line: Line) -> None:
    duty = seated(line, lanes=[]).duty
    assert duty is not None
    assert duty.lanes == ()


def test_duty_is_the_desks_and_one_not_known_has_no_lanes(line: Line) -> None:
    assert seated(line, duty="senior").duty == line.duties[1]
    assert seated(line, duty="gone").duty == Duty("gone", ())


def test_idle_time_is_never_later_than_now(line: Line) -> None:
    assert seated(line, idle_since=format_time(START - 60_000)).idle_since == START - 60_000
    assert seated(line, idle_since=format_time(START + 60_000)).idle_since == START
    with pytest.raises(Unreadable, match=r"bad-time: data\.idle_since"):
        seated(line, idle_since="yesterday")


def test_what_came_another_way_takes_room(line: Line) -> None:
    hall = Hall()
    event = seated(line, lanes=["people"], holds={"chat": 2})
    hall.at(0, event)
    assert offers(hall.come(1, "k-1", "chat")) == []
    assert offers(hall.come(2, "k-2", "mail")) == [("a-1", "k-2")]


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ({"lanes": ["people", 7]}, "lanes"),
        ({"lanes": "people"}, "lanes"),
        ({"lanes": [{"rank": 1}]}, "lanes"),
        ({"lanes": [{"lane": "people", "after": "soon"}]}, "lanes"),
        ({"channels": "chat"}, "channels"),
        ({"duty": 3}, "duty"),
        ({"capacity": {"units": 0}}, "capacity"),
        ({"capacity": {"channels": {"chat": {"costs": -1}}}}, "capacity"),
        ({"capacity": {"channels": {"chat": {"most": 0}}}}, "capacity"),
        ({"capacity": {"channels": {"chat": {"beside": "some"}}}}, "capacity"),
    ],
)
def test_what_would_let_too_much_be_offered_refuses_the_event(
    stated: dict[str, Any], place: str
) -> None:
    with pytest.raises(Unreadable, match=rf"data\.{place}"):
        read("advisor.signed_on", **WHO, **stated)


@pytest.mark.parametrize(
    ("stated", "left_out", "kept"),
    [
        ({"skills": {"ja": "much", "zh": 1}}, "skills", {}),
        ({"skills": 3}, "skills", {}),
        ({"languages": "zh"}, "languages", {}),
        ({"holds": {"chat": -1, "mail": 2}}, "holds.*", {"holds": {"mail": 2}}),
        ({"rank": "first"}, "rank", {}),
    ],
)
def test_what_only_makes_less_able_is_left_out(
    stated: dict[str, Any], left_out: str, kept: dict[str, Any]
) -> None:
    event = read("advisor.signed_on", **WHO, **stated)
    assert [place for place, _ in event.left_out] == [left_out]
    assert event.data == WHO | kept


@pytest.mark.parametrize(
    ("said", "stands"),
    [("available", "on"), ("break", "break"), ("away", "break"), ("wrap-up", "break")],
)
def test_readiness(said: str, stands: str) -> None:
    assert stood(read("advisor.state", **WHO, state=said).data) == Stood("a-1", stands)


LATER = format_time(START + 3_600_000)


@pytest.mark.parametrize(
    ("kind", "data", "event"),
    [
        ("closed", {"lane": "people"}, Shut("people")),
        ("closed", {"lane": "people", "until": LATER}, Shut("people", START + 3_600_000)),
        ("opened", {"lane": "people"}, Reopened("people")),
        ("moved", {"contact_id": "k-1", "lane": "senior"}, Ordered("k-1", "senior")),
        ("released", {"contact_id": "k-1"}, Released("k-1")),
        ("halted", {}, Halted()),
        ("resumed", {}, Resumed()),
    ],
)
def test_order(kind: str, data: dict[str, Any], event: object) -> None:
    found = read(f"desk.{kind}", desk="hall", reason="storm", **data)
    assert order(found.type, found.data) == event


def test_every_order_has_an_event() -> None:
    data = {"lane": "people", "contact_id": "k-1"}
    assert len({type(order(kind, data)) for kind in ORDERS}) == len(ORDERS)


def test_order_whose_end_is_no_time_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"data\.until"):
        read("desk.closed", desk="hall", reason="storm", lane="people", until=3)
    found = read("desk.closed", desk="hall", reason="storm", lane="people", until="soon")
    with pytest.raises(Unreadable, match=r"bad-time: data\.until"):
        order(found.type, found.data)


@pytest.mark.parametrize("missing", ["desk", "reason", "lane"])
def test_order_states_desk_and_reason(missing: str) -> None:
    data = {"desk": "hall", "reason": "storm", "lane": "people"}
    del data[missing]
    with pytest.raises(Unreadable, match=rf"data\.{missing}: missing"):
        read("desk.closed", **data)


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        ({}, None), ({"contacts": None}, None), ({"contacts": []}, ()),
        ({"contacts": ["k-1"]}, ("k-1",)),
    ],
)  # fmt: skip
def test_a_heartbeat_may_say_nothing_of_contacts_or_that_there_are_none(stated, holds):
    assert heard(read("advisor.heartbeat", **WHO, **stated).data) == Heard("a-1", holds)


def test_who_signs_off():
    assert signed_off(read("advisor.signed_off", **WHO).data) == SignedOff("a-1")

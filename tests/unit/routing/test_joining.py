"""Two contacts that are one, where the policy joins them; where it does not, they are two."""

from dataclasses import replace

import pytest

from tests.contract.event import arrived, contact
from tests.unit.routing.scene import NOW, REVISION, Feed, intake, returned, told
from tierlane.routing.effect import Effects
from tierlane.routing.limit import DAY
from tierlane.routing.memory import Customer, KeptContact, Memory

MINUTE = 60_000
JOINS = replace(REVISION, joins=30 * MINUTE)


def feed(revision=JOINS) -> Feed:
    return Feed(intake(revision=revision))


def waits(one: Feed, **data) -> None:
    """Let a customer wait on the telephone."""
    one.give(arrived(NOW, "k-1", "u-1", subject="order", **data))


def comes(one: Feed, after: int = MINUTE, channel: str = "chat", name: str = "k-2", **data):
    at = NOW + after
    return told(one.give(arrived(at, name, "u-1", channel=channel, **data), seen=at))


def tells(one: Feed, kind: str, contact_id: str, after: int, **data):
    at = NOW + after
    event = contact(kind, f"{kind}-{contact_id}-{after}", at, contact_id, "u-1", **data)
    return told(one.give(event, seen=at))


def kept(one: Feed, contact_id: str) -> KeptContact:
    found = Memory(dict(one.machine.snapshot())[b"u-1"]).find(contact_id)
    assert found is not None
    return found


def test_who_turns_up_on_another_channel_joins_the_contact_that_waits() -> None:
    one = feed()
    waits(one)
    found = comes(one, subject="claim")
    assert found.kinds == ["joined", "decided", "moved"]
    assert (found.audit[0]["contact_id"], found.audit[0]["into"]) == ("k-2", "k-1")
    decision = found.audit[1]
    assert (decision["contact_id"], decision["again"]) == ("k-1", True)
    assert decision["cause"]["joined"] == "k-2"
    assert decision["inputs"]["contact.channel"] == "chat"
    (entry,) = found.entered
    assert (entry["contact_id"], entry["entry_no"], entry["lane"]) == ("k-1", 2, "claims")
    # Age and promises are the first arrival's.
    assert kept(one, "k-1").seen == NOW
    # It is one contact of the customer.
    assert Customer(*Memory(dict(one.machine.snapshot())[b"u-1"]).customer).contacts == 1


@pytest.mark.parametrize(
    ("after", "channel", "customer", "revision"),
    [
        (31 * MINUTE, "chat", "u-1", JOINS),  # too late
        (MINUTE, "voice", "u-1", JOINS),  # the same channel
        (MINUTE, "chat", None, JOINS),  # nobody knows who
        (MINUTE, "chat", "u-1", REVISION),  # not said by the policy
    ],
)
def test_others_are_contacts_of_their_own(after, channel, customer, revision) -> None:
    one = feed(revision)
    waits(one)
    at = NOW + after
    found = told(one.give(arrived(at, "k-2", customer, channel=channel), seen=at))
    assert found.kinds == ["decided"]
    assert found.entered[0]["contact_id"] == "k-2"


def test_the_window_ends_with_its_last_moment() -> None:
    one = feed()
    waits(one)
    assert comes(one, 30 * MINUTE).kinds[0] == "joined"
    two = feed()
    waits(two)
    assert comes(two, 30 * MINUTE + 1).kinds == ["decided"]


def test_what_is_over_is_not_joined() -> None:
    one = feed()
    waits(one)
    tells(one, "ended", "k-1", 1_000)
    assert comes(one).kinds == ["decided"]


def test_one_who_is_served_is_joined_without_a_decision() -> None:
    one = feed()
    waits(one)
    tells(one, "answered", "k-1", 1_000, advisor_id="a-7")
    found = comes(one)
    assert found.kinds == ["joined", "updated"]
    assert kept(one, "k-1").state == "served"


@pytest.mark.parametrize(("first", "last"), [("k-1", "k-2"), ("k-2", "k-1")])
def test_a_contact_in_line_is_over_when_its_last_channel_is_left(first, last) -> None:
    one = feed()
    waits(one)
    comes(one)
    left = tells(one, "abandoned", first, 2 * MINUTE)
    assert left.kinds == (["left_channel"] if first == "k-1" else ["left_channel", "decided"])
    assert kept(one, "k-1").state == "waiting"
    found = tells(one, "abandoned", last, 3 * MINUTE)
    assert found.kinds == ["abandoned"]
    assert [entry["contact_id"] for entry in found.left] == ["k-1"]
    assert kept(one, "k-1").state == "abandoned"


def test_a_channel_left_twice_does_not_end_what_is_open_on_another() -> None:
    one = feed()
    waits(one)
    comes(one)
    tells(one, "abandoned", "k-1", 2 * MINUTE)
    assert tells(one, "ended", "k-1", 3 * MINUTE).kinds == ["left_channel"]
    assert kept(one, "k-1").state == "waiting"


def test_what_is_told_of_the_second_is_done_to_the_first() -> None:
    one = feed()
    waits(one)
    comes(one)
    found = tells(one, "answered", "k-2", 2 * MINUTE, advisor_id="a-7")
    assert [(audit["kind"], audit["contact_id"]) for audit in found.audit] == [("answered", "k-1")]
    assert found.audit[0]["cause"]["joined"] == "k-2"
    assert (kept(one, "k-1").state, kept(one, "k-1").advisor) == ("served", "a-7")
    ended = tells(one, "ended", "k-2", 3 * MINUTE, outcome="solved")
    assert [(audit["kind"], audit["contact_id"]) for audit in ended.audit] == [("ended", "k-1")]
    late = tells(one, "updated", "k-2", 4 * MINUTE, subject="claim")
    assert late.kinds == ["no_effect"]


def test_a_third_channel_joins_the_same_contact() -> None:
    one = feed()
    waits(one)
    comes(one)
    found = comes(one, 2 * MINUTE, channel="app", name="k-3")
    assert found.audit[0]["into"] == "k-1"
    for name in ("k-1", "k-2"):
        assert tells(one, "abandoned", name, 3 * MINUTE).kinds == ["left_channel"]
    assert tells(one, "abandoned", "k-3", 4 * MINUTE).kinds == ["abandoned"]


def test_who_leaves_the_channel_it_came_by_last_is_on_the_one_before_again() -> None:
    one = feed()
    waits(one)
    comes(one, subject="claim")
    found = tells(one, "abandoned", "k-2", 2 * MINUTE)
    assert found.kinds == ["left_channel", "decided"]
    decision = found.audit[1]
    assert (decision["contact_id"], decision["cause"]["joined"]) == ("k-1", "k-2")
    assert decision["inputs"]["contact.channel"] == "voice"
    assert decision["inputs"]["contact.subject"] == "claim"  # what was said there stays
    assert len({audit["decision_id"] for audit in found.audit}) == 2


def channel_after(one: Feed, *left: str) -> str:
    for number, name in enumerate(left):
        assert tells(one, "abandoned", name, (5 + number) * MINUTE).kinds[0] == "left_channel"
    data = kept(one, "k-1").data
    assert data is not None
    return str(data["channel"])


@pytest.mark.parametrize(
    ("left", "channel"),
    [
        (("k-1",), "app"),
        (("k-2",), "app"),
        (("k-3",), "chat"),
        (("k-2", "k-3"), "voice"),
        (("k-3", "k-2"), "voice"),
        (("k-1", "k-3"), "chat"),
        (("k-3", "k-1"), "chat"),
        (("k-1", "k-2"), "app"),
    ],
)
def test_of_three_channels_the_latest_that_is_open_counts(left, channel) -> None:
    one = feed()
    waits(one)
    comes(one)
    comes(one, 2 * MINUTE, channel="app", name="k-3")
    other = feed()
    other.machine.restore(one.machine.snapshot())
    other._offsets = dict(one._offsets)
    assert channel_after(one, *left) == channel_after(other, *left) == channel


def test_a_channel_that_was_changed_since_is_kept() -> None:
    one = feed()
    waits(one)
    comes(one)
    tells(one, "updated", "k-1", 2 * MINUTE, channel="video")
    assert channel_after(one, "k-2") == "video"


def test_who_comes_again_when_it_is_over_comes_with_something_new() -> None:
    one = feed()
    waits(one)
    comes(one)
    tells(one, "ended", "k-1", 2 * MINUTE)
    tells(one, "ended", "k-2", 3 * MINUTE)
    at = NOW + 4 * MINUTE
    again = contact("arrived", "again", at, "k-2", "u-1", customer_id="u-1", channel="chat")
    found = told(one.give(again, seen=at))
    assert found.kinds == ["decided"]
    assert found.entered[0]["contact_id"] == "k-2"


def test_who_turns_out_to_be_another_is_sent_after() -> None:
    one = feed()
    waits(one)
    comes(one)
    found = tells(one, "identified", "k-2", 2 * MINUTE, customer_id="u-9")
    assert (found.kinds, found.returns[0]["key"]) == (["identified"], b"u-9")
    found = tells(one, "updated", "k-2", 3 * MINUTE, subject="claim")
    (sent,) = found.returns
    assert sent["data"]["contact_id"] == sent["data"]["event"]["data"]["contact_id"] == "k-1"


def test_joined_contacts_are_kept_and_forgotten() -> None:
    one = feed()
    waits(one)
    comes(one)
    other = feed()
    other.machine.restore(one.machine.snapshot())
    assert dict(other.machine.snapshot()) == dict(one.machine.snapshot())
    effects = Effects()
    for _ in range(4):
        due = other.machine.next_deadline()
        if due is None or due > NOW + 20 * DAY:
            break
        effects.add(other.machine.on_deadline(due))
        other.machine.commit()
    assert told(effects).kinds == ["lapsed"]
    assert Memory(dict(other.machine.snapshot())[b"u-1"]).contacts == []


def test_a_desk_is_done_with_the_contact_and_not_with_a_channel() -> None:
    one = feed()
    waits(one)
    comes(one)
    answered = returned("answered", "r-1", "k-1", "u-1", advisor_id="a-7")
    assert told(one.give(answered, seen=NOW + 2 * MINUTE)).kinds == ["answered"]
    finished = returned("finished", "r-2", "k-1", "u-1", outcome="solved")
    assert told(one.give(finished, seen=NOW + 3 * MINUTE)).kinds == ["finished"]
    assert kept(one, "k-1").state == "ended"

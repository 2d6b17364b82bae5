"""The board of a managed desk: where every contact is, from what lies on the topics."""

from typing import Any

import orjson

from tests.contract.event import cloud_event
from tierlane.stream.board import Board
from tierlane.stream.hall import take
from tierlane.value import format_time

NOW = 1_772_442_000_000


class Topics:
    """A board, and short ways to put records on it."""

    def __init__(self) -> None:
        self.board = Board()

    def enter(self, contact: str, lane: str = "people", at: int = 0, promised: int = 10) -> None:
        data = {
            "contact_id": contact, "lane": lane, "kind": "standard", "entry_id": contact,
            "entered_at": format_time(NOW + at * 1000),
            "respond_by": format_time(NOW + promised * 1000),
        }  # fmt: skip
        take(self.board, "lane.standard", cloud_event("lane.entered", "e", NOW, data))

    def leave(self, contact: str) -> None:
        take(self.board, "lane.standard", cloud_event("lane.left", "e", NOW, {"entry_id": contact}))

    def offer(self, kind: str, contact: str, advisor: str, at: int = 0, reason: str = "") -> None:
        data = {"contact_id": contact, "advisor_id": advisor, "offer_id": "o", "reason": reason}
        value = cloud_event(f"offer.{kind}", "e", NOW + at * 1000, data)
        take(self.board, "advisor.offers", value)

    def note(self, kind: str, contact: str | None, at: int = 0, **more: Any) -> None:
        data = {
            "kind": kind, "contact_id": contact, "owner": "desk-1",
            "at": format_time(NOW + at * 1000), **more,
        }  # fmt: skip
        take(self.board, "routing.audit", cloud_event("audit", "e", NOW, data))

    def waiting(self, seconds: int = 0) -> list[tuple[str, int, int, int | None]]:
        rows = self.board.lanes(NOW + seconds * 1000)
        return [(one.lane, one.waiting, one.offered, one.oldest) for one in rows]


def test_contact_waits_is_offered_and_served() -> None:
    topics = Topics()
    topics.enter("k-1")
    topics.enter("k-2", at=2)
    assert topics.waiting(5) == [("people", 2, 0, 5_000)]
    topics.offer("offered", "k-1", "ann")
    assert topics.waiting(5) == [("people", 2, 1, 5_000)]
    topics.offer("confirmed", "k-1", "ann", at=4)
    topics.leave("k-1")
    assert topics.waiting(5) == [("people", 1, 0, 3_000)]
    assert topics.board.serving() == {"ann": ["k-1"]}
    topics.note("finished", "k-1", advisor="ann")
    assert topics.board.serving() == {}
    assert topics.board.served == {"ann": 1}
    assert topics.board.open == 1


def test_promise_is_kept_if_the_first_answer_came_in_time() -> None:
    topics = Topics()
    for contact, at in (("k-1", 10), ("k-2", 11)):
        topics.enter(contact)
        topics.offer("offered", contact, "ann")
        topics.offer("confirmed", contact, "ann", at)
    topics.enter("k-3")
    assert topics.board.promises() == (2, 1)


def test_promise_is_saved_by_moving_on_before_it_is_broken() -> None:
    topics = Topics()
    for contact, escalated, answered in (("k-1", 5, 7), ("k-2", 5, 11), ("k-3", 8, 7)):
        topics.enter(contact)
        topics.note("escalated", contact, escalated)
        topics.offer("confirmed", contact, "ann", answered)
    assert topics.board.saved() == ["k-1"]


def test_contact_comes_back_from_who_vanished() -> None:
    topics = Topics()
    topics.enter("k-1")
    topics.offer("offered", "k-1", "ann")
    topics.offer("confirmed", "k-1", "ann", 1)
    topics.offer("revoked", "k-1", "ann", 5, "silent")
    assert topics.waiting(6) == [("people", 1, 0, 6_000)]
    assert topics.board.contacts["k-1"].came_back == 1
    assert topics.board.news[-1].kind == "back: silent"
    topics.offer("confirmed", "k-1", "bob", 7)
    assert topics.board.contacts["k-1"].answered == NOW + 1_000
    topics.offer("revoked", "k-1", "ann", 8, "not offered")  # an answer that came too late
    assert topics.board.serving() == {"bob": ["k-1"]}


def test_what_nobody_answers_is_offered_no_more() -> None:
    topics = Topics()
    for kind in ("expired", "declined"):
        topics.enter("k-1")
        topics.offer("offered", "k-1", "ann")
        topics.note(kind, "k-1", advisor="ann")
        assert topics.waiting() == [("people", 1, 0, 0)]


def test_every_contact_is_accounted_for() -> None:
    topics = Topics()
    for contact in ("k-1", "k-2"):
        topics.enter(contact)
        topics.note("finished", contact, advisor="ann")
    assert topics.board.faults(2) == []
    assert topics.board.over == {"finished": 2}
    assert topics.board.faults(3) == ["of 3 contacts 2 were seen"]
    topics.note("left", "k-2", reason="abandoned")
    assert topics.board.faults(2) == ["1 contacts ended twice"]
    topics.enter("k-3")
    take(topics.board, "contact.rejected", b"{")
    assert topics.board.faults(3)[0] == "1 contacts are not over"
    assert topics.board.faults(3)[-1] == "1 records were rejected"


def test_what_intake_says_of_an_end_is_not_counted_again() -> None:
    topics = Topics()
    topics.enter("k-1")
    topics.note("finished", "k-1", owner="intake-0")
    assert topics.board.open == 1
    topics.note("activated", None)
    assert orjson.dumps(topics.board.kinds)

"""The checker of managed desks finds each kind of fault, on topics made up by hand."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from storm.desk.law import DeskLedger, table
from storm.desk.record import TOPICS, Bounds
from tests.broker.log import Kept
from tierlane.value import format_time

BOUNDS = Bounds(at_once=1, units=100, costs={"voice": 100, "chat": 50}, silence=3_000)
NOW = 1_772_442_000_000


class Story:
    """What lies on the topics of one desk after two contacts were served by one advisor."""

    def __init__(self) -> None:
        self.records: list[Kept] = []
        self.audits: list[dict[str, Any]] = []
        self.now = NOW
        self.happen("contact.events", "contact.arrived", contact_id="k1", channel="chat")
        self.decide("k1")
        self.happen("contact.events", "contact.arrived", contact_id="k2", channel="chat")
        self.decide("k2")
        for contact, offer in (("k1", "o1"), ("k2", "o2")):
            self.enter(contact)
            self.offer(offer, contact)
        for contact, offer in (("k1", "o1"), ("k2", "o2")):
            self.accept(offer, contact)
        for contact in ("k1", "k2"):
            self.finish(contact)

    # ------------------------------------------------------------------ small things

    def put(self, topic: str, kind: str, identity: str, data: dict[str, Any]) -> int:
        """Add a record and return its offset."""
        offset = sum(one.topic == topic for one in self.records)
        envelope = {"specversion": "1.0", "id": identity, "source": "test", "data": data}
        value = orjson.dumps(envelope | {"type": f"tierlane.{kind}.v1"})
        self.now += 10
        self.records.append(Kept(topic, 0, offset, self.now, b"key", value))
        return offset

    def happen(self, topic: str, kind: str, **data: Any) -> dict[str, Any]:
        """Add an input and return it as a cause."""
        offset = self.put(topic, kind, f"{topic}-{self.now}", data)
        return {"topic": topic, "partition": 0, "offset": offset}

    def note(self, kind: str, cause: dict[str, Any], owner: str = "desk-0", **more: Any) -> None:
        """Add an audit record; it is numbered when the story is told."""
        self.audits.append({"kind": kind, "owner": owner, "cause": cause, **more})

    def tell(self, kind: str, offer: str, contact: str, advisor: str = "a1", **more: Any) -> None:
        """Add a record of `advisor.offers`."""
        data = {"offer_id": offer, "contact_id": contact, "advisor_id": advisor, **more}
        self.put("advisor.offers", f"offer.{kind}", f"{offer}-{kind}-{len(self.records)}", data)

    # ------------------------------------------------------------------ what happens

    def decide(self, contact: str) -> None:
        offset = sum(one.topic == "contact.events" for one in self.records) - 1
        cause = {"topic": "contact.events", "partition": 0, "offset": offset}
        self.note("decided", cause, "intake-0", contact_id=contact)

    def enter(self, contact: str, number: int = 1) -> None:
        data = {"entry_id": f"{contact}-{number}", "entry_no": number, "contact_id": contact}
        self.put("lane.standard", "lane.entered", f"{contact}-{number}", data)

    def leave(self, contact: str, number: int = 1) -> None:
        data = {"entry_id": f"{contact}-{number}", "entry_no": number, "contact_id": contact}
        self.put("lane.standard", "lane.left", f"{contact}-{number}-left", data)

    def offer(self, offer: str, contact: str, advisor: str = "a1") -> None:
        self.tell("offered", offer, contact, advisor, expires_at=format_time(NOW + 10_000))
        about = {"contact_id": contact, "offer": offer, "advisor": advisor}
        self.note("offered", {"timer": "x"}, **about)

    def accept(
        self, offer: str, contact: str, advisor: str = "a1", kind: str = "confirmed"
    ) -> None:
        cause = self.happen("advisor.events", "advisor.accepted", advisor_id=advisor)
        self.note(kind, cause, contact_id=contact, offer=offer, advisor=advisor)
        self.tell(kind, offer, contact, advisor, reason="x")

    def refuse(self, offer: str, contact: str, advisor: str, kind: str = "expired") -> None:
        self.note(kind, {}, contact_id=contact, offer=offer, advisor=advisor)
        self.tell("revoked", offer, contact, advisor, reason=kind)

    def finish(self, contact: str, advisor: str = "a1") -> None:
        cause = self.happen("advisor.events", "advisor.finished", advisor_id=advisor)
        self.note("finished", cause, contact_id=contact, advisor=advisor)
        self.leave(contact)

    def drop(self, kind: str, contact: str) -> None:
        """Take the audit record of a kind about a contact out again."""
        self.audits = [
            one for one in self.audits if (one["kind"], one["contact_id"]) != (kind, contact)
        ]

    def faults(self, bounds: Bounds = BOUNDS) -> dict[str, int]:
        """Judge it."""
        ledger = DeskLedger(dict.fromkeys(TOPICS, 1), bounds)
        seq: dict[str, int] = {}
        for number, one in enumerate(self.audits):
            seq[one["owner"]] = seq.get(one["owner"], 0) + 1
            data = {"decision_id": f"n{number}", "seq": seq[one["owner"]], **one}
            self.put("routing.audit", "audit", f"n{number}", data)
        for record in self.records:
            ledger.take(record)
        ledger.judged()
        assert table(ledger)["faults"] == dict(ledger.faults.counts)
        return dict(ledger.faults.counts)


def test_a_clean_story_has_no_fault() -> None:
    assert Story().faults() == {}


def test_lost_contact() -> None:
    story = Story()
    story.happen("contact.events", "contact.arrived", contact_id="k3", channel="chat")
    assert story.faults() == {
        "lost": 1,
        "arrival without exactly one decision": 1,
        "never in a lane": 1,
        "never over": 1,
    }


def rejected(story: Story, offset: bytes) -> None:
    headers = (
        ("tierlane-topic", b"contact.events"),
        ("tierlane-partition", b"0"),
        ("tierlane-offset", offset),
    )
    story.records.append(Kept("contact.rejected", 0, 0, NOW, None, b"{", headers))


def test_rejected_is_not_lost_but_not_both() -> None:
    story = Story()
    story.records.append(Kept("contact.events", 0, 2, NOW, b"key", b"{"))
    rejected(story, b"2")
    assert story.faults() == {}
    both = Story()
    rejected(both, b"0")
    assert both.faults() == {"both rejected and audited": 1}


def offered_to_two(story: Story) -> None:
    story.enter("k1", 2)
    story.leave("k1", 2)
    story.offer("o3", "k1", "a2")
    story.offer("o4", "k1", "a3")
    for offer, who in (("o3", "a2"), ("o4", "a3")):
        story.refuse(offer, "k1", who)


def offered_while_served(story: Story) -> None:
    story.offer("o3", "k3", "a2")
    story.accept("o3", "k3", "a2")
    story.offer("o4", "k3", "a3")
    story.refuse("o4", "k3", "a3")
    cause = story.happen("advisor.events", "advisor.finished", advisor_id="a2")
    story.note("finished", cause, contact_id="k3", advisor="a2")


def confirmed_to_two(story: Story) -> None:
    for offer, who in (("o3", "a2"), ("o4", "a3")):
        story.offer(offer, "k3", who)
    for offer, who in (("o3", "a2"), ("o4", "a3")):
        story.accept(offer, "k3", who)
    story.note("finished", {}, contact_id="k3", advisor="a3")


def over_capacity(story: Story) -> None:
    for number in (3, 4, 5):
        story.offer(f"o{number}", f"k{number - 2}", "a2")
    for number in (3, 4, 5):
        story.refuse(f"o{number}", f"k{number - 2}", "a2", "declined")


def accepted_unanswered(story: Story) -> None:
    cause = story.happen("advisor.events", "advisor.accepted", advisor_id="a1")
    story.note("no_effect", cause)


def answered_twice(story: Story) -> None:
    cause = story.happen("advisor.events", "advisor.accepted", advisor_id="a9")
    for _ in range(2):
        story.note("revoked", cause, contact_id="k1", offer="o9", advisor="a9")
        story.tell("revoked", "o9", "k1", "a9", reason="not offered")


def too_late(story: Story) -> None:
    story.offer("o3", "k3", "a2")
    story.now = NOW + 20_000
    story.accept("o3", "k3", "a2")
    story.note("finished", {}, contact_id="k3", advisor="a2")


def told_and_not_audited(story: Story) -> None:
    story.tell("revoked", "o1", "k1", reason="x")


def leaking(story: Story) -> None:
    story.offer("o3", "k3", "a2")
    story.accept("o3", "k3", "a2")
    story.offer("o4", "k4", "a3")


def entered_twice(story: Story) -> None:
    story.enter("k1", 1)


def gap_in_entries(story: Story) -> None:
    story.enter("k1", 3)
    story.leave("k1", 3)


def never_left(story: Story) -> None:
    story.enter("k1", 2)


def gap_in_numbers(story: Story) -> None:
    story.audits[-1]["seq"] = 99


def ended_twice(story: Story) -> None:
    story.note("closed", {}, contact_id="k1")


def finished_by_another(story: Story) -> None:
    story.audits[-1]["advisor"] = "a9"


def silent_though_heard(story: Story) -> None:
    story.happen("advisor.events", "advisor.heartbeat", advisor_id="a1")
    cause = {"topic": "advisor.events", "partition": 0, "offset": 4}
    story.note("no_effect", cause)
    story.note("vanished", {"timer": "silence", "due": story.now + 2_000}, advisor="a1")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (offered_to_two, "offered to more than may be at once"),
        (offered_while_served, "offered while somebody serves it"),
        (confirmed_to_two, "two advisors have one contact"),
        (over_capacity, "advisor over capacity"),
        (accepted_unanswered, "acceptance without exactly one answer"),
        (answered_twice, "acceptance without exactly one answer"),
        (too_late, "confirmed though it came too late"),
        (told_and_not_audited, "told otherwise than audited"),
        (leaking, "room never given back"),
        (leaking, "offer that never ended"),
        (entered_twice, "twice"),
        (gap_in_entries, "entry numbers not 1, 2, 3 …"),
        (never_left, "entered and never left"),
        (gap_in_numbers, "gap or repeat in the numbers"),
        (ended_twice, "ended twice"),
        (finished_by_another, "finished by who did not have it"),
        (silent_though_heard, "called silent though heard"),
    ],
)
def test_fault_is_found(change: Callable[[Story], None], found: str) -> None:
    story = Story()
    change(story)
    assert found in story.faults()


def test_two_at_once_where_the_policy_says_so() -> None:
    story = Story()
    offered_to_two(story)
    assert story.faults(BOUNDS._replace(at_once=2)) == {}


def test_late_acceptance_that_is_revoked_is_no_fault() -> None:
    story = Story()
    story.offer("o3", "k2", "a2")
    story.refuse("o3", "k2", "a2")
    story.accept("o3", "k2", "a2", "revoked")
    assert story.faults() == {}


def fallen_silent(story: Story) -> None:
    """Let the advisor sign on, send a heartbeat, and be silent from then on."""
    cause = story.happen("advisor.events", "advisor.signed_on", advisor_id="a1")
    story.note("signed_on", cause, advisor="a1")
    story.tell("signed_on", "-", "-")
    beat = story.happen("advisor.events", "advisor.heartbeat", advisor_id="a1")
    due, read = story.now + 3_000, {"advisor.events": beat["offset"] + 1}
    timer = {"timer": "desk", "due": due, "fired": due, "next": read}
    story.note("vanished", timer, advisor="a1")
    story.tell("signed_off", "-", "-", reason="silent")


def test_silence_is_no_fault_where_there_was_one() -> None:
    story = Story()
    fallen_silent(story)
    assert story.faults() == {}


def test_silence_that_is_called_twice() -> None:
    story = Story()
    fallen_silent(story)
    story.audits.append(dict(story.audits[-1]))
    story.tell("signed_off", "-", "-", reason="silent")
    assert story.faults() == {"timer fired twice, or for nothing": 1}


def seated(story: Story, desk: str, owner: str, kind: str = "signed_on") -> None:
    cause = story.happen("advisor.events", f"advisor.{kind}", advisor_id="a1")
    story.note(kind, cause, owner, advisor="a1", desk=desk, seen=format_time(story.now))
    story.tell(kind, "-", "-", reason="off")


def test_an_advisor_at_two_desks_at_once() -> None:
    story = Story()
    seated(story, "hall", "desk-0")
    seated(story, "tower", "desk-1")
    assert story.faults() == {"at two desks at once": 1}


def test_an_advisor_who_left_the_first_is_at_one() -> None:
    story = Story()
    seated(story, "hall", "desk-0")
    seated(story, "hall", "desk-0", "signed_off")
    seated(story, "tower", "desk-1")
    assert story.faults() == {}


@pytest.mark.parametrize(("early", "faults"), [(0, {}), (1, {"timer fired before its time": 1})])
def test_a_heartbeat_while_a_claim_waits_counts_from_the_seat_on(
    early: int, faults: dict[str, int]
) -> None:
    story = Story()
    cause = story.happen("advisor.events", "advisor.signed_on", advisor_id="a1")
    story.note("claimed", cause, advisor="a1")
    beat = story.happen("advisor.events", "advisor.heartbeat", advisor_id="a1")
    read = {"advisor.events": beat["offset"] + 1}
    granted = story.happen("desk.contacts", "desk.granted", advisor_id="a1")
    story.note("signed_on", {**granted, "next": read}, advisor="a1", seen=format_time(story.now))
    due = story.now + 3_000 - early
    story.tell("signed_on", "-", "-")
    timer = {"timer": "desk", "due": due, "fired": due, "next": read}
    story.note("vanished", timer, advisor="a1")
    story.tell("signed_off", "-", "-", reason="silent")
    assert story.faults() == faults

"""Laws of the owner of managed desks, over histories that Hypothesis makes up.

A history is what intakes send, what advisors do and operators order, in any order and at any time;
answers are to offers that were made. It is made while a desk is driven, and then done otherwise.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.at_desks import order
from tests.contract.driver import MANAGED, Sent
from tests.contract.event import advisor, arrived, contact
from tests.unit.routing.scene import MASK, NOW
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.memory import MemoryProfiles
from tierlane.replay.stored import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects, Output
from tierlane.routing.intake import Intake

POLICY = compile_policy(MANAGED.read_text(encoding="utf-8"), MANAGED.name)
CONTACTS = ("k-1", "k-2", "k-3", "k-4")
ADVISORS = ("a-1", "a-2")
SUBJECTS = ("order", "claim", "urgent", "far", "scarce")
STEPS = (0, 0, 1, 700, 1000, 2000, 3000, 61_000)


OTHER = compile_policy(
    MANAGED.read_text(encoding="utf-8")
    .replace("senior, until", "people, until")
    .replace("everybody, steps: [{lane: people}]", "everybody, steps: [{lane: senior}]"),
    MANAGED.name,
)
REVISIONS = {one.hash: one for one in (POLICY, OTHER)}
Deed = StoredRecord | int | Revision | float
"""A record; the time that timers are fired at; a revision that is published; or, as a float, the time
at which it is found that the desk stood still."""


def desk(revision: Revision | None = POLICY) -> Desk:
    """Return a desk with nothing in it, run by what is published."""
    return Desk(partition=0, deployment="d1", revision=revision, lookup=REVISIONS.get)


def do(machine: Desk, deed: Deed, at: int = NOW) -> Effects:
    """Have a desk do something; what was published is published at one time in all stories."""
    if isinstance(deed, int):
        return machine.on_deadline(deed)
    if isinstance(deed, float):
        return machine.fall_behind(int(deed))
    if isinstance(deed, Revision):
        return machine.activate(deed, at)
    return machine.on_records(deed.topic, [deed])


class Story:
    """Makes a history while it drives a desk."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.intake = Intake(
            partition=0, deployment="d1", revision=POLICY, profiles=MemoryProfiles(), mask=MASK
        )
        self.desk = desk()
        self.now = NOW
        self.records: list[Deed] = []
        self.effects: list[Effects] = []
        self.open: dict[str, dict[str, Any]] = {}
        self._offsets: dict[str, int] = defaultdict(int)

    def stored(self, sent: Sent) -> StoredRecord:
        offset = self._offsets[sent.topic]
        self._offsets[sent.topic] += 1
        return StoredRecord(sent.topic, 0, offset, self.now, sent.key, sent.value)

    def give(self, sent: Sent) -> None:
        """Hand a record to the desk."""
        self.do(self.stored(sent))

    def do(self, deed: Deed) -> None:
        """Have the desk do something."""
        self.records.append(deed)
        effects = do(self.desk, deed)
        self.desk.commit()
        self.effects.append(effects)
        for output in effects.outputs:
            if output.topic == "advisor.offers":
                event = orjson.loads(output.value or b"")
                kind, told = event["type"].split(".")[2], event["data"]
                self.open.pop(told["offer_id"], None)
                if kind == "offered":
                    self.open[told["offer_id"]] = told
            elif output.topic == "intake.returns":
                self.ask_intake(Sent(*output))
            elif output.topic == "desk.contacts":
                self.give(Sent(*output))

    def ask_intake(self, sent: Sent) -> None:
        """Hand a record to the intake, and what it says to the desk."""
        record = self.stored(sent)
        effects = self.intake.on_records(record.topic, [record])
        self.intake.commit()
        for output in effects.outputs:
            if output.topic == "desk.contacts":
                self.give(Sent(*output))

    def go_on(self, number: int) -> None:
        """Let one more thing happen."""
        draw, name = self.draw, f"e-{number}"
        self.now += draw(st.sampled_from(STEPS))
        kinds = ["customer", "customer", "answer", "answer", "advisor", "order", "timers", "policy"]
        kinds += ["timers", "timers"] if self.desk.behind else ["standstill"]
        what = draw(st.sampled_from(kinds))
        who = draw(st.sampled_from(CONTACTS))
        if what == "customer":
            self.ask_intake(self.customer(name, who))
        elif what == "answer":
            self.give(self.answer(name, who))
        elif what == "timers":
            due = self.desk.next_deadline()
            if due is not None and due <= self.now:  # else a driver does not ask
                self.do(self.now)
        elif what == "standstill":
            self.do(float(self.now))
        elif what == "policy":
            self.do(draw(st.sampled_from([POLICY, OTHER])))
        elif what == "advisor":
            self.give(self.advisor(name))
        else:
            self.give(self.order(name, who))

    def customer(self, name: str, who: str) -> Sent:
        subject = self.draw(st.sampled_from(SUBJECTS))
        kind = self.draw(st.sampled_from(
            ["arrived"] * 4 + ["updated", "transferred", "abandoned", "ended"]
        ))  # fmt: skip
        if kind == "arrived":
            channel = self.draw(st.sampled_from(["voice", "chat"]))
            return arrived(self.now, who, f"u-{who}", subject=subject, channel=channel)
        return contact(kind, name, self.now, who, f"u-{who}", subject=subject)

    def answer(self, name: str, who: str) -> Sent:
        kind = self.draw(st.sampled_from(["accepted", "accepted", "declined", "finished"]))
        if kind == "finished" or not self.open:
            about = {"advisor_id": self.draw(st.sampled_from(ADVISORS)), "contact_id": who}
            return advisor("finished", name, self.now, "hall", outcome="done", **about)
        offer = self.open[self.draw(st.sampled_from(sorted(self.open)))]
        about = {key: offer[key] for key in ("offer_id", "advisor_id", "contact_id")}
        return advisor(kind, name, self.now, offer["desk"], **about)

    def advisor(self, name: str) -> Sent:
        kind = self.draw(st.sampled_from(
            ["signed_on", "signed_on", "heartbeat", "state", "signed_off"]
        ))  # fmt: skip
        about: dict[str, Any] = {"advisor_id": self.draw(st.sampled_from(ADVISORS))}
        if kind == "state":
            about["state"] = self.draw(st.sampled_from(["available", "break"]))
        if kind == "heartbeat":
            about["contacts"] = self.draw(st.lists(st.sampled_from(CONTACTS), unique=True))
        where = self.draw(st.sampled_from(["hall", "hall", "tower"]))
        return advisor(kind, name, self.now, where, **about)

    def order(self, name: str, who: str) -> Sent:
        kind = self.draw(
            st.sampled_from(["closed", "opened", "moved", "released", "halted", "resumed"])
        )
        lane = self.draw(st.sampled_from(["people", "senior"]))
        about = {
            "closed": {"lane": lane},
            "opened": {"lane": lane},
            "released": {"contact_id": who},
            "halted": {},
            "resumed": {},
        }
        given = about.get(kind, {"contact_id": who, "lane": lane})
        return order(kind, name, self.now, "hall", **given)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story(draw)
    for one in ADVISORS:
        story.give(advisor("signed_on", f"on-{one}", story.now, "hall", advisor_id=one))
    for number in range(draw(st.integers(0, 25))):
        story.go_on(number)
    return story


def in_batches(machine: Desk, deeds: Sequence[Deed], most: int) -> list[Effects]:
    """Have a desk do all, records of one topic in batches of at most so many."""
    done, batch = [], []
    for deed in [*deeds, None]:
        record = deed if isinstance(deed, StoredRecord) else None
        full = len(batch) == most or (batch and record and batch[-1].topic != record.topic)
        if batch and (full or record is None):
            done.append(machine.on_records(batch[0].topic, batch))
            batch = []
        if record is not None:
            batch.append(record)
        elif deed is not None:
            done.append(do(machine, deed))
    return done


def outputs(effects: Sequence[Effects]) -> list[Output]:
    return [one for effect in effects for one in effect.outputs]


def changelog(effects: Sequence[Effects]) -> dict[bytes, bytes]:
    """Return what a changelog holds after all."""
    kept: dict[bytes, bytes] = {}
    for effect in effects:
        for key, value in effect.changes.items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value
    return kept


SOME = settings(max_examples=40)
"""A story drives an intake and a desk before it is done otherwise: some 10 ms each."""


@given(stories(), st.integers(2, 25))
@SOME
def test_how_records_are_cut_into_batches_changes_nothing_at_desks(story: Story, most: int) -> None:
    other = desk()
    batched = in_batches(other, story.records, most)
    assert outputs(batched) == outputs(story.effects)
    assert changelog(batched) == changelog(story.effects)
    assert dict(other.snapshot()) == dict(story.desk.snapshot())


@given(stories(), st.data())
@SOME
def test_snapshot_and_restore_change_nothing_at_desks(story: Story, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(story.records)))
    other = desk()
    done = [do(other, one) for one in story.records[:at]]
    other.commit()
    third = desk(other.revision)
    third.restore(changelog(done).items())
    for record, expected in zip(story.records[at:], story.effects[at:], strict=True):
        effects = do(third, record)
        third.commit()
        assert effects.outputs == expected.outputs
    assert dict(third.snapshot()) == dict(story.desk.snapshot())


@given(stories())
@SOME
def test_the_changelog_is_all_there_is_at_desks(story: Story) -> None:
    # Whatever a call changed without a trace would be found here.
    assert changelog(story.effects) == dict(story.desk.snapshot())
    other = desk()
    other.restore(changelog(story.effects).items())
    one = {hosted.state.desk: hosted.desk.snapshot() for hosted in story.desk._host.hosted()}
    two = {hosted.state.desk: hosted.desk.snapshot() for hosted in other._host.hosted()}
    assert {name: found for name, found in one.items() if name in two} == two


@given(stories(), st.data())
@SOME
def test_what_is_rolled_back_and_done_again_is_as_if_done_once_at_desks(
    story: Story, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(story.records)))
    other = desk()
    for record in story.records[:at]:
        do(other, record)
        other.commit()
    before = dict(other.snapshot())
    in_batches(other, story.records[at:], 4)
    other.rollback()
    assert dict(other.snapshot()) == before
    again = [do(other, one) for one in story.records[at:]]
    assert outputs(again) == outputs(story.effects[at:])


@given(stories())
@SOME
def test_lanes_offers_and_numbers_hold_at_desks(story: Story) -> None:
    standing: dict[str, str] = {}
    numbers: dict[str, int] = defaultdict(int)
    seqs, ids, open_, mine = [], [], {}, {}
    for output in outputs(story.effects):
        event = orjson.loads(output.value or b"")
        told, kind = event.get("data", {}), event["type"].split(".")[2]
        ids.append((output.topic, event["source"], event["id"]))
        name = told.get("contact_id")
        if output.topic.startswith("lane."):
            if kind == "entered":
                assert name not in standing
                assert told["entry_no"] == numbers[name] + 1
                standing[name], numbers[name] = told["entry_id"], told["entry_no"]
            else:
                assert standing.pop(name) == told["entry_id"]
        elif output.topic == "routing.audit":
            seqs.append(told["seq"])
        elif output.topic == "advisor.offers":
            if kind == "offered":
                assert name in standing and name not in open_.values()
                assert told["offer_id"] not in open_
                open_[told["offer_id"]] = name
            elif kind == "confirmed":
                assert open_.pop(told["offer_id"]) == name
                assert name not in standing
                mine[name] = told["advisor_id"]
            else:
                open_.pop(told["offer_id"], None)
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(set(ids)) == len(ids)

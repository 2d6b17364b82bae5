"""Laws of intake hold where contacts are joined and counted, over histories made up."""

from collections import Counter
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.contract.event import arrived, contact
from tests.property.test_routing_law import changes, outputs, runs
from tests.unit.routing.scene import NOW, Feed, intake, returned
from tests.unit.routing.test_counting import REVISION
from tierlane.contact.lifecycle import OPEN_STATES, STATES
from tierlane.contact.returned import RETURN_IDENTIFIED
from tierlane.replay.memory import StoredRecord
from tierlane.routing.intake import Intake
from tierlane.routing.ledger import POSITION
from tierlane.routing.limit import DAY, IntakeLimits
from tierlane.routing.memory import KeptContact, Memory

LIMITS = IntakeLimits(contacts=4, dedupe_events=6, lapse=DAY, over=DAY, memory=3 * DAY, marks=3)
JOINS = replace(REVISION, joins=30 * 60_000)
KINDS = ("updated", "answered", "transferred", "abandoned", "ended", "identified")


def machine() -> Intake:
    return intake(LIMITS, revision=JOINS)


@st.composite
def histories(draw: st.DrawFn) -> list[StoredRecord]:
    """Make records about contacts of two customers on three channels, close in time."""
    feed = Feed(machine())
    records = []
    for number in range(draw(st.integers(0, 25))):
        feed.now += draw(st.sampled_from([0, 1, 60_000, 31 * 60_000, DAY + 60_000]))
        customer = draw(st.sampled_from(["u-1", "u-2"]))
        contact_id = f"k-{customer}-{draw(st.integers(0, 4))}"
        kind = draw(st.sampled_from(["arrived", "arrived", "return", *KINDS]))
        data: dict[str, Any] = {"subject": draw(st.sampled_from(["order", "return", None]))}
        if kind == "identified":
            data = {"customer_id": draw(st.sampled_from(["u-1", "u-2", "u-3"]))}
        if kind == "return":
            what = draw(st.sampled_from(["answered", "finished", "replan"]))
            sent = returned(what, f"r-{number}", contact_id, customer, advisor_id="a-1")
        elif kind == "arrived":
            channel = draw(st.sampled_from(["voice", "chat", "app"]))
            sent = arrived(feed.now, contact_id, customer, channel=channel, **data)
        else:
            sent = contact(kind, f"e-{number}", feed.now, contact_id, customer, **data)
        records.append(feed.stored(sent))
    return records


@given(histories(), st.integers(1, 25))
@settings(deadline=None)
def test_how_records_are_cut_into_batches_changes_nothing(records, most) -> None:
    one, many = machine(), machine()
    singly = [one.on_records(record.topic, [record]) for record in records]
    batched = [many.on_records(batch[0].topic, batch) for batch in runs(records, most)]
    assert outputs(singly) == outputs(batched)
    assert changes(singly) == changes(batched)
    assert dict(one.snapshot()) == dict(many.snapshot())


@given(histories(), st.integers(0, 25))
@settings(deadline=None)
def test_snapshot_and_restore_change_nothing(records, at) -> None:
    one, other = machine(), machine()
    for record in records[:at]:
        one.on_records(record.topic, [record])
    other.restore(one.snapshot())
    for record in records[at:]:
        mine = one.on_records(record.topic, [record])
        assert other.on_records(record.topic, [record]).outputs == mine.outputs
    assert dict(one.snapshot()) == dict(other.snapshot())


def forgotten() -> list[StoredRecord]:
    """Make records of a contact that is handed over, and arrives here when that is forgotten."""
    feed = Feed(machine())
    again = contact("arrived", "e-2", NOW + 2 * DAY, "k-1", "u-1", channel="voice")
    return [
        feed.stored(arrived(NOW, "k-1", "u-1")),
        feed.stored(contact("identified", "e-1", NOW, "k-1", "u-1", customer_id="u-2")),
        feed.stored(again, seen=NOW + 2 * DAY),
    ]


@given(histories())
@example(forgotten())
@settings(deadline=None)
def test_nothing_is_lost_and_no_contact_stands_in_two_lanes(records) -> None:
    one = machine()
    written = outputs([one.on_records(record.topic, [record]) for record in records])
    events = [orjson.loads(output.value or b"") for output in written]
    audits = [event["data"] for event in events if event["type"] == "tierlane.audit.v1"]
    assert [audit["seq"] for audit in audits] == list(range(1, len(audits) + 1))
    names = Counter((event["source"], event["id"], event["type"]) for event in events)
    assert max(names.values(), default=1) == 1
    # Every event of a contact is told of, and nothing went wrong inside.
    causes = {(a["cause"].get("topic"), a["cause"].get("offset")) for a in audits}
    assert {(record.topic, record.offset) for record in records} <= causes
    assert all(error["error"] != "internal" for a in audits for error in a.get("errors", ()))
    lanes: Counter[str] = Counter()
    for event in events:
        contact_id = event["data"].get("contact_id")
        if event["type"] == RETURN_IDENTIFIED:
            # The lane is another owner's to leave from here on; should this one forget where the
            # contact went, an arrival under its id is to it one never heard of.
            del lanes[contact_id]
        elif event["type"].startswith("tierlane.lane."):
            lanes[contact_id] += 1 if event["type"].endswith("entered.v1") else -1
            assert lanes[contact_id] in (0, 1)


@given(histories())
@settings(deadline=None)
def test_what_is_joined_names_a_contact_and_is_in_no_lane(records) -> None:
    one = machine()
    for record in records:
        one.on_records(record.topic, [record])
        for kept in _kept(one):
            assert kept.state in STATES
            assert (kept.state == "joined") <= (kept.joined is not None)
            if kept.state not in OPEN_STATES:
                assert kept.lane is None or kept.state == "elsewhere"
            if kept.gone and kept.state not in OPEN_STATES:
                assert kept.lane is None or kept.state == "elsewhere"


def _kept(one: Intake) -> list[KeptContact]:
    values = (value for key, value in one.snapshot() if key != POSITION)
    return [KeptContact(*raw) for value in values for raw in Memory(value).contacts]


def test_the_histories_join_and_count() -> None:
    """Tell that the laws above are about something: most histories join and count."""
    feed = Feed(machine())
    feed.give(arrived(NOW, "k-1", "u-1", subject="return"))
    feed.give(arrived(NOW + 1, "k-2", "u-1", channel="chat"), seen=NOW + 1)
    assert {kept.state for kept in _kept(feed.machine)} == {"waiting", "joined"}

"""Laws of intake, over histories that Hypothesis makes up.

A history is events of a few contacts of a few customers, in any order, with profiles and returns
between them, repeated and broken ones among them.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.contract.driver import Sent
from tests.contract.event import arrived, contact, profile
from tests.unit.routing.scene import EVENTS, NOW, PROFILES, RETURNS, Feed, intake, returned
from tierlane.replay.memory import StoredRecord
from tierlane.routing.effect import Effects, Output
from tierlane.routing.ledger import POSITION
from tierlane.routing.limit import DAY, IntakeLimits

LIMITS = IntakeLimits(contacts=2, dedupe_events=6, lapse=DAY, over=DAY, memory=3 * DAY)
CUSTOMERS = ("u-1", "u-2", "u-3")
KINDS = ("updated", "answered", "transferred", "abandoned", "ended", "feedback")


@st.composite
def sendings(draw: st.DrawFn) -> Sent:
    """Make one record about a contact of a customer, or something broken."""
    customer = draw(st.sampled_from(CUSTOMERS))
    contact_id = f"k-{customer}-{draw(st.integers(0, 2))}"
    name = f"e-{draw(st.integers(0, 30))}"
    subject = draw(st.sampled_from(["order", "claim", None]))
    kind = draw(st.sampled_from([*KINDS, "arrived", "identified", "profile", "return", "broken"]))
    if kind == "profile":
        spent = draw(st.sampled_from([0.0, 20000.0]))
        gold = profile(customer, measures={"spend_12m": spent}, dedicated_advisor="a-7")
        return draw(st.sampled_from([gold, gold._replace(value=None), gold._replace(value=b"{")]))
    if kind == "return":
        what = draw(st.sampled_from(["answered", "finished", "replan"]))
        return returned(what, name, contact_id, customer, advisor_id="a-1")
    if kind == "broken":
        value = draw(st.sampled_from([b"", b"[]", b"{}", b"\xff"]))
        return Sent(draw(st.sampled_from([EVENTS, RETURNS])), customer.encode(), value)
    if kind == "arrived":
        return arrived(NOW, contact_id, customer, subject=subject)
    data: dict[str, Any] = {"subject": subject}
    if kind == "identified":
        data = {"customer_id": draw(st.sampled_from(CUSTOMERS))}
    return contact(kind, name, NOW, contact_id, customer, **data)


@st.composite
def histories(draw: st.DrawFn) -> list[StoredRecord]:
    """Make records with offsets per topic and times that mostly stand, sometimes leap."""
    feed = Feed(intake())
    records = []
    for sent in draw(st.lists(sendings(), max_size=25)):
        feed.now += draw(st.sampled_from([0, 0, 1, 1000, DAY + 60_000]))
        records.append(feed.stored(sent))
    return records


def runs(records: Sequence[StoredRecord], most: int) -> list[list[StoredRecord]]:
    """Cut into batches of one topic, of at most so many records."""
    batches: list[list[StoredRecord]] = []
    for record in records:
        if batches and batches[-1][0].topic == record.topic and len(batches[-1]) < most:
            batches[-1].append(record)
        else:
            batches.append([record])
    return batches


def outputs(effects: Sequence[Effects]) -> list[Output]:
    """Return all outputs in order."""
    return [one for effect in effects for one in effect.outputs]


def changes(effects: Sequence[Effects]) -> dict[bytes, bytes | None]:
    """Return the last value of each key that changed."""
    found: dict[bytes, bytes | None] = {}
    for effect in effects:
        found |= effect.changes
    return found


@given(histories(), st.integers(1, 25))
def test_how_records_are_cut_into_batches_changes_nothing(
    records: list[StoredRecord], most: int
) -> None:
    one, many = intake(LIMITS), intake(LIMITS)
    singly = [one.on_records(record.topic, [record]) for record in records]
    batched = [many.on_records(batch[0].topic, batch) for batch in runs(records, most)]
    assert outputs(singly) == outputs(batched)
    assert changes(singly) == changes(batched)
    assert dict(one.snapshot()) == dict(many.snapshot())


@given(histories(), st.integers(0, 25))
def test_snapshot_and_restore_change_nothing(records: list[StoredRecord], at: int) -> None:
    one, other = intake(LIMITS), intake(LIMITS)
    for record in records[:at]:
        one.on_records(record.topic, [record])
    one.commit()
    other.restore(one.snapshot())
    other.load_profiles([record for record in records[:at] if record.topic == PROFILES])
    for record in records[at:]:
        assert (
            other.on_records(record.topic, [record]).outputs
            == one.on_records(record.topic, [record]).outputs
        )
    assert dict(one.snapshot()) == dict(other.snapshot())


@given(histories())
def test_changelog_alone_rebuilds_the_state(records: list[StoredRecord]) -> None:
    one, other = intake(LIMITS), intake(LIMITS)
    effects = [one.on_records(batch[0].topic, batch) for batch in runs(records, 5)]
    other.restore([item for effect in effects for item in effect.changes.items()])
    if records:
        assert dict(other.snapshot()) == dict(one.snapshot())


@given(histories(), st.integers(0, 25))
def test_what_is_rolled_back_and_done_again_is_as_if_done_once(
    records: list[StoredRecord], at: int
) -> None:
    one, other = intake(LIMITS), intake(LIMITS)
    for record in records[:at]:
        one.on_records(record.topic, [record])
        other.on_records(record.topic, [record])
    one.commit()
    other.commit()
    before = dict(other.snapshot())
    for batch in runs(records[at:], 4):
        other.on_records(batch[0].topic, batch)
    other.rollback()
    assert dict(other.snapshot()) == before
    rest = runs(records[at:], 4)
    first = [one.on_records(batch[0].topic, batch) for batch in rest]
    again = [other.on_records(batch[0].topic, batch) for batch in rest]
    assert outputs(first) == outputs(again)
    assert changes(first) == changes(again)


@given(histories())
def test_numbers_of_the_audit_have_no_gap(records: list[StoredRecord]) -> None:
    machine = intake(LIMITS)
    done = outputs([machine.on_records(one.topic, [one]) for one in records])
    told = [orjson.loads(one.value or b"") for one in done if one.topic == "routing.audit"]
    assert [one["data"]["seq"] for one in told] == list(range(1, len(told) + 1))
    ids = [one["data"]["decision_id"] for one in told]
    assert len(set(ids)) == len(ids)


@given(histories())
def test_every_contact_is_in_one_lane_at_most(records: list[StoredRecord]) -> None:
    machine = intake(LIMITS)
    standing: dict[tuple[str, int], set[str]] = defaultdict(set)
    numbers: dict[str, int] = {}
    for output in outputs([machine.on_records(one.topic, [one]) for one in records]):
        if not output.topic.startswith("lane."):
            continue
        event = orjson.loads(output.value or b"")
        told, here = event["data"], standing[event["data"]["contact_id"], 0]
        if event["type"] == "tierlane.lane.entered.v1":
            assert here == set(), "entered a lane while in another"
            here.add(told["entry_id"])
            numbers[told["entry_id"]] = told["entry_no"]
        else:
            assert here == {told["entry_id"]}
            assert numbers[told["entry_id"]] == told["entry_no"]
            here.clear()


def tied() -> list[StoredRecord]:
    """Make records of two customers both of whom something is written for under one key."""
    feed = Feed(intake())
    return [
        feed.stored(arrived(NOW, "k-2", "u-2")),
        feed.stored(contact("identified", "e-1", NOW, "k-2", "u-2", customer_id="u-1")),
        feed.stored(Sent(EVENTS, b"u-1", b"")),
    ]


@given(histories())
@example(tied())
def test_order_of_unrelated_customers_does_not_matter(records: list[StoredRecord]) -> None:
    # With times standing still no timer fires between, and each key's records keep their offsets.
    still = [record for record in records if record.topic == EVENTS]
    still = [StoredRecord(*_fields(record, seen=NOW)) for record in still]
    sorted_by_key = sorted(still, key=lambda record: record.key or b"")
    assert _by_customer(still) == _by_customer(sorted_by_key)


def _fields(record: StoredRecord, seen: int) -> tuple[Any, ...]:
    return (
        record.topic,
        record.partition,
        record.offset,
        seen,
        record.key,
        record.value,
        record.headers,
    )


def _by_customer(records: Sequence[StoredRecord]) -> dict[bytes | None, list[Any]]:
    """Return what came of each key's records and each key's state, `seq` aside.

    Offsets stay as given. The key of what is written would not do: a contact that turns out to be
    another customer's is sent under that one's key, between what comes of that one's own records.
    """
    machine = intake(LIMITS)
    found: dict[bytes | None, list[Any]] = defaultdict(list)
    for record in records:
        machine._ledger.positions.clear()  # so that a record of a lower offset is taken too
        for output in machine.on_records(record.topic, [record]).outputs:
            event = output.value
            if output.topic == "routing.audit":
                event = orjson.loads(event or b"")
                if event["data"]["kind"] == "activated":
                    continue
                del event["data"]["seq"]
            found[record.key].append((output.topic, output.key, event))
    for key, value in machine.snapshot():
        if key != POSITION:
            found[b"state of " + key].append(value)
    return found


NAMES = ["type", "data", "id", "source", "time", "specversion", "contact_id"]
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
)
HEADERS = st.tuples(st.sampled_from(["ce_id", "ce_type", "content-type", "x"]), st.binary())


@given(
    st.sampled_from([EVENTS, RETURNS, PROFILES]),
    st.none() | st.binary(max_size=60) | st.just(b"u-1"),
    st.none() | st.binary(max_size=200) | TREES.map(orjson.dumps),
    st.lists(HEADERS, max_size=3),
    st.integers(-1, 2**63 - 1),
)
@settings(max_examples=200)
def test_no_bytes_make_it_raise(
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
    seen: int,
) -> None:
    machine = intake(LIMITS)
    record = StoredRecord(topic, 0, 0, seen, key, value, tuple(headers))
    effects = machine.on_records(topic, [record])
    assert machine.position(topic) == 1
    if topic != PROFILES:
        assert "contact.rejected" in [one.topic for one in effects.outputs]


VALUES = (
    st.none()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=300)
    | st.lists(st.text(max_size=3), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2)
)
FIELDS = (
    *("contact_id", "customer_id", "channel", "language", "subject", "text", "identity"),
    *("attributes", "format", "contact", "event", "advisor_id", "outcome"),
)
TYPES = (
    *(f"contact.{kind}" for kind in (*KINDS, "arrived", "identified")),
    *(f"return.{kind}" for kind in ("answered", "finished", "replan", "identified", "forwarded")),
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)),
    st.sampled_from(TYPES),
)
@settings(max_examples=200)
def test_no_event_makes_it_raise(data: dict[str, Any], kind: str) -> None:
    topic = EVENTS if kind.startswith("contact") else RETURNS
    event = {
        "specversion": "1.0",
        "id": "e",
        "source": "s",
        "type": f"tierlane.{kind}.v1",
        "time": "2026-03-02T12:14:05.120Z",
        "data": {"contact_id": "k-1", "channel": "voice", **data},
    }
    feed = Feed(intake(LIMITS))
    feed.give(arrived(NOW, "k-1", "u-1"))
    effects = feed.give(Sent(topic, b"u-1", orjson.dumps(event)))
    assert effects.outputs

"""The storm's checker finds each kind of fault, on topics made up by hand."""

from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from storm.law import LANES, Ledger, differences
from storm.reading import differing, partition_of
from tests.broker.log import Kept

TOPICS = {"contact.events": 1, "routing.audit": 1, "contact.rejected": 1, **dict.fromkeys(LANES, 1)}
POLICY = {"name": "sample", "revision": "abc"}


def event(kind: str, identity: str, data: dict[str, Any]) -> bytes:
    return orjson.dumps(
        {"specversion": "1.0", "id": identity, "source": "test", "type": kind, "data": data}
    )


def record(topic: str, offset: int, key: str, value: bytes | None, **more: Any) -> Kept:
    return Kept(topic, 0, offset, 1_000 + offset, key.encode(), value, **more)


def arrival(offset: int, *, contact: str | None = None, identity: str | None = None) -> Kept:
    contact = contact or f"k{offset}"
    data = {"contact_id": contact, "customer_id": "u1", "channel": "voice"}
    kind = "tierlane.contact.arrived.v1"
    return record("contact.events", offset, "u1", event(kind, identity or f"e{offset}", data))


def audit(offset: int, **change: Any) -> Kept:
    data = {
        "decision_id": f"d{offset}",
        "kind": "decided",
        "owner": "intake-0",
        "seq": offset + 1,
        "contact_id": f"k{offset}",
        "cause": {"topic": "contact.events", "partition": 0, "offset": offset},
        "tier": {"name": "gold", "rule": "tiers/spend"},
        "scenario": {"name": "returns", "rule": "scenarios/returns"},
        "lane": "vip",
        "policy": POLICY,
        **change,
    }
    key = str(data["contact_id"])
    value = event("tierlane.audit.v1", str(data["decision_id"]), data)
    return record("routing.audit", offset, key, value)


def entry(offset: int, **change: Any) -> Kept:
    data = {
        "entry_id": f"n{offset}",
        "entry_no": 1,
        "contact_id": f"k{offset}",
        "lane": "vip",
        "kind": "priority",
        "tier": "gold",
        "scenario": "returns",
        "policy": POLICY,
        "decision_id": f"d{offset}",
        **change,
    }
    value = event("tierlane.lane.entered.v1", str(data["entry_id"]), data)
    return record("lane.priority", offset, str(data["contact_id"]), value)


def left(offset: int, entry_id: str, entry_no: int, contact: str) -> Kept:
    data = {"entry_id": entry_id, "entry_no": entry_no, "contact_id": contact, "reason": "moved"}
    value = event("tierlane.lane.left.v1", entry_id, data)
    return record("lane.priority", offset, contact, value)


def rejection(source: Kept, **change: Any) -> Kept:
    headers = {
        "tierlane-reason": b"not-json",
        "tierlane-topic": source.topic.encode(),
        "tierlane-partition": b"0",
        "tierlane-offset": b"%d" % source.offset,
    }
    kept = (*source.headers, *headers.items())
    return source._replace(topic="contact.rejected", headers=kept, **change)


GOOD = [*map(arrival, range(3)), *map(audit, range(3)), *map(entry, range(3))]


def ledger(records: Iterable[Kept], *, repeats: bool = False) -> Ledger:
    made = Ledger(TOPICS, repeats=repeats)
    for one in records:
        made.take(one)
    made.audited()
    return made


def without(records: Iterable[Kept], topic: str, offset: int) -> list[Kept]:
    return [one for one in records if (one.topic, one.offset) != (topic, offset)]


def test_what_holds_has_no_fault() -> None:
    assert ledger(GOOD).faults.counts == {}


UNREADABLE = record("contact.events", 3, "u1", b"{")
AGAIN = audit(3, contact_id="k0", again=True)

FAULTY = {
    "a lost arrival": ([arrival(3)], "lost"),
    "a lost unreadable record": ([UNREADABLE], "lost"),
    "the same decision and entry again": ([audit(1), entry(1)], "twice"),
    "a second decision of one cause": (
        [audit(3, contact_id="k1", cause={"topic": "contact.events", "partition": 0, "offset": 1})],
        "arrival without exactly one decision",
    ),
    "no entry": ([arrival(3), audit(3)], "arrival without exactly one entry"),
    "a second entry of one decision": (
        [entry(1, entry_id="other", entry_no=2)],
        "arrival without exactly one entry",
    ),
    "a gap in the numbers": (
        [arrival(3), audit(3, seq=5), entry(3)],
        "gap or repeat in the numbers",
    ),
    "a number used twice": (
        [arrival(3), audit(3, seq=3), entry(3)],
        "gap or repeat in the numbers",
    ),
    "numbers that begin late": (
        [audit(9, owner="intake-1", seq=7, cause=None)],
        "numbers do not begin at the first",
    ),
    "another's partition": (
        [arrival(3), audit(3, owner="intake-1", seq=1), entry(3)],
        "owner decided on another's partition",
    ),
    "an entry that says another tier": (
        [arrival(3), audit(3), entry(3, tier="silver")],
        "entry differs from its decision",
    ),
    "an entry of no decision": (
        [entry(3, decision_id="unknown")],
        "entry without its decision",
    ),
    "a wrong entry number": (
        [arrival(3), audit(3), entry(3, entry_no=2)],
        "entry numbers not 1, 2, 3 …",
    ),
    "two entries of one contact at once": (
        [arrival(3, contact="k0"), AGAIN, entry(3, contact_id="k0", entry_no=2)],
        "two entries at once",
    ),
    "left without an entry": ([left(3, "n9", 1, "k9")], "left without having entered"),
    "an entry in another kind's topic": (
        [arrival(3), audit(3), entry(3, kind="standard")],
        "entry in the topic of another kind",
    ),
    "decided and rejected": ([rejection(arrival(1))], "both rejected and audited"),
    "a rejected record that was changed": (
        [UNREADABLE, rejection(UNREADABLE, value=b"{}")],
        "rejected record is not the original",
    ),
    "an output of no input": (
        [audit(3, kind="ended", cause={"topic": "contact.events", "partition": 0, "offset": 9})],
        "output without its cause",
    ),
    "a duplicate decided": (
        [arrival(3, contact="k2", identity="e2"), AGAIN],
        "duplicate not dropped",
    ),
    "an entry under another key": (
        [arrival(3), audit(3), entry(3)._replace(key=b"u1")],
        "key is not the contact's",
    ),
}


@pytest.mark.parametrize(("more", "law"), FAULTY.values(), ids=FAULTY.keys())
def test_each_broken_law_is_named(more: list[Kept], law: str) -> None:
    assert law in ledger([*GOOD, *more]).faults.counts


def test_a_decision_missing_in_the_middle_is_lost_and_a_gap() -> None:
    found = ledger(without(GOOD, "routing.audit", 1)).faults
    assert set(found.counts) == {
        "lost",
        "gap or repeat in the numbers",
        "entry without its decision",
    }
    assert found.examples["lost"] == ["Place(topic='contact.events', partition=0, offset=1)"]


def test_fine_updates_moves_duplicates_and_rejections_have_no_fault() -> None:
    changed = arrival(3, contact="k0")
    same = arrival(4, identity="e2")
    more = [
        changed,
        AGAIN,
        left(3, "n0", 1, "k0"),
        entry(3, contact_id="k0", entry_no=2),
        same,
        audit(4, kind="duplicate", contact_id="k4"),
        record("contact.events", 5, "u1", b"{"),
        rejection(record("contact.events", 5, "u1", b"{")),
    ]
    made = ledger([*GOOD, *more])
    assert made.faults.counts == {}
    assert (len(made.arrivals), len(made.duplicates), len(made.rejected)) == (3, 1, 1)


def test_a_repeat_passes_under_at_least_once_only_if_it_equals_the_first() -> None:
    repeated = [*GOOD, audit(1), entry(1)]
    made = ledger(repeated, repeats=True)
    assert (made.faults.counts, made.repeated) == ({}, 2)
    changed = ledger([*repeated, entry(2, lane="other")], repeats=True)
    assert changed.faults.counts == {"repeat differs from the first": 1}


def test_a_key_on_a_wrong_partition_is_found() -> None:
    made = Ledger(TOPICS | {"lane.priority": 4})
    number = partition_of(b"k1", 4)
    made.take(entry(1)._replace(partition=number))
    made.take(entry(2)._replace(partition=(partition_of(b"k2", 4) + 1) % 4))
    wrong = (partition_of(b"k2", 4) + 1) % 4
    assert made.faults.examples["key on a wrong partition"] == [f"lane.priority ({wrong}, 2)"]


def test_partitions_are_those_of_the_java_client() -> None:
    # What `kafka-clients` 4.1 computes: Utils.toPositive(Utils.murmur2(key)) % 24.
    assert [partition_of(key, 24) for key in (b"u-42", b"k-1001", b"")] == [1, 6, 9]


def test_one_byte_more_differs_from_the_undisturbed_run() -> None:
    one, other = ledger(GOOD), ledger([*GOOD[:-1], entry(2, step=2)])
    assert differences(one.digests, other.digests) == ["entered n2"]
    assert differences(one.digests, ledger(GOOD).digests) == []


def test_of_an_activation_only_its_time_is_set_aside() -> None:
    early = audit(0, kind="activated", cause=None, at="early", seen=1)
    late = audit(0, kind="activated", cause=None, at="late", seen=2)
    other = audit(0, kind="activated", cause=None, at="late", seen=2, policy={"name": "other"})
    digests = [ledger([one]).digests for one in (early, late, other)]
    assert digests[0] == digests[1] != digests[2]


def test_what_differs_is_named_by_path() -> None:
    assert differing(entry(1), entry(1, step=2, tier="silver")) == ["data.step", "data.tier"]
    assert differing(entry(1), entry(1)._replace(partition=2)) == ["partition"]
    assert differing(entry(1), None) == ["only in one run"]

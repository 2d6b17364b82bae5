"""What was done to a record is found, at its place, and nothing else is."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.replay.scene import MASK_KEY, Records, recorded, verified
from tierlane.audit.mask import Mask
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verify import Terms, verify
from tierlane.topic import ROUTING_AUDIT

List = list[StoredRecord]


def audits(records: List, kind: str = "decided") -> list[int]:
    """Return the places of an owner's audit records of a kind, by `seq`."""
    found = [
        (data(one)["seq"], at)
        for at, one in enumerate(records)
        if one.topic == ROUTING_AUDIT
        and data(one)["kind"] == kind
        and data(one)["owner"] == "intake-1"
        and (kind != "decided" or "topic" in data(one)["cause"])
    ]
    return [at for _, at in sorted(found)]


def data(record: StoredRecord) -> dict[str, Any]:
    return orjson.loads(record.value)["data"]


def with_data(record: StoredRecord, change: Callable[[dict[str, Any]], object]) -> StoredRecord:
    event = orjson.loads(record.value)
    change(event["data"])
    return record._replace(value=orjson.dumps(event))


def changed(records: List, at: int, change: Callable[[dict[str, Any]], object]) -> List:
    return [*records[:at], with_data(records[at], change), *records[at + 1 :]]


def swapped(records: List, one: int, other: int) -> List:
    """Swap what two records say, as whoever rewrites a partition would."""
    first, second = records[one], records[other]
    records = list(records)
    records[one] = second._replace(offset=first.offset, timestamp=first.timestamp)
    records[other] = first._replace(offset=second.offset, timestamp=second.timestamp)
    return records


def forged(event: dict[str, Any]) -> None:
    event["decision_id"] = "d1.e1.99999.d0"


def middle(records: List, kind: str = "decided") -> int:
    places = audits(records, kind)
    return places[len(places) // 2]


def of_topic(records: List, topic: str, kind: str) -> int:
    found = [
        at
        for at, one in enumerate(records)
        if one.topic == topic and orjson.loads(one.value)["type"].endswith(kind)
    ]
    return found[len(found) // 2]


def drop(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    return records[:at] + records[at + 1 :], {"missing"}


def double(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    return [*records[: at + 1], records[at], *records[at + 1 :]], {"doubled"}


def reorder(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    one = next(
        other
        for other in audits(records)
        if other > at and records[other].partition == records[at].partition
    )
    return swapped(records, at, one), {"reordered"}


def other_owner(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    return changed(records, at, lambda one: one.update(owner="intake-0")), {"missing", "inserted"}


def forge_id(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    event = orjson.loads(records[at].value)
    event["id"] = event["data"]["decision_id"] = "d1.e1.99999.d0"
    made = records[at]._replace(value=orjson.dumps(event))
    return [*records[:at], made, *records[at + 1 :]], {"changed"}


def change_cause(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    return changed(records, at, lambda one: one["cause"].update(offset=200)), {"changed"}


def change_policy(records: List) -> tuple[List, set[str]]:
    other = data(records[audits(records)[-1]])["policy"]
    at = audits(records)[3]
    assert data(records[at])["policy"] != other
    return changed(records, at, lambda one: one.update(policy=other)), {"changed"}


def change_profile(records: List) -> tuple[List, set[str]]:
    at = next(one for one in reversed(audits(records)) if "profile" in data(records[one])["cause"])
    return changed(records, at, lambda one: one["cause"]["profile"].update(offset=2)), {"changed"}


def cut_tail(records: List) -> tuple[List, set[str]]:
    last = max(data(records[at])["seq"] for at in audits(records, "lapsed"))
    kept = [
        one
        for one in records
        if one.topic != ROUTING_AUDIT
        or data(one)["owner"] != "intake-1"
        or data(one)["seq"] <= last - 5
    ]
    return kept, {"missing"}


def insert(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    event = orjson.loads(records[at].value)
    event["id"] = event["data"]["decision_id"] = "d1.e1.77.d7"
    made = records[at]._replace(value=orjson.dumps(event))
    return [*records[: at + 1], made, *records[at + 1 :]], {"inserted"}


def change_entry(records: List) -> tuple[List, set[str]]:
    at = of_topic(records, "lane.standard", "entered.v1")
    return changed(records, at, lambda one: one.update(priority=99)), {"changed"}


def drop_entry(records: List) -> tuple[List, set[str]]:
    at = of_topic(records, "lane.priority", "left.v1")
    return records[:at] + records[at + 1 :], {"missing"}


def double_entry(records: List) -> tuple[List, set[str]]:
    at = of_topic(records, "lane.standard", "entered.v1")
    one = records[at]._replace(offset=10**6)
    return [*records, one], {"doubled"}


def change_return(records: List) -> tuple[List, set[str]]:
    at = of_topic(records, "intake.returns", "finished.v1")
    return changed(records, at, lambda one: one.update(outcome="bought")), {"changed"}


def change_timer(records: List) -> tuple[List, set[str]]:
    at = audits(records, "lapsed")[-3]
    cause = data(records[at])["cause"]
    later = {"fired": cause["fired"] + 600_000}
    return changed(records, at, lambda one: one["cause"].update(later)), {"changed"}


def drop_activation(records: List) -> tuple[List, set[str]]:
    at = audits(records, "activated")[-1]
    return records[:at] + records[at + 1 :], {"missing"}


def change_event(records: List) -> tuple[List, set[str]]:
    """Change what a contact said when it came, not what was decided of it."""
    at = next(
        at for at, one in enumerate(records) if one.value and b'"subject":"card-lost"' in one.value
    )
    return changed(records, at, lambda one: one.update(subject="balance")), {"changed", "missing"}


def garble(records: List) -> tuple[List, set[str]]:
    at = middle(records)
    made = records[at]._replace(value=b"{}")
    return [*records[:at], made, *records[at + 1 :]], {"unreadable", "missing"}


TAMPERINGS = (
    drop, double, reorder, other_owner, forge_id, change_cause, change_policy, change_profile,
    cut_tail, insert, change_entry, drop_entry, double_entry, change_return, change_timer,
    drop_activation, change_event, garble,
)  # fmt: skip

FAR = {cut_tail: 5, change_event: 12, change_return: 4}
"""Differences where there may be more than three: what was decided rests on what was changed."""


def test_nothing_differs_where_nothing_was_done():
    found = verified(recorded())
    assert found.differences == [] and found.unproven == 0 and found.notices == []
    assert found.decisions > 400 and found.compared["lapsed"] > 100 and found.outcomes > 600


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda one: one.__name__)
def test_tampering_is_found_and_does_not_spread(tamper):
    records, kinds = tamper(list(recorded()))
    found = verified(records).differences
    assert {one.kind for one in found} & kinds, found[:5]
    assert len(found) <= FAR.get(tamper, 3), found[:10]


FIELDS = (
    "contact_id", "at", "inputs", "masked", "tier", "scenario", "facts", "plan",
    "step", "lane", "lane_kind", "desk", "priority", "promise", "considered", "because", "errors",
)  # fmt: skip


def test_each_changed_field_is_named():
    records, free = list(recorded()), audits(list(recorded()))
    done = {}
    for field in FIELDS:
        at = next(one for one in free if data(records[one]).get(field))
        free.remove(at)
        done[data(records[at])["seq"]] = field, data(records[at])[field]
        records = changed(records, at, lambda one, field=field: one.pop(field))
    found = verified(records).differences
    assert {one.seq: (one.field.removeprefix("data."), one.derived) for one in found} == done
    assert {(one.kind, one.owner, one.recorded) for one in found} == {
        ("changed", "intake-1", "(absent)")
    }


@st.composite
def other_values(draw: st.DrawFn) -> tuple[int, tuple[Any, ...], Any]:
    """Draw a place in a decision and a value that does not stand there."""
    places = audits(list(recorded()))
    at = draw(st.sampled_from(places))
    path: tuple[Any, ...] = ()
    value: Any = {
        key: one
        for key, one in data(recorded()[at]).items()
        if key not in ("engine", "cause", "owner", "seq")
    }
    while isinstance(value, dict | list) and value:
        keys = sorted(value) if isinstance(value, dict) else range(len(value))
        key = draw(st.sampled_from(keys))
        path, value = (*path, key), value[key]
    scalars = st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=4)
    other = draw(scalars.filter(lambda one: one != value or type(one) is not type(value)))
    return at, path, other


@given(other_values())
@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_change_in_a_decision_is_found(change):
    at, path, other = change
    records = list(recorded())

    def put(event: dict[str, Any]) -> None:
        for key in path[:-1]:
            event = event[key]
        event[path[-1]] = other

    found = verified(changed(records, at, put)).differences
    assert found and len(found) <= 3
    assert any(one.id == data(records[at])["decision_id"] for one in found)


def test_without_the_key_receipts_are_not_compared_and_that_is_said():
    found = verify(Records(recorded()), Terms())  # by the revisions of the record itself
    assert found.differences == []
    assert any("no mask key" in one for one in found.notices)
    wrong = verify(Records(recorded()), Terms(Mask(MASK_KEY[::-1])))
    assert wrong.differences
    for one in wrong.differences:
        assert one.field.startswith("data.masked.") or one.field == "data.customer"

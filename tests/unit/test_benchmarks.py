"""What the benchmarks stand on: the comparison of outputs, and the figures made of rounds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks import digest, flow, scene
from benchmarks.digest import Digest
from benchmarks.figure import Goal, Spread, percentile, remainder
from benchmarks.stage import outputs
from tierlane.stream.murmur import place

PARTITIONS = 4


def written(records: list[tuple[str, int, bytes, bytes]]) -> Digest:
    found = Digest()
    for topic, partition, key, value in records:
        found.add(topic, partition, key, value, digest.everything(key, value))
    return found


@pytest.fixture(scope="module")
def records() -> list[tuple[str, int, bytes, bytes]]:
    answers = flow.precomputed(50).answers.values()
    return [
        (one.topic, place(one.key or b"", PARTITIONS), one.key or b"", one.value or b"")
        for answer in answers
        for one in answer
    ]


def test_the_same_records_in_any_order_are_what_is_due(records) -> None:
    due = digest.due(flow.precomputed(50), PARTITIONS)
    assert written(records).difference(due) == ""
    assert written(records[::-1]).difference(due) == ""


def test_a_lost_a_repeated_and_a_changed_record_show(records) -> None:
    due = digest.due(flow.precomputed(50), PARTITIONS)
    topic, partition, key, value = records[7]
    assert "holds" in written(records[:7] + records[8:]).difference(due)
    assert "holds" in written([*records, records[7]]).difference(due)
    changed = [*records[:7], (topic, partition, key, value + b" "), *records[8:]]
    assert "other records" in written(changed).difference(due)


def test_a_record_on_another_partition_shows(records) -> None:
    due = digest.due(flow.precomputed(50), PARTITIONS)
    topic, partition, key, value = records[0]
    moved = [(topic, (partition + 1) % PARTITIONS, key, value), *records[1:]]
    assert "holds" in written(moved).difference(due)


def test_one_lost_and_another_twice_do_not_cancel_out(records) -> None:
    due = digest.due(flow.precomputed(50), PARTITIONS)
    at_one_place = [one for one in records if one[:2] == records[0][:2]]
    others = [one for one in records if one[:2] != records[0][:2]]
    twice = [*others, *at_one_place[1:], at_one_place[1]]
    assert "other records" in written(twice).difference(due)


def test_every_contact_has_its_own_answer() -> None:
    made = flow.precomputed(3_000)
    assert len(made.answers) == len(made.contacts) == 3_000
    assert len(made.first(10).answers) == 10


def test_spread_is_median_least_and_greatest() -> None:
    assert Spread.of([3.0, 1.0, 2.0]).json() == {"median": 2.0, "min": 1.0, "max": 3.0}


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentile_is_the_least_value_that_so_many_do_not_exceed(share, value) -> None:
    assert percentile(range(100, 0, -1), share) == value


@pytest.mark.parametrize(("got", "at_most", "met"), [(2, False, True), (3, True, False)])
def test_goal_is_met_on_its_own_side(got, at_most, met) -> None:
    assert Goal("g", got, 2, at_most).met is met


@pytest.mark.parametrize(
    ("rate", "cost", "left"), [(8_000, 100.0, 25.0), (8_000, 125.0, None), (8_732, 118.0, None)]
)
def test_what_is_not_left_of_a_run_is_no_figure(rate, cost, left) -> None:
    assert remainder(rate, cost) == left


def faults(contacts: list[tuple[bytes, bytes]], tmp_path: Path) -> set[str]:
    policy = scene.policies(tmp_path)["bank"]
    audits = [one.value or b"" for one in outputs(policy, contacts, [], PARTITIONS)]
    return {
        error["error"] for one in audits for error in orjson.loads(one)["data"].get("errors", ())
    }


def test_contacts_of_a_long_run_are_brought_to_the_present(tmp_path) -> None:
    now = datetime.now(UTC)
    old = list(scene.brought_to(now - timedelta(seconds=400), scene.arrivals(4)))
    assert "skew" in faults(old, tmp_path)
    assert "skew" not in faults(list(scene.brought_to(now, old)), tmp_path)


def test_a_delivery_stays_as_long_before_its_contact() -> None:
    made = [(b"u-1", orjson.dumps(event("2026-01-03T12:00:00+00:00", "2026-01-01T12:00:00+00:00")))]
    [(_, value)] = scene.brought_to(datetime(2026, 5, 9, 8, tzinfo=UTC), made)
    found = orjson.loads(value)
    assert found["time"] == "2026-05-09T08:00:00.000+00:00"
    assert found["data"]["attributes"]["delivered_at"] == "2026-05-07T08:00:00.000+00:00"


def event(time: str, delivered: str) -> dict[str, Any]:
    return {"time": time, "data": {"attributes": {"delivered_at": delivered}}}

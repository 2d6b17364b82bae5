"""How good expected waits were: the figures, a line whose service is known, and the command."""

from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from tests.contract.event import advisor, arrived
from tests.contract.test_memory import InMemory
from tierlane.cli import tierlane
from tierlane.replay.expectation import Expectation, Following, as_dict, expectations
from tierlane.replay.stored import StoredRecord
from tierlane.value import format_time

NOW = 1_772_442_000_000

LINE = """
tierlane: 1
policy: line
desks: {hall: {offer: {lasts: 60s}, order: [waited]}}
lanes: {people: {kind: standard, desk: hall}}
plans: [{plan: everybody, steps: [{lane: people}]}]
finally: {until: 24h, close: sorry}
fallback: people
"""


def note(kind: str, contact: str, second: float, **data: Any) -> StoredRecord:
    """Return an audit record of a desk."""
    at = NOW + round(second * 1000)
    about = {"kind": kind, "contact_id": contact, "desk": "hall", "at": format_time(at), **data}
    value = orjson.dumps({"type": "tierlane.audit.v1", "data": about})
    return StoredRecord("routing.audit", 0, 0, at, contact.encode(), value)


def written(path: Path, *records: StoredRecord) -> str:
    """Write records as a log holds them; return the name of the file."""
    lines = []
    for number, one in enumerate(records):
        place = {"topic": one.topic, "partition": 0, "offset": number, "timestamp": one.timestamp}
        lines.append(orjson.dumps({**place, "key": "k", "value": (one.value or b"").decode()}))
    path.write_bytes(b"\n".join(lines))
    return str(path)


def entered(contact: str, second: float, wait: float | None, **data: Any) -> StoredRecord:
    told = {} if wait is None else {"wait": round(wait * 1000)}
    about = {"lane": "people", "place": 1, **told, **data}
    return note(about.pop("kind", "entered"), contact, second, **about)


def found(*records: StoredRecord) -> tuple[Expectation, ...]:
    following = Following()
    following.take(records)
    return following.result()


def test_what_came_is_held_against_what_was_told() -> None:
    (one,) = found(
        entered("k1", 0, 0),
        note("confirmed", "k1", 4),
        entered("k2", 10, 60),
        note("confirmed", "k2", 10 + 100),
        entered("k3", 20, 400),
        note("confirmed", "k3", 20 + 301),
        entered("k4", 20, 50),
        note("confirmed", "k4", 20 + 20),
    )
    assert (one.desk, one.lane, one.entered, one.compared) == ("hall", "people", 4, 4)
    assert one.bias == pytest.approx((4 + 40 - 99 - 30) / 4)
    assert one.error == pytest.approx((4 + 40 + 99 + 30) / 4)
    # 40 s are more than 30 and than a quarter of 60; 99 s are less than a quarter of 400.
    assert one.near == pytest.approx(3 / 4)
    bands = [(band.above, band.up_to, band.contacts) for band in one.bands]
    assert bands == [(0, 0, 1), (30, 60, 2), (300, 600, 1)]
    assert (one.bands[1].expected, one.bands[1].waited) == (55, 60)


def test_who_was_not_taken_on_there_is_counted_and_not_compared() -> None:
    places = found(
        entered("k1", 0, None),
        note("confirmed", "k1", 3),
        entered("k2", 0, 30),
        note("left", "k2", 3, reason="abandoned"),
        entered("k3", 0, 30),
        entered("k3", 5, 90, kind="moved", lane="senior"),
        note("confirmed", "k3", 95),
        entered("k4", 0, 30),
        note("handed_over", "k4", 3, to="tower"),
        entered("k5", 0, 30),
        note("offered", "k5", 3),
    )
    people, senior = places
    counts = (people.entered, people.unknown, people.left, people.moved, people.waiting)
    assert counts == (5, 1, 1, 2, 1)
    assert (people.compared, people.bias, people.error, people.near) == (0, None, None, None)
    assert (senior.lane, senior.compared, senior.bias) == ("senior", 1, 0)


def test_what_others_write_is_passed_over() -> None:
    other = note("decided", "k1", 0)
    broken = StoredRecord("routing.audit", 0, 0, NOW, b"k", b"{")
    empty = StoredRecord("routing.audit", 0, 0, NOW, b"k", None)
    assert found(other, broken, empty, note("confirmed", "k1", 0)) == ()


def test_a_band_without_an_end_is_plain_json() -> None:
    (one,) = found(entered("k1", 0, 5_000), note("confirmed", "k1", 5_000))
    (band,) = orjson.loads(orjson.dumps(as_dict(one)))["bands"]
    assert (band["above"], band["up_to"]) == (600, None)


def served(tmp_path: Path, spread: float) -> InMemory:
    """Let one advisor serve ninety contacts, a minute each give or take, in a line of some nine."""
    policy = tmp_path / "line.yaml"
    policy.write_text(LINE, encoding="utf-8")
    memory, random = InMemory(1, 500, policy), Random(7)
    memory.send([advisor("signed_on", "on", memory.now(), "hall")])
    memory.settle()
    memory.send([arrived(memory.now(), f"k-{one}", f"u-{one}") for one in range(9)])
    for taken in range(90):
        memory.settle()
        offer = orjson.loads(memory.read("advisor.offers")[-1].value)["data"]
        about = {"offer_id": offer["offer_id"]}
        memory.send([advisor("accepted", f"a-{taken}", memory.now(), "hall", **about)])
        memory.settle()
        service = round(1000 * (60 + spread * random.uniform(-1, 1)))
        before = random.randrange(service)
        memory._log.now += before
        if taken < 81:
            memory.send([arrived(memory.now(), f"k-{taken + 9}", f"u-{taken + 9}")])
            memory.settle()
        memory._log.now += service - before
        about = {"contact_id": offer["contact_id"]}
        memory.send([advisor("finished", f"f-{taken}", memory.now(), "hall", **about)])
    memory.settle()
    return memory


def test_a_line_whose_service_is_known_is_well_expected(tmp_path: Path) -> None:
    (one,) = expectations(served(tmp_path, 0)._log)
    # Nine came before a second was taken on; the first found the advisor free.
    assert (one.entered, one.unknown, one.compared) == (90, 9, 81)
    assert one.near == 1
    # A whole mean time is reckoned for the contact itself, of which half is over on the average.
    assert one.bias == pytest.approx(-30, abs=8)
    assert [(band.above, band.contacts) for band in one.bands] == [(0, 1), (300, 80)]


def test_a_line_whose_service_varies_is_expected_without_much_bias(tmp_path: Path) -> None:
    (one,) = expectations(served(tmp_path, 45)._log)
    assert (one.entered, one.unknown, one.compared) == (90, 9, 81)
    # Eight services of 60 s, each with a deviation of 26 s, deviate by 73 s; so does the pace of
    # twenty of them, times eight, by 47 s, and more at first: some 90 s in 480 s.
    assert one.error is not None and one.error < 90
    assert one.near is not None and one.near > 0.6
    assert one.bias is not None and abs(one.bias) < 60  # one mean time


def test_the_command_prints_and_writes_it(tmp_path: Path) -> None:
    records = (entered("k1", 0, 20), entered("k2", 0, None), note("confirmed", "k1", 30))
    path = written(tmp_path / "audit.jsonl", *records)
    done = CliRunner().invoke(tierlane, ["replay", "expected", "--format", "json", path])
    assert done.exit_code == 0, done.output
    (one,) = orjson.loads(done.stdout)
    assert (one["entered"], one["unknown"], one["compared"], one["bias"]) == (2, 1, 1, 10.0)
    done = CliRunner().invoke(tierlane, ["replay", "expected", path])
    assert done.exit_code == 0
    assert "+10.0 s" in done.stdout and "Not compared" in done.stdout


def test_a_record_that_says_nothing_of_waits_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "audit.jsonl", note("confirmed", "k1", 0))
    done = CliRunner().invoke(tierlane, ["replay", "expected", path])
    assert done.exit_code == 2
    assert "says of no wait how long it was expected to be" in done.output

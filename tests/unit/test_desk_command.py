"""`tierlane desk`: what is refused before any broker is asked, and the events it would send."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.policy.writing import policy
from tierlane.advisor import ADVISOR_EVENTS
from tierlane.cli import tierlane
from tierlane.cli.desk import ENTRIES
from tierlane.contact.reading import Reader
from tierlane.operator import ORDERS
from tierlane.value import format_time, parse_time

DESKS = """
tierlane: 1
policy: two
desks: {hall: {}, vault: {}, night: {managed: false}}
lanes:
  people: {kind: standard, desk: hall}
  senior: {kind: priority, desk: hall}
  keeper: {kind: dedicated, desk: vault}
  old: {kind: standard, desk: night}
plans: [{plan: everybody, steps: [{lane: people, until: 1m}, {lane: senior}]}]
finally: {until: 1h, close: sorry}
fallback: people
"""
ONE = DESKS.replace(", vault: {}", "").replace("desk: vault", "desk: hall")
NOWHERE = ("--brokers", "127.0.0.1:1")
WHY = ("--reason", " storm ")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "two.yaml"
    path.write_text(DESKS)
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tierlane, ["desk", *arguments])


def events(*arguments: str) -> list[dict[str, Any]]:
    """Return the events of a dry run, held to what a desk reads."""
    done = run(*arguments, "--dry-run", *NOWHERE)
    assert (done.exit_code, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    reader = Reader({**ADVISOR_EVENTS, **ORDERS})
    assert [reader.check(json.loads(json.dumps(one))).left_out for one in found] == [()] * len(
        found
    )
    return found


@pytest.mark.parametrize(
    ("order", "kind", "data"),
    [
        (("close", "people"), "closed", {"lane": "people", "until": None}),
        (("open", "senior"), "opened", {"lane": "senior"}),
        (("move", "k-1", "--to", "senior"), "moved", {"contact_id": "k-1", "lane": "senior"}),
        (("release", "k-1", "--desk", "hall"), "released", {"contact_id": "k-1"}),
        (("halt", "--desk", "hall"), "halted", {}),
        (("resume", "--desk", "hall"), "resumed", {}),
    ],
)
def test_order_is_an_event_to_the_desk_of_its_lane(
    file: str, order: tuple[str, ...], kind: str, data: dict[str, Any]
) -> None:
    before = time.time_ns() // 1_000_000
    (one,) = events(*order, *WHY, "--by", "m.li", "--policy", file)
    assert one["type"] == f"tierlane.desk.{kind}.v1"
    assert one["data"] == {"desk": "hall", **data, "reason": "storm", "by": "m.li"}
    assert one["subject"] == "hall"
    assert before <= parse_time(one["time"]) <= time.time_ns() // 1_000_000


def test_nobody_is_named_unless_stated(file: str) -> None:
    (one,) = events("open", "people", *WHY, "--policy", file)
    assert "by" not in one["data"]


def test_several_targets_are_as_many_events_in_their_order(file: str) -> None:
    found = events("move", "k-2", "k-1", "--to", "people", *WHY, "--policy", file)
    assert [one["data"]["contact_id"] for one in found] == ["k-2", "k-1"]
    assert len({one["id"] for one in found}) == 2


def test_end_is_a_time_from_now_or_a_moment(file: str) -> None:
    before = time.time_ns() // 1_000_000
    (one,) = events("close", "people", *WHY, "--policy", file, "--until", "1h30m")
    assert 0 <= parse_time(one["data"]["until"]) - 5_400_000 - before < 60_000
    later = format_time(before + 86_400_000)
    (two,) = events("close", "people", *WHY, "--policy", file, "--until", later)
    assert two["data"]["until"] == later


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("close", "poeple"), "policy `two` has no lane `poeple`\n  hint: did you mean `people`?"),
        (("open", "old"), "desk `night` is not managed\n  hint: an existing system assigns there"),
        (("close", "people", "keeper"), "lane `people` is at desk `hall`, `keeper` at `vault`"),
        (("close", "people", "--until", "noon"), "`noon` is no time\n  hint: such as `2h`"),
        (("close", "people", "--until", "2026-03-02T18:00:00"), "is no time"),
        (("close", "people", "--until", "2020-03-02T18:00:00Z"), "is over already"),
        (("move", "k-1", "--to", "seinor"), "no lane `seinor`\n  hint: did you mean `senior`?"),
        (("move", "", "--to", "senior"), "no desk would take this order: data.contact_id: empty"),
        (("release", "k-1"), "name the desk with --desk\n  hint: managed desks: `hall`, `vault`"),
        (("release", "k-1", "--desk", "hal"), "has no desk `hal`\n  hint: did you mean `hall`?"),
        (("release", "k-1", "--desk", "night"), "desk `night` is not managed"),
    ],
)
def test_what_no_desk_could_do_is_refused_with_2(
    file: str, arguments: tuple[str, ...], told: str
) -> None:
    done = run(*arguments, *WHY, "--policy", file, *NOWHERE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize("name", ENTRIES)
def test_every_order_has_a_reason(name: str, file: str) -> None:
    whole = name in ("halt", "resume")
    to = ["--to", "people"] if name == "move" else []
    at = ["--desk", "hall"] if whole or name == "release" else []
    to += [] if whole else ["people"]
    missing = run(name, *to, *at, "--policy", file, *NOWHERE)
    assert (missing.exit_code, "--reason" in missing.stderr) == (2, True)
    empty = run(name, *to, *at, "--policy", file, "--reason", "  ", *NOWHERE)
    assert (empty.exit_code, "--reason is empty" in empty.stderr) == (2, True)


def test_the_only_managed_desk_need_not_be_named(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(ONE)
    (one,) = events("release", "k-1", *WHY, "--policy", str(path))
    assert one["data"]["desk"] == "hall"


def test_policy_without_a_managed_desk_takes_no_order(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    path.write_text(policy())
    done = run("release", "k-1", *WHY, "--policy", str(path), *NOWHERE)
    assert (done.exit_code, "managed desks: none" in done.stderr) == (2, True)


def test_a_policy_with_a_fault_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(DESKS.replace("fallback: people", "fallback: nobody"))
    done = run("close", "people", *WHY, "--policy", str(path), *NOWHERE)
    assert done.exit_code != 0
    assert "nobody" in done.stderr


def test_without_a_policy_file_the_brokers_are_asked() -> None:
    done = run("close", "people", *WHY, *NOWHERE)
    assert (done.exit_code, "127.0.0.1:1" in done.stderr) == (2, True)


def test_brokers_that_do_not_answer_are_told(file: str) -> None:
    done = run("close", "people", *WHY, "--policy", file, *NOWHERE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "127.0.0.1:1" in done.stderr

"""`tierlane replay verify`, as it is typed."""

import gzip
import signal
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.replay.scene import FIRST, GOLDEN, MASK_KEY, Records, Scene, lines, recorded
from tierlane.audit.mask import Mask
from tierlane.cli import tierlane
from tierlane.replay.recording import record
from tierlane.replay.source.opening import opened
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verify import Terms
from tierlane.replay.verify.verify import verify as judge
from tierlane.topic import POLICY_REVISIONS, ROUTING_AUDIT


def decided(records: list[StoredRecord]) -> list[StoredRecord]:
    return [one for one in records if one.value and b'"kind":"decided"' in one.value]


KEY = ("--mask-key", MASK_KEY.decode())


@pytest.fixture(scope="module")
def few() -> list[StoredRecord]:
    return list(next(Scene().begin().batches()))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(FIRST, encoding="utf-8")
    return path


def verify(*words: object) -> Result:
    return CliRunner().invoke(tierlane, ["replay", "verify", *map(str, words)])


def test_a_record_that_follows_exits_zero(few, policy, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(lines(few))
    done = verify(tmp_path / "a.jsonl", "--policy", policy, *KEY)
    assert done.exit_code == 0, done.output
    assert (
        f"{len(decided(few))} of them are decisions" in done.stdout
        and "0 differences" in done.stdout
    )
    assert done.stderr == ""


def test_a_difference_is_told_with_both_sides(policy):
    done = verify(GOLDEN / "meant-to-fail.jsonl.gz", "--policy", policy, *KEY)
    assert done.exit_code == 1
    assert '`data.tier.name` recorded "gold", derived "standard"' in done.stdout
    assert "intake-" in done.stdout and "1 differences" in done.stdout


def test_json_has_the_same(few, policy):
    path = GOLDEN / "meant-to-fail.jsonl.gz"
    done = verify(path, "--policy", policy, *KEY, "--format", "json")
    told = orjson.loads(done.stdout)
    assert done.exit_code == 1 and told["decisions"] == len(decided(few)) - 1
    (one,) = told["differences"]
    assert (one["difference"], one["field"], one["topic"]) == (
        "changed", "data.tier.name", ROUTING_AUDIT,
    )  # fmt: skip


def test_another_engine_is_said_first(few, policy, tmp_path):
    older = [
        one._replace(value=one.value.replace(b'"tierlane":"0.1.0"', b'"tierlane":"0.0.9"'))
        for one in few
        if one.value
    ]
    (tmp_path / "a.jsonl").write_bytes(lines(older))
    done = verify(tmp_path / "a.jsonl", "--policy", policy, *KEY)
    assert done.exit_code == 0, done.stdout
    assert done.stderr.startswith(f"note: {len(decided(few))} records were made by another engine")
    assert "0.0.9" in done.stderr and "tzdata" in done.stderr


def test_the_audit_alone_takes_what_was_masked_on_trust(few, policy, tmp_path):
    alone = [one for one in few if one.topic == ROUTING_AUDIT]
    (tmp_path / "audit.jsonl.gz").write_bytes(gzip.compress(lines(alone)))
    words = (tmp_path / "audit.jsonl.gz", "--policy", policy, "--format", "json")
    told = orjson.loads(verify(*words).stdout)
    masked = sum(b'"masked"' in one.value for one in alone)
    whole = len(decided(few))
    assert 0 < masked < whole
    assert (told["on_trust"], told["decisions"]) == (masked, whole - masked)
    assert told["differences"] == []
    assert verify(*words).exit_code == 0
    assert verify(*words, "--strict").exit_code == 1


def test_the_audit_alone_finds_a_change_and_a_gap(few, policy, tmp_path):
    alone = [one for one in few if one.topic == ROUTING_AUDIT]
    plain = [at for at, one in enumerate(alone) if b'"masked"' not in one.value]
    at = next(at for at in plain if b'"kind":"decided"' in alone[at].value)
    alone[at] = alone[at]._replace(value=alone[at].value.replace(b'"lane":"', b'"lane":"x'))
    del alone[next(one for one in (4, 5, 6) if one != at)]
    (tmp_path / "audit.jsonl").write_bytes(lines(alone))
    done = verify(tmp_path / "audit.jsonl", "--policy", policy)
    assert done.exit_code == 1
    assert done.stdout.count(": changed: ") == 1 and "`data.lane` recorded" in done.stdout
    assert ": missing: what follows is not in the record" in done.stdout


def test_a_revision_that_nobody_has_is_an_error(few, tmp_path):
    kept = [one for one in few if one.topic != POLICY_REVISIONS]
    (tmp_path / "a.jsonl").write_bytes(lines(kept))
    done = verify(tmp_path / "a.jsonl")
    assert done.exit_code == 2
    assert "error: the revision `sample@" in done.stderr and "--policy FILE" in done.stderr


def test_a_source_without_audit_is_an_error(few, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(lines(o for o in few if o.topic != ROUTING_AUDIT))
    done = verify(tmp_path / "a.jsonl")
    assert done.exit_code == 2 and "holds no audit records" in done.stderr


def test_owners_are_judged_alike_by_any_number_of_processes(tmp_path, monkeypatch):
    """Also what is wrong with the record: it is told in the order of owners and records."""
    records = [one for one in recorded() if one.topic != "lane.priority"]
    some = [n for n, one in enumerate(records) if one.topic == ROUTING_AUDIT]
    for number in some[40:200:50]:
        value = (records[number].value or b"").replace(b'"tier":', b'"tiers":', 1)
        records[number] = records[number]._replace(value=value)
    records[some[300]] = records[some[300]]._replace(value=b"{")
    del records[some[120]]
    record(Records(records), tmp_path / "r")
    monkeypatch.setattr("tierlane.replay.crew.SMALL", 0)
    words = [tmp_path / "r", *KEY, "--format", "json", "--cores"]
    one, two = verify(*words, 1), verify(*words, 2)
    assert one.exit_code == two.exit_code == 1
    assert one.stdout == two.stdout
    told = orjson.loads(one.stdout)
    kinds = {row["difference"] for row in told["differences"]}
    assert {"changed", "missing", "unreadable"} <= kinds and told["complete"]


@pytest.mark.parametrize("cores", [1, 2])
def test_ctrl_c_leaves_the_verdict_on_those_that_were_through(tmp_path, monkeypatch, cores):
    record(Records(recorded()), tmp_path / "r")
    monkeypatch.setattr("tierlane.replay.crew.SMALL", 0)
    through: list[int] = []

    def judged(count: int) -> None:
        if not through:
            signal.raise_signal(signal.SIGINT)
        through.append(count)

    found = judge(opened([tmp_path / "r"]), Terms(Mask(MASK_KEY)), cores=cores, judged=judged)
    assert not found.complete and found.owners == through[-1] < 4
    assert "stopped: not verified are" in found.notices[-1] and not found.differences

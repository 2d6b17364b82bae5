"""The benchmarks still run: every row at its smallest, with the hash comparison of each run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Broker

pytest.importorskip("confluent_kafka", reason="requirements/bench.txt is not installed")
pytest.importorskip("quixstreams", reason="requirements/bench.txt is not installed")

ROOT = Path(__file__).parents[2]
TRANSPORT = {
    "faust_agent",
    "faststream_batch",
    "quix",
    "aiokafka_record",
    "aiokafka_batch",
    "confluent",
    "tierlane_exactly",
    "tierlane_least",
}


def bench(row: str, broker: Broker, file: Path) -> dict[str, object]:
    """Run one row of the quick bench and return it."""
    command = [sys.executable, "-m", "benchmarks", row, "--quick"]
    command += ["--brokers", broker.address, "--out", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "| goal" in done.stdout
    found: dict[str, object] = json.loads(file.read_text())[row]
    return found


@pytest.mark.timeout(300)
def test_transport_compares_all_contestants(kafka: Broker, tmp_path: Path) -> None:
    row = bench("transport", kafka, tmp_path / "out.json")
    rows = {one["name"]: one for one in row["rows"]}
    assert set(rows) == TRANSPORT
    assert all(one["rate"]["min"] > 0 for one in rows.values())
    assert len(row["goals"]) == 4


@pytest.mark.timeout(300)
def test_full_decides_alike_under_every_contestant(kafka: Broker, tmp_path: Path) -> None:
    row = bench("full", kafka, tmp_path / "out.json")
    assert {one["policy"] for one in row["rows"]} == {"sample", "bank", "table-10000"}
    assert {one["name"] for one in row["rows"] if one["policy"] == "sample"} == TRANSPORT
    for stage in row["stages"]:
        assert stage["decide"] > 0
        assert stage["encode"] > 0
        assert stage["audit_greatest"] <= 16_384


@pytest.mark.timeout(300)
def test_latency_and_growth_give_figures(kafka: Broker, tmp_path: Path) -> None:
    row = bench("latency", kafka, tmp_path / "latency.json")
    assert [one["name"] for one in row["rows"]] == ["passthrough", "tierlane"]
    assert all(0 < one["p50_ms"]["median"] <= one["p99_ms"]["median"] for one in row["rows"])
    grown = bench("growth", kafka, tmp_path / "growth.json")
    assert {one["kind"] for one in grown["rows"]} == {
        "contacts seen",
        "profiles loaded",
        "partitions held",
    }
    assert all(one["cpu_us"] > 0 for one in grown["rows"])

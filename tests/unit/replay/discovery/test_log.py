"""Logs of waits in files, and as our own records tell them."""

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from tests.unit.replay.discovery.line import served
from tierlane.cli import tierlane
from tierlane.errors import SourceError
from tierlane.replay.discovery.log import read_waits
from tierlane.replay.discovery.recorded import recorded_waits
from tierlane.replay.discovery.wait import Wait
from tierlane.replay.source.opening import opened

ROW = {
    "contact": "k-1", "since": "2026-03-02T10:00:00+08:00", "until": "2026-03-02T10:01:30+08:00",
    "priority": "2", "kind": "claims", "taken_by": "a-7", "taken": "",
    "promised": "2026-03-02T10:05:00+08:00",
}  # fmt: skip
BEGUN = 1_772_416_800.0
WAIT = Wait("k-1", "2026-03-02", BEGUN, BEGUN + 90, 2, "claims", "a-7", None, BEGUN + 300)


def csv(path: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(ROW), *(",".join(row.get(name, "") for name in ROW) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_csv_json_lines_and_parquet_tell_the_same(tmp_path) -> None:
    lines = tmp_path / "waits.jsonl"
    lines.write_bytes(orjson.dumps({name: text or None for name, text in ROW.items()}) + b"\n")
    table = tmp_path / "waits.parquet"
    pyarrow.parquet.write_table(pa.Table.from_pylist([ROW]), table)
    for path in (csv(tmp_path / "waits.csv", ROW), lines, table):
        assert list(read_waits(path)) == [WAIT]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"since": ""}, "since: missing"),
        ({"until": "yesterday"}, "until: not an ISO 8601 time"),
        ({"until": "2026-03-02T10:00:00"}, "until: a time without an offset"),
        ({"priority": "gold"}, "priority: not a number"),
    ],
)
def test_a_row_of_no_sense_is_named_by_its_line_and_not_quoted(tmp_path, change, fault) -> None:
    path = csv(tmp_path / "waits.csv", ROW, ROW | change)
    with pytest.raises(SourceError) as caught:
        list(read_waits(path))
    assert str(caught.value).partition("\n")[0] == f"`{path}`:3 {fault}"


def record(topic: str, at: int, kind: str, subject: str, **data: object) -> bytes:
    value = {
        "type": kind, "time": "2026-03-02T10:00:00+08:00", "subject": subject, "data": data,
    }  # fmt: skip
    return orjson.dumps(
        {"topic": topic, "partition": 0, "offset": at, "timestamp": at, "key": subject,
         "value": value}
    )  # fmt: skip


def test_our_own_records_tell_waits(tmp_path) -> None:
    entry = {"priority": 7, "lane": "plus", "respond_by": "2026-03-02T10:02:00+08:00"}
    moved = {"priority": 9, "lane": "fast", "respond_by": None}
    at = round(BEGUN * 1000)
    lines = [
        record("lane.priority", at, "tierlane.lane.entered.v1", "k-1",
               entered_at="2026-03-02T10:00:00+08:00", **entry),
        record("lane.priority", at, "tierlane.lane.entered.v1", "k-2",
               entered_at="2026-03-02T10:00:00+08:00", **entry),
        record("lane.priority", at + 20_000, "tierlane.lane.entered.v1", "k-2",
               entered_at="2026-03-02T10:00:20+08:00", **moved),
        record("contact.events", at + 60_000, "tierlane.contact.abandoned.v1", "k-1"),
        record("contact.events", at + 90_000, "tierlane.contact.answered.v1", "k-2",
               advisor_id="a-7"),
    ]  # fmt: skip
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert list(recorded_waits(opened([path]))) == [
        Wait("k-1", "2026-03-02", BEGUN, BEGUN + 60, 7, "plus", "", None, BEGUN + 120),
        Wait("k-2", "2026-03-02", BEGUN, BEGUN + 90, 9, "fast", "a-7", None, None),
    ]


def written(path: Path) -> Path:
    line = served(lambda one, now: one.since - 60 * one.priority, days=6, a_day=120)
    rows = [
        {"contact": one.contact, "since": _iso(one.since), "until": _iso(one.until),
         "priority": str(one.priority), "kind": one.kind, "taken_by": one.taken_by}
        for one in line
    ]  # fmt: skip
    return csv(path, *rows)


def _iso(moment: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).isoformat()


def test_the_command_says_the_order_in_words_and_as_json(tmp_path) -> None:
    source = f"waits:{written(tmp_path / 'waits.csv')}"
    plot = tmp_path / "sweep.svg"
    told = CliRunner().invoke(tierlane, ["replay", "discover", source, "--plot", str(plot)])
    assert told.exit_code == 0, told.output
    assert "credit of 60 s" in told.stdout
    assert "One order holds throughout" in told.stdout
    assert plot.read_text().startswith("<svg")
    shown = CliRunner().invoke(tierlane, ["replay", "discover", source, "--format", "json"])
    found = orjson.loads(shown.stdout)
    assert found["periods"][0]["orders"][0]["order"] == "credit"
    assert found["periods"][0]["orders"][0]["agreement"] == 1


def test_the_command_makes_a_page_and_speaks_chinese(tmp_path) -> None:
    source = f"waits:{written(tmp_path / 'waits.csv')}"
    page = tmp_path / "order.html"
    call = ["replay", "discover", source, "--page", str(page), "--lang", "zh"]
    told = CliRunner().invoke(tierlane, call)
    assert told.exit_code == 0, told.output
    assert "自始至终是同一次序：折抵 60 秒。" in told.stdout
    html = page.read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in html
    assert "knee c0" in html


def test_what_is_left_out_does_not_count(tmp_path) -> None:
    source = f"waits:{written(tmp_path / 'waits.csv')}"
    told = CliRunner().invoke(tierlane, ["replay", "discover", source, "--leave-out", "x"])
    assert told.exit_code == 2
    assert "nobody had a choice" in told.stderr


def test_a_log_that_is_not_there_is_refused(tmp_path) -> None:
    told = CliRunner().invoke(tierlane, ["replay", "discover", f"waits:{tmp_path / 'none.csv'}"])
    assert told.exit_code == 2

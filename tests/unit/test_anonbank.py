"""The bank's log as events: what each column becomes, and rows that cannot be read."""

import gzip
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tierlane.cli import tierlane
from tierlane.errors import UsageError
from tierlane.replay.source.anonbank import Refusal, contact_lines, in_time, profile_lines, read
from tierlane.sample.pack import pack

HEAD = (
    "vru_line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,q_start,q_exit,"
    "q_time,outcome,ser_start,ser_exit,ser_time,server\n"
)
TAIL = ",7:02:56,9,0:00:00,0:00:00,0,AGENT,7:02:55,7:05:41,166,s198249\n"
LATER = "AA0101,2,c1,2,PS,1999-01-05,9:00:00" + TAIL
UNKNOWN = "AA0216,7,0,0,PE,1999-01-04,7:02:47" + TAIL
EARLIER = "AA0102,9,c1,1,NE,1999-07-04,0:00:31" + TAIL


def log(folder: Path, *rows: str, name: str = "jan.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(tierlane, ["import", "anonbank", *map(str, arguments)])


def test_columns_become_an_arrival(tmp_path: Path) -> None:
    rows = list(read(log(tmp_path, UNKNOWN, LATER)))
    unknown, known = map(orjson.loads, contact_lines(rows))
    assert unknown == {
        "specversion": "1.0",
        "id": "AA0216-7",
        "source": "anonbank/AA0216",
        "type": "tierlane.contact.arrived.v1",
        "time": "1999-01-04T07:02:47+02:00",
        "subject": "AA0216-7",
        "data": {
            "contact_id": "AA0216-7",
            "channel": "voice",
            "language": "en",
            "subject": "PE",
            "attributes": {"priority": 0},
        },
    }
    assert known["data"] == {
        "contact_id": "AA0101-2",
        "channel": "voice",
        "customer_id": "c1",
        "subject": "PS",
        "attributes": {"priority": 2},
    }


def test_summer_time_has_another_offset(tmp_path: Path) -> None:
    [line] = contact_lines(read(log(tmp_path, EARLIER)))
    assert orjson.loads(line)["time"] == "1999-07-04T00:00:31+03:00"


def test_contacts_come_by_time_whatever_the_order_of_files(tmp_path: Path) -> None:
    rows = [*read(log(tmp_path, EARLIER, LATER)), *read(log(tmp_path, UNKNOWN, name="b.csv"))]
    assert [row.number for row in in_time(rows)] == ["7", "2", "9"]


def test_profile_holds_the_last_recorded_priority(tmp_path: Path) -> None:
    rows = list(read(log(tmp_path, EARLIER, LATER, UNKNOWN)))
    [profile] = map(orjson.loads, profile_lines(rows))
    assert profile["type"] == "tierlane.customer.profile.v1"
    assert profile["subject"] == "c1"
    assert profile["data"] == {
        "customer_id": "c1",
        "membership": {"programme": "priority", "level": "regular"},
    }


def test_gzip_is_read_as_plain(tmp_path: Path) -> None:
    plain = log(tmp_path, LATER, UNKNOWN)
    packed = tmp_path / "jan.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read(packed)) == list(read(plain))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (LATER.replace(",2,PS", ",3,PS"), "priority: not 0, 1 or 2"),
        (LATER.replace("9:00:00", "25:00:00"), "date, vru_entry: not a time"),
        (LATER.replace("1999-01-05", "1999-02-30"), "date, vru_entry: not a time"),
        (LATER.replace(",c1,", ",,"), "customer_id: missing"),
        ("AA0101,2\n", "customer_id: missing"),
    ],
)
def test_bad_row_is_refused_by_place_without_its_content(
    tmp_path: Path, row: str, fault: str
) -> None:
    path = log(tmp_path, UNKNOWN, row)
    assert list(read(path))[1] == Refusal(path, 3, fault)


def test_another_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="has no column `vru_line`"):
        list(read(path))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(HEAD.encode() + b"\xff\xfe\n")
    with pytest.raises(UsageError, match="is no text"):
        list(read(path))


def test_command_writes_events_and_policy(tmp_path: Path) -> None:
    out = tmp_path / "bank"
    done = run(log(tmp_path, LATER, UNKNOWN), "--out", out)
    assert done.exit_code == 0, done.output
    lines = (out / "contacts.jsonl").read_text(encoding="utf-8").splitlines()
    assert [orjson.loads(line)["subject"] for line in lines] == ["AA0216-7", "AA0101-2"]
    assert len((out / "profiles.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert (out / "policy.yaml").read_text(encoding="utf-8") == pack("bank")
    assert "2 contacts, 0 rows refused" in done.stderr


def test_command_goes_on_after_a_bad_row_and_exits_1(tmp_path: Path) -> None:
    path = log(tmp_path, LATER, "AA0101,2\n", UNKNOWN)
    done = run(path, "--out", tmp_path / "bank")
    assert done.exit_code == 1
    assert f"`{path}`:3 customer_id: missing" in done.stderr
    assert "2 contacts, 1 rows refused" in done.stderr


def test_command_refuses_an_unknown_source(tmp_path: Path) -> None:
    path = log(tmp_path, LATER)
    done = CliRunner().invoke(tierlane, ["import", "nobody", str(path)])
    assert done.exit_code == 2
    assert "'nobody' is not 'anonbank'" in done.stderr


def test_command_refuses_a_broken_gzip(tmp_path: Path) -> None:
    path = tmp_path / "jan.csv.gz"
    path.write_bytes(b"not gzip")
    done = run(path, "--out", tmp_path / "bank")
    assert done.exit_code == 2
    assert "Not a gzipped file" in done.stderr

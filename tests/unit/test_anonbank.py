"""The bank's log as events: what each column becomes, and rows that cannot be read."""

import gzip
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tierlane.address import Addresses
from tierlane.cli import tierlane
from tierlane.errors import UsageError
from tierlane.replay.source.anonbank import (
    Refusal,
    Row,
    contact_lines,
    in_time,
    profile_lines,
    read,
)
from tierlane.replay.source.anonbank.course import (
    BACKWARD,
    EARLY,
    OVERNIGHT,
    UNNAMED,
    UNSERVED,
    UNTIMED,
)
from tierlane.sample.pack import pack

HEAD = (
    "vru_line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,q_start,q_exit,"
    "q_time,outcome,ser_start,ser_exit,ser_time,server\n"
)
LATER = (
    "AA0101,2,c1,2,PS,1999-01-05,9:00:00,9:00:06,6,9:00:06,9:00:30,24,AGENT,9:00:30,9:05:00,270,"
    "s1\n"
)
UNKNOWN = (
    "AA0216,7,0,0,PE,1999-01-04,7:02:47,7:02:56,9,0:00:00,0:00:00,0,AGENT,7:02:55,7:05:41,166,s2\n"
)
SUMMER = (
    "AA0102,9,c1,1,NE,1999-07-04,0:00:31,0:00:36,5,0:00:36,0:03:09,153,HANG,0:00:00,0:00:00,0,"
    "NO_SERVER\n"
)
Told = tuple[str, str, dict[str, str]]
"""The last word of an event's type, its time of day, and its data without `contact_id`."""


def log(folder: Path, *rows: str, name: str = "jan.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def arrived(event: dict[str, object]) -> bool:
    return event["type"] == "tierlane.contact.arrived.v1"


def told(folder: Path, row: str) -> list[Told]:
    """Return what is told of a row after its arrival, which comes first."""
    first, *later = map(orjson.loads, contact_lines(read(log(folder, row))))
    assert arrived(first)
    for event in later:
        assert event["data"].pop("contact_id") == event["subject"] == first["subject"]
        assert event["source"] == first["source"]
    return [(event["type"].split(".")[2], event["time"][5:19], event["data"]) for event in later]


def odd(folder: Path, row: str) -> tuple[str, ...]:
    [kept] = read(log(folder, row))
    assert isinstance(kept, Row)
    return kept.odd


def run(*arguments: object) -> Result:
    return CliRunner().invoke(tierlane, ["import", "anonbank", *map(str, arguments)])


def test_columns_become_an_arrival(tmp_path: Path) -> None:
    rows = list(read(log(tmp_path, UNKNOWN, LATER)))
    unknown, known = (event for event in map(orjson.loads, contact_lines(rows)) if arrived(event))
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
    lines = contact_lines(read(log(tmp_path, SUMMER)))
    assert [orjson.loads(line)["time"] for line in lines] == [
        "1999-07-04T00:00:31+03:00",
        "1999-07-04T00:03:09+03:00",
    ]


def test_an_agent_answers_and_ends(tmp_path: Path) -> None:
    assert told(tmp_path, LATER) == [
        ("answered", "01-05T09:00:30", {"advisor_id": "s1"}),
        ("ended", "01-05T09:05:00", {"advisor_id": "s1", "outcome": "AGENT"}),
    ]
    assert odd(tmp_path, LATER) == ()


def test_who_hangs_up_abandons_as_he_leaves_the_queue_or_the_vru(tmp_path: Path) -> None:
    assert told(tmp_path, SUMMER) == [
        ("abandoned", "07-04T00:03:09", {"reason": "hung up in the queue"})
    ]
    unqueued = SUMMER.replace("0:00:36,0:03:09,153", "0:00:00,0:00:00,0")
    assert told(tmp_path, unqueued) == [
        ("abandoned", "07-04T00:00:36", {"reason": "hung up in the vru"})
    ]


def test_a_phantom_ends_unanswered(tmp_path: Path) -> None:
    phantom = SUMMER.replace("HANG", "PHANTOM")
    assert told(tmp_path, phantom) == [("ended", "07-04T00:03:09", {"outcome": "PHANTOM"})]


@pytest.mark.parametrize("outcome", ["HANG", "PHANTOM"])
def test_service_of_whom_nobody_served_is_left_out(tmp_path: Path, outcome: str) -> None:
    row = LATER.replace("AGENT", outcome).replace("s1", "NO_SERVER")
    [(_, time, data)] = told(tmp_path, row)
    assert time == "01-05T09:00:30"
    assert "advisor_id" not in data
    assert odd(tmp_path, row) == (UNSERVED,)


def test_an_agent_without_times_is_told_as_the_queue_is_left(tmp_path: Path) -> None:
    row = LATER.replace("9:00:30,9:05:00,270", "0:00:00,0:00:00,0")
    assert [(name, time) for name, time, _ in told(tmp_path, row)] == [
        ("answered", "01-05T09:00:30"),
        ("ended", "01-05T09:00:30"),
    ]
    assert odd(tmp_path, row) == (UNTIMED,)


def test_an_agent_without_a_name_is_nobody(tmp_path: Path) -> None:
    row = LATER.replace("s1", "NO_SERVER")
    assert [data for *_, data in told(tmp_path, row)] == [{}, {"outcome": "AGENT"}]
    assert odd(tmp_path, row) == (UNNAMED,)


def test_service_may_begin_before_the_queue_ends(tmp_path: Path) -> None:
    row = LATER.replace("AGENT,9:00:30", "AGENT,9:00:28")
    assert told(tmp_path, row)[0][:2] == ("answered", "01-05T09:00:28")
    assert odd(tmp_path, row) == (EARLY,)


def test_a_call_over_midnight_goes_on_the_next_day(tmp_path: Path) -> None:
    row = (
        "AA0101,3,c1,1,PS,1999-01-31,23:59:20,23:59:26,6,23:59:26,0:00:00,34,AGENT,0:00:01,0:01:40"
        ",99,s1\n"
    )
    assert [time for _, time, _ in told(tmp_path, row)] == ["02-01T00:00:01", "02-01T00:01:40"]
    assert odd(tmp_path, row) == (OVERNIGHT,)


def test_a_midnight_of_a_pair_is_a_time(tmp_path: Path) -> None:
    row = SUMMER.replace("0:00:31,0:00:36,5,0:00:36,0:03:09", "23:59:54,23:59:54,0,0:00:00,0:00:27")
    assert told(tmp_path, row) == [
        ("abandoned", "07-05T00:00:27", {"reason": "hung up in the queue"})
    ]


def test_no_event_stands_before_the_one_it_follows(tmp_path: Path) -> None:
    row = LATER.replace("9:00:30,9:05:00,270", "8:59:00,8:58:00,-60")
    assert [time for _, time, _ in told(tmp_path, row)] == ["01-05T09:00:00"] * 2
    assert odd(tmp_path, row) == (BACKWARD, EARLY)


def test_events_stand_by_time_between_those_of_other_contacts(tmp_path: Path) -> None:
    between = LATER.replace("AA0101,2", "AA0101,4").replace("9:00:", "9:01:")
    rows = in_time(read(log(tmp_path, between, LATER)))
    events = list(map(orjson.loads, contact_lines(rows)))
    times = [event["time"] for event in events]
    assert times == sorted(times)
    assert [event["id"] for event in events] == [
        "AA0101-2",
        "AA0101-2-answered",
        "AA0101-4",
        "AA0101-4-answered",
        "AA0101-2-ended",
        "AA0101-4-ended",
    ]


@pytest.mark.parametrize(("row", "key"), [(LATER, "c1"), (UNKNOWN, "AA0216-7")])
def test_later_events_carry_the_key_of_their_arrival(tmp_path: Path, row: str, key: str) -> None:
    lines = contact_lines(read(log(tmp_path, row)))
    # Each is asked of its own, as when the file is sent in parts: nothing is remembered.
    assert {Addresses().of(line.encode()).key for line in lines} == {key}


def test_contacts_come_by_time_whatever_the_order_of_files(tmp_path: Path) -> None:
    rows = [*read(log(tmp_path, SUMMER, LATER)), *read(log(tmp_path, UNKNOWN, name="b.csv"))]
    assert [row.number for row in in_time(rows)] == ["7", "2", "9"]


def test_profile_holds_the_last_recorded_priority(tmp_path: Path) -> None:
    rows = list(read(log(tmp_path, SUMMER, LATER, UNKNOWN)))
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
        (LATER.replace("9:05:00", "9:65:00"), "date, ser_exit: not a time"),
        (LATER.replace("AGENT", "WAITED"), "outcome: not AGENT, HANG or PHANTOM"),
        (LATER.replace("AGENT", ""), "outcome: missing"),
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
    with pytest.raises(
        UsageError, match=r"cannot be read: .*\n  hint: a file whose name ends in \.gz"
    ):
        list(read(path))


def test_command_writes_events_and_policy(tmp_path: Path) -> None:
    out = tmp_path / "bank"
    done = run(log(tmp_path, LATER, UNKNOWN), "--out", out)
    assert done.exit_code == 0, done.output
    lines = (out / "contacts.jsonl").read_text(encoding="utf-8").splitlines()
    assert [orjson.loads(line)["subject"] for line in lines] == ["AA0216-7"] * 3 + ["AA0101-2"] * 3
    assert len((out / "profiles.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert (out / "policy.yaml").read_text(encoding="utf-8") == pack("bank")
    assert "2 contacts, 0 rows refused" in done.stderr
    assert "rows:" not in done.stderr


def test_command_counts_odd_rows(tmp_path: Path) -> None:
    unnamed = LATER.replace("s1", "NO_SERVER")
    done = run(
        log(tmp_path, unnamed, unnamed.replace(",2,c1", ",3,c1")), "--out", tmp_path / "bank"
    )
    assert done.exit_code == 0, done.output
    assert "       2 rows: an agent without a name: answered, advisor_id left out" in done.stderr


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

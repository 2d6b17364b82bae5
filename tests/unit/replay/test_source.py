"""Sources: records of topics and bare events, in every form that is read."""

import gzip
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from tierlane.cli.replay.source import open_sources
from tierlane.errors import SourceError, UsageError
from tierlane.replay.source.line import Lines
from tierlane.replay.source.opening import opened
from tierlane.replay.source.source import Source
from tierlane.replay.source.table import Table, TableWriter
from tierlane.replay.stored import StoredRecord


def event(contact: str, second: int, **data: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"e-{contact}",
            "source": "s",
            "type": "tierlane.contact.arrived.v1",
            "time": f"2026-03-02T08:00:{second:02}+00:00",
            "data": {"contact_id": contact, "channel": "chat", **data},
        }
    )


def profile(customer: str, second: int) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"p-{customer}",
            "source": "crm",
            "type": "tierlane.customer.profile.v1",
            "time": f"2026-03-02T08:00:{second:02}+00:00",
            "data": {"customer_id": customer},
        }
    )


def every(source: Source, *topics: str) -> list[StoredRecord]:
    return [StoredRecord(*one) for batch in source.batches(topics or None) for one in batch]


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def stored(offset: int, at: int, topic: str = "contact.events") -> StoredRecord:
    headers = (("ce_id", b"\xff\x00"),) if offset % 2 else ()
    return StoredRecord(
        topic, offset % 3, offset, at, b"k", None if offset == 3 else b"{}", headers
    )


def test_bare_events_get_topic_key_and_offset(tmp_path):
    path = write(tmp_path / "in.jsonl", event("k-1", 1), b"", event("k-2", 2, customer_id="u-2"))
    first, second = every(opened([path]))
    assert (first.topic, first.key, first.offset) == ("contact.events", b"k-1", 0)
    assert (second.key, second.offset, second.timestamp) == (b"u-2", 1, 1_772_438_402_000)
    assert orjson.loads(second.value)["data"]["contact_id"] == "k-2"


def test_files_are_merged_by_time_and_topics_chosen(tmp_path):
    write(tmp_path / "contacts.jsonl", event("k-1", 1), event("k-2", 3))
    write(tmp_path / "profiles.jsonl", profile("u-1", 0), profile("u-2", 2))
    write(tmp_path / "_left_out.jsonl", b"no JSON")
    source = opened([tmp_path])
    assert [one.timestamp // 1000 % 60 for one in every(source)] == [0, 1, 2, 3]
    assert [one.key for one in every(source, "customer.profiles")] == [b"u-1", b"u-2"]


@pytest.mark.parametrize("parts", [1, 2])
def test_compressed_lines_are_the_same(tmp_path, parts):
    lines = [event(f"k-{number}", number % 60) for number in range(300)]
    whole = every(opened([write(tmp_path / "in.jsonl", *lines)]))
    pieces = [b"".join(line + b"\n" for line in lines[n::parts]) for n in range(parts)]
    if parts == 2:  # members one after the other, as `cat` makes them of rotated files
        pieces = [
            b"".join(x + b"\n" for x in lines[:150]),
            b"".join(x + b"\n" for x in lines[150:]),
        ]
    (tmp_path / "a.jsonl.gz").write_bytes(b"".join(map(gzip.compress, pieces)))
    (tmp_path / "a.jsonl.zst").write_bytes(
        b"".join(pa.compress(one, "zstd", asbytes=True) for one in pieces)
    )
    assert every(opened([tmp_path / "a.jsonl.gz"])) == whole
    assert every(opened([tmp_path / "a.jsonl.zst"])) == whole


def test_records_keep_what_the_log_said(tmp_path):
    line = {
        "topic": "t",
        "partition": 4,
        "offset": 9,
        "timestamp": 5,
        "key": "k",
        "value": {"a": 1},
        "headers": [["h", "x"]],
    }
    kcat = {"topic": "t", "partition": 0, "offset": 1, "tstype": "create", "ts": 7, "payload": "{}"}
    coded = {**line, "value": None, "value_base64": "/w==", "headers": {"h": "y"}}
    path = write(tmp_path / "in.jsonl", *map(orjson.dumps, (line, kcat, coded)))
    first, second, third = every(Lines(path))
    assert first == StoredRecord("t", 4, 9, 5, b"k", b'{"a":1}', (("h", b"x"),))
    assert second == StoredRecord("t", 0, 1, 7, None, b"{}")
    assert (third.value, third.headers) == (b"\xff", (("h", b"y"),))


def test_parquet_keeps_records_byte_for_byte(tmp_path):
    records = [stored(number, 100 + number) for number in range(50)]
    with TableWriter(tmp_path / "deep" / "a.parquet") as writer:
        for one in records:
            writer.write(one)
    assert every(Table(tmp_path / "deep" / "a.parquet")) == records
    assert every(opened([tmp_path])) == records
    assert every(opened([tmp_path]), "none") == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([event("k", 1), b"{"], ":2 not-json"),
        ([b"[]"], ":1 not-an-object"),
        ([b'{"topic": "t", "offset": -1, "partition": 0}'], ":1 wrong-type: offset"),
        ([b'{"topic": "t", "offset": 1, "partition": "0"}'], ":1 wrong-type: partition"),
        ([event("k", 1).replace(b"2026-03-02T08", b"2026-03-99T08")], ":1 bad-time"),
        ([b'{"type": "other", "data": {}}'], ":1 unknown-type"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_shown(tmp_path, lines, told):
    path = write(tmp_path / "in.jsonl", *lines)
    with pytest.raises(SourceError) as caught:
        every(Lines(path))
    assert f"`{path}`{told}" in str(caught.value)


def test_files_that_are_no_source_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "a.txt", b"")
    write(tmp_path / "a.parquet", b"no table")
    write(tmp_path / "b.jsonl.gz", b"no gzip")
    for name, told in (
        ("none", "there is no file"),
        ("empty", "holds no records"),
        ("a.txt", "is of no form"),
        ("a.parquet", "row 1:"),
        ("b.jsonl.gz", ":1 cannot be read"),
    ):
        with pytest.raises(SourceError, match=told):
            every(opened([tmp_path / name]))


def test_other_tables_are_refused(tmp_path):
    pa.parquet.write_table(pa.table({"topic": ["t"]}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="has no column `partition`"):
        every(opened([tmp_path]))


def test_a_public_log_is_a_source(tmp_path):
    head = (
        "vru_line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,q_start,"
        "q_exit,q_time,outcome,ser_start,ser_exit,ser_time,server"
    )
    row = (
        "AA0101,33116,9664491,2,PS,1999-01-01,0:00:31,0:00:36,5,0:00:36,0:03:09,153,HANG,"
        "0:00:00,0:00:00,0,NO_SERVER"
    )
    path = write(tmp_path / "jan.csv", head.encode(), row.encode())
    source = open_sources([f"anonbank:{path}"])
    topics = [(one.topic, one.key) for one in every(source)]
    assert sorted(topics) == [
        ("contact.events", b"9664491"),
        ("contact.events", b"9664491"),
        ("customer.profiles", b"9664491"),
    ]
    broken = write(tmp_path / "feb.csv", head.encode(), row.replace("0:00:31", "x").encode())
    with pytest.raises(SourceError, match=":2 date"):
        every(open_sources([f"anonbank:{broken}"]))
    with pytest.raises(UsageError, match="read alone"):
        open_sources([f"anonbank:{path}", str(path)])

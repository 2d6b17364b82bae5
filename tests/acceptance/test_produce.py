"""`tierlane produce` as a process: what lies on the topics afterwards, and how bad lines end."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson
import pytest

from tests.broker.log import Fresh, Kept, Log
from tests.conftest import Broker
from tests.worker import COMMAND
from tierlane.address import Addresses
from tierlane.sample import Sample
from tierlane.stream.murmur import place
from tierlane.topic import ADVISOR_DIRECTORY, CONTACT_EVENTS, CONTACT_REJECTED, CUSTOMER_PROFILES

TOPICS = (ADVISOR_DIRECTORY, CONTACT_EVENTS, CONTACT_REJECTED, CUSTOMER_PROFILES)
PARTITIONS = 3

Produce = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def produce(broker: Broker, log: Log) -> Produce:
    """Create the topics, and return a way to run `tierlane produce` on them."""
    asyncio.run(log.create(TOPICS, PARTITIONS))
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIERLANE_")}
    guarantee = "exactly-once" if broker.transactional else "at-least-once"
    environment = {**clean, "TIERLANE_PREFIX": log.prefix, "TIERLANE_GUARANTEE": guarantee}

    def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [*COMMAND, "produce", "--brokers", broker.address, *map(str, arguments)]
        return subprocess.run(
            command, input=stdin, capture_output=True, timeout=60, env=environment
        )

    return run


def kept(log: Log, *topics: str) -> list[Kept]:
    async def read() -> list[Kept]:
        return [record async for record in log.read(topics)]

    return asyncio.run(read())


def write(path: Path, lines: Sequence[bytes | str]) -> Path:
    path.write_bytes(b"".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return path


def test_every_event_lies_whole_on_its_topic_and_murmur2_partition(
    produce: Produce, log: Log, tmp_path: Path
) -> None:
    sample = Sample(2_000, 3)
    lines = {
        CONTACT_EVENTS: list(sample.contact_lines()),
        CUSTOMER_PROFILES: list(sample.profile_lines()),
        ADVISOR_DIRECTORY: list(sample.advisor_lines()),
    }
    files = [write(tmp_path / f"{topic}.jsonl", texts) for topic, texts in lines.items()]
    done = produce(*files)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert b" events sent in " in done.stderr
    addresses = Addresses()
    for topic, texts in lines.items():
        sent = [(addresses.of(t.encode()).key.encode(), t.rstrip("\n").encode()) for t in texts]
        found = kept(log, topic)
        assert sorted((r.key, r.value) for r in found) == sorted(sent)
        assert {r.partition for r in found} <= set(range(PARTITIONS))
        assert all(r.partition == place(r.key, PARTITIONS) for r in found)


def test_events_of_one_key_keep_their_order(produce: Produce, log: Log, tmp_path: Path) -> None:
    texts = list(Sample(1_000, 4).contact_lines())
    assert produce(write(tmp_path / "contacts.jsonl", texts)).returncode == 0
    addresses = Addresses()
    wanted: dict[bytes, list[bytes]] = {}
    for text in texts:
        key = addresses.of(text.encode()).key.encode()
        wanted.setdefault(key, []).append(text.rstrip("\n").encode())
    found: dict[bytes, list[bytes]] = {}
    for record in kept(log, CONTACT_EVENTS):
        found.setdefault(record.key, []).append(record.value)
    assert found == wanted


def test_bad_lines_are_named_without_content_and_the_others_sent(
    produce: Produce, log: Log, tmp_path: Path
) -> None:
    good = next(Sample(1, 1).contact_lines())
    secret = b'{"type": "tierlane.contact.arrived.v1", "data": {"text": "my secret"}}\n'
    path = write(tmp_path / "mixed.jsonl", [good, b"\n", b"{oops\n", secret, good])
    done = produce(path)
    assert done.returncode == 1
    errors = done.stderr.decode()
    assert f"`{path}`:3 not-json: column 2" in errors
    assert f"`{path}`:4 no-key: data.contact_id: missing or no text" in errors
    assert "2 events sent" in errors
    assert "2 lines refused" in errors
    assert "secret" not in errors
    assert len(kept(log, CONTACT_EVENTS)) == 2


def test_stdin(produce: Produce, log: Log) -> None:
    text = next(Sample(1, 1).contact_lines()).encode()
    assert produce("-", stdin=text).returncode == 0
    assert [record.value for record in kept(log, CONTACT_EVENTS)] == [text.rstrip()]


def test_rate_spreads_events_over_time(produce: Produce, tmp_path: Path) -> None:
    texts = list(Sample(60, 1).contact_lines())[:60]
    start = time.monotonic()
    assert produce(write(tmp_path / "c.jsonl", texts), "--rate", "40/s").returncode == 0
    assert time.monotonic() - start > 59 / 40


def test_rejected_records_go_out_to_be_repaired_and_back(
    produce: Produce, log: Log, tmp_path: Path
) -> None:
    headers = (
        ("trace", b"7"),
        ("tierlane-reason", b"not-json"),
        ("tierlane-detail", b"column 1"),
        ("tierlane-topic", CONTACT_EVENTS.encode()),
        ("tierlane-partition", b"0"),
        ("tierlane-offset", b"12"),
    )
    asyncio.run(log.write([Fresh(CONTACT_REJECTED, b"u-1", b"{oops", headers=headers)]))
    done = produce("--from-rejected")
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    row = orjson.loads(line)
    assert (row["reason"], row["value_text"], row["offset"]) == ("not-json", "{oops", 12)
    del row["value_text"]
    repaired = write(tmp_path / "repaired.jsonl", [orjson.dumps({**row, "value": {"a": 1}})])
    assert produce("--from-rejected", repaired).returncode == 0
    [back] = kept(log, CONTACT_EVENTS)
    assert (back.key, back.value, back.headers) == (b"u-1", b'{"a":1}', (("trace", b"7"),))


def test_missing_topic_is_named_with_the_remedy(produce: Produce, log: Log, tmp_path: Path) -> None:
    event = {"type": "tierlane.advisor.signed_on.v1", "data": {"advisor_id": "a", "desk": "d"}}
    done = produce(write(tmp_path / "a.jsonl", [orjson.dumps(event)]))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"error: there is no topic `{log.prefix}advisor.events`\n"
        "  hint: `tierlane topics apply` creates the topics\n"
    )


def test_no_broker_is_told_in_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", list(Sample(1, 1).contact_lines()))
    done = subprocess.run(
        [*COMMAND, "produce", "--brokers", "127.0.0.1:1", path], capture_output=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: no broker answers at `127.0.0.1:1`")
    assert done.stderr.count(b"\n") == 2
    rejected = subprocess.run(
        [*COMMAND, "produce", "--brokers", "127.0.0.1:1", "--from-rejected"],
        capture_output=True,
        timeout=60,
    )
    assert (rejected.returncode, rejected.stderr) == (2, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no FILE was given"),
        (["--rate", "9", "FILE"], "`9` is no rate"),
        (["--rate", "9/s", "--real-time", "FILE"], "exclude each other"),
        (["--speed", "2", "FILE"], "--speed needs --real-time"),
        (["/no/such/file"], "does not exist"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], words: str) -> None:
    path = write(tmp_path / "c.jsonl", list(Sample(1, 1).contact_lines()))
    called = [str(path) if argument == "FILE" else argument for argument in arguments]
    done = subprocess.run([*COMMAND, "produce", *called], capture_output=True, timeout=60)
    assert done.returncode == 2
    assert words in done.stderr.decode()

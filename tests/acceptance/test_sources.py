"""Every command of replay says the same of a range of Kafka's topics as of the files of it.

A record of two owners lies on the topics, its offsets as they were, with aborted transactions
behind it. Commands run in this process, so that the walk takes seconds.
"""

import asyncio
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from tests.broker.log import Fresh, Log
from tests.conftest import Broker
from tests.replay.scene import FIRST, MASK_KEY, PARTITIONS, SECOND, lines, recorded
from tests.unit.replay.discovery.line import served
from tierlane.cli import tierlane
from tierlane.replay.stored import StoredRecord
from tierlane.sample.pack import staffing
from tierlane.topic import CONTACT_EVENTS, ROUTING_AUDIT
from tierlane.value import format_time

KEY = ("--mask-key", MASK_KEY.decode())
JSON = ("--cores", 1, "--format", "json")
WORK = "service: [{exponential: 3m}]\npatience: [{exponential: 5m}]\n"
FOR_GOOD = {"retention.ms": "-1", "message.timestamp.type": "CreateTime"}
"""The record is older than what a topic keeps by itself."""


async def written(log: Log) -> None:
    await put(log, recorded())
    await aborted(log)


async def put(log: Log, records: Sequence[StoredRecord]) -> None:
    names = sorted({one.topic for one in records})
    await log.create(dict.fromkeys(names, FOR_GOOD), PARTITIONS)
    await log.write(
        Fresh(one.topic, one.key, one.value, one.partition, one.timestamp, one.headers)
        for one in records
    )


async def aborted(log: Log) -> None:
    """Write what nobody may ever see: the whole audit once more, and arrivals."""
    producer = AIOKafkaProducer(
        bootstrap_servers=log.address, transactional_id=f"{log.prefix}aborted"
    )
    await producer.start()
    try:
        await producer.begin_transaction()
        for one in recorded():
            if one.topic in (ROUTING_AUDIT, CONTACT_EVENTS):
                topic = log.prefix + one.topic
                await producer.send(topic, one.value, one.key, one.partition, one.timestamp)
        await producer.flush()
        await producer.abort_transaction()
    finally:
        await producer.stop()


@dataclass
class Walk:
    """The record on Kafka and as files, and the commands of replay."""

    folder: Path
    kafka: Sequence[str]

    def on_kafka(self, command: str, *words: object) -> Result:
        return self.of("kafka:", command, *words, *self.kafka)

    def of(self, source: object, command: str, *words: object) -> Result:
        given = ["replay", command, source, *words]
        return CliRunner().invoke(tierlane, list(map(str, given)))

    def same(self, command: str, *words: object) -> str:
        """Return what a command prints of both, which is the same."""
        one, other = self.on_kafka(command, *words), self.of(self.folder / "r", command, *words)
        assert one.exit_code == other.exit_code == 0, one.output + other.output
        assert one.stdout == other.stdout
        return one.stdout


@pytest.fixture(scope="module")
def walk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walk]:
    broker: Broker = request.getfixturevalue("run_broker")
    if not broker.transactional:
        pytest.skip("needs transactional producers")
    log = Log(broker.address, "sources-", idempotent=True)
    folder = tmp_path_factory.mktemp("sources")
    (folder / "a.yaml").write_text(FIRST, encoding="utf-8")
    (folder / "b.yaml").write_text(SECOND, encoding="utf-8")
    (folder / "staff.yaml").write_text(staffing() + WORK, encoding="utf-8")
    asyncio.run(written(log))
    walk = Walk(folder, ("--brokers", log.address, "--prefix", log.prefix))
    done = walk.on_kafka("record", "--out", folder / "r")
    assert done.exit_code == 0, done.output
    try:
        yield walk
    finally:
        asyncio.run(log.delete())


def test_what_was_aborted_is_not_in_a_recording(walk: Walk) -> None:
    told = orjson.loads(walk.of(walk.folder / "r", "verify", *KEY, *JSON).stdout)
    assert told["differences"] == [] and told["on_trust"] == told["midway"] == 0
    written = [one for one in recorded() if one.topic == ROUTING_AUDIT]
    assert told["audit_records"] == len(written)
    manifest = orjson.loads((walk.folder / "r" / "_manifest.json").read_bytes())
    spans = {(one["topic"], one["partition"]): one for one in manifest["files"]}
    for number in range(PARTITIONS):
        own = [one.offset for one in written if one.partition == number]
        assert spans[ROUTING_AUDIT, number]["last"] == max(own)


def test_verify_says_the_same(walk: Walk) -> None:
    one = orjson.loads(walk.on_kafka("verify", *KEY, *JSON).stdout)
    other = orjson.loads(walk.of(walk.folder / "r", "verify", *KEY, *JSON).stdout)
    assert one.pop("events") > other.pop("events")  # a recording has those profiles that were used
    assert one == other and one["decisions"] > 400 and one["differences"] == []


@pytest.mark.parametrize("end", [".jsonl.gz", ".jsonl.zst"])
def test_compressed_lines_verify_alike(walk: Walk, end: str) -> None:
    path = walk.folder / f"r{end}"
    if end.endswith(".gz"):
        path.write_bytes(gzip.compress(lines(recorded())))
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as file:
            file.write(lines(recorded()))
    one = orjson.loads(walk.of(path, "verify", *KEY, *JSON).stdout)
    other = orjson.loads(walk.of(walk.folder / "r", "verify", *KEY, *JSON).stdout)
    assert one.pop("events") > other.pop("events")  # a recording has those profiles that were used
    assert one == other and one["decisions"] > 400


def test_ranges_by_times_and_by_offsets_verify(walk: Walk) -> None:
    moments = sorted(one.timestamp for one in recorded() if one.topic == ROUTING_AUDIT)
    middle = format_time(moments[len(moments) // 2])
    later = orjson.loads(walk.on_kafka("verify", *KEY, "--since", middle, *JSON).stdout)
    assert later["differences"] == [] and later["midway"] > 0
    sooner = orjson.loads(walk.on_kafka("verify", *KEY, "--until", middle, *JSON).stdout)
    assert sooner["differences"] == [] and sooner["midway"] == 0
    assert 100 < sooner["decisions"] < 400 and sooner["beyond"] > 100
    few = [f"{CONTACT_EVENTS}:{number}:0-60" for number in range(PARTITIONS)]
    ranges = [word for one in few for word in ("--offsets", one)]
    by_offset = orjson.loads(walk.on_kafka("verify", *KEY, *ranges, *JSON).stdout)
    assert by_offset["differences"] == [] and by_offset["beyond"] > 100
    assert 0 < by_offset["decisions"] < sooner["decisions"]


def test_comparing_and_simulating_say_the_same(walk: Walk) -> None:
    a, b, staff = (walk.folder / name for name in ("a.yaml", "b.yaml", "staff.yaml"))
    both = ("--policy", a, "--against", b)
    told = orjson.loads(walk.same("diff", *both, *JSON))
    assert told["contacts"] > 300 and told["moved"] > 10 and told["duplicates"] > 0
    played = walk.same("simulate", "--policy", a, "--staffing", staff, "--replications", 1, *JSON)
    assert orjson.loads(played)
    page = walk.folder / "page.html"
    said = walk.same(
        "report", *both, "--staffing", staff, "--replications", 1, "--cores", 1, "--out", page
    )
    assert said and page.stat().st_size > 20_000


def test_looking_back_says_the_same(walk: Walk) -> None:
    joined = orjson.loads(
        walk.same("feedback", "--policy", walk.folder / "a.yaml", "--format", "json")
    )
    assert joined["contacts"] > 300 and not joined["decided_anew"]
    fitted = orjson.loads(walk.same("fit", "--format", "json"))
    assert fitted["complete"] and fitted["patience"]


def test_discover_says_the_same(walk: Walk) -> None:
    path = walk.folder / "waits.jsonl"
    path.write_bytes(lines(waited()))
    log = Log(walk.kafka[1], "waits-")
    asyncio.run(put(log, waited()))
    try:
        words = ("--brokers", log.address, "--prefix", log.prefix, "--format", "json")
        one, other = walk.of("kafka:", "discover", *words), walk.of(path, "discover", *words[4:])
    finally:
        asyncio.run(log.delete())
    assert one.exit_code == 0 and one.stdout == other.stdout, one.output
    found = orjson.loads(one.stdout)
    assert found["complete"] and found["periods"][0]["orders"][0]["order"] == "strict"


def waited() -> list[StoredRecord]:
    """Return lane entries and answers of contacts of which the highest is always taken next."""
    found = []
    for number, one in enumerate(served(lambda one, now: (-one.priority, one.since), days=3)):
        entry = {"priority": one.priority, "lane": "people", "entered_at": moment(one.since)}
        for topic, kind, at, data in (
            ("lane.standard", "lane.entered", one.since, entry),
            (CONTACT_EVENTS, "contact.answered", one.until, {"advisor_id": one.taken_by}),
        ):
            event = {"type": f"tierlane.{kind}.v1", "subject": f"k-{number}",
                     "time": moment(at), "data": data}  # fmt: skip
            found.append(StoredRecord(topic, 0, 0, round(at * 1000), b"k", orjson.dumps(event)))
    found.sort(key=lambda one: one.timestamp)
    return [one._replace(offset=number) for number, one in enumerate(found)]


def moment(seconds: float) -> str:
    return format_time(round(seconds * 1000))


@pytest.mark.parametrize("command", ["verify", "discover", "fit"])
def test_topics_that_are_not_there_are_told(walk: Walk, command: str) -> None:
    done = walk.of("kafka:", command, "--brokers", walk.kafka[1], "--prefix", "elsewhere-")
    assert done.exit_code == 2 and "none of the topics is there" in done.stderr


def test_a_broken_line_is_told_by_file_and_line(walk: Walk) -> None:
    path = walk.folder / "broken.jsonl"
    path.write_bytes(b"".join(lines(recorded()).splitlines(keepends=True)[:5]) + b"{no JSON\n")
    words = ("--policy", walk.folder / "a.yaml", "--against", walk.folder / "b.yaml")
    for command, more in (("verify", ()), ("diff", words), ("fit", ()), ("discover", ())):
        done = walk.of(path, command, *more)
        assert done.exit_code == 2 and "broken.jsonl`:6" in done.stderr, done.output

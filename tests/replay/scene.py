"""Ten days of two owners, recorded in memory: everything that leaves its mark in an audit.

`python -m tests.replay.scene` writes the recordings under `golden/` anew, which is only right where
a release changes what a policy means; the changelog must then say so.
"""

import gzip
from collections.abc import Collection, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import orjson

from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import Kept, Publication, Wish, after, document_record
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.replay.source.line import Reading
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.sample.folder import Sample
from tierlane.sample.pack import pack
from tierlane.stream.murmur import place
from tierlane.topic import POLICY_REVISIONS
from tierlane.value import format_time

MASK_KEY = b"golden recording"
PARTITIONS = 2
CONTACTS = 260
DAY = 86_400_000

FACTS = """facts:
  - fact: lately
    default: false
    rules: [{rule: within the hour, when: "age(memory.last_at) < duration('1h')", then: true}]
  - fact: served
    default: false
    rules: [{rule: by somebody, when: memory.last_advisor != null, then: true}]
  - fact: settled
    default: false
    rules: [{rule: ended well, when: memory.last_outcome == 'solved', then: true}]
"""
"""Facts that look back, which the sample has few of."""

FLOORS = """floors:
  - rule: who writes waits no day
    when: contact.channel == 'chat'
    then: {resolve: 24h, priority: 16}
"""
"""A floor beside those of the sample, so that two bind at once."""

FIRST = pack("sample").replace("facts:\n", FACTS).replace("floors:\n", FLOORS)
SECOND = (
    FIRST.replace("at_least('gold'), then: {start: 5", "at_least('gold'), then: {start: 6")
    .replace("shop people: {kind", "shop folk: {kind")
    .replace("lane: shop people", "lane: shop folk")
    .replace("fallback: shop people", "fallback: shop folk")
)
"""Another priority for gold, and a lane by another name."""


def event(kind: str, name: str, at: int, **data: Any) -> bytes:
    """Encode an event of the type `tierlane.KIND.v1`."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": name,
            "source": "scene",
            "type": f"tierlane.{kind}.v1",
            "time": format_time(at),
            "data": data,
        }
    )


class Scene:
    """Plays the sample, and what it does not have, on a log in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog(PARTITIONS, place, 0)
        first, self._second = revisions()
        self._first = first
        intake = partial(Intake, deployment="d1", revision=first, mask=Mask(MASK_KEY))
        self._driver = MemoryDriver(self.log, intake, partial(Desk, deployment="d1"), batch=40)

    def begin(self) -> MemoryLog:
        """Play no more than some contacts and return the log."""
        self._lines(Sample(12, 7).contact_lines())
        return self.log

    def play(self) -> MemoryLog:
        """Play everything and return the log."""
        sample = Sample(CONTACTS, 7)
        self._lines(sample.profile_lines())
        lines = list(sample.contact_lines())
        half = len(lines) // 2
        self._lines(lines[:half])
        self._oddities("a")
        self._driver.publish(None, shadow=self._second)
        self._lines(lines[half : half + 60])
        self._publish()
        self._driver.publish(None, shadow=None)
        self._lines(lines[half + 60 :])
        self._oddities("b")
        self._later()
        return self.log

    def _lines(self, lines: Iterable[str]) -> None:
        reading = Reading()
        for number, line in enumerate(lines):
            record = reading.record(line.encode())
            assert record is not None
            self._put(record.topic, record.key, record.value, record.timestamp)
            if number % 25 == 24:
                self._settle()
        self._settle()

    def _put(self, topic: str, key: bytes | None, value: bytes | None, at: int = 0) -> None:
        self.log.now = max(self.log.now + 1, at)
        self.log.append(topic, key, value)

    def _settle(self) -> None:
        self._driver.settle()
        self._driver.fire()

    def _contact(self, kind: str, name: str, key: str, contact: str, **data: Any) -> None:
        data = {"contact_id": contact, **data}
        value = event(f"contact.{kind}", name, self.log.now, **data)
        self._put("contact.events", key.encode(), value)

    def _oddities(self, mark: str) -> None:
        """What the sample does not have: floods, repeats, the unreadable, desks, the erased."""
        bank = {"business": "bank"}
        for number in [*range(36), 35, 2]:  # more contacts of a key than are kept; two come twice
            more = {"attributes": {**bank, "number": number}, "customer_id": "u-flood"}
            name = f"f-{number}{mark}"
            self._contact("arrived", name, "u-flood", name, channel="voice", **more)
        odd = {"language": 5, "customer_id": "u-x", "attributes": {"business": "retail"}}
        self._contact("arrived", f"x{mark}", "u-x", f"x-{mark}", **odd, channel="chat")
        self._contact("updated", f"xu{mark}", "u-x", f"x-{mark}", subject="quality")
        anonymous = {"attributes": bank, "subject": "transfer"}
        self._contact("arrived", f"v{mark}", f"v-{mark}", f"v-{mark}", **anonymous, channel="chat")
        named = {**anonymous, "channel": "voice", "identity": 2}
        self._contact("arrived", f"y{mark}", f"y-{mark}", f"y-{mark}", **named)
        self._contact("identified", f"yi{mark}", f"y-{mark}", f"y-{mark}", customer_id="u-known")
        self._contact("ended", f"ye{mark}", f"y-{mark}", f"y-{mark}", outcome="solved")
        self._contact("arrived", f"w{mark}", "u-w", f"w-{mark}", channel="chat", subject="quality")
        self._contact("answered", f"wa{mark}", "u-w", f"w-{mark}", advisor_id="a-2")
        self._contact("transferred", f"wt{mark}", "u-w", f"w-{mark}", reason="other desk")
        self._put("contact.events", b"u-bad", b"{no JSON")
        self._settle()
        at = self.log.now - 20 * 60_000
        late = event("contact.arrived", f"late{mark}", at, contact_id=f"l-{mark}", channel="sms")
        self._put("contact.events", f"l-{mark}".encode(), late)
        about = {"contact_id": f"x-{mark}", "contact_key": "u-x"}
        self._advisor("signed_on", mark, lanes=["bank people"])
        self._advisor("accepted", mark, **about)
        self._advisor("finished", mark, **about, outcome="solved")
        self._settle()
        rich = orjson.dumps({"customer_id": "u-x", "measures": {"spend_12m": 30_000.0}})
        self._put("customer.profiles", b"u-x", rich)
        self._contact("arrived", f"z{mark}", "u-x", f"z-{mark}", **odd, channel="voice")
        self._settle()
        self._put("customer.profiles", b"u-x", None)
        self._contact("updated", f"zu{mark}", "u-x", f"z-{mark}", subject="advice")
        self._settle()

    def _advisor(self, kind: str, mark: str, **more: Any) -> None:
        told = {"advisor_id": "a-1", "desk": "bank", **more}
        value = event(f"advisor.{kind}", f"{kind}{mark}", self.log.now, **told)
        self._put("advisor.events", b"bank", value)

    def _publish(self) -> None:
        """Publish the second revision, as `policy publish` does, with everybody rerouted."""
        standing = None
        for text, revision, way in ((FIRST, self._first, "pin"), (SECOND, self._second, "reroute")):
            name = revision.name
            kept = Kept(policy=name, revision=revision.hash, document=text)
            key = f"{name}@{revision.hash}".encode()
            self._put(POLICY_REVISIONS, key, document_record(kept, self.log.now))
            wish = Wish("published", revision.hash, self.log.now, way)  # type: ignore[arg-type]
            standing = after(standing, name, wish)
            self._put(POLICY_REVISIONS, name.encode(), standing.encoded())
        self._driver.publish(self._second, Publication("reroute", 2))
        self._settle()

    def _later(self) -> None:
        """Let a day pass, in which an event is heard anew, and then all that was open lapse."""
        for days in (1, 3, 8, 9):
            self.log.now += days * DAY // 2
            self._driver.fire()
            again = event(
                "contact.arrived",
                "f35b",
                self.log.now,
                contact_id="f-35b",
                channel="voice",
                customer_id="u-flood",
            )
            self._put("contact.events", b"u-flood", again)
            self._settle()


class Records:
    """Records in a list, as a source."""

    name = "records"
    cut = False

    def __init__(self, records: Iterable[StoredRecord]) -> None:
        self.records = list(records)

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[StoredRecord]]:
        yield [one for one in self.records if topics is None or one.topic in topics]


@cache
def recorded() -> tuple[StoredRecord, ...]:
    """Return all records of the scene, as they were written."""
    return tuple(one for batch in Scene().play().batches() for one in batch)


@cache
def revisions() -> tuple[Revision, ...]:
    """Return both revisions."""
    return tuple(compile_policy(one.encode(), "policy.yaml") for one in (FIRST, SECOND))


def verified(records: Iterable[StoredRecord]) -> Verdict:
    """Verify records as they would be read."""
    return verify(Records(records), Terms(Mask(MASK_KEY)), files=revisions())


def lines(records: Iterable[StoredRecord]) -> bytes:
    """Return records as JSON lines."""
    rows = (
        {
            "topic": one.topic,
            "partition": one.partition,
            "offset": one.offset,
            "timestamp": one.timestamp,
            "key": None if one.key is None else one.key.decode(),
            "value": None if one.value is None else one.value.decode(),
            "headers": [[name, value.decode()] for name, value in one.headers],
        }
        for one in records
    )
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


GOLDEN = Path(__file__).with_name("golden")


def broken() -> list[StoredRecord]:
    """Return a short record in which somebody made a customer a gold one."""
    records = list(next(Scene().begin().batches()))
    told = b'"tier":{"name":"standard"'
    at = next(at for at, one in enumerate(records) if one.value and told in one.value)
    value = (records[at].value or b"").replace(told, b'"tier":{"name":"gold"')
    records[at] = records[at]._replace(value=value)
    return records


def write(records: Iterable[StoredRecord], name: str) -> None:
    """Write a golden recording."""
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines(records), mtime=0))


if __name__ == "__main__":
    write(recorded(), "scene")
    write(broken(), "meant-to-fail")

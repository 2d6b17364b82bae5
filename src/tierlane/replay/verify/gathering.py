"""What a source holds, put in order for verifying: inputs, audit, what else was written."""

import re
from collections import Counter, defaultdict
from typing import Any, Final

import orjson

from tierlane.audit.record import ENGINE
from tierlane.errors import Unreadable
from tierlane.ports import Record
from tierlane.replay.library import Library
from tierlane.replay.verify.difference import Difference
from tierlane.replay.verify.hint import Hints, read_audit
from tierlane.replay.verify.homes import RecordedHomes
from tierlane.replay.verify.spool import Spool
from tierlane.topic import (
    ADVISOR_EVENTS,
    ADVISOR_OFFERS,
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
    DESK_CONTACTS,
    INTAKE_RETURNS,
    POLICY_REVISIONS,
    ROUTING_AUDIT,
    ROUTING_SHADOW,
    lane_topic,
)

LANES: Final = frozenset(map(lane_topic, ("standard", "priority", "dedicated", "selfservice")))

INPUTS: Final = frozenset(
    {CONTACT_EVENTS, INTAKE_RETURNS, CUSTOMER_PROFILES, ADVISOR_EVENTS, DESK_CONTACTS}
)
OUTCOMES: Final = LANES | {INTAKE_RETURNS, ROUTING_SHADOW, ADVISOR_OFFERS, DESK_CONTACTS}
"""What owners write beside their audit."""

TOPICS: Final = INPUTS | OUTCOMES | {ROUTING_AUDIT, POLICY_REVISIONS}
"""Everything that is read."""

_SOURCE: Final = re.compile(r"tierlane/([A-Za-z0-9_-]+)/([a-z]+-[0-9]+)(/[a-z]+)?")


class Gathering:
    """Takes records in, in whatever order a source has them."""

    def __init__(self, library: Library, spool: Spool) -> None:
        self.library: Final = library
        self.spool: Final = spool
        self.hints: dict[str, Hints] = defaultdict(Hints)
        """By owner."""
        self.shadows: dict[str, dict[int, str]] = defaultdict(dict)
        """By owner: `seq` of a decision → revision that was asked beside it."""
        self.topics: Counter[str] = Counter()
        self.engines: Counter[str] = Counter()
        """Other engines than this one, as they were recorded, and their records."""
        self.deployments: Counter[str] = Counter()
        self.differences: list[Difference] = []
        self.homes: Final = RecordedHomes()
        self.last: dict[tuple[str, int], int] = {}
        """Topic and partition of inputs → the last offset that is there."""
        self.first: dict[tuple[str, int], int] = {}
        """The same of the first offset."""
        self._latest: dict[tuple[str, int], int] = {}
        self._engine = orjson.dumps(ENGINE)

    def take(self, record: Record) -> None:
        """Take in one record; of a topic that says nothing here, nothing."""
        topic = record.topic
        self.topics[topic] += 1
        if topic == POLICY_REVISIONS:
            self.library.take(record)
        if topic == ROUTING_AUDIT:
            self._audit(record)
        if topic in INPUTS:
            self.spool.put(f"{topic}/{record.partition}", record.offset, record)
            place = topic, record.partition
            self.last[place] = max(record.offset, self.last.get(place, -1))
            self.first[place] = min(record.offset, self.first.get(place, record.offset))
        if topic in OUTCOMES:
            self._outcome(record)

    def partitions(self, topic: str) -> list[int]:
        """Return the partitions of an input that have records."""
        begin = f"{topic}/"
        names = (one for one in self.spool.streams() if one.startswith(begin))
        return sorted(int(one.removeprefix(begin)) for one in names)

    def _audit(self, record: Record) -> None:
        try:
            event = read_audit(record.value)
        except Unreadable:
            where = f"{record.partition}:{record.offset}"
            self.differences.append(Difference("unreadable", ROUTING_AUDIT, "", None, where))
            return
        owner, seq = event.owner, event.hint.seq
        self.homes.take(record.value)
        self.hints[owner].add(event.hint)
        self.spool.put(f"audit/{owner}", seq, record)
        if event.engine is not None and event.engine != ENGINE:
            self.engines[orjson.dumps(event.engine, option=orjson.OPT_SORT_KEYS).decode()] += 1
        if found := _SOURCE.fullmatch(event.source):
            self.deployments[found[1]] += 1
        # One producer writes an owner's records in order; only in one partition can that be seen.
        place = owner, record.partition
        if seq < self._latest.get(place, 0):
            id_ = str(orjson.loads(record.value or b"").get("id"))
            self.differences.append(Difference("reordered", ROUTING_AUDIT, owner, seq, id_))
        self._latest[place] = max(seq, self._latest.get(place, 0))

    def _outcome(self, record: Record) -> None:
        event = _written(record.value)
        if event is None:
            return self._foreign(record)
        owner = event["owner"]
        if record.topic == ROUTING_SHADOW:
            self._shadow(owner, event.get("data"))
        place = record.partition << 40 | record.offset
        return self.spool.put(f"outcome/{owner}", place, record)

    def _foreign(self, record: Record) -> None:
        """Name what stands where only owners write; returns come from others, too."""
        if record.topic not in INPUTS:
            where = f"{record.partition}:{record.offset}"
            self.differences.append(Difference("unreadable", record.topic, "", None, where))

    def _shadow(self, owner: str, data: object) -> None:
        try:
            seq, policy = data["seq"], data["policy"]  # type: ignore[index]
            self.shadows[owner][seq] = f"{policy['name']}@{policy['revision']}"
        except (KeyError, TypeError):
            return


def owner_in(value: bytes | None) -> str | None:
    """Return who wrote a record beside the audit; None where no owner did."""
    event = _written(value)
    return None if event is None else event["owner"]


def _written(value: bytes | None) -> dict[str, Any] | None:
    """Return an event that an owner wrote, with its name under `owner`."""
    try:
        event: dict[str, Any] = orjson.loads(value or b"")
        found = _SOURCE.fullmatch(event["source"])
        id_ = event["id"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return event | {"owner": found[2]} if found is not None and type(id_) is str else None

"""What must hold of inputs and outputs, whatever happened to the workers.

Knows the contracts of the topics and nothing of tierlane. Pure: records in, faults out. One
`Ledger` takes the records of one prefix, inputs first; `audited` ends it with its faults.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from storm.reading import digest, partition_of, read_event, routed, timeless
from tests.broker.log import Kept

INPUT: Final = "contact.events"
RETURNS: Final = "intake.returns"
AUDIT: Final = "routing.audit"
REJECTED: Final = "contact.rejected"
LANES: Final = ("lane.standard", "lane.priority", "lane.dedicated", "lane.selfservice")
ARRIVED: Final = "tierlane.contact.arrived.v1"
ENTERED: Final = "tierlane.lane.entered.v1"
LEFT: Final = "tierlane.lane.left.v1"
SHOWN: Final = 5
"""How many examples of one fault are kept; the rest are counted."""


class Place(NamedTuple):
    """Where a record lies."""

    topic: str
    partition: int
    offset: int


class Audit(NamedTuple):
    """What the laws need of an audit record."""

    kind: str
    owner: str
    seq: int
    contact_id: str
    cause: Place | None
    again: bool
    routed: tuple[object, ...]
    """Tier, scenario, lane and policy, as its lane entry must say them too."""


class Entry(NamedTuple):
    """What the laws need of a lane entry."""

    topic: str
    contact_id: str
    entry_no: int
    decision_id: str
    routed: tuple[object, ...]


@dataclass(slots=True)
class Faults:
    """Broken laws by name: how often, and the first few examples."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, law: str, example: object) -> None:
        """Count one breach of `law`; `example` names ids and places, never contents."""
        self.counts[law] += 1
        if len(self.examples[law]) < SHOWN:
            self.examples[law].append(str(example))


class Ledger:
    """The records of one prefix, taken one by one: inputs first, then outputs in any order."""

    def __init__(
        self,
        partitions: Mapping[str, int],
        *,
        repeats: bool = False,
        keep: frozenset[str] = frozenset(),
    ) -> None:
        """Begin with the number of partitions of each topic.

        `repeats` (at-least-once): a record with a known id is let pass if it equals the first.
        `keep` names the ids whose records are kept in `kept`, to be looked at.
        """
        self.faults = Faults()
        self.inputs: dict[Place, bytes] = {}
        self.arrivals: dict[Place, str] = {}
        self.duplicates: set[Place] = set()
        self.audits: dict[str, Audit] = {}
        self.entries: dict[str, Entry] = {}
        self.left: dict[str, tuple[str, int]] = {}
        self.rejected: set[Place] = set()
        self.digests: dict[str, bytes] = {}
        self.kept: dict[str, Kept] = {}
        self.repeated = 0
        self._partitions = partitions
        self._repeats = repeats
        self._keep = keep
        self._events: set[tuple[str, str]] = set()
        self._open: set[str] = set()

    def take(self, record: Kept) -> None:
        """Take one record of any of the topics."""
        takers: dict[str, Callable[[Kept], None]] = {INPUT: self._input, RETURNS: self._input}
        takers[AUDIT] = self._audit
        takers[REJECTED] = self._rejection
        takers.get(record.topic, self._lane)(record)

    def _input(self, record: Kept) -> None:
        place = Place(record.topic, record.partition, record.offset)
        self.inputs[place] = digest(record, place=False)
        event = read_event(record)
        if event is None or record.topic != INPUT:
            return
        name = (str(event.get("source")), str(event.get("id")))
        if name in self._events:
            self.duplicates.add(place)
            return
        self._events.add(name)
        data = event["data"]
        contact = data.get("contact_id")
        if event.get("type") == ARRIVED and contact and data.get("channel"):
            if contact not in self._open:
                self.arrivals[place] = contact
            self._open.add(contact)

    def _audit(self, record: Kept) -> None:
        data = self._event(record, AUDIT, "decision_id")
        if data is None or self._known(str(data["decision_id"]), timeless(record, data)):
            return
        cause = data.get("cause") or {}
        place = None
        if "offset" in cause:
            place = Place(cause["topic"], cause["partition"], cause["offset"])
        self.audits[data["decision_id"]] = Audit(
            data["kind"],
            data["owner"],
            data["seq"],
            str(data.get("contact_id")),
            place,
            bool(data.get("again")),
            routed(data),
        )
        self._lies_right(record, str(data.get("contact_id") or data["owner"]))

    def _lane(self, record: Kept) -> None:
        data = self._event(record, record.topic, "entry_id")
        if data is None:
            return
        entry = str(data["entry_id"])
        left = orjson.loads(record.value or b"")["type"] == LEFT
        if self._known(f"{'left' if left else 'entered'} {entry}", record):
            return
        self._lies_right(record, str(data["contact_id"]))
        if left:
            self.left[entry] = (record.topic, data["entry_no"])
            return
        if record.topic != f"lane.{data['kind']}":
            self.faults.add("entry in the topic of another kind", entry)
        self.entries[entry] = Entry(
            record.topic, data["contact_id"], data["entry_no"], data["decision_id"], routed(data)
        )

    def _rejection(self, record: Kept) -> None:
        headers = dict(record.headers)
        try:
            place = Place(
                headers["tierlane-topic"].decode(),
                int(headers["tierlane-partition"]),
                int(headers["tierlane-offset"]),
            )
        except (KeyError, ValueError):
            self.faults.add("rejection without its origin", record.offset)
            return
        if self._known(f"rejected {place}", record):
            return
        self.rejected.add(place)
        whole = headers.get("tierlane-reason") != b"too-large"
        kept = tuple(item for item in record.headers if not item[0].startswith("tierlane-"))
        original = self.inputs.get(place)
        if whole and original != digest(record._replace(headers=kept), place=False):
            self.faults.add("rejected record is not the original", place)

    def _event(self, record: Kept, topic: str, identity: str) -> Mapping[str, Any] | None:
        """Return the data of a CloudEvent whose id is the data's; None, a fault, if it is none."""
        event = read_event(record)
        if event is None or event.get("specversion") != "1.0" or identity not in event["data"]:
            self.faults.add("output is not a CloudEvent", f"{topic} {record[1:3]}")
            return None
        data: Mapping[str, Any] = event["data"]
        if event["id"] != data[identity] and event["type"] != LEFT:
            self.faults.add("event id is not the record's id", data[identity])
        return data

    def _known(self, identity: str, record: Kept) -> bool:
        """Note the record under its id; True for a repeat, a fault where none may be."""
        own = digest(record)
        if identity in self._keep:
            self.kept.setdefault(identity, record)
        first = self.digests.setdefault(identity, own)
        if first is own:
            return False
        self.repeated += 1
        if first != own:
            self.faults.add("repeat differs from the first", identity)
        elif not self._repeats:
            self.faults.add("twice", identity)
        return True

    def _lies_right(self, record: Kept, key: str) -> None:
        if record.key != key.encode():
            self.faults.add("key is not the contact's", f"{record.topic} {record[1:3]}")
        elif partition_of(record.key, self._partitions[record.topic]) != record.partition:
            self.faults.add("key on a wrong partition", f"{record.topic} {record[1:3]}")

    def audited(self) -> Faults:
        """Judge everything taken; return the faults."""
        by_cause: dict[Place, list[str]] = defaultdict(list)
        for identity, audit in self.audits.items():
            if audit.cause is not None:
                by_cause[audit.cause].append(identity)
        self._judge_inputs(by_cause)
        self._judge_owners()
        self._judge_entries()
        return self.faults

    def _judge_inputs(self, by_cause: Mapping[Place, list[str]]) -> None:
        """Every input record has its outputs, once; every arrival one decision and one entry."""
        entered = Counter(entry.decision_id for entry in self.entries.values())
        for place in self.inputs:
            identities = by_cause.get(place, [])
            kinds = [self.audits[identity].kind for identity in identities]
            if place in self.rejected:
                if kinds:
                    self.faults.add("both rejected and audited", place)
            elif not kinds:
                self.faults.add("lost", place)
            elif place in self.duplicates:
                if kinds != ["duplicate"]:
                    self.faults.add("duplicate not dropped", place)
            elif place in self.arrivals:
                self._judge_arrival(place, identities, entered)
        for place in [*by_cause, *self.rejected]:
            if place.topic in {INPUT, RETURNS} and place not in self.inputs:
                self.faults.add("output without its cause", place)

    def _judge_arrival(
        self, place: Place, identities: list[str], entered: Mapping[str, int]
    ) -> None:
        decided = [one for one in identities if self.audits[one].kind == "decided"]
        if len(decided) != 1:
            self.faults.add("arrival without exactly one decision", place)
        elif entered[decided[0]] != 1:
            self.faults.add("arrival without exactly one entry", place)
        elif self.audits[decided[0]].contact_id != self.arrivals[place]:
            self.faults.add("decision about another contact", place)

    def _judge_owners(self) -> None:
        """Each owner's numbers are gapless from the first, and go with the order of its input."""
        owners: dict[str, list[Audit]] = defaultdict(list)
        for audit in self.audits.values():
            owners[audit.owner].append(audit)
        for owner, audits in owners.items():
            audits.sort(key=lambda audit: audit.seq)
            begin = audits[0].seq
            if begin not in {0, 1}:
                self.faults.add("numbers do not begin at the first", owner)
            for number, audit in enumerate(audits, begin):
                if audit.seq != number:
                    self.faults.add("gap or repeat in the numbers", f"{owner} at {number}")
                    break
            offsets = [a.cause.offset for a in audits if a.cause and a.cause.topic == INPUT]
            if offsets != sorted(offsets):
                self.faults.add("numbers against the order of the input", owner)
            numbers = {a.cause.partition for a in audits if a.cause and a.cause.topic == INPUT}
            if owner.startswith("intake-") and numbers - {int(owner.removeprefix("intake-"))}:
                self.faults.add("owner decided on another's partition", owner)

    def _judge_entries(self) -> None:
        contacts: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for identity, entry in self.entries.items():
            contacts[entry.contact_id].append((entry.entry_no, identity))
            audit = self.audits.get(entry.decision_id)
            if audit is None:
                self.faults.add("entry without its decision", identity)
            elif (audit.contact_id, audit.routed) != (entry.contact_id, entry.routed):
                self.faults.add("entry differs from its decision", identity)
        for contact, rows in contacts.items():
            rows.sort()
            if [number for number, _ in rows] != list(range(1, len(rows) + 1)):
                self.faults.add("entry numbers not 1, 2, 3 …", contact)
            for _, identity in rows[:-1]:
                if identity not in self.left:
                    self.faults.add("two entries at once", contact)
        for identity, (topic, number) in self.left.items():
            entered = self.entries.get(identity)
            if entered is None or (entered.topic, entered.entry_no) != (topic, number):
                self.faults.add("left without having entered", identity)


def differences(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """Return the ids whose records are not the same bytes at the same place of both ledgers."""
    return [
        identity
        for identity in one.keys() | other.keys()
        if one.get(identity) != other.get(identity)
    ]

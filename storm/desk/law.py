"""What must hold at managed desks, whatever happened to the workers.

Knows the contracts of the topics and what the storm's policy promises, and nothing of tierlane.
Pure: records in, faults out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from storm.desk.idling import Idling
from storm.desk.playing import Playing, by_advisor
from storm.desk.record import (
    ACCEPTED,
    ADVISORS,
    ANSWERS,
    DESK_CONTACTS,
    INPUTS,
    OFFERED,
    OFFERS,
    QUIET,
    TOLD_AS,
    Bounds,
    Heard,
    Noted,
    Told,
    noted,
    told,
)
from storm.desk.seating import judge_seats
from storm.desk.timing import Timing
from storm.law import ARRIVED, AUDIT, INPUT, LANES, LEFT, REJECTED, Faults, Place
from storm.reading import partition_of, read_event
from tests.broker.log import Kept

Event = Mapping[str, Any]
SENT_ON: Final = re.compile(r"\.c(\d+)\.(\d+)\.c1$")
"""Ends the id of a record that is sent after a contact which has gone to another desk."""


class DeskLedger:
    """The records of one prefix, taken one by one in any order; `judged` ends it."""

    def __init__(
        self, partitions: Mapping[str, int], bounds: Bounds, *, repeats: bool = False
    ) -> None:
        """`partitions` gives the number of partitions of each topic.

        With `repeats` (at-least-once) an owner's number that comes once more takes the place of
        all from there on: the state of whoever wrote these was lost.
        """
        self.repeated = Counter[str]()
        """Audit records whose state was lost, by whether they came again, and the same."""
        self._repeats = repeats
        self._written: list[tuple[int, Noted]] = []
        """All audit records with when the log took them, where they may be `repeats`."""
        self.faults = Faults()
        self.inputs: set[Place] = set()
        self.quiet: set[Place] = set()
        """Inputs that may lead to nothing."""
        self.arrivals: dict[str, str] = {}
        """Contact → channel."""
        self.heard: dict[Place, Heard] = {}
        self.offers: list[Told] = []
        self.audits: dict[str, Noted] = {}
        self.entered: dict[str, tuple[str, int]] = {}
        """Entry → contact and number."""
        self.left: Counter[str] = Counter()
        self.rejected: set[Place] = set()
        self._sent_on: set[Place] = set()
        """Records of `desk.contacts` that a desk sent on after their contact."""
        self._partitions = partitions
        self._bounds = bounds
        self._ids: set[tuple[str, str]] = set()
        self._takers: dict[str, Callable[[Event, Kept, Place], None]] = {
            INPUT: self._contact,
            DESK_CONTACTS: self._on_the_way,
            ADVISORS: self._advisor,
            OFFERS: self._offer,
            AUDIT: self._audit,
            **dict.fromkeys(LANES, self._lane),
        }

    # ------------------------------------------------------------------ taking

    def take(self, record: Kept) -> None:
        """Take one record of any of the topics."""
        place = Place(record.topic, record.partition, record.offset)
        if record.topic in INPUTS:
            self.inputs.add(place)
        if record.topic == REJECTED:
            self._rejection(record)
            return
        event = read_event(record)
        if event is not None:
            self._lies_right(record, place)
            if event.get("type") in QUIET:
                self.quiet.add(place)
            if record.topic in self._takers:
                self._takers[record.topic](event, record, place)
        elif record.topic not in INPUTS:
            self.faults.add("output is not a CloudEvent", place)

    def _contact(self, event: Event, record: Kept, place: Place) -> None:
        del record, place
        if event["type"] == ARRIVED:
            self.arrivals.setdefault(event["data"]["contact_id"], event["data"]["channel"])

    def _on_the_way(self, event: Event, record: Kept, place: Place) -> None:
        del record, place
        if found := SENT_ON.search(str(event["id"])):
            self._sent_on.add(Place(DESK_CONTACTS, int(found[1]), int(found[2])))

    def _advisor(self, event: Event, record: Kept, place: Place) -> None:
        who = str(event["data"].get("advisor_id"))
        self.heard[place] = Heard(event["type"], who, record.timestamp)

    def _offer(self, event: Event, record: Kept, place: Place) -> None:
        del record
        self._once(OFFERS, str(event["id"]), place)
        self.offers.append(told(event))

    def _audit(self, event: Event, record: Kept, place: Place) -> None:
        one = noted(event["data"])
        if self._repeats:
            self._written.append((record.timestamp, one))
            return
        self._once(AUDIT, one.id, place)
        self.audits[one.id] = one

    def _lane(self, event: Event, record: Kept, place: Place) -> None:
        del record
        data = event["data"]
        if event["type"] == LEFT:
            self.left[data["entry_id"]] += 1
            return
        self._once("entry", str(data["entry_id"]), place)
        self.entered[data["entry_id"]] = (data["contact_id"], data["entry_no"])

    def _rejection(self, record: Kept) -> None:
        headers = dict(record.headers)
        self.rejected.add(
            Place(
                headers["tierlane-topic"].decode(),
                int(headers["tierlane-partition"]),
                int(headers["tierlane-offset"]),
            )
        )

    def _once(self, what: str, identity: str, place: Place) -> None:
        if (what, identity) in self._ids and not self._repeats:
            self.faults.add("twice", f"{identity} at {place}")
        self._ids.add((what, identity))

    def _lies_right(self, record: Kept, place: Place) -> None:
        count = self._partitions[record.topic]
        if record.key is None or partition_of(record.key, count) != record.partition:
            self.faults.add("key on a wrong partition", place)

    # ------------------------------------------------------------------ judging

    def _leave_out_lost(self) -> None:
        """Keep of the audit what the state of its owners knows."""
        kept: dict[str, list[Noted]] = defaultdict(list)
        lost: dict[str, Noted] = {}
        for _, one in sorted(self._written, key=lambda row: (row[0], row[1].seq)):
            mine = kept[one.owner]
            while mine and mine[-1].seq >= one.seq:
                lost[mine[-1].id] = mine[-1]
                mine.pop()
            mine.append(one)
            if (before := lost.pop(one.id, None)) is not None:
                self.repeated["the same" if before == one else "otherwise"] += 1
        self.repeated["not again"] = len(lost)
        self.audits = {one.id: one for mine in kept.values() for one in mine}

    def judged(self) -> Faults:
        """Judge everything taken; return the faults."""
        if self._repeats:
            self._leave_out_lost()
        by_cause: dict[Place, list[Noted]] = defaultdict(list)
        owners: dict[str, list[Noted]] = defaultdict(list)
        for one in self.audits.values():
            owners[one.owner].append(one)
            if one.cause is not None:
                by_cause[one.cause].append(one)
        for owner, audits in owners.items():
            audits.sort(key=lambda one: one.seq)
            if [one.seq for one in audits] != list(range(1, len(audits) + 1)):
                self.faults.add("gap or repeat in the numbers", owner)
        desks = {name: found for name, found in owners.items() if name.startswith("desk-")}
        self._judge_inputs(by_cause)
        self._judge_entries()
        self._judge_answers(by_cause)
        self._judge_told([one for audits in desks.values() for one in audits])
        over: Counter[str] = Counter()
        judge_seats(self.faults, (one for audits in desks.values() for one in audits))
        arrived = {one.contact_id: one.seen for one in self._decided()}
        for owner, audits in desks.items():
            # What another desk hears of an advisor is no sign of life at this one.
            heard = by_advisor(one for _, one in self._heard_at(owner))
            playing = Playing(self.faults, self._bounds, self.arrivals, heard)
            playing.play(owner, audits)
            over += playing.over
            Timing(self.faults, self._bounds, arrived, self._heard_at(owner)).play(audits)
            Idling(self.faults, self._bounds, self.arrivals).play(audits)
        for contact in self.arrivals:
            if over[contact] != 1:
                self.faults.add("ended twice" if over[contact] else "never over", contact)
        return self.faults

    def _judge_inputs(self, by_cause: Mapping[Place, list[Noted]]) -> None:
        """Every record that came in led to something; every arrival was decided once."""
        decided = Counter(one.contact_id for one in self._decided())
        for place in self.inputs - self.quiet - self._sent_on:
            if (place in by_cause) == (place in self.rejected):
                law = "both rejected and audited" if place in by_cause else "lost"
                self.faults.add(law, place)
        for place in by_cause:
            if place.topic in INPUTS and place not in self.inputs:
                self.faults.add("output without its cause", place)
        for contact in self.arrivals:
            if decided[contact] != 1:
                self.faults.add("arrival without exactly one decision", contact)

    def _decided(self) -> Iterator[Noted]:
        """Yield the decisions of arrivals."""
        found = self.audits.values()
        return (one for one in found if one.kind == "decided" and not one.again)

    def _heard_at(self, owner: str) -> list[tuple[int, Heard]]:
        """Return what was heard of advisors in an owner's partition, with offsets, in order."""
        partition = int(owner.removeprefix("desk-"))
        places = sorted(place for place in self.heard if place.partition == partition)
        return [(place.offset, self.heard[place]) for place in places]

    def _judge_entries(self) -> None:
        """Entries of a contact are numbered 1, 2, 3 …, and each is left once."""
        numbers: dict[str, list[int]] = {contact: [] for contact in self.arrivals}
        for entry, (contact, number) in self.entered.items():
            numbers.setdefault(contact, []).append(number)
            if self.left[entry] != 1 and not (self._repeats and self._left_since(contact, number)):
                law = "left twice" if self.left[entry] else "entered and never left"
                self.faults.add(law, entry)
        for contact, found in numbers.items():
            if not found:
                self.faults.add("never in a lane", contact)
            if self._repeats:
                found = list(set(found))
            if sorted(found) != list(range(1, len(found) + 1)):
                self.faults.add("entry numbers not 1, 2, 3 …", contact)
        for entry in self.left:
            if entry not in self.entered:
                self.faults.add("left without having entered", entry)

    def _left_since(self, contact: str, number: int) -> bool:
        """Tell whether what has the number of an entry was left, under whatever id."""
        return any(
            self.left[entry] for entry, found in self.entered.items() if found == (contact, number)
        )

    def _judge_answers(self, by_cause: Mapping[Place, list[Noted]]) -> None:
        """Every acceptance is confirmed or revoked once, and confirmed only in time."""
        expires = {one.offer_id: one.expires_at for one in self.offers if one.kind == OFFERED}
        for place, heard in self.heard.items():
            if heard.kind != ACCEPTED:
                continue
            found = [one for one in by_cause.get(place, ()) if one.kind in ANSWERS]
            answers = [one for one in found if one.advisor_id == heard.advisor_id]
            if len(answers) != 1:
                self.faults.add("acceptance without exactly one answer", place)
            for one in answers:
                if one.kind == "confirmed" and heard.logged >= expires.get(one.offer_id, 0):
                    self.faults.add("confirmed though it came too late", place)

    def _judge_told(self, audits: list[Noted]) -> None:
        """Hold what advisors were told to what the audit says of offers: no more and no less."""
        said = Counter((one.kind, one.contact_id, one.advisor_id) for one in self.offers)
        kept = Counter(
            (TOLD_AS[one.kind], one.contact_id, one.advisor_id)
            for one in audits
            if one.kind in TOLD_AS
        )
        more = Counter[tuple[str, str, str]]() if self._repeats else said - kept
        for row in (more + (kept - said)).elements():
            self.faults.add("told otherwise than audited", " ".join(row))


def table(ledger: DeskLedger) -> dict[str, object]:
    """Return what was read and which laws are broken, for people and for JSON."""
    offers = Counter(one.kind.split(".")[2] for one in ledger.offers)
    kinds = Counter(one.kind for one in ledger.audits.values())
    return {
        "inputs": len(ledger.inputs),
        "contacts": len(ledger.arrivals),
        "events of advisors": len(ledger.heard),
        "offers": dict(offers),
        "audit records": dict(sorted(kinds.items())),
        "lane entries": len(ledger.entered),
        "rejected": len(ledger.rejected),
        "written again": dict(ledger.repeated),
        "faults": dict(ledger.faults.counts),
        "examples": dict(ledger.faults.examples),
    }

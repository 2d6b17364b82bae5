"""Intake and desks of one partition for tests: what one sends comes to the other at once."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.contract.driver import MANAGED, Sent
from tests.contract.event import advisor, arrived
from tests.unit.routing.scene import MASK, NOW
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import Publication
from tierlane.replay.memory import MemoryProfiles
from tierlane.replay.stored import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake

TEXT = MANAGED.read_text(encoding="utf-8")
POLICY = compile_policy(TEXT, MANAGED.name)


class Floor:
    """The intake and the desks of one partition; what is sent to a desk comes to it at once."""

    def __init__(self, lookup: Callable[[str], Revision | None] = lambda _: None) -> None:
        self.lookup = lookup
        self.intake = Intake(
            partition=0, deployment="d1", revision=POLICY, profiles=MemoryProfiles(), mask=MASK
        )
        self.desk = self.made(POLICY)
        self.now = NOW
        self.told: list[dict[str, Any]] = []
        self.audits: list[dict[str, Any]] = []
        """Of the desk."""
        self.lanes: list[tuple[str, str]] = []
        """Contact and lane of each entry."""
        self._offsets: dict[str, int] = {}

    def made(self, revision: Revision) -> Desk:
        return Desk(partition=0, deployment="d1", revision=revision, lookup=self.lookup)

    def reopen(self, revision: Revision) -> None:
        """Begin the desks again from what is kept of them, with another file."""
        kept = dict(self.desk.snapshot())
        self.desk = self.made(revision)
        self.desk.restore(kept.items())

    def publish(self, machine: Desk | Intake, revision: Revision, number: int) -> None:
        """Have one of them go by a revision, pinned; and look at all that waited."""
        self.take(machine, machine.activate(revision, self.now, Publication("pin", number)))
        while isinstance(machine, Intake) and machine.rerouting:
            self.take(machine, machine.reroute(self.now))

    def stored(self, sent: Sent) -> StoredRecord:
        offset = self._offsets.get(sent.topic, 0)
        self._offsets[sent.topic] = offset + 1
        self.last = StoredRecord(sent.topic, 0, offset, self.now, sent.key, sent.value)
        return self.last

    def give(self, sent: Sent) -> None:
        at_desk = sent.topic in self.desk.inputs
        machine = self.desk if at_desk else self.intake
        self.take(machine, machine.on_records(sent.topic, [self.stored(sent)]))

    def take(self, machine: Desk | Intake, effects: Effects) -> None:
        """Keep what came of it, and hand on what is the other's."""
        machine.commit()
        onward = []
        for output in effects.outputs:
            event = orjson.loads(output.value or b"{}")
            if output.topic == "advisor.offers":
                self.told.append({"type": event["type"].split(".")[2], **event["data"]})
            elif output.topic == "routing.audit" and machine is self.desk:
                self.audits.append(event["data"])
            elif output.topic.startswith("lane.") and event["type"].endswith("entered.v1"):
                self.lanes.append((event["data"]["contact_id"], event["data"]["lane"]))
            elif output.topic in ("desk.contacts", "intake.returns"):
                onward.append(Sent(*output))
        for sent in onward:  # once it is written, as a worker does it
            self.give(sent)

    def tell(self, kind: str, desk: str = "hall", who: str = "a-1", **data: Any) -> None:
        name = f"{kind}-{len(self._offsets)}-{self._offsets.get('advisor.events', 0)}"
        self.give(advisor(kind, name, self.now, desk, advisor_id=who, **data))

    def serve(self, contact_id: str, customer: str) -> dict[str, Any]:
        """Have a contact come, and be accepted by the name of its offer alone."""
        self.give(arrived(self.now, contact_id, customer, subject="order"))
        offered = self.told[-1]
        self.tell("accepted", offer_id=offered["offer_id"])
        return offered

    def heard(self, *names: str) -> list[tuple[Any, ...]]:
        """Return what was told since the last time: type, and some fields."""
        found = [(one["type"], *(one.get(name) for name in names)) for one in self.told]
        self.told.clear()
        return found

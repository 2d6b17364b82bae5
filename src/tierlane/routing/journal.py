"""The records an owner writes: audit records with their gapless `seq`, and lane entries."""

from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

from tierlane.audit import record as audit
from tierlane.audit.mask import Mask
from tierlane.decision import Decision, Fault
from tierlane.routing import entry
from tierlane.routing.effect import Effects, Output
from tierlane.routing.ledger import Ledger
from tierlane.routing.memory import KeptContact
from tierlane.routing.turn import Turn
from tierlane.topic import ROUTING_AUDIT, ROUTING_SHADOW, lane_topic

LANE_TOPICS: Final = {
    kind: lane_topic(kind) for kind in ("standard", "priority", "dedicated", "selfservice")
}


def terms(decision: Decision) -> int:
    """Return a checksum of what an entry by this decision promises."""
    shared, advisor = decision.outcome.terms, decision.advisor
    return shared if advisor is None else crc32(advisor.encode("utf-8", "replace"), shared)


class Journal:
    """Writes for one owner; `source` stands in the envelopes of lane entries and returns."""

    __slots__ = ("_ledger", "owner", "source")

    def __init__(self, owner: str, deployment: str, ledger: Ledger) -> None:
        self.owner = owner
        self.source = f"tierlane/{deployment}/{owner}"
        self._ledger = ledger

    @property
    def next(self) -> int:
        """The number of the next audit record."""
        return self._ledger.seq + 1

    def decided(
        self,
        turn: Turn,
        decision: Decision,
        *,
        faults: tuple[Fault, ...],
        mask: Mask,
        again: bool,
        since: int,
    ) -> str:
        """Write the audit record of a decision; return its id. Promises count from `since`."""
        ledger, effects = self._ledger, turn.effects
        ledger.seq += 1
        decision_id = f"{turn.base}.d0"
        value = audit.decided(
            decision,
            decision_id=decision_id,
            owner=self.owner,
            seq=ledger.seq,
            contact_id=turn.contact_id,
            at=turn.event.at,
            seen=turn.seen,
            cause=turn.cause,
            mask=mask,
            again=again,
            errors=faults,
            source=self.source,
            since=since,
        )
        effects.outputs.append(Output(ROUTING_AUDIT, turn.contact_id.encode(), value))
        effects.count("decided", decision.outcome.kind)
        for fault in faults + decision.errors:
            effects.count("errors", fault.code)
        return decision_id

    def shadowed(
        self,
        turn: Turn,
        decision: Decision,
        decision_id: str,
        *,
        faults: tuple[Fault, ...],
        mask: Mask,
        again: bool,
        since: int,
    ) -> None:
        """Write what another revision would have decided, under the id and `seq` of what was."""
        value = audit.decided(
            decision,
            decision_id=decision_id,
            owner=self.owner,
            seq=self._ledger.seq,
            contact_id=turn.contact_id,
            at=turn.event.at,
            seen=turn.seen,
            cause=turn.cause,
            mask=mask,
            again=again,
            errors=faults,
            since=since,
            source=f"{self.source}/shadow",
        )
        turn.effects.outputs.append(Output(ROUTING_SHADOW, turn.contact_id.encode(), value))

    def noted(
        self,
        effects: Effects,
        kind: str,
        *,
        record_id: str,
        at: int,
        seen: int,
        cause: Mapping[str, Any],
        contact_id: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write an audit record that is no decision; its key is the contact, or the owner."""
        ledger = self._ledger
        ledger.seq += 1
        value = audit.noted(
            kind,
            record_id=record_id,
            owner=self.owner,
            seq=ledger.seq,
            at=at,
            seen=seen,
            cause=cause,
            contact_id=contact_id,
            policy=ledger.policy,
            detail=detail,
            source=self.source,
        )
        key = self.owner if contact_id is None else contact_id
        effects.outputs.append(Output(ROUTING_AUDIT, key.encode(), value))
        effects.count("noted", kind)

    def note(
        self, turn: Turn, kind: str, detail: Mapping[str, Any] | None = None, *, number: int = 0
    ) -> None:
        """Write an audit record about the turn's contact that is no decision.

        `number` tells apart the records of one turn.
        """
        self.noted(
            turn.effects,
            kind,
            record_id=f"{turn.base}.n{number}",
            at=turn.event.at,
            seen=turn.seen,
            cause=turn.cause,
            contact_id=turn.contact_id,
            detail=detail,
        )

    def entered(
        self, turn: Turn, contact: KeptContact, decision: Decision, decision_id: str
    ) -> None:
        """Write the contact's next entry into the lane of its decision."""
        outcome = decision.outcome
        contact.entry_no += 1
        contact.entry_id = f"{turn.base}.e0"
        contact.lane, contact.kind, contact.desk = outcome.lane, outcome.kind, outcome.desk
        contact.terms = terms(decision)
        value = entry.entered(
            contact,
            decision,
            source=self.source,
            key=turn.key_text,
            decision_id=decision_id,
            now=turn.seen,
        )
        turn.effects.outputs.append(
            Output(LANE_TOPICS[outcome.kind], turn.contact_id.encode(), value)
        )

    def left(self, effects: Effects, contact: KeptContact, reason: str, now: int) -> None:
        """Write that the contact left its lane, if it is in one."""
        if contact.kind is None:
            return
        value = entry.left(contact, source=self.source, reason=reason, now=now)
        effects.outputs.append(Output(LANE_TOPICS[contact.kind], contact.id.encode(), value))
        contact.lane = contact.kind = contact.desk = None

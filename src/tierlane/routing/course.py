"""The course of a contact: what each effect of the lifecycle table does.

`Course.take` looks an event up in the table and does what the cell says: one method per effect,
and nothing else changes a contact. Every turn ends in an audit record.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tierlane.contact import event as contact_event
from tierlane.contact import returned
from tierlane.contact.lifecycle import IN_LINE, OPEN_STATES, TABLE, Cell, Effect
from tierlane.decision import Decision
from tierlane.errors import Unreadable
from tierlane.routing.deciding import Deciding
from tierlane.routing.effect import Effects, Output
from tierlane.routing.envelope import enveloped
from tierlane.routing.joining import (
    channels,
    contact_of,
    joinable,
    left_with,
    stays,
    still_joined,
)
from tierlane.routing.journal import Journal
from tierlane.routing.ledger import FORMAT, Ledger
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import (
    Customer,
    KeptContact,
    Memory,
    event_name,
    known_before,
    received,
)
from tierlane.routing.placing import Placing
from tierlane.routing.turn import Turn
from tierlane.topic import INTAKE_RETURNS
from tierlane.value import format_time

NAMES: Final = {
    contact_event.ARRIVED: "arrived",
    contact_event.UPDATED: "updated",
    contact_event.IDENTIFIED: "identified",
    contact_event.ANSWERED: "answered",
    contact_event.TRANSFERRED: "transferred",
    contact_event.ABANDONED: "abandoned",
    contact_event.ENDED: "ended",
    contact_event.FEEDBACK: "feedback",
    returned.RETURN_ANSWERED: "answered",
    returned.RETURN_FINISHED: "finished",
    returned.RETURN_RETURNED: "returned",
    returned.RETURN_REPLAN: "replan",
    returned.RETURN_IDENTIFIED: "handed over",
}
"""Type of an event → its name in the lifecycle table."""

AWAITED: Final = -1
"""Stands as the terms of a contact at a desk that is to be decided again by another revision."""

REMARKED: Final = ("score", "scale", "resolved", "advisor_id")
"""What the audit tells of feedback; words of the customer are not among it."""

_AWAY: Final = frozenset({"elsewhere", "joined"})
"""States in which an arrival is done to the contact elsewhere, or to the one that was joined."""


class Course:
    """Deals with the events of contacts for one owner."""

    def __init__(
        self, ledger: Ledger, journal: Journal, deciding: Deciding, limits: IntakeLimits
    ) -> None:
        self.placing = Placing(journal, deciding)
        self._dispatch = self.placing.dispatch
        self._ledger = ledger
        self._journal = journal
        self._limits = limits
        self._do: dict[Effect, Callable[[Turn, KeptContact, Cell], None]] = {
            Effect.ENTER: self._enter,
            Effect.DECIDE_AGAIN: self._decide_again,
            Effect.ENTER_AGAIN: self._enter_again,
            Effect.MERGE: self._merge,
            Effect.HAND_OVER: self._hand_over,
            Effect.TAKE_OVER: self._take_over,
            Effect.SERVE: self._serve,
            Effect.HOLD: self._close,
            Effect.CLOSE: self._close,
            Effect.NOTE: self._close,
            Effect.REMARK: self._remark,
            Effect.FORWARD: self._forward,
            Effect.JOIN: self._join,
            Effect.PASS_ON: self._pass_on,
            Effect.STAY: self._stay,
            Effect.NOTHING: self._nothing,
        }

    @property
    def _deciding(self) -> Deciding:
        return self.placing.deciding

    def take(self, turn: Turn) -> None:
        """Deal with one event: drop it if it was heard, else do what the table says.

        Raises `Unreadable` for an event that cannot be passed on.
        """
        limits, event = self._limits, turn.event
        memory = turn.memory = Memory(self._ledger.values.get(turn.key))
        name = event_name(event.source, event.id)
        if memory.heard and memory.knows(name, turn.seen, limits.dedupe_window):
            turn.effects.count("duplicate")
            self._journal.note(turn, "duplicate")
            return
        memory.hear(name, turn.seen, limits.dedupe_events)
        contact = memory.find(turn.contact_id) or KeptContact(turn.contact_id)
        contact = still_joined(memory, contact, event)
        cell = TABLE[contact.state][self._column(turn, contact)]
        self._do[cell.effect](turn, contact, cell)
        if len(memory.contacts) > limits.contacts:
            self._make_room(turn, memory.least())
        self.save(turn.effects, turn.key, memory)

    def lapse(self, effects: Effects, key: bytes, now: int) -> None:
        """Let go of what is due under a key; `now` is when the timer fired."""
        value = self._ledger.values.get(key)
        if value is None:
            return
        memory = Memory(value)
        for contact in [KeptContact(*raw) for raw in memory.contacts]:
            if contact.until > now:
                continue
            if TABLE[contact.state]["lapse"].effect is Effect.FORGET:
                memory.drop(contact.id)
                continue
            cause = {"timer": "lapse", "due": contact.until, "fired": now}
            record_id = f"{contact.origin}.l{contact.until}"
            self._lapse(effects, contact, now, record_id=record_id, cause=cause, key=key)
            memory.keep(contact)
        memory.forget(now, self._limits.dedupe_window)
        self.save(effects, key, memory)

    def save(self, effects: Effects, key: bytes, memory: Memory) -> None:
        """Keep what is now known under a key."""
        value, deadline = memory.encoded(self._limits)
        self._ledger.put(key, value, deadline)
        effects.changes[key] = value

    # The effects of the table, in its order; all are called alike, hence the arguments unused.

    def _enter(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        event, memory = turn.event, turn.memory
        data = event.data
        customer = data.get("customer_id")
        entered = KeptContact(
            contact.id, cell.state, turn.base, event.at, turn.seen, 0, customer, contact.entry_no
        )
        known = customer is not None and customer == turn.key_text
        if known:
            entered.before = known_before(memory.customer)
        decision = self.placing.decide(turn, entered, data, again=False, move=True)
        if known:
            self._meet(turn, decision, entered, data)
        self._keep(turn, entered, data)

    def _decide_again(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        asked = turn.event.type in (returned.RETURN_REPLAN, returned.RETURN_RETURNED)
        if contact.at_desk:
            contact.terms = AWAITED if asked and self._early(turn) else 0
        data = self._deciding.merged(contact, {} if asked else turn.event.data)
        contact.state = cell.state
        if turn.event.type == returned.RETURN_RETURNED:
            contact.advisor, contact.held = None, False
            self._dispatch.heard_of(turn, contact)
        decision = self.placing.decide(turn, contact, data, again=True, move=False)
        self._learn(turn, contact, decision, data)
        self._keep(turn, contact, data)

    def _enter_again(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        data = self._deciding.merged(contact, turn.event.data)
        contact.state, contact.advisor, contact.held = cell.state, None, False
        self.placing.take_away(turn, contact, "transferred")
        decision = self.placing.decide(turn, contact, data, again=True, move=True)
        self._learn(turn, contact, decision, data)
        self._keep(turn, contact, data)

    def _early(self, turn: Turn) -> bool:
        """Tell whether a desk asks for a decision by a revision that is not in use here yet."""
        return turn.event.data.get("revision") not in (None, self._deciding.revision.hash)

    def _merge(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        self._journal.note(turn, "updated", {"state": cell.state})
        data = self._deciding.merged(contact, turn.event.data)
        self._dispatch.notice(turn, contact, data["channel"])
        self._keep(turn, contact, data)

    def _hand_over(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        customer = turn.event.data["customer_id"]
        data = {
            "contact_id": contact.id,
            "customer_id": customer,
            "format": FORMAT,
            "contact": contact.pack(),
        }
        self._return(turn, customer, returned.RETURN_IDENTIFIED, data)
        self._journal.note(turn, "identified", {"state": contact.state})
        contact.state, contact.customer = cell.state, customer
        contact.data = contact.before = None
        self._keep(turn, contact, None)

    def _take_over(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:  # noqa: ARG002
        data = turn.event.data
        taken = received(data)
        taken.before = known_before(turn.memory.customer)
        kept = taken.data or {}
        if taken.state in IN_LINE:
            decision = self.placing.decide(turn, taken, kept, again=True, move=False)
            self._meet(turn, decision, taken, kept)
        else:
            self._journal.note(turn, "identified", {"state": taken.state})
        self._keep(turn, taken, kept)

    def _serve(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        self._journal.note(turn, "answered", {"state": contact.state})
        self._journal.left(turn.effects, contact, "answered", turn.seen)
        advisor = turn.event.data.get("advisor_id")
        by_desk = turn.event.type == returned.RETURN_ANSWERED
        if contact.held and not by_desk and advisor in (None, contact.advisor):
            self._dispatch.notice(turn, contact)  # a switch tells what the desk told before
        else:
            self._answered_by(turn, contact, advisor, by_desk=by_desk)
        contact.state = cell.state
        self._recall(turn, last_advisor=contact.advisor)
        self._keep(turn, contact, contact.data)

    def _answered_by(
        self, turn: Turn, contact: KeptContact, advisor: str | None, *, by_desk: bool
    ) -> None:
        """Note who has a contact: by word of a desk that put it to them, or by its channel's."""
        told_before = contact.state == "served" and not contact.held
        if by_desk and told_before and not self._dispatch.found_there(turn, contact):
            return
        contact.advisor, contact.held = advisor, by_desk
        if by_desk:
            self._dispatch.heard_of(turn, contact)
        else:
            self.placing.take_away(turn, contact, "answered", by=advisor or "")

    def _close(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        name, data = NAMES[turn.event.type], turn.event.data
        outcome = data.get("outcome")
        self._journal.note(turn, name, {"state": contact.state, "outcome": outcome})
        if contact.state in IN_LINE:
            self._journal.left(turn.effects, contact, name, turn.seen)
        contact.state = cell.state
        if name == "finished":
            contact.held = False
            self._dispatch.heard_of(turn, contact)
        if cell.effect is Effect.CLOSE:
            self.placing.take_away(turn, contact, name)
        self._recall(turn, last_outcome=outcome, last_advisor=data.get("advisor_id"))
        self._keep(turn, contact, contact.data)

    def _remark(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:  # noqa: ARG002
        """Audit feedback; of a contact that is kept no longer, too, since it may come after weeks.

        Nothing is kept of it: no rule reads it, and it is no sign that the contact goes on.
        """
        data = turn.event.data
        told = {name: data[name] for name in REMARKED if data.get(name) is not None}
        self._journal.note(turn, "feedback", {"state": cell.state, **told})

    def _forward(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:  # noqa: ARG002
        event = turn.event
        inner = {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "time": format_time(event.at),
            "data": event.data,
        }
        data = {"contact_id": contact.id, "event": inner}
        self._return(turn, contact.customer or "", returned.RETURN_FORWARDED, data)
        self._journal.note(turn, "forwarded", {"event": NAMES[event.type]})
        self._keep(turn, contact, None)

    def _join(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        event = turn.event
        target = joinable(turn.memory, event, self._deciding.revision.joins)
        if target is None:  # the column `joining` says that there is one
            raise LookupError("nothing to join")
        joined = KeptContact(
            contact.id, cell.state, turn.base, event.at, turn.seen, customer=target.customer
        )
        joined.joined = target.id
        self._journal.note(turn, "joined", {"into": target.id}, number=1)
        joined.data = channels(turn.memory, target, event.data["channel"])
        self._keep(turn, joined, None)
        self._do_to(turn, target)

    def _pass_on(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        target = contact_of(turn.memory, contact)
        contact.state = cell.state
        self._keep(turn, contact, None)
        self._do_to(turn, target)

    def _do_to(self, turn: Turn, target: KeptContact) -> None:
        """Do the event to another contact than it names; its cause says which it names."""
        turn.cause["joined"] = turn.contact_id
        turn.contact_id = target.id
        turn.event = turn.event._replace(data={**turn.event.data, "contact_id": target.id})
        cell = TABLE[target.state][self._column(turn, target)]
        self._do[cell.effect](turn, target, cell)

    def _stay(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        target = contact_of(turn.memory, contact)
        channel = left_with(turn.memory, target, contact)
        number = int(channel is not None)  # that of `moved` is 0
        self._journal.note(turn, "left_channel", {"state": contact.state}, number=number)
        contact.gone, contact.state = True, cell.state
        self._keep(turn, contact, contact.data)
        if channel is not None:
            self._go_on(turn, contact if target.id == contact.id else target, channel)

    def _go_on(self, turn: Turn, contact: KeptContact, channel: str) -> None:
        """Decide a contact again that is left with another channel than it had."""
        if contact.id != turn.contact_id:
            turn.cause["joined"], turn.contact_id = turn.contact_id, contact.id
        data = self._deciding.merged(contact, {"channel": channel})
        decision = self.placing.decide(turn, contact, data, again=True, move=False)
        self._learn(turn, contact, decision, data)
        self._keep(turn, contact, data)

    def _nothing(self, turn: Turn, contact: KeptContact, cell: Cell) -> None:
        name = self._column(turn, contact)
        detail = {"event": name, "state": cell.state, "reason": cell.reason}
        self._journal.note(turn, "no_effect", detail)

    # What the effects have in common.

    def _column(self, turn: Turn, contact: KeptContact) -> str:
        """Name the event as the table does, which asks more of some of them."""
        event, memory = turn.event, turn.memory
        name = NAMES[event.type]
        if name == "arrived" and contact.state not in OPEN_STATES:
            joins = joinable(memory, event, self._deciding.revision.joins)
            return "joining" if joins and contact.state not in _AWAY else name
        about = contact_of(memory, contact)
        if name == "identified" and event.data["customer_id"] == about.customer:
            return "identified again"
        if name in ("abandoned", "ended") and stays(memory, contact):
            return "one channel left"
        if name == "ended" and about.held:
            return "ended while held"
        return name

    def _keep(self, turn: Turn, contact: KeptContact, data: Mapping[str, Any] | None) -> None:
        """Keep the contact, and of its data what rules read; one that is over keeps none."""
        limits = self._limits
        if contact.state in OPEN_STATES:
            contact.until = turn.seen + limits.lapse
            contact.data = self._deciding.kept(data or {})
        else:
            contact.until = turn.seen + limits.over
            contact.before = None
            if contact.state != "joined":  # whose channel is known by it
                contact.data = None
        turn.memory.keep(contact)

    def _meet(
        self, turn: Turn, decision: Decision, contact: KeptContact, data: Mapping[str, Any]
    ) -> None:
        """Remember the customer as having made this contact."""
        customer = Customer(*(turn.memory.customer or ()))
        customer.meet(decision, contact.at, data.get("channel"))
        self._deciding.mark(customer, decision, contact, data, turn.seen)
        customer.until = turn.seen + self._limits.memory
        turn.memory.customer = customer.pack()

    def _learn(
        self, turn: Turn, contact: KeptContact, decision: Decision, data: Mapping[str, Any]
    ) -> None:
        """Remember what the customer's contact was now decided to be."""
        if turn.memory.customer is not None and contact.before is not None:
            customer = Customer(*turn.memory.customer)
            customer.learn(decision, turn.event.at)
            self._deciding.mark(customer, decision, contact, data, turn.seen)
            turn.memory.customer = customer.pack()

    def _recall(
        self, turn: Turn, *, last_advisor: str | None = None, last_outcome: str | None = None
    ) -> None:
        """Remember who served the customer and how it ended, where that is told."""
        if turn.memory.customer is None or not (last_advisor or last_outcome):
            return
        customer = Customer(*turn.memory.customer)
        customer.last_advisor = last_advisor or customer.last_advisor
        customer.last_outcome = last_outcome or customer.last_outcome
        turn.memory.customer = customer.pack()

    def _return(self, turn: Turn, key: str, kind: str, data: dict[str, Any]) -> None:
        """Send something about the contact to another intake, in the time of its event."""
        try:
            value = enveloped(
                kind, data, event_id=f"{turn.base}.r0", source=self._journal.source,
                at=turn.event.at, subject=turn.contact_id,
            )  # fmt: skip
        except TypeError:  # orjson reads 1,024 levels of nesting and writes 254
            raise Unreadable("too-deep", "data: cannot be passed on") from None
        turn.effects.outputs.append(Output(INTAKE_RETURNS, key.encode(), value))

    def _make_room(self, turn: Turn, contact: KeptContact) -> None:
        if contact.state in OPEN_STATES:
            record_id = f"{turn.base}.n9"
            about = (turn.effects, contact, turn.seen)
            self._lapse(*about, record_id=record_id, cause=turn.cause, key=turn.key)
        turn.memory.drop(contact.id)

    def _lapse(
        self,
        effects: Effects,
        contact: KeptContact,
        now: int,
        *,
        record_id: str,
        cause: Mapping[str, Any],
        key: bytes,
    ) -> None:
        """Let a contact go of which nothing was heard, or for which there is no room."""
        journal = self._journal
        reason = "nothing heard" if "timer" in cause else "too many contacts"
        detail = {"state": contact.state, "reason": reason}
        journal.noted(
            effects,
            "lapsed",
            record_id=record_id,
            at=now,
            seen=now,
            cause=cause,
            contact_id=contact.id,
            detail=detail,
        )
        journal.left(effects, contact, "lapsed", now)
        self._dispatch.take_away(
            effects, contact, "lapsed", key=key.decode(), base=record_id, now=now
        )
        contact.state, contact.until = "lapsed", now + self._limits.over
        contact.data = contact.before = None

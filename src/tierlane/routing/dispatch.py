"""Contacts that a managed desk has: what intake sends there, in place of lane entries of its own.

A contact is in a desk's hands while it has a desk and no kind of lane. Intake keeps the desk it
sent it to first; where that one sent it on, it sends after it what comes later.
"""

from tierlane.contact.returned import RETURN_FINISHED
from tierlane.decision import Decision
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.deciding import Question
from tierlane.routing.effect import Effects
from tierlane.routing.hosting import onward
from tierlane.routing.hosting.card import card_of
from tierlane.routing.hosting.stranding import stranded
from tierlane.routing.joining import joined_to
from tierlane.routing.journal import Journal
from tierlane.routing.memory import KeptContact
from tierlane.routing.turn import Turn
from tierlane.routing.waiting.event import Arrived, Gone, Noticed, Updated


class Dispatch:
    """Sends contacts to desks for one intake."""

    __slots__ = ("_journal",)

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def itinerary(
        self,
        revision: Revision,
        question: Question | None,
        decision: Decision,
        contact: KeptContact,
    ) -> Itinerary:
        """Return what a desk must know; where no rule was asked, the way to the fallback alone."""
        if question is not None:
            return question.itinerary(revision)
        outcome = decision.outcome
        return stranded(
            revision,
            priority=outcome.priority,
            answer=outcome.promise.answer,
            channel=(contact.data or {}).get("channel") or "",
            customer=contact.customer,
        )

    def desk_of(self, revision: Revision, itinerary: Itinerary, decision: Decision) -> str | None:
        """Return the desk that is to have a contact, None where intake enters it in its lane.

        That is where the desk of its first step, or the one it was decided for, waits and offers.
        """
        lanes = {one.name: one.desk for one in revision.lanes}
        legs = dict(itinerary.legs).get(itinerary.plan, ())
        leg = next((one for one in legs if not one.reason), itinerary.last)
        first = lanes[leg.lane]
        managed = {one.desk for one in revision.lines if one.managed}
        return first if {first, decision.outcome.desk} & managed else None

    def arrive(
        self,
        turn: Turn,
        contact: KeptContact,
        decision: Decision,
        decision_id: str,
        *,
        itinerary: Itinerary,
        desk: str,
    ) -> None:
        """Send a contact to a desk."""
        event = Arrived(
            contact.id,
            itinerary,
            contact.seen,
            itinerary.plan,
            resting=not itinerary.decided,
        )
        contact.lane, contact.kind, contact.desk = None, None, desk
        card = card_of(contact, decision, decision_id, turn.key_text, joined_to(turn, contact))
        turn.effects.outputs.append(
            onward.arrived(self._sender(turn.base, "c0", turn.seen), desk, event, card)
        )

    def update(
        self,
        turn: Turn,
        contact: KeptContact,
        decision: Decision,
        decision_id: str,
        itinerary: Itinerary,
    ) -> None:
        """Tell the desk that has a contact what was decided anew."""
        event = Updated(contact.id, itinerary)
        card = card_of(contact, decision, decision_id, turn.key_text, joined_to(turn, contact))
        turn.effects.outputs.append(
            onward.updated(
                self._sender(turn.base, "c0", turn.seen), contact.desk or "", event, card
            )
        )

    def take_away(
        self, effects: Effects, contact: KeptContact, how: str, *, key: str, base: str, now: int,
        by: str = "",
    ) -> None:  # fmt: skip
        """Tell the desk that has a contact that it is over, or another's; nothing if none has.

        `by` is the advisor who answered it, where that was told.
        """
        if not contact.at_desk or contact.desk is None:
            return
        sender = self._sender(base, "g0", now)
        effects.outputs.append(onward.gone(sender, contact.desk, Gone(contact.id, how, by), key))
        contact.desk = None

    def notice(self, turn: Turn, contact: KeptContact, channel: str | None = None) -> None:
        """Let the desk whose advisor has a contact know that it is not silent.

        `channel` is where its customer is from now on, if that is another than before.
        """
        if contact.at_desk and contact.desk is not None:
            sender = self._sender(turn.base, "c0", turn.seen)
            switched = channel not in (None, (contact.data or {}).get("channel"))
            event = Noticed(contact.id, (channel or "") if switched else "")
            joined = turn.cause.get("joined", "") if switched else ""
            turn.effects.outputs.append(
                onward.noticed(sender, contact.desk, event, turn.key_text, joined)
            )

    def heard_of(self, turn: Turn, contact: KeptContact) -> None:
        """Take over what a desk's return tells of a contact's entries."""
        number = turn.event.data.get("entry_no")
        if contact.at_desk and isinstance(number, int):
            contact.entry_no = max(contact.entry_no, number)
        if turn.event.type == RETURN_FINISHED and contact.at_desk:
            contact.desk = None

    def found_there(self, turn: Turn, contact: KeptContact) -> bool:
        """Note that a desk has a contact after all, of which a switch had told first.

        A managed desk, which alone tells of entries, has taken it from another advisor than the
        switch named: then its word is older, and this tells False.
        """
        data = turn.event.data
        if not isinstance(data.get("entry_no"), int):
            return True
        if contact.advisor not in (None, data.get("advisor_id")):
            return False
        contact.desk = data.get("desk")
        return True

    def _sender(self, base: str, letter: str, at: int) -> onward.Sender:
        return onward.Sender(self._journal.source, f"{base}.{letter}", at)

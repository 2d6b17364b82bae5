"""Placing a contact: it is decided, and put where that says, into a lane or a desk's hands."""

from collections.abc import Mapping
from typing import Any

from tierlane.decision import Decision
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.routing.deciding import Deciding
from tierlane.routing.dispatch import Dispatch
from tierlane.routing.journal import Journal, terms
from tierlane.routing.memory import KeptContact
from tierlane.routing.shadow import Shadow
from tierlane.routing.turn import Turn


class Placing:
    """Decides contacts for one owner, and enters them or hands them to desks."""

    __slots__ = ("_journal", "deciding", "dispatch", "shadow")

    def __init__(self, journal: Journal, deciding: Deciding) -> None:
        self.deciding = deciding
        self.shadow: Shadow | None = None
        """A revision that is asked beside the one in use."""
        self.dispatch = Dispatch(journal)
        self._journal = journal

    def decide(
        self, turn: Turn, contact: KeptContact, data: Mapping[str, Any], *, again: bool, move: bool
    ) -> Decision:
        """Decide, write it, and put the contact into its lane if that is another, or on `move`."""
        decision, decision_id, way = self._decided(turn, contact, data, again=again)
        self._place(turn, contact, decision, decision_id, way, move=move)
        return decision

    def decide_anew(self, turn: Turn, contact: KeptContact, reason: str) -> None:
        """Decide a contact in line by a revision that became active after its decision.

        Age, data and what is remembered of the customer stay; it moves, with the reason, if its
        entry would now say something else.
        """
        data = contact.data or {}
        decision, decision_id, way = self._decided(turn, contact, data, again=True)
        if contact.at_desk:
            contact.terms = 0  # what a desk asked for is done: it is pinned from now on
        if contact.at_desk or self._desk_for(way, decision) is not None:
            self._place(turn, contact, decision, decision_id, way, move=False)
        elif decision.outcome.lane != contact.lane or terms(decision) != contact.terms:
            self._move(turn, contact, decision, decision_id, reason=reason)
        turn.memory.keep(contact)

    def take_away(self, turn: Turn, contact: KeptContact, how: str, *, by: str = "") -> None:
        """Tell the desk that has a contact that it has it no more; `by` is who answered it."""
        self.dispatch.take_away(
            turn.effects, contact, how, key=turn.key_text, base=turn.base, now=turn.seen, by=by
        )

    def _place(
        self,
        turn: Turn,
        contact: KeptContact,
        decision: Decision,
        decision_id: str,
        way: Itinerary | None,
        *,
        move: bool,
    ) -> None:
        """Put a contact where it was decided to be: into a lane, or into the hands of a desk."""
        dispatch, desk = self.dispatch, self._desk_for(way, decision)
        if way is not None and contact.at_desk:
            dispatch.update(turn, contact, decision, decision_id, way)
        elif way is not None and desk is not None:
            self._journal.left(turn.effects, contact, "moved", turn.seen)
            dispatch.arrive(turn, contact, decision, decision_id, itinerary=way, desk=desk)
        elif move or decision.outcome.lane != contact.lane:
            self._move(turn, contact, decision, decision_id)

    def _desk_for(self, way: Itinerary | None, decision: Decision) -> str | None:
        """Return the managed desk that is to have a contact, None for a lane."""
        if way is None or not self.deciding.managed:
            return None
        return self.dispatch.desk_of(self.deciding.revision, way, decision)

    def _decided(
        self, turn: Turn, contact: KeptContact, data: Mapping[str, Any], *, again: bool
    ) -> tuple[Decision, str, Itinerary | None]:
        """Decide it and write that, also what the shadow says.

        Returns the audit record's id, and what a desk must know where one may have the contact.
        """
        deciding, way = self.deciding, None
        decision, faults, question = deciding.decide(turn, contact, data, again=again)
        if deciding.managed or contact.at_desk:
            way = self.dispatch.itinerary(deciding.revision, question, decision, contact)
            if question is not None and question.looking is not None and question.looking.cause:
                turn.cause["directory"] = question.looking.cause
        decision_id = self._journal.decided(
            turn,
            decision,
            faults=faults,
            mask=deciding.mask,
            again=again,
            since=contact.seen,
        )
        if self.shadow is not None and question is not None:
            self.shadow.ask(turn, question, decision, decision_id, again=again)
        return decision, decision_id, way

    def _move(
        self,
        turn: Turn,
        contact: KeptContact,
        decision: Decision,
        decision_id: str,
        *,
        reason: str | None = None,
    ) -> None:
        """Have it leave the lane it is in, if any, and enter that of its decision."""
        journal = self._journal
        if contact.lane is not None:
            moved = {"left": contact.lane, "entered": decision.outcome.lane}
            moved |= {"decision": decision_id} | ({"reason": reason} if reason else {})
            journal.note(turn, "moved", moved)
            journal.left(turn.effects, contact, "moved", turn.seen)
        journal.entered(turn, contact, decision, decision_id)

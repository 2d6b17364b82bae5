"""A revision that is asked beside the one in use, without any effect."""

from tierlane.audit.mask import Mask
from tierlane.decision import Decision
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.deciding import Question
from tierlane.routing.journal import Journal, terms
from tierlane.routing.turn import Turn


class Shadow:
    """Asks a revision what it would have decided, and writes that to `routing.shadow`.

    Counted as `shadow` by what came of it: `same`, `other_lane`, `other_terms` (the same lane, with
    another tier, priority, promise or advisor) or `failed`.
    """

    __slots__ = ("_journal", "_mask", "revision")

    def __init__(self, revision: Revision, mask: Mask, journal: Journal) -> None:
        self.revision = revision
        self._mask = mask
        self._journal = journal

    def ask(
        self,
        turn: Turn,
        question: Question,
        live: Decision,
        decision_id: str,
        *,
        again: bool,
    ) -> None:
        """Decide the same question; whatever goes wrong here stays here."""
        try:
            decision, faults = question.put(self.revision)
            self._journal.shadowed(
                turn,
                decision,
                decision_id,
                faults=faults,
                mask=self._mask,
                again=again,
                since=question.since,
            )
            turn.effects.count("shadow", _compared(live, decision))
        except Exception:  # noqa: BLE001  # the live decision stands, whatever a candidate does
            turn.effects.count("shadow", "failed")


def _compared(live: Decision, other: Decision) -> str:
    if any(fault.code == "internal" for fault in other.errors):
        return "failed"
    if live.outcome.lane != other.outcome.lane:
        return "other_lane"
    return "same" if terms(live) == terms(other) else "other_terms"

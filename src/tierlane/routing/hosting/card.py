"""What goes along with a contact to a desk so that records about it can be written there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tierlane.decision import Decision
from tierlane.routing.memory import KeptContact

MOST_HEARD = 16
"""Events of `desk.contacts` remembered per contact, by which one that comes twice is known."""


@dataclass(slots=True)
class Card:
    """A contact beside its itinerary: how it was decided, and its entries into lanes so far."""

    key: str
    """Its key of arrival, by which its intake is found."""
    policy: str
    """The policy's name."""
    tier: str
    scenario: str
    decision: str
    """The id of the decision's audit record."""
    respond_by: int | None = None
    """By when an answer is promised, in ms; None promises nothing."""
    resolve_by: int | None = None
    retain_until: str | None = None
    """Until when records are kept, where compliance says so."""
    joined: list[str] = field(default_factory=list)
    """Contacts of its customer on other channels that are one with it."""
    entry_no: int = 0
    """Entries so far."""
    entry: str = ""
    """The id of the entry it is in; nothing while it is in no lane."""
    lane: str = ""
    """The lane of that entry."""
    kind: str = ""
    """Its kind: a revision may have the lane no more when the contact leaves it."""
    offer: str = ""
    """The offer by which it is served; nothing while nobody serves it."""
    heard: list[str] = field(default_factory=list)
    """Names of the events about it, the oldest first."""

    def hear(self, name: str) -> None:
        """Remember an event."""
        self.heard = [*self.heard, name][-MOST_HEARD:]

    def renew(self, later: "Card") -> None:
        """Take over what was decided anew; entries and what was heard stay."""
        for name in _DECIDED:
            setattr(self, name, getattr(later, name))
        self.entry_no = max(self.entry_no, later.entry_no)


_DECIDED = (
    "key", "policy", "tier", "scenario", "decision", "respond_by", "resolve_by", "retain_until",
    "joined",
)  # fmt: skip


def card_of(
    contact: KeptContact, decision: Decision, decision_id: str, key: str, joined: list[str]
) -> Card:
    """Return the card of a contact as it was now decided; `joined` are those that joined it."""
    outcome, seen = decision.outcome, contact.seen
    serve: Mapping[str, Any] = decision.serve
    until = serve.get("retain_until")
    return Card(
        key=key,
        policy=decision.policy,
        tier=outcome.tier,
        scenario=outcome.scenario,
        decision=decision_id,
        respond_by=outcome.promise.due("answer", seen),
        resolve_by=outcome.promise.due("resolve", seen),
        retain_until=until if isinstance(until, str) and outcome.kept else None,
        joined=joined,
        entry_no=contact.entry_no,
    )

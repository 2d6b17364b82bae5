"""What came of it at a managed desk: changes in order, from which records and audit are written."""

from typing import NamedTuple

from tierlane.decision import Priority
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.routing.waiting.event import Arrived, PassedOver


class Change(NamedTuple):
    """One change of a contact's place, or of an offer.

    `kind` is one of: `entered` (a lane), `stepped` (on in the same lane), `escalated` (time ran out
    and another plan took over), `passed` (another plan took over at once), `handed over` (to
    another desk), `closed` (by `finally`), `left` (the contact is over), `lapsed` (nothing was
    heard of it), `offered`, `confirmed`, `confirmed again` (accepted twice by who has it),
    `revoked`, `expired`, `declined`, `finished`, `returned` (taken back from an advisor),
    `withdrawn` (the contact is over or another's while an advisor serves it),
    `switched` (its customer is on another channel while an advisor serves it),
    `vanished` (an advisor, silent), `signed_off` (an advisor, who holds nothing any more),
    `signed_off again` (one who is not here), `refused` (one who is at the desk `desk` still),
    `ordered`, `overtaken` (beyond the bound, by an order; `reason` is who passed), `no_effect`,
    `timer failed` (our own code raised on it; `reason` is its kind and the class of the error).
    """

    kind: str
    at: int
    """Ms, when it took effect."""
    contact_id: str = ""
    advisor_id: str = ""
    offer_id: str = ""
    lane: str = ""
    plan: str = ""
    step: int | str = 0
    reason: str = ""
    passed_over: PassedOver = ()
    expires: int = 0
    place: int = 0
    """With `entered`: at most so many are served before it in its lane, and itself."""
    wait: int | None = None
    """With `entered`: ms that it is expected to wait; None is not known."""
    missed_by: int | None = None
    """With `confirmed`: ms by which it was taken on later than expected, below 0 sooner."""
    over: int = 0
    """With `overtaken`: ms beyond the bound."""
    due: int = 0
    """Ms: the timer that brought it about, where one did; `at` is when it fired."""
    onward: Arrived | None = None
    """With `handed over`: what the other desk is to be told."""
    desk: str = ""
    """With `handed over` and `refused`: the other desk."""
    itinerary: Itinerary | None = None
    """That of the contact, where it is at the desk."""
    priority: Priority | None = None
    """The contact's at this moment, floors applied."""

"""What may happen at a managed desk. Times are ms on the `seen` clock."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tierlane.decision import Priority
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.capacity import Capacity
from tierlane.policy.form.desk import Duty

PassedOver = tuple[tuple[int | str, str, str], ...]
"""Step (`PLAN/STEP` of a plan that handed over), lane and reason."""


class Arrived(NamedTuple):
    """A contact comes to the desk: from intake, or handed over by another desk."""

    contact_id: str
    itinerary: Itinerary
    arrived: int
    """When it arrived at all: its age is reckoned from here and goes on through moves."""
    plan: str
    step: int = 0
    """The step behind which it looks for the next; 0 is before the first."""
    priority: Priority | None = None
    """The one that a step set last; None is that of the itinerary."""
    moved: int = 0
    """How often a plan handed over to another."""
    passed_over: PassedOver = ()
    entries: tuple[str, ...] = ()
    """The lanes so far."""
    resting: bool = False
    """Whether no step is left, so that it goes to the fallback."""
    paused: int = 0
    """Ms for which its steps had no time, since it waited to be rung back."""


class Updated(NamedTuple):
    """A contact that waits or is served was decided again: it changed, or the policy did."""

    contact_id: str
    itinerary: Itinerary


class Gone(NamedTuple):
    """A contact is over, `abandoned` or `ended`, or another's: `answered`, `transferred`."""

    contact_id: str
    how: str
    by: str = ""
    """With `answered`: the advisor who has it, where that was told."""


class Noticed(NamedTuple):
    """Something was heard of a contact that somebody serves: nothing is to be decided anew."""

    contact_id: str
    channel: str = ""
    """The channel on which the customer is from now on; nothing: the same as before."""


class SignedOn(NamedTuple):
    """An advisor begins to serve, with what they can do."""

    advisor_id: str
    values: Mapping[str, Any]
    """By field, as wants read them: `id`, `rank`, `skills.claims`, `languages` …"""
    capacity: Capacity
    duty: Duty | None = None
    """None serves every lane of the desk, with rank 1."""
    channels: tuple[str, ...] = ()
    """None: every channel."""
    idle_since: int | None = None
    """None: since now."""
    holds: tuple[tuple[str, int], ...] = ()
    """Contacts held that came another way, by channel."""


class Stood(NamedTuple):
    """An advisor's readiness changed: `on`, `break` or `off`."""

    advisor_id: str
    state: str


class SignedOff(NamedTuple):
    """An advisor leaves the desk; confirmed as soon as nothing is served any more."""

    advisor_id: str


class Heard(NamedTuple):
    """An advisor's desktop is alive."""

    advisor_id: str
    holds: tuple[str, ...] | None = None
    """The contacts it has, by which capacity is mended; None: it does not say."""


class Vanished(NamedTuple):
    """An advisor is silent: what was offered and what was served goes back, with its age."""

    advisor_id: str


class Accepted(NamedTuple):
    """An advisor takes a contact that was offered."""

    advisor_id: str
    contact_id: str
    offer_id: str = ""
    """Which offer; nothing means the one that is open."""


class Declined(NamedTuple):
    """An advisor does not take a contact that was offered."""

    advisor_id: str
    contact_id: str
    offer_id: str = ""


class Finished(NamedTuple):
    """An advisor is done with a contact."""

    advisor_id: str
    contact_id: str


class Shut(NamedTuple):
    """An operator closes a lane to contacts that would enter it; None until it is opened."""

    lane: str
    until: int | None = None


class Reopened(NamedTuple):
    """An operator opens a lane that was closed by order."""

    lane: str


class Ordered(NamedTuple):
    """An operator puts a waiting contact into another lane of the desk."""

    contact_id: str
    lane: str


class Released(NamedTuple):
    """An operator takes a contact back from whoever was offered it or serves it."""

    contact_id: str


class Halted(NamedTuple):
    """An operator lets the desk offer nothing until it is resumed."""


class Resumed(NamedTuple):
    """An operator lets the desk make offers again."""


class Published(NamedTuple):
    """Another revision runs the desk from now on; contacts keep theirs until decided again."""

    revision: Revision


Event = (
    Arrived | Updated | Gone | Noticed | SignedOn | Stood | SignedOff | Heard | Vanished | Accepted
    | Declined | Finished | Shut | Reopened | Ordered | Released | Halted | Resumed | Published
)  # fmt: skip

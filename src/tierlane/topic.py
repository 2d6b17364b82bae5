"""The topics by name, as `topics/*.yaml` describe them; a `prefix` may stand before each."""

from typing import Final

CONTACT_EVENTS: Final = "contact.events"
CUSTOMER_PROFILES: Final = "customer.profiles"
POLICY_REVISIONS: Final = "policy.revisions"
INTAKE_RETURNS: Final = "intake.returns"
DESK_CONTACTS: Final = "desk.contacts"
ADVISOR_DIRECTORY: Final = "advisor.directory"
ADVISOR_EVENTS: Final = "advisor.events"
ADVISOR_OFFERS: Final = "advisor.offers"
ROUTING_AUDIT: Final = "routing.audit"
ROUTING_SHADOW: Final = "routing.shadow"
CONTACT_REJECTED: Final = "contact.rejected"

INTAKE_INPUTS: Final = (CONTACT_EVENTS, INTAKE_RETURNS, CUSTOMER_PROFILES)
"""What an intake owner reads: the same partition of each, so they are co-partitioned."""

DESK_INPUTS: Final = (DESK_CONTACTS, ADVISOR_EVENTS)
"""What a desk owner reads: the same partition of each, so they are co-partitioned."""


def lane_topic(kind: str) -> str:
    """Name the topic of a lane kind: standard, priority, dedicated or selfservice."""
    return f"lane.{kind}"

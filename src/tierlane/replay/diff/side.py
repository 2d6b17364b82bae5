"""One of the two policies: it decides arrivals, with what it would remember of each customer."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tierlane.contact.reading import Event
from tierlane.decision import Outcome
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.counting import Counted, marked, numbers
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import Customer

MARKS: Final = IntakeLimits().marks


class Asked(NamedTuple):
    """What a policy said of an arrival."""

    outcome: Outcome
    advisor: str | None
    memory: dict[str, Any] | None
    """What was remembered of the customer when it was asked."""


class Side:
    """A policy, as it is asked contact by contact."""

    def __init__(self, revision: Revision) -> None:
        self.revision: Final = revision
        self.remembers: Final = bool(revision.needs.memory or revision.counts)
        """Whether what a customer did before can change a decision."""

    def decide(
        self, event: Event, profile: Mapping[str, Any] | None, customer: Customer | None
    ) -> Asked:
        """Decide an arrival; what is asked can be put again, for all that an audit would say.

        `customer` is what this policy remembers, and remembers of it from now on; None of a
        customer who is not known.
        """
        data = event.data
        if customer is None or not self.remembers:
            outcome, advisor = self.revision.outcome(data, profile, None, event.at)
            return Asked(outcome, advisor, None)
        memory = customer.names()
        counts = self.revision.counts
        if counts:
            counted = Counted(data["contact_id"], data, event.at)
            memory["count"] = numbers(customer.marks, counts, counted, now=event.at)
        outcome, advisor = self.revision.outcome(data, profile, memory, event.at)
        asked = Asked(outcome, advisor, memory)
        customer.meet(asked, event.at, data.get("channel"))
        if counts:
            names = outcome.counted
            customer.marks = marked(
                customer.marks, counts, counted, names=names, now=event.at, most=MARKS
            )
        return asked


def recall(customer: Customer, data: Mapping[str, Any]) -> None:
    """Remember who served a customer and how it ended."""
    customer.last_advisor = data.get("advisor_id") or customer.last_advisor
    customer.last_outcome = data.get("outcome") or customer.last_outcome

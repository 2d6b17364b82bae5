"""Decides the contacts of a simulation as intake would, and remembers customers as it does.

A customer is remembered from contact to contact: what was decided, and who served last. Nothing is
remembered where no rule reads it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tierlane.decision import FALLBACK, Decision
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.line.want import Wanted
from tierlane.policy.reading.memory import MOST_COUNTED
from tierlane.replay.simulation.coming import Coming
from tierlane.routing.counting import Counted, marked, numbers
from tierlane.routing.memory import Customer
from tierlane.routing.waiting.change import Change

MOST_KNOWN: Final = 10_000
"""Kinds of contacts whose itinerary is remembered; at some 4 KB each."""

_Answer = tuple[Decision, Itinerary, str]
Recalled = dict[str, _Answer]
"""Decisions of contacts by their ids."""
BY_LOT: Final = frozenset({"last_advisor", "last_outcome"})
"""What is remembered of a customer that hangs on how a replication went."""


def recallable(revision: Revision) -> bool:
    """Tell whether the same contacts are decided alike in every replication."""
    return not any(name.split(".")[0] in BY_LOT for name in revision.needs.memory)


def managed(revision: Revision) -> Revision:
    """Return the revision with every desk's line kept here, as simulating it needs.

    A desk that another system assigns is simulated by the order that the policy states for it.
    """
    lines = tuple(replace(one, managed=True) for one in revision.lines)
    return replace(revision, lines=lines)


class Deciding:
    """Decides by one revision; makes of each contact what a desk needs."""

    def __init__(
        self, revision: Revision, *, timeless: bool = False, recalled: "Recalled | None" = None
    ) -> None:
        """Decide by a revision; `timeless` says that no rule reads `now` itself.

        `recalled` holds what was decided of the same contacts in another replication.
        """
        self.revision = revision
        self._recalled = recalled
        paths = revision.rules.paths
        self._now = paths.index("now") if timeless and "now" in paths else -1
        self._desks = {one.name: one.desk for one in revision.lanes}
        self._remembers = bool(revision.needs.memory or revision.counts)
        self._customers: dict[str, Customer] = {}
        self._known: dict[tuple[Any, ...], _Answer] = {}

    @property
    def remembers(self) -> bool:
        """Whether a rule reads what is remembered of a customer."""
        return self._remembers

    @property
    def steady(self) -> bool:
        """Whether contacts that differ in id and arrival alone are decided alike."""
        revision = self.revision
        paths = [one for place, one in enumerate(revision.rules.paths) if place != self._now]
        read = {"now", "contact", "contact.id"} & set(paths)
        return not (revision.free or revision.wide or revision.shared or read)

    def decided(self, coming: Coming) -> tuple[dict[str, str], Itinerary, str]:
        """Return what rows of behaviour ask of a contact, its itinerary, and its first desk."""
        contact = coming.contact
        customer_id = contact.get("customer_id")
        customer, memory = None, None
        if self._remembers and customer_id:
            customer = self._customers.setdefault(customer_id, Customer())
            memory = self._memory(customer, coming)
        decision, itinerary, desk = self._answer(coming, memory)
        if customer is not None:
            self._meet(customer, decision, coming)
        outcome = decision.outcome
        about = {
            "channel": itinerary.channel, "subject": str(contact.get("subject") or ""),
            "tier": outcome.tier, "scenario": outcome.scenario, "lane": outcome.lane, "group": "",
        }  # fmt: skip
        return about, itinerary, desk

    def _answer(self, coming: Coming, memory: Mapping[str, Any] | None) -> _Answer:
        """Return what was decided of a contact before, else ask."""
        recalled = self._recalled
        if recalled is None:
            return self._asked(coming, memory)
        known = recalled.get(coming.contact_id)
        if known is None:
            known = self._asked(coming, memory)
            if len(recalled) < MOST_KNOWN:
                recalled[coming.contact_id] = known
        return known

    def _asked(self, coming: Coming, memory: Mapping[str, Any] | None) -> _Answer:
        """Return decision, itinerary and desk; those of contacts alike are remembered.

        Contacts are alike for which every field that a rule reads has the same value, `now` among
        them where one reads it: asking again would give the same.
        """
        revision, now = self.revision, coming.arrived
        key = None
        if not (revision.free or revision.wide or revision.shared):
            try:
                values, classes = revision.sort(coming.contact, coming.profile, memory, now)
                if self._now >= 0:
                    values[self._now] = None
                key = (tuple(values), classes)
                known = self._known.get(key)
            except TypeError:  # a list or map, which is no key
                key = known = None
            if known is not None:
                return known
        decision = revision.decide(coming.contact, coming.profile, memory, now)
        itinerary = revision.itinerary(coming.contact, coming.profile, memory, now, arrived=now)
        found = decision, itinerary, self._desk(itinerary)
        # Working time is reckoned from the moment of the arrival.
        if key is not None and not decision.outcome.promise.working:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = found
        return found

    def _desk(self, itinerary: Itinerary) -> str:
        legs = dict(itinerary.legs).get(itinerary.plan, ())
        leg = next((one for one in legs if not one.reason), itinerary.last)
        return self._desks[leg.lane]

    def skill(self, itinerary: Itinerary, change: Change) -> str:
        """Return what is wanted of an advisor in the step a contact has entered, in short.

        `skills.claims` for a skill, `languages=ja` for what must be among several.
        """
        if change.step == FALLBACK or not isinstance(change.step, int):
            return ""
        if not itinerary.has(change.plan, change.step):
            return ""
        wants = itinerary.leg(change.plan, change.step).wants
        return " ".join(sorted({_short(test) for want in wants for test in want.tests}))

    # ------------------------------------------------------------------ memory

    def served(self, coming: Coming, advisor_id: str) -> None:
        """Remember who served a customer last."""
        customer = self._customers.get(coming.contact.get("customer_id") or "")
        if customer is not None:
            customer.last_advisor = advisor_id

    def _memory(self, customer: Customer, coming: Coming) -> dict[str, Any]:
        memory = customer.names()
        if self.revision.counts:
            counted = Counted(coming.contact_id, coming.contact, coming.arrived)
            memory["count"] = numbers(
                customer.marks, self.revision.counts, counted, now=coming.arrived
            )
        return memory

    def _meet(self, customer: Customer, decision: Decision, coming: Coming) -> None:
        customer.meet(decision, coming.arrived, coming.contact.get("channel"))
        if self.revision.counts:
            customer.marks = marked(
                customer.marks,
                self.revision.counts,
                Counted(coming.contact_id, coming.contact, coming.arrived),
                names=decision.outcome.counted,
                now=coming.arrived,
                most=MOST_COUNTED,
            )


def _short(test: Wanted) -> str:
    named = test.sign in ("has", "==") and test.field != "id"
    return f"{test.field}={test.value}" if named else test.field

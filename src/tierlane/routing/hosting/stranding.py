"""Contacts of which nobody here knows by which rules they were decided: they go to the fallback.

That happens where a revision was never published and its file is gone, or does not compile any
more. No contact is lost by it: its intake is asked to decide it again.
"""

from collections.abc import Callable
from dataclasses import replace

from tierlane.decision import FALLBACK, Priority
from tierlane.errors import StateError
from tierlane.policy.deciding.itinerary import Itinerary, Leg
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.document import Floor
from tierlane.routing.waiting.event import Arrived
from tierlane.routing.waiting.snapshot import Plain, Snapshot

Lookup = Callable[[str], Revision | None]
"""Hash → revision, None where it is not known."""


def stranded(
    revision: Revision,
    *,
    priority: Priority,
    answer: int | None,
    channel: str,
    customer: str | None,
    floor: Floor | None = None,
) -> Itinerary:
    """Return the itinerary of a contact for which no rule can be asked: to the fallback alone."""
    return Itinerary(
        revision=revision.hash,
        plan=next(iter(revision.rules.plans)),
        legs=(),
        last=Leg(revision.fallback),
        priority=priority,
        floor=floor or Floor(),
        answer=answer,
        channel=channel,
        customer=customer,
        decided=False,
    )


def without_rules(itinerary: Itinerary, revision: Revision) -> Itinerary:
    """Return an itinerary of which the rules are not known, as one to the fallback of another."""
    return stranded(
        revision,
        priority=itinerary.priority,
        answer=itinerary.answer,
        channel=itinerary.channel,
        customer=itinerary.customer,
        floor=itinerary.floor,
    )


def arriving(event: Arrived, revision: Revision) -> Arrived:
    """Return an arrival of which the rules are not known, as one at the fallback."""
    itinerary = without_rules(event.itinerary, revision)
    return event._replace(itinerary=itinerary, plan=itinerary.plan, step=0, resting=True)


def found_again(
    snapshot: Snapshot, lookup: Lookup, live: Revision | None
) -> tuple[Snapshot, list[str]]:
    """Return a desk's state with revisions that are known, and whom that concerned.

    Raises `StateError` where nothing is known that has the desk.
    """
    run_by = lookup(snapshot.revision)
    if run_by is None:
        if live is None or all(one.desk != snapshot.desk for one in live.lines):
            raise StateError(
                f"the revision that desk `{snapshot.desk}` was run by is not known",
                hint=f"publish `{snapshot.revision}` again, or start with its file",
            )
        run_by = live
    contacts, lost = [], []
    for plain in snapshot.contacts:
        known = dict(plain)
        if lookup(known["itinerary"].revision) is None:
            lost.append(known["id"])
            plain = _at_the_fallback(known, run_by)
        elif known["renewed"] is not None and lookup(known["renewed"].revision) is None:
            plain = tuple((known | {"renewed": None}).items())
        contacts.append(plain)
    return replace(snapshot, revision=run_by.hash, contacts=tuple(contacts)), lost


def _at_the_fallback(known: dict[str, object], revision: Revision) -> Plain:
    decided = known["itinerary"]
    assert isinstance(decided, Itinerary)  # noqa: S101  # as the snapshot says
    itinerary = without_rules(decided, revision)
    found = {"itinerary": itinerary, "plan": itinerary.plan, "step": FALLBACK, "renewed": None}
    return tuple((known | found).items())

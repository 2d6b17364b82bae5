"""Two contacts that are one: a customer who turns up on another channel joins what is open.

The second contact is kept as `joined` with the id of the first, and its events are done to that. A
contact in line is over when it has left its last channel, and not before.
"""

from tierlane.contact.event import ARRIVED
from tierlane.contact.lifecycle import IN_LINE, OPEN_STATES
from tierlane.contact.reading import Event
from tierlane.routing.memory import KeptContact, Memory
from tierlane.routing.turn import Turn

JOINABLE = IN_LINE | {"served"}
"""In wrap-up the customer is gone already: who comes then comes with something new."""


def joinable(memory: Memory, event: Event, within: int | None) -> KeptContact | None:
    """Return the contact that an arrival belongs to: the customer's latest on another channel.

    Both arrivals, by event time, lie at most `within` ms apart; None joins nothing.
    """
    customer, channel = event.data.get("customer_id"), event.data.get("channel")
    if within is None or customer is None or channel is None:
        return None
    found = [
        one
        for one in map(_unpacked, memory.contacts)
        if one.state in JOINABLE and one.customer == customer
        if abs(event.at - one.at) <= within and (one.data or {}).get("channel") != channel
    ]
    return max(found, key=lambda one: (one.at, one.id), default=None)


def contact_of(memory: Memory, contact: KeptContact) -> KeptContact:
    """Return the contact that was joined, or itself; one that is forgotten is unknown."""
    if contact.joined is None:
        return contact
    return memory.find(contact.joined) or KeptContact(contact.id)


def still_joined(memory: Memory, contact: KeptContact, event: Event) -> KeptContact:
    """Return the contact as it is kept, anew where what it joined is not there to be done to.

    Who arrives again after that is over comes with something new.
    """
    if contact.state != "joined":
        return contact
    target = contact_of(memory, contact)
    lost = target.state == "unknown"
    over = target.state not in OPEN_STATES and target.state not in ("elsewhere", "joined")
    return KeptContact(contact.id) if lost or (over and event.type == ARRIVED) else contact


def stays(memory: Memory, contact: KeptContact) -> bool:
    """Tell whether a contact in line that leaves one channel is still there on another."""
    if contact.joined is None and all(raw[1] != "joined" for raw in memory.contacts):
        return False
    target = contact_of(memory, contact)
    if target.state not in IN_LINE:
        return False
    others = (one for one in map(_unpacked, memory.contacts) if one.id != contact.id)
    joined = any(one.state == "joined" and one.joined == target.id for one in others)
    return joined or (target.id != contact.id and not target.gone)


def joined_to(turn: Turn, contact: KeptContact) -> list[str]:
    """Return the contacts of its customer on other channels that are one with a contact."""
    return [one.id for one in _joined(turn.memory, contact)]


def channels(memory: Memory, target: KeptContact, channel: str) -> dict[str, str]:
    """Return what is kept of a contact that joins another: its channel, and the first of that."""
    others = (one.data for one in _joined(memory, target) if one.data)
    first = next((one["first"] for one in others if "first" in one), None)
    return {"channel": channel, "first": first or (target.data or {}).get("channel") or channel}


def left_with(memory: Memory, target: KeptContact, left: KeptContact) -> str | None:
    """Return the channel that a contact goes on with when the one it has by now is left.

    That is the latest of those that are open still. None where it keeps the one it has.
    """
    told = [one.data for one in _joined(memory, target) if one.data and "first" in one.data]
    if not told:
        return None
    own = told[0]["first"] if left.id == target.id else (left.data or {}).get("channel")
    if own != (target.data or {}).get("channel"):
        return None
    others = _joined(memory, target)
    still = [one.data["channel"] for one in others if one.data and one.id != left.id]
    if not target.gone and left.id != target.id:
        still.insert(0, told[0]["first"])
    return still[-1] if still and still[-1] != own else None


def _joined(memory: Memory, target: KeptContact) -> list[KeptContact]:
    found = map(_unpacked, memory.contacts)
    return [one for one in found if one.state == "joined" and one.joined == target.id]


def _unpacked(raw: list[object]) -> KeptContact:
    return KeptContact(*raw)  # type: ignore[arg-type] # as `KeptContact.pack` wrote it

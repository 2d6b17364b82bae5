"""Contacts of a timeline that are one: a customer who turns up on another channel meanwhile.

As intake does by `same_contact` of the policy: whichever arrived first goes on, with its age,
and is over only when its last channel was left, as long as it waits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Open(Protocol):
    """What is looked at of a contact that is followed."""

    name: str
    contact: dict[str, Any]
    arrived: int
    left: str | None


@dataclass(slots=True)
class Joining:
    """Which contacts joined which, and which channels were left."""

    joined: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    channels: dict[str, Any] = field(default_factory=dict)
    """The channel of each contact that joined another, or that another joined."""

    def target(
        self, contact: Mapping[str, Any], opened: Iterable[Open], within: int | None, now: int
    ) -> str:
        """Return the contact that an arrival belongs to, or nothing."""
        customer, channel = contact.get("customer_id"), contact.get("channel")
        if within is None or customer is None or channel is None:
            return ""
        found = [
            (one.arrived, one.name)
            for one in opened
            if one.left is None and one.contact.get("customer_id") == customer
            if now - one.arrived <= within and one.contact.get("channel") != channel
        ]
        return max(found, default=(0, ""))[1]

    def join(self, name: str, target: str, channel: Any, before: Any) -> None:
        """Note that a contact joined another, which was on the channel `before`."""
        if all(one in self.gone for one, to in self.joined.items() if to == target):
            self.channels[target] = before
        self.joined[name], self.channels[name] = target, channel

    def left_with(self, name: str, channel: Any) -> Any:
        """Return the channel on which a contact goes on that was on `channel` when one was left."""
        kept = self.of(name)
        if channel != self.channels.get(name):
            return channel
        others = [kept, *(one for one, to in self.joined.items() if to == kept)]
        still = [self.channels[one] for one in others if one not in self.gone]
        return still[-1] if still else channel

    def of(self, name: str) -> str:
        """Return the contact that goes on for this one, often itself."""
        return self.joined.get(name, name)

    def leave(self, name: str, *, waits: bool) -> bool:
        """Note that a channel was left; tell whether the contact is over with it."""
        self.gone.add(name)
        kept = self.of(name)
        channels = {kept, *(one for one, to in self.joined.items() if to == kept)}
        return not waits or channels <= self.gone

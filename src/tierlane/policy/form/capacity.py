"""Capacity: how many contacts of which channels one advisor holds at once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """What one contact of a channel takes."""

    channel: str
    costs: float
    beside: tuple[str, ...] | None = None
    """The other channels that may come in while one of this is held; None is any."""
    most: int | None = None
    """Contacts of this channel at once."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """An advisor's units and what each channel takes of them.

    A channel that is not named takes all units, so that a forgotten one is never served in haste.
    """

    units: float = 1
    uses: tuple[Use, ...] = ()

    def use(self, channel: str) -> Use:
        """Return what a contact of a channel takes."""
        for one in self.uses:
            if one.channel == channel:
                return one
        return Use(channel, self.units)

    def used(self, holds: Mapping[str, int]) -> float:
        """Return the units taken by what is held: channel → contacts."""
        return sum(self.use(channel).costs * count for channel, count in holds.items())

    def free(self, holds: Mapping[str, int]) -> float:
        """Return the units left."""
        return self.units - self.used(holds)

    def load(self, holds: Mapping[str, int]) -> float:
        """Return the share of the units that is taken, from 0 to 1."""
        return self.used(holds) / self.units if self.units else 1.0

    def refuses(self, channel: str, holds: Mapping[str, int]) -> str:
        """Return why one more contact cannot come in, `capacity` or `beside`; nothing if it can.

        What is held says what may come in beside it; what comes in does not ask in turn.
        """
        coming = self.use(channel)
        if coming.most is not None and holds.get(channel, 0) >= coming.most:
            return "capacity"
        for held, count in holds.items():
            beside = self.use(held).beside
            if count and held != channel and beside is not None and channel not in beside:
                return "beside"
        # The sum of costs such as 0.1 misses the units by a rounding; a millionth is no contact.
        return "capacity" if self.used(holds) + coming.costs > self.units + 1e-6 else ""

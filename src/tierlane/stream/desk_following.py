"""The policy that the desks of a worker go by: that of its intakes, and those decided by before."""

import time
from collections.abc import Callable

from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.stream.following import Following
from tierlane.stream.ground import Ground
from tierlane.stream.machine import Machine


class DeskFollowing:
    """Has desks take up what a `Following` that intakes began has found."""

    def __init__(self, following: Following) -> None:
        self._following = following

    async def start(self, ground: Ground, changed: Callable[[], None]) -> None:
        """Do nothing: the policy is followed already."""

    async def stop(self) -> None:
        """Do nothing: whoever began ends it."""

    def troubles(self) -> list[str]:
        """Return nothing: intakes tell of them."""
        return []

    async def ready(self) -> None:
        """Return once what was published by now is compiled, or does not get so in time."""
        await self._following.ready()

    async def equip(self, revision: str) -> bool:
        """See that a revision can be found by its hash; tell whether it can, after a while."""
        return await self._following.equip(revision)

    def due(self, machine: Machine) -> bool:
        """Tell whether a revision is to be taken up, or the desk stood still."""
        assert isinstance(machine, Desk)  # noqa: S101  # no other kind is run by this
        now = time.time_ns() // 1_000_000
        return machine.stood_still(now) or self._following.activates(machine)

    def make(self, machine: Machine, now: int) -> Effects:
        """Have a machine take it up."""
        assert isinstance(machine, Desk)  # noqa: S101  # no other kind is run by this
        effects = Effects()
        if machine.stood_still(now):
            effects.add(machine.fall_behind(now))
        if self._following.activates(machine):
            used = self._following.used
            effects.add(machine.activate(used.revision, now, used.publication))
        return effects

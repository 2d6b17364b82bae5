"""A worker with one fault put in on purpose, to see that the checker finds what it leaves.

    python storm/faulty.py FAULT worker …        the rest as for `tierlane`

The product has no switch for any of this; the faults are laid over its code from here.
"""

import asyncio
import os
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tierlane.cli import main
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.routing.ledger import POSITION
from tierlane.routing.machine import Machine
from tierlane.stream.client import Producer
from tierlane.stream.settings import Settings
from tierlane.stream.transaction import Draft, ExactlyOnce

ABORTED: Final = 0.2
"""The share of batches that are made to fail, so that there is something to go back from."""
WINDOW: Final = 0.03
"""Seconds between the offset and its transaction, so that a kill falls between them."""


def offset_outside(machine: type[Machine] = Intake) -> None:
    """Keep the new position before the transaction that does the work, not in it.

    It is the changelog's position that is moved: owners seek by it and not by the group's offsets,
    so a group offset committed too early would go unread and leave nothing to find.
    """
    whole = ExactlyOnce.__call__
    producers: dict[int, AIOKafkaProducer] = {}

    async def write(self: ExactlyOnce, producer: Producer, draft: Draft) -> None:
        rest = dict(draft.changes)
        position = rest.pop(POSITION, None)
        if position is not None and self._changelog == f"tierlane.{machine.name}.state":
            loop = id(asyncio.get_running_loop())
            if loop not in producers:
                producers[loop] = AIOKafkaProducer(bootstrap_servers=os.environ["TIERLANE_BROKERS"])
                await producers[loop].start()
            topic = self._names[self._changelog]
            await producers[loop].send_and_wait(topic, position, POSITION, draft.outbox.home)
            await asyncio.sleep(WINDOW)
            draft = replace(draft, changes=rest)
        await whole(self, producer, draft)

    ExactlyOnce.__call__ = write  # type: ignore[method-assign]  # the fault itself


def state_kept(machine: type[Machine] = Intake) -> None:
    """Leave memory as it is when a batch was not written; some batches are made to fail."""
    fill = ExactlyOnce._fill

    async def fail_at_times(self: ExactlyOnce, producer: Producer, draft: Draft) -> None:
        await fill(self, producer, draft)
        if random.random() < ABORTED:
            raise KafkaError

    def stay(self: Machine) -> None:
        """Forget nothing."""

    ExactlyOnce._fill = fail_at_times  # type: ignore[method-assign]  # the fault itself
    machine.rollback = stay  # type: ignore[method-assign]  # the fault itself


def fence_skipped() -> None:
    """Give each process a transactional id of its own, so that nobody is ever shut out."""
    named = Settings.transactional_id

    def own(self: Settings, owner: str) -> str:
        return f"{named(self, owner)}.{os.getpid()}"

    Settings.transactional_id = own  # type: ignore[method-assign]  # the fault itself


def timers_unkept() -> None:
    """Write what timers of desks bring about, and not that they fired: who takes over knows not."""
    fire = Desk.on_deadline

    def forgetful(self: Desk, now: int) -> Effects:
        effects = fire(self, now)
        effects.changes.clear()
        return effects

    Desk.on_deadline = forgetful  # type: ignore[method-assign]  # the fault itself


def batches_failing() -> None:
    """No fault: batches fail at times and are rolled back as they should be."""
    rollback = Intake.rollback
    state_kept()
    Intake.rollback = rollback  # type: ignore[method-assign]  # as it was


FAULTS: Final[dict[str, Callable[[], None]]] = {
    "offset-outside": offset_outside,
    "state-kept": state_kept,
    "fence-skipped": fence_skipped,
    "desk-offset-outside": partial(offset_outside, Desk),
    "desk-state-kept": partial(state_kept, Desk),
    "desk-timers-unkept": timers_unkept,
    "none-but-failing": batches_failing,
}


if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    sys.exit(main())

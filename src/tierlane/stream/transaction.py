"""Writing one batch: outputs, changed state and input offsets, in the order each guarantee needs.

Both raise one of three faults, which is all that an owner has to tell apart:

- `Undone`: nothing of the batch counts; memory may go back to the last commit.
- `Unknown`: the batch may or may not count; only the changelog knows.
- `ShutOut`: another producer has taken the transactional id, or the batch took longer than its
  owner is trusted to be alone.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from aiokafka.structs import TopicPartition

from tierlane.errors import TierlaneError
from tierlane.stream.client import Producer
from tierlane.stream.ground import Group
from tierlane.stream.outbox import Outbox

Offsets = Mapping[TopicPartition, int]

PATIENCE: Final = 1.5
"""A transaction may take this many times its time-out before it is given up."""


class Undone(TierlaneError):
    """the batch was not written"""

    retriable = True

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause
        super().__init__(f"the batch was not written: {type(cause).__name__}")


class Unknown(TierlaneError):
    """whether the batch was written is not known"""

    retriable = True


class ShutOut(TierlaneError):
    """another producer has taken the transactional id"""


@dataclass(frozen=True, slots=True)
class Draft:
    """What there is to write of one batch."""

    outbox: Outbox
    changes: Mapping[bytes, bytes | None]
    """The state that changed, by key; None forgets one."""
    offsets: Offsets
    """The next offset of each input that the batch read."""

    def __bool__(self) -> bool:
        return bool(self.outbox.records or self.changes or self.offsets)


Write = Callable[[Producer, Draft], Awaitable[None]]
"""Returns once the batch counts; raises Undone, Unknown or ShutOut."""


class ExactlyOnce:
    """One transaction holds outputs, changed state and input offsets."""

    def __init__(
        self, group: str, changelog: str, names: Mapping[str, str], time_out: float
    ) -> None:
        self._group = group
        self._changelog = changelog
        self._names = names
        self._limit = time_out * PATIENCE

    async def __call__(self, producer: Producer, draft: Draft) -> None:
        """Write the batch; see the module for what is raised."""
        draft.outbox.keep(self._changelog, draft.changes)
        try:
            async with asyncio.timeout(self._limit):
                await producer.begin_transaction()
                await self._fill(producer, draft)
        except (KafkaError, AssertionError, TimeoutError) as error:
            raise _fault(producer, error, Undone(error)) from error
        try:
            async with asyncio.timeout(self._limit):
                await producer.commit_transaction()
        except (KafkaError, AssertionError, TimeoutError) as error:
            raise _fault(producer, error, Unknown()) from error

    async def _fill(self, producer: Producer, draft: Draft) -> None:
        # aiokafka commits even where a batch of the transaction was refused, so every future is
        # looked at before the commit is asked for.
        waiting: list[Awaitable[Any]] = list(await draft.outbox.send(producer, self._names))
        if draft.offsets:
            waiting.append(producer.send_offsets_to_transaction(dict(draft.offsets), self._group))
        await _all(waiting)


class AtLeastOnce:
    """Outputs are acknowledged, then the changed state as one record batch, then the offsets.

    Stopped anywhere between, the next owner writes the same outputs with the same ids again.
    """

    def __init__(
        self,
        changelog: str,
        names: Mapping[str, str],
        group: Group,
        trust: float,
    ) -> None:
        self._changelog = changelog
        self._names = names
        self._group = group
        self._trust = trust
        """Seconds after a yes of the group in which nobody else can have the partition."""
        self._known = -math.inf

    async def __call__(self, producer: Producer, draft: Draft) -> None:
        """Write the batch; see the module for what is raised, and TooMuchChanged."""
        outbox = draft.outbox
        state = outbox.one_batch(self._changelog, draft.changes) if draft.changes else None
        try:
            await _all(list(await outbox.send(producer, self._names)))
        except (KafkaError, AssertionError) as error:
            raise _fault(producer, error, Undone(error)) from error
        await self._stay_owner()
        try:
            if state is not None:
                name = self._names[self._changelog]
                await (await producer.send_batch(state, name, partition=outbox.home))
        except (KafkaError, AssertionError) as error:
            raise _fault(producer, error, Unknown()) from error
        if draft.offsets:
            await self._group.commit_offsets(draft.offsets)

    async def _stay_owner(self) -> None:
        """Return once the partition is surely still ours.

        The process may have been stopped, in this batch or before it, while another took the
        partition and wrote its state; no broker would refuse ours. So the time since the group
        last said yes is what counts, and an answer that was long on its way counts for nothing.
        """
        while time.monotonic() - self._known > self._trust:
            asked = time.monotonic()
            if not await self._group.confirm():
                raise ShutOut("the partition may be another's by now")
            self._known = asked


async def _all(waiting: list[Awaitable[Any]]) -> None:
    results = await asyncio.gather(*waiting, return_exceptions=True)
    faults = [result for result in results if isinstance(result, BaseException)]
    for fault in faults:
        if isinstance(fault, ProducerFenced | InvalidProducerEpoch):
            raise fault
    if faults:
        raise faults[0]


def _fault(producer: Producer, error: BaseException, otherwise: TierlaneError) -> TierlaneError:
    """Tell a loss of the transactional id from a passing fault.

    A fence shows as ProducerFenced, or later, in a producer that had nothing to ask, as a failed
    assertion on its state (`FATAL_ERROR -> …`).
    """
    if isinstance(error, ProducerFenced | InvalidProducerEpoch) or producer.is_fatal():
        return ShutOut()
    return otherwise

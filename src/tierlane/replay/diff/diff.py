"""Two policies over a source: customers are dealt out to shards, one process each.

All of a customer's records go to one shard in their order, so what comes out is the same, byte for
byte, on any number of cores.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from typing import Final, NamedTuple
from zlib import crc32

from tierlane.errors import SourceError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.reading.chain import Find
from tierlane.replay.diff.comparison import Comparison
from tierlane.replay.diff.shard import TOPICS, Parcel, Shard
from tierlane.replay.source.source import Source

CHUNK: Final = 2_000
"""Records handed to a process at once: some 1 MB."""

AHEAD: Final = 4
"""Chunks that may wait for a process."""


class Text(NamedTuple):
    """A policy as it is handed to a process, which compiles it itself."""

    document: bytes
    source: str
    find: Find


def diff(
    source: Source,
    a: Text,
    b: Text,
    *,
    cores: int = 1,
    told: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Ask both policies about every arrival of a source and return what differs.

    `find` of the policies must be a plain function where there are several cores. Raises
    `SourceError` for a source without arrivals, `PolicyError` for a policy that cannot be used.
    """
    whole = _alone(source, a, b, told) if cores < 2 else _spread(source, a, b, cores, told)
    if not whole.contacts:
        raise SourceError(f"`{source.name}` holds no arrivals of contacts")
    return whole


def _parcels(source: Source, told: Callable[[int], None]) -> Iterator[list[Parcel]]:
    count = 0
    for batch in source.batches(TOPICS):
        yield [(one.topic, one.key, one.value, one.headers) for one in batch]
        count += len(batch)
        told(count)


def _alone(source: Source, a: Text, b: Text, told: Callable[[int], None]) -> Comparison:
    shard = Shard(compiled(a), compiled(b))
    for parcels in _parcels(source, told):
        shard.take(parcels)
    return shard.comparison


def _spread(
    source: Source, a: Text, b: Text, cores: int, told: Callable[[int], None]
) -> Comparison:
    # Here, so that what is wrong with one is said once.
    names = [f"{one.name}@{one.hash}" for one in (compiled(a), compiled(b))]
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pools = [
            stack.enter_context(
                ProcessPoolExecutor(1, context, initializer=_begin, initargs=(a, b))
            )
            for _ in range(cores)
        ]
        waiting: list[list[Future[None]]] = [[] for _ in pools]
        for number, parcels in _dealt(_parcels(source, told), cores):
            queue = waiting[number]
            if len(queue) >= AHEAD:
                queue.pop(0).result()
            queue.append(pools[number].submit(_take, parcels))
        whole = Comparison(names[0], names[1])
        for number, pool in enumerate(pools):
            for one in waiting[number]:
                one.result()
            whole.add(pool.submit(_end).result())
    return whole


def _dealt(batches: Iterable[list[Parcel]], cores: int) -> Iterator[tuple[int, list[Parcel]]]:
    """Yield chunks by the number of the process that has their customers."""
    held: list[list[Parcel]] = [[] for _ in range(cores)]
    for batch in batches:
        for parcel in batch:
            number = crc32(parcel[1] or b"") % cores
            held[number].append(parcel)
            if len(held[number]) >= CHUNK:
                yield number, held[number]
                held[number] = []
    yield from ((number, parcels) for number, parcels in enumerate(held) if parcels)


def compiled(text: Text) -> Revision:
    """Return the revision of a policy. Raises `PolicyError`."""
    return compile_policy(text.document, text.source, text.find)


_shard: list[Shard] = []
"""The shard of this process."""


def _begin(a: Text, b: Text) -> None:
    _shard[:] = [Shard(compiled(a), compiled(b))]


def _take(parcels: list[Parcel]) -> None:
    _shard[0].take(parcels)


def _end() -> Comparison:
    return _shard[0].comparison

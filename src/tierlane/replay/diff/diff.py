"""Two policies over a source: customers are dealt out to shards, one process each.

All of a customer's records go to one shard in their order, so what comes out is the same, byte for
byte, on any number of cores.
"""

from collections.abc import Callable
from typing import NamedTuple

from tierlane.errors import SourceError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.reading.chain import Find
from tierlane.replay.crew import Crew, worthwhile
from tierlane.replay.diff.comparison import Comparison
from tierlane.replay.diff.shard import TOPICS, Shard, belongs
from tierlane.replay.source.source import Source


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

    `cores`: processes at most; small files are gone through by one. `find` of the policies must be
    a plain function where there are several. Ctrl-C gives what was compared by then, if anything
    was, and says that it is not complete. Raises `SourceError` for a source without arrivals,
    `PolicyError` for a policy that cannot be used.
    """
    one, other = compiled(a), compiled(b)
    whole = Comparison(f"{one.name}@{one.hash}", f"{other.name}@{other.hash}")
    with Crew(worthwhile(cores, source), belongs, _shard, (a, b)) as crew:
        whole.complete = crew.read(source, TOPICS, told)
        for part in crew.ask("comparison"):
            whole.add(part)
    if not whole.contacts:
        if not whole.complete:
            raise KeyboardInterrupt
        raise SourceError(f"`{source.name}` holds no arrivals of contacts")
    return whole


def compiled(text: Text) -> Revision:
    """Return the revision of a policy. Raises `PolicyError`."""
    return compile_policy(text.document, text.source, text.find)


def _shard(a: Text, b: Text) -> Shard:
    return Shard(compiled(a), compiled(b))

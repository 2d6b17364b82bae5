"""Reading that heeds Ctrl-C: what was read by then stays, and it is known that it was not all."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from tierlane.ports import Record
from tierlane.replay.crew import interruption
from tierlane.replay.source.source import Source

T = TypeVar("T")

EVERY: Final = 1_000
"""Items between two times that somebody is told of them."""


class Heeding:
    """Passes on what is read until the first Ctrl-C; the next one is a KeyboardInterrupt."""

    def __init__(self, told: Callable[[int], None] = lambda _: None) -> None:
        """`told` hears how many items were read so far."""
        self.complete = True
        """Whether everything was read."""
        self._told = told
        self._count = 0

    def items(self, items: Iterable[T]) -> Iterator[T]:
        """Yield items one by one."""
        with interruption() as asked:
            for one in items:
                yield one
                self._counted(1)
                if asked.is_set():
                    self.complete = False
                    return

    def batches(self, batches: Iterable[Sequence[T]]) -> Iterator[Sequence[T]]:
        """Yield batches of items."""
        with interruption() as asked:
            for one in batches:
                yield one
                self._counted(len(one))
                if asked.is_set():
                    self.complete = False
                    return

    def source(self, source: Source) -> "Heeded":
        """Return the same source, read with heed."""
        return Heeded(source, self)

    def _counted(self, more: int) -> None:
        before = self._count // EVERY
        self._count += more
        if self._count // EVERY > before:
            self._told(self._count)


class Heeded:
    """A source that ends where somebody pressed Ctrl-C, and holds nothing when asked again."""

    def __init__(self, source: Source, heeding: Heeding) -> None:
        self._source, self._heeding = source, heeding

    @property
    def name(self) -> str:
        """What messages call it."""
        return self._source.name

    @property
    def cut(self) -> bool:
        """Whether workers went on writing past what is read of their inputs."""
        return self._source.cut or not self._heeding.complete

    def batches(self, topics: Collection[str] | None = None) -> Iterator[Sequence[Record]]:
        """Yield the records; see `Source`."""
        if self._heeding.complete:
            yield from self._heeding.batches(self._source.batches(topics))

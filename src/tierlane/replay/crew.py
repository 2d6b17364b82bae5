"""Processes that go through a source together, each with its own part of the records.

A source of tables each process reads by itself and picks its part from: picking costs a twentieth
of what is done with a record, and nothing has to be handed over. Any other source is read once,
here, and dealt out. With one core there is no other process, and all is done in this one.
"""

import signal
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Self

from tierlane.errors import SourceError
from tierlane.replay.member import READ, STOP, TAKE, Part, Share, plain, serve
from tierlane.replay.source.opening import Files
from tierlane.replay.source.source import Source

CHUNK: Final = 1_000
"""Records handed to a process at once: some 1 MB."""

SMALL: Final = 4 << 20
"""Bytes of tables below which one process is done before others have begun: some 100,000 contacts,
or 15,000 with all that was written of them."""

LOOK_SECONDS: Final = 0.2
"""Between two looks whether somebody pressed Ctrl-C."""

Told = Callable[[int], None]
"""Is told how many records were read so far."""

Task = tuple[Any, ...]
"""Arguments of a method."""


class Crew:
    """Some processes that each made a part by the same function; used as a context."""

    def __init__(self, cores: int, share: Share, make: Callable[..., Part], about: Task) -> None:
        """`make` makes a part `about` something; both must find their way to a process.

        Raises what `make` raises.
        """
        self._share = share
        self._own = make(*about) if cores == 1 else None
        self._processes: list[BaseProcess] = []
        self._lines: list[Connection] = []
        context = get_context("spawn")
        for number in range(cores if cores > 1 else 0):
            here, there = context.Pipe()
            process = context.Process(
                target=serve, args=(there, (share, number, cores), make, about), daemon=True
            )
            process.start()
            there.close()  # it is the process's alone, so that its end is noticed here
            self._processes.append(process)
            self._lines.append(here)

    def read(self, source: Source, topics: Collection[str], told: Told) -> bool:
        """Go through a source and return whether it came to its end.

        Ctrl-C ends it early, and what was taken in by then stays; a second one is a
        KeyboardInterrupt. Raises what reading and taking raise.
        """
        with interruption() as asked:
            if self._own is not None:
                return _through(source, topics, told, asked, self._own.take)
            if isinstance(source, Files) and source.tabular:
                return self._by_themselves(source, topics, told, asked)
            return self._dealt(source, topics, told, asked)

    def ask(self, method: str, *arguments: Any) -> list[Any]:
        """Call a method of every part and return what they give, in the order of processes."""
        if self._own is not None:
            return [getattr(self._own, method)(*arguments)]
        for line in self._lines:
            line.send((method, arguments))
        return [self._heard(line)[1] for line in self._lines]

    def each(
        self, method: str, tasks: Sequence[Sequence[Task]], asked: threading.Event | None = None
    ) -> Generator[tuple[Task, Any], None, None]:
        """Call a method of each process's part with each of its own tasks, one after the other.

        Yields tasks and what they gave, as it comes, until it is `asked` to stop.
        """
        asked = asked or threading.Event()
        if self._own is not None:
            for one in tasks[0]:
                if not asked.is_set():
                    yield one, getattr(self._own, method)(*one)
            return
        left = [list(reversed(some)) for some in tasks]
        busy: dict[Connection, Task] = {}
        for number, line in enumerate(self._lines):
            if left[number]:
                busy[line] = left[number].pop()
                line.send((method, busy[line]))
        while busy and not asked.is_set():
            for line in _ready(busy, LOOK_SECONDS):
                done = busy.pop(line)
                _, given = self._heard(line)
                following = left[self._lines.index(line)]
                if following:
                    busy[line] = following.pop()
                    line.send((method, busy[line]))
                yield done, given

    def _by_themselves(
        self, source: Files, topics: Collection[str], told: Told, asked: threading.Event
    ) -> bool:
        counts = dict.fromkeys(self._lines, 0)
        for line in self._lines:
            line.send((READ, (source, topics)))
        reading, stopped = set(self._lines), False
        while reading:
            if asked.is_set() and not stopped:
                stopped = True
                for line in reading:
                    line.send((STOP, ()))
            for line in _ready(reading, LOOK_SECONDS):
                what, counts[line] = self._heard(line)
                if what == READ:
                    reading.discard(line)
                told(sum(counts.values()))
        return not stopped

    def _dealt(
        self, source: Source, topics: Collection[str], told: Told, asked: threading.Event
    ) -> bool:
        cores, share = len(self._lines), self._share
        held: list[list[Task]] = [[] for _ in self._lines]

        def deal(batch: Sequence[Any]) -> None:
            for one in batch:
                for number in range(cores):
                    if share(one, number, cores):
                        held[number].append(plain(one))
                        if len(held[number]) >= CHUNK:
                            self._hand(number, held)

        whole = _through(source, topics, told, asked, deal)
        for number in range(cores):
            self._hand(number, held)
        return whole

    def _hand(self, number: int, held: list[list[Task]]) -> None:
        line = self._lines[number]
        try:
            line.send((TAKE, held[number]))
        except OSError:
            self._heard(line)  # raises what it ended with
        held[number] = []

    def _heard(self, line: Connection) -> tuple[str, Any]:
        """Return what a process says: of what, and that. Raises what was raised there."""
        try:
            what, given = line.recv()
        except (EOFError, OSError):
            raise SourceError(
                "a process of replay was ended from outside",
                hint="it may have had too little memory; --cores 1 needs less",
            ) from None
        if isinstance(given, Exception):
            raise given
        return what, given

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are at."""
        for line in self._lines:
            line.close()
        for process in self._processes:
            process.terminate()
            process.join()


def _through(
    source: Source,
    topics: Collection[str],
    told: Told,
    asked: threading.Event,
    take: Callable[[Sequence[Any]], None],
) -> bool:
    count = 0
    for batch in source.batches(topics):
        take(batch)
        count += len(batch)
        told(count)
        if asked.is_set():
            return False
    return True


def _ready(lines: Collection[Connection], seconds: float) -> list[Connection]:
    return [one for one in wait(list(lines), seconds) if isinstance(one, Connection)]


def worthwhile(cores: int, source: Source) -> int:
    """Return how many processes are worth beginning for a source, at most `cores`."""
    small = isinstance(source, Files) and source.tabular and source.size < SMALL
    return 1 if small else cores


@contextmanager
def interruption() -> Iterator[threading.Event]:
    """Give what is set by the first Ctrl-C meanwhile; the next one is a KeyboardInterrupt."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def note(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)

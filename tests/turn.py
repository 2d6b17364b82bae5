"""Tests run beside each other, in processes of pytest-xdist; one that is `alone` runs by itself.

What measures a time, such as how long a partition is not served, must not share the cores with
other tests. Those are marked `alone` and come last; each of them waits until the tests that run in
the other processes have ended, and no other begins before it has ended itself.
"""

import fcntl
import signal
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FOLDER = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
TURNS = pytest.StashKey["Turns"]()
HANDED_ON = "turns"


class Turns:
    """Two locked files, by which the processes of a run agree on who runs."""

    def __init__(self, folder: Path) -> None:
        """Open the files of one run; each process opens its own."""
        self._door = (folder / "door").open("w")
        self._room = (folder / "room").open("w")

    def close(self) -> None:
        """Close the files."""
        self._door.close()
        self._room.close()

    @contextmanager
    def take(self, *, alone: bool) -> Iterator[None]:
        """Wait for a turn; give it back when the block ends."""
        # Who waits to be alone stands in the door meanwhile: nobody slips in, and the room empties.
        fcntl.flock(self._door, fcntl.LOCK_EX)
        fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(self._door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process that is about to start where the files of the run are."""
    if FOLDER not in node.config.stash:
        node.config.stash[FOLDER] = tempfile.TemporaryDirectory(prefix="tierlane-turns-")
    node.workerinput[HANDED_ON] = node.config.stash[FOLDER].name


def pytest_configure(config: pytest.Config) -> None:
    """Open the files, in a process that was told of them."""
    # Told to stop, a run ends its brokers and workers as at Ctrl-C; and it hears that although a
    # shell that started it in the background had it ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    handed_on = getattr(config, "workerinput", {})
    if HANDED_ON in handed_on:
        config.stash[TURNS] = Turns(Path(handed_on[HANDED_ON]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the files; the process that made them removes them."""
    if TURNS in config.stash:
        config.stash[TURNS].close()
    if FOLDER in config.stash:
        config.stash[FOLDER].cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put who runs alone last: until then every process has something to do."""
    items.sort(key=is_alone)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test in its turn; first, so that no time-out counts what it waits for."""
    if TURNS not in item.config.stash:
        return (yield)
    with item.config.stash[TURNS].take(alone=is_alone(item)):
        return (yield)


def is_alone(item: pytest.Item) -> bool:
    """Tell whether no other test may run beside one."""
    return item.get_closest_marker("alone") is not None

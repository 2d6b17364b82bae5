"""A worker's place among those of its folder: a number, a folder and a name in the group.

Workers of one command line in one folder take numbers from 0, each held by a lock that ends with
the process. One that comes back finds the number, and with it the profiles on disk and the name
under which the group still keeps its partitions.
"""

import fcntl
import os
import socket
from pathlib import Path
from typing import Final

from tierlane.errors import SettingError

MOST: Final = 1_000


class Member:
    """A held place; it is let go when the process ends."""

    def __init__(self, number: int, folder: Path, lock: int) -> None:
        self.number = number
        self.folder = folder
        self._lock = lock

    @property
    def name(self) -> str:
        """Name in the consumer group, the same for whoever holds the place next."""
        return f"{socket.gethostname()}-{self._place()}-{self.number}"

    @property
    def url(self) -> str:
        """An address that stands for the place.

        Faust asserts that a member comes back under the address it had; the web port may differ.
        """
        return f"http://{self.name}:6066"

    def _place(self) -> str:
        """Tell state folders of one host apart by their inode, short and stable."""
        return f"{self.folder.parent.stat().st_ino:x}"

    def release(self) -> None:
        """Let the place go."""
        os.close(self._lock)


def take_place(state_dir: Path, group: str) -> Member:
    """Take the lowest free place in a folder; raises SettingError where it cannot be written."""
    root = state_dir.absolute() / group.replace("/", "_")
    try:
        root.mkdir(parents=True, exist_ok=True)
        for number in range(MOST):
            folder = root / f"member-{number}"
            folder.mkdir(exist_ok=True)
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            return Member(number, folder, lock)
    except OSError as error:
        raise SettingError(
            f"state_dir `{state_dir}` cannot be used: {error.strerror}",
            hint="name a folder this user may write with --state-dir",
        ) from None
    raise SettingError(f"state_dir `{state_dir}` has {MOST} members already")

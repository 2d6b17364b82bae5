"""A worker whose hour is read from a file: `python -m tests.four.clocked FILE worker …`.

A timeline lies in the past, or lasts a day. The worker is the real one; but what it takes for the
time (by which timers fire, by which what it writes is stamped, and by which it judges that it stood
still) is what the file says. The product has no switch for it; it is laid over its code from here.
"""

import mmap
import struct
import sys
import time
from pathlib import Path
from typing import Any, Final

from tierlane.cli import main
from tierlane.stream import desk_following, owner, writing

MODULES: Final = (desk_following, owner, writing)
"""Those that ask what time it is; how long something takes is still measured by the real clock."""
_MS: Final = struct.Struct("<q")


class Clock:
    """Stands in for the module `time`, in all but the hour."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._file = mmap.mmap(file.fileno(), _MS.size, access=mmap.ACCESS_READ)

    def time_ns(self) -> int:
        """Return what the file says, in ns."""
        (ms,) = _MS.unpack(self._file[: _MS.size])
        return int(ms) * 1_000_000

    def time(self) -> float:
        """Return the same in seconds."""
        return self.time_ns() / 1e9

    def __getattr__(self, name: str) -> Any:
        """Return everything else of the module."""
        return getattr(time, name)


def set_to(path: Path, now: int) -> None:
    """Write the hour into a file, in ms since 1970; it may be open elsewhere."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(_MS.pack(now))


if __name__ == "__main__":
    clock = Clock(Path(sys.argv[1]))
    for module in MODULES:
        module.time = clock  # type: ignore[attr-defined]  # see above
    sys.exit(main(sys.argv[2:]))

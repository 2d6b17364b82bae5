"""A program run beside this one, in a process group of its own, that is ended whatever happens."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tierlane.errors import TierlaneError


class ChildError(TierlaneError):
    """a program that was started ended by itself"""


class Child:
    """One running program; its output goes to a file.

    The group of its own keeps the terminal's Ctrl-C from it: whoever started it ends it in order.
    """

    def __init__(self, name: str, log: Path, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> "Child":
        """Start a program; raises OSError when it cannot be run."""
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        return cls(name, log, process)

    @property
    def pid(self) -> int:
        """Its process id, which is its group's too."""
        return self._process.pid

    def check(self) -> None:
        """Raise ChildError when it has ended."""
        if self._process.returncode is None:
            return
        last = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        raise ChildError(
            f"the {self.name} ended with {self._process.returncode}: " + " / ".join(last),
            hint=f"its output is in `{self.log}`",
        )

    async def stop(self, grace: float) -> int:
        """End it, by SIGTERM and after `grace` seconds by SIGKILL; return its exit code."""
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self._process.wait()
        # The whole group: what it started itself does not outlive it either.
        self._signal(signal.SIGKILL)
        return await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

"""`tierlane worker` as a real process: started, watched and ended by its process id."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.broker.kafka import LOOPBACK, free_port

COMMAND = (str(Path(sys.executable).with_name("tierlane")),)
READY_SECONDS = 60.0
STOP_SECONDS = 25.0


class Worker:
    """One worker process; `start` begins it, and begins it again by the same command line."""

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        *,
        name: str = "worker",
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Describe `tierlane worker ARGUMENTS` run in `folder`. Starts nothing.

        Everything that stands in this process's environment as `TIERLANE_*` is kept from it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.web_port = free_port()
        self._command = [*command, "worker", *arguments]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TIERLANE_")}
        self._environment = {**clean, "TIERLANE_WEB_PORT": str(self.web_port)}
        self._environment |= {"NO_COLOR": "1", **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0

    @property
    def pid(self) -> int:
        """The process id; RuntimeError before the start."""
        if self._process is None:
            raise RuntimeError("the worker was not started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """What the process ended with; None while it runs or before the start."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        """Whether the process is there (stopped by SIGSTOP counts as there)."""
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """Everything that any start of it wrote to stdout and stderr."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def said_since_start(self) -> str:
        """What its latest start wrote."""
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[self._begun :].decode(errors="replace")

    def start(self) -> None:
        """Start the process; its output is added to `log`."""
        if self.running:
            raise RuntimeError("the worker runs already")
        with self.log.open("ab") as log:
            self._begun = log.tell()
            self._process = subprocess.Popen(
                self._command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal; nothing when it has ended."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End the process by SIGKILL and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Send SIGTERM and return the exit code; subprocess.TimeoutExpired when it stays."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float) -> int:
        """Return the exit code once it ends; subprocess.TimeoutExpired when it does not."""
        if self._process is None:
            raise RuntimeError("the worker was not started")
        return self._process.wait(seconds)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page of its web endpoint; status 0: nobody answers."""
        url = f"http://{LOOPBACK}:{self.web_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def await_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return once `/readyz` says 200; RuntimeError with the log's end when it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.running:
            if self.get("/readyz")[0] == 200:
                return
            time.sleep(0.05)
        raise RuntimeError(f"the worker is not ready: {self.said[-4000:]}")

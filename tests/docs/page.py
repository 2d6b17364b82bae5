"""One page of the documentation, its blocks run in order in one folder."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.docs import snippet
from tests.docs.snippet import Block, agrees, blocks, commands

BROKER_ON_THE_PAGE: Final = "127.0.0.1:9092"
COMMAND_SECONDS: Final = 90
STOP_SECONDS: Final = 25


def name(path: Path) -> str:
    return path.relative_to(snippet.ROOT).as_posix()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def pages_that_run(*, on_kafka: bool) -> list[Path]:
    return [
        path
        for path in snippet.pages()
        if (taken := [block for block in blocks(read(path)) if block.runs or block.file])
        and any(block.on_kafka for block in taken) == on_kafka
    ]


class Page:
    """Runs blocks; what one leaves running in the background is ended when the page is left."""

    def __init__(self, folder: Path, broker: str | None = None) -> None:
        self.folder = folder
        self.broker = broker
        self.names: dict[str, Any] = {"__name__": "page"}
        self.running: list[tuple[subprocess.Popen[bytes], Block]] = []
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process, _ in self.running:
            # Its group, since the command runs below a shell.
            os.killpg(process.pid, signal.SIGTERM)
        for process, block in self.running:
            code = process.wait(STOP_SECONDS)
            if error is None:
                found = code if code >= 0 else 128 - code
                assert found == block.exit_code, f"line {block.line}: ended with {found}"

    def take(self, block: Block) -> None:
        if block.file:
            self._write(block)
        elif block.runs and block.language == "python":
            exec(compile(self._here(block.body), f"<line {block.line}>", "exec"), self.names)
        elif block.in_background:
            self._start(block)
        elif block.runs:
            self._run(block)

    def _here(self, text: str) -> str:
        return text.replace(BROKER_ON_THE_PAGE, self.broker) if self.broker else text

    def _write(self, block: Block) -> None:
        path = self.folder / str(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.body), encoding="utf-8")
        if re.search(r"^tierlane: \d", block.body, flags=re.MULTILINE):
            for word in ("check", "test"):
                code, output = self._shell(f"tierlane policy {word} {block.file}")
                assert code == 0, f"line {block.line}: {output}"

    def _run(self, block: Block) -> None:
        code = 0
        for command, shown in commands(block.body):
            if exported := re.fullmatch(r"export (\w+)=(\S+)", command):
                self.environment[exported[1]] = self._here(exported[2])
                continue
            code, output = self._shell(command)
            assert agrees(shown, output), (
                f"line {block.line}: `{command}`\n--- shown\n{shown}\n--- got ({code})\n{output}"
            )
        assert code == block.exit_code, f"line {block.line}: ended with {code}"

    def _start(self, block: Block) -> None:
        for command, _ in commands(block.body):
            log = (self.folder / f"line-{block.line}.log").open("wb")
            process = subprocess.Popen(
                ["/bin/sh", "-c", self._here(command)],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            log.close()
            self.running.append((process, block))

    def _shell(self, command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", self._here(command)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        output = done.stdout
        if self.broker:
            output = output.replace(self.broker, BROKER_ON_THE_PAGE)
        return done.returncode, output

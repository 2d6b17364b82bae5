"""Programs run beside this one are ended whatever they do."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tierlane.stream.child import Child, ChildError

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_is_ended_by_sigterm(tmp_path: Path) -> None:
    async def run() -> int:
        child = await Child.start(
            "sleeper", python("import time; time.sleep(60)"), tmp_path / "log", {}
        )
        child.check()
        return await child.stop(grace=10)

    assert asyncio.run(run()) == -15


def test_what_ignores_sigterm_is_killed_with_all_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def run() -> int:
        child = await Child.start("stubborn", python(STUBBORN), log, {})
        await asyncio.to_thread(until, log.read_text)
        return await child.stop(grace=0.2)

    assert asyncio.run(run()) == -9
    grandchild = int(log.read_text())
    until(lambda: not running(grandchild))


def test_one_that_ended_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    async def run() -> None:
        child = await Child.start(
            "worker", python("import sys; sys.exit('topics are missing')"), tmp_path / "log", {}
        )
        for _ in range(500):
            child.check()
            await asyncio.sleep(0.02)

    with pytest.raises(ChildError, match="the worker ended with 1: topics are missing") as caught:
        asyncio.run(run())
    assert str(tmp_path / "log") in caught.value.hint


def test_it_is_given_its_environment_and_a_group_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import os; print(os.environ['TRIAL'], os.getpgrp() == os.getpid())"

    async def run() -> None:
        child = await Child.start("one", python(code), log, {"TRIAL": "yes"})
        await asyncio.to_thread(until, log.read_text)
        await child.stop(grace=10)

    asyncio.run(run())
    assert log.read_text() == "yes True\n"
    assert "TRIAL" not in os.environ

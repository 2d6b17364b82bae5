"""How partitions are opened where brokers do not let all of them."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from tierlane.stream import ownership as module
from tierlane.stream.metric import Metrics
from tierlane.stream.ownership import Ownership


class Owner:
    """One that cannot go on at its first try, or takes its time until it is ended."""

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails
        self.waiting = True
        self.tries = 0
        self.inside = 0
        self.most = 0

    async def resume(self) -> None:
        self.tries += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            if self.tries == 1:
                if self.fails:
                    raise KafkaConnectionError
                await asyncio.Event().wait()
            self.waiting = False
        finally:
            await asyncio.sleep(0)
            self.inside -= 1


async def test_no_try_meets_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.0)
    ground: Any = SimpleNamespace(metrics=Metrics(), settings=None, fail=None)
    slow, failing = Owner(fails=False), Owner(fails=True)
    kept: Any = [slow, failing]
    async with asyncio.timeout(5):
        await Ownership(ground, [])._open(kept, [])
    assert (slow.tries, failing.tries) == (2, 2)
    assert (slow.most, slow.inside) == (1, 0)


async def test_who_stops_the_opening_finds_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.0)
    ground: Any = SimpleNamespace(metrics=Metrics(), settings=None, fail=None)
    slow = Owner(fails=False)
    kept: Any = [slow]
    ownership = Ownership(ground, [])
    ownership._opening = asyncio.create_task(ownership._open(kept, []))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert slow.inside == 1
    await ownership._stop_opening()
    assert slow.inside == 0

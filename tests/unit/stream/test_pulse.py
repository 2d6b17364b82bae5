"""When a silent coordinator is told of."""

import asyncio
from types import SimpleNamespace

import pytest

from tierlane.stream import pulse as module
from tierlane.stream.pulse import SILENT, Pulse


class Clock:
    now = 50.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


async def beat(pulse: Pulse, answer: bool) -> None:
    asked = asyncio.Event()

    async def ask() -> bool:
        asked.set()
        return answer

    beating = asyncio.create_task(pulse.beat(ask))
    await asked.wait()
    await asyncio.sleep(0)
    beating.cancel()


async def test_silence_is_told_once_it_lasts_and_ends_with_an_answer(clock: Clock) -> None:
    pulse = Pulse()
    clock.now += SILENT
    assert pulse.silence() == 0
    await beat(pulse, False)
    clock.now += 1
    assert pulse.silence() == SILENT + 1
    await beat(pulse, True)
    assert pulse.silence() == 0


async def test_a_question_that_is_never_answered_is_silence_too(clock: Clock) -> None:
    pulse = Pulse()
    beating = asyncio.create_task(pulse.beat(asyncio.Event().wait))
    await asyncio.sleep(0)
    clock.now += 2 * SILENT
    assert pulse.silence() == 2 * SILENT
    beating.cancel()

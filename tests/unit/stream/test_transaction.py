"""At least once: state is written only while the partition is surely ours, as nobody refuses it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tierlane.stream import transaction
from tierlane.stream.transaction import AtLeastOnce, Draft, ShutOut

TRUST = 2.5


class Clock:
    """A clock that goes on only where something is said to take time."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class Group:
    def __init__(self, clock: Clock, answers: list[tuple[float, bool]]) -> None:
        self.clock, self.answers = clock, answers
        self.offsets: list[Any] = []

    async def confirm(self) -> bool:
        seconds, answer = self.answers.pop(0)
        self.clock.now += seconds
        return answer

    async def commit_offsets(self, offsets: Any) -> None:
        self.offsets.append(offsets)


class Scene:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, outputs: float, *answers: Any) -> None:
        self.clock = Clock()
        monkeypatch.setattr(transaction, "time", self.clock)
        self.group = Group(self.clock, list(answers))
        self.outputs, self.written = outputs, []
        self.write = AtLeastOnce("state", {"state": "state"}, self.group, TRUST)  # type: ignore[arg-type]
        self.producer: Any = SimpleNamespace(send_batch=self._send, is_fatal=lambda: False)

    async def _outputs(self, *_: Any) -> list[asyncio.Future[None]]:
        self.clock.now += self.outputs
        return []

    async def _send(self, batch: Any, name: str, *, partition: int) -> asyncio.Future[None]:
        self.written.append((batch, name, partition))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def run(self) -> None:
        outbox = SimpleNamespace(
            send=self._outputs, one_batch=lambda *_: "batch", home=3, records=1
        )
        await self.write(self.producer, Draft(outbox, {b"k": b"v"}, {"place": 7}))  # type: ignore[arg-type, dict-item]


async def test_the_group_is_asked_once_in_a_while_and_not_for_each_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(monkeypatch, 0.2, (0.01, True), (0.01, True))
    for _ in range(10):
        await scene.run()
    assert len(scene.written) == len(scene.group.offsets) == 10
    assert len(scene.group.answers) == 1
    scene.clock.now += 1
    await scene.run()
    assert scene.group.answers == []


async def test_after_a_stop_amid_a_batch_the_groups_no_is_heeded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped for less than the session time-out, and yet another may have the partition."""
    scene = Scene(monkeypatch, 0.2, (0.01, True), (0.01, False))
    await scene.run()
    scene.outputs = 5.3
    with pytest.raises(ShutOut):
        await scene.run()
    assert (len(scene.written), len(scene.group.offsets)) == (1, 1)


async def test_after_a_stop_between_two_batches_it_is_heeded_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was fetched before the stop is written quickly after it, and is another's by then."""
    scene = Scene(monkeypatch, 0.2, (0.01, True), (0.01, False))
    await scene.run()
    scene.clock.now += 7
    with pytest.raises(ShutOut):
        await scene.run()
    assert (len(scene.written), len(scene.group.offsets)) == (1, 1)


async def test_a_slow_batch_whose_partition_is_still_ours_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(monkeypatch, 5.3, (0.01, True))
    await scene.run()
    assert scene.written == [("batch", "state", 3)]


async def test_an_answer_that_is_old_when_it_is_read_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped once more while the answer was on its way."""
    scene = Scene(monkeypatch, 0.2, (7.0, True), (0.01, False))
    with pytest.raises(ShutOut):
        await scene.run()
    assert scene.written == []

"""However an owner of desks read its inputs, and whenever its timers fired, replay finds it.

On Kafka a record may be seen after one that the log took later, and the clock may let a timer fire
before a record is seen that was logged earlier. All of it stands in the audit.
"""

from collections import Counter
from random import Random
from typing import Any

import orjson

from tests.replay.floor import Floor, verified
from tierlane.replay.memory import MemoryDriver
from tierlane.replay.stored import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.machine import Machine
from tierlane.topic import ROUTING_AUDIT


class Unruly(MemoryDriver):
    """Hands desks their inputs in any order, some at a time, with timers fired in between."""

    def __init__(self, *given: Any, **more: Any) -> None:
        self._random = Random("unruly")
        super().__init__(*given, **more)

    def _batches(self, machine: Machine) -> list[tuple[str, list[StoredRecord]]]:
        if not isinstance(machine, Desk):
            return super()._batches(machine)
        random, found = self._random, []
        for topic in random.sample(machine.inputs, len(machine.inputs)):
            unread = self.log.read(topic, machine.partition, max(machine.position(topic), 0))
            if unread and random.random() < 0.7:
                found.append((topic, list(unread[: random.randrange(1, 5)])))
        return found

    def settle(self) -> None:
        for machine in self._machines:
            if isinstance(machine, Desk) and self._random.random() < 0.5:
                self._fire_early(machine)
        super().settle()

    def _fire_early(self, machine: Desk) -> None:
        """Let timers fire by a clock that is ahead of the log's, though records are unread."""
        now = self.log.now + self._random.randrange(60)
        due = machine.next_deadline()
        if due is not None and due <= now and not machine.behind:
            self._write(machine, machine.on_deadline(now))


def test_a_record_of_inputs_read_in_any_order_follows_from_them() -> None:
    log = Floor(Unruly).play()
    records = [one for batch in log.batches() for one in batch]
    found = verified(records)
    assert [one.as_dict() for one in found.differences[:3]] == []
    assert found.decisions > 100
    causes = [
        orjson.loads(one.value or b"")["data"]["cause"]
        for one in records
        if one.topic == ROUTING_AUDIT
    ]
    said = Counter(name for one in causes for name in one)
    assert min(said[one] for one in ("next", "ahead_of", "clock")) > 10

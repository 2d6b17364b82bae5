"""What was fetched for one owner and waits for its next batch."""

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tierlane.ports import Record


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition, in order, none missing between them."""

    topic: str
    """Name without prefix."""
    partition: int
    previous: int | None
    """Next offset after what was fetched before this, dropped or not.

    An owner whose own position is lower has lost a batch on the way. Offsets that follow one
    another cannot tell: markers and compaction leave gaps.
    """
    records: Sequence[Record]
    generation: int
    """Of the group, when it was fetched."""

    def cut(self, count: int) -> tuple["Batch", "Batch"]:
        """Return the first `count` records and the rest, as batches."""
        head, tail = self.records[:count], self.records[count:]
        return (
            Batch(self.topic, self.partition, self.previous, head, self.generation),
            Batch(self.topic, self.partition, head[-1].offset + 1, tail, self.generation),
        )


class Inbox:
    """Batches in waiting, by input topic; topics are served in the order given."""

    def __init__(self, topics: Iterable[str]) -> None:
        self._queues: dict[str, deque[Batch]] = {topic: deque() for topic in topics}
        self.records = 0
        self.since: float | None = None
        """When the oldest waiting record came (monotonic seconds); None when empty."""

    def put(self, batch: Batch) -> None:
        """Add a fetched batch."""
        self._queues[batch.topic].append(batch)
        self.records += len(batch.records)
        if self.since is None:
            self.since = time.monotonic()

    def holds(self, topic: str) -> bool:
        """Tell whether records of a topic are waiting."""
        return bool(self._queues[topic])

    def take(self, most: int) -> list[Batch]:
        """Remove and return batches of at most so many records together."""
        taken: list[Batch] = []
        for queue in self._queues.values():
            while queue and most > 0:
                batch = queue.popleft()
                if len(batch.records) > most:
                    batch, rest = batch.cut(most)
                    queue.appendleft(rest)
                most -= len(batch.records)
                self.records -= len(batch.records)
                taken.append(batch)
        if not self.records:
            self.since = None
        return taken

    def take_by_time(self, most: int) -> list[Batch]:
        """Do what `take` does, with the records of all topics in the order the log took them.

        At one moment the topics go in the order given.
        """
        taken: list[Batch] = []
        while most > 0 and (queues := [queue for queue in self._queues.values() if queue]):
            queue = min(queues, key=_next)
            others = [_next(one) for one in queues if one is not queue]
            batch = queue.popleft()
            count = min(_until(batch, min(others, default=None)), most)
            if count < len(batch.records):
                batch, rest = batch.cut(count)
                queue.appendleft(rest)
            most -= len(batch.records)
            self.records -= len(batch.records)
            taken.append(batch)
        if not self.records:
            self.since = None
        return taken

    def keep_from(self, positions: Mapping[str, int]) -> None:
        """Drop what does not follow these positions: it was fetched before they were sought.

        What was fetched since stays. A topic may be silent after it, so nobody would miss it.
        """
        self.records = 0
        for topic, queue in self._queues.items():
            position = positions[topic]
            for _ in range(len(queue)):
                batch = queue.popleft()
                if batch.previous is None or batch.previous <= position:
                    position = max(position, batch.records[-1].offset + 1)
                    self.records += len(batch.records)
                    queue.append(batch)
        if not self.records:
            self.since = None

    def clear(self) -> None:
        """Drop everything, as after a seek."""
        for queue in self._queues.values():
            queue.clear()
        self.records = 0
        self.since = None


def _next(queue: deque[Batch]) -> int:
    return queue[0].records[0].timestamp


def _until(batch: Batch, moment: int | None) -> int:
    """Return how many records come before another topic's next, the first always among them."""
    if moment is None:
        return len(batch.records)
    for number, record in enumerate(batch.records):
        if record.timestamp > moment:
            return max(number, 1)
    return len(batch.records)


def halves(batches: Sequence[Batch]) -> tuple[list[Batch], list[Batch]]:
    """Part batches in the middle of their records, in order."""
    first: list[Batch] = []
    second: list[Batch] = []
    left = sum(len(batch.records) for batch in batches) // 2
    for batch in batches:
        if left >= len(batch.records):
            first.append(batch)
        elif left > 0:
            head, tail = batch.cut(left)
            first.append(head)
            second.append(tail)
        else:
            second.append(batch)
        left -= len(batch.records)
    return first, second

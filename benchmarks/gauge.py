"""What the bench reads off a worker from outside: how far it is, and what it used."""

import time
from dataclasses import dataclass

import psutil
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from benchmarks.board import QUIET, Board
from tests.worker import Worker


class Progress:
    """How many records of a topic a consumer group has committed."""

    def __init__(self, board: Board, group: str, topic: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": board.brokers, **QUIET})
        places = [TopicPartition(board.prefix + topic, n) for n in range(board.partitions)]
        self._asked = [ConsumerGroupTopicPartitions(group, places)]

    def committed(self) -> int:
        """Return the sum of the committed offsets."""
        (future,) = self._admin.list_consumer_group_offsets(self._asked).values()
        found = future.result().topic_partitions
        return sum(max(place.offset, 0) for place in found)


@dataclass(frozen=True, slots=True)
class Reading:
    """The worker at one moment."""

    at: float
    cpu: float
    """Seconds of processor time used so far, by all its threads."""
    memory: int
    """Resident bytes."""
    done: int
    """Contacts committed so far."""

    @classmethod
    def now(cls, one: Worker, progress: Progress) -> "Reading":
        """Read worker and group."""
        process = psutil.Process(one.pid)
        times = process.cpu_times()
        done = progress.committed()
        memory = process.memory_info().rss
        return cls(time.perf_counter(), times.user + times.system, memory, done)

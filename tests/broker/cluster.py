"""Several nodes of real Apache Kafka that keep three copies of everything, any two in step.

While one of them is away the others serve: leaders of partitions, coordinators of transactions and
of groups move there. Each node is a process of its own, on free loopback ports.
"""

import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.broker.kafka import LOOPBACK, Kafka

COPIES = 3
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "default.replication.factor": str(COPIES),
        "min.insync.replicas": "2",
        "offsets.topic.replication.factor": str(COPIES),
        "transaction.state.log.replication.factor": str(COPIES),
        "transaction.state.log.min.isr": "2",
        "share.coordinator.state.topic.replication.factor": str(COPIES),
        "share.coordinator.state.topic.min.isr": "2",
    }
)


class Cluster:
    """Three nodes, of which one at a time may be away."""

    def __init__(self, folder: Path) -> None:
        """Describe nodes in folders below `folder`. Starts nothing."""
        self.nodes = [Kafka(folder / f"node-{n}", SETTINGS) for n in range(1, COPIES + 1)]
        voters = ",".join(
            f"{number}@{LOOPBACK}:{node.controller_port}"
            for number, node in enumerate(self.nodes, 1)
        )
        name = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        for number, node in enumerate(self.nodes, 1):
            node.join(number, voters, name)
        self._next = 0

    @property
    def address(self) -> str:
        """Where clients connect: `host:port` of each node."""
        return ",".join(node.address for node in self.nodes)

    @property
    def folder(self) -> Path:
        """The folder of one node; each has a copy of everything."""
        return self.nodes[0].folder

    @classmethod
    @contextmanager
    def temporary(cls) -> "Iterator[Cluster]":
        """Yield running nodes in a temporary folder; end them and remove the folder after."""
        with tempfile.TemporaryDirectory(prefix="tierlane-kafka-") as folder:
            cluster = cls(Path(folder))
            try:
                cluster.start()
                yield cluster
            finally:
                cluster.kill()

    def start(self) -> None:
        """Start all, which takes them together: two are needed before any serves."""
        with ThreadPoolExecutor(COPIES) as pool:
            list(pool.map(Kafka.start, self.nodes))

    def kill(self) -> None:
        """End all by SIGKILL; harmless for those that do not run."""
        for node in self.nodes:
            node.kill()

    def turn(self) -> Kafka:
        """Return the node whose turn it is to be away: each in turn."""
        self._next = (self._next + 1) % COPIES
        return self.nodes[self._next]

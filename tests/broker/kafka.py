"""One node of real Apache Kafka in KRaft mode, in a folder of its own, on free loopback ports.

The jars come from Maven, once, into `.cache/kafka`. The node is a child process: it is ended by its
own process id, and it can be killed and started again on the same ports and folder.

    with Kafka.temporary() as kafka:
        ...  # kafka.address is host:port

    python -m tests.broker.kafka --dir DIR     runs one until it is interrupted
"""

import argparse
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent
JARS = HERE.parents[1] / ".cache" / "kafka"
LOOPBACK = "127.0.0.1"
HEAP = ("-Xms160m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=160m")
JAVA = 17
"""The oldest Java that runs Kafka 4."""
STARTED = "Kafka Server started"
START_SECONDS = 60.0
STOP_SECONDS = 20.0

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        # A topic that nobody created is a fault to be found, not to be papered over.
        "auto.create.topics.enable": "false",
        "num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # The first member of a group waits this long for others: 3 s by default, in every test.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # Recorded contacts carry times of years ago; nothing may expire in the midst of a test.
        "log.retention.ms": "-1",
        # The default cleaner takes 128 MB of heap; compaction in tests is small.
        "log.cleaner.dedupe.buffer.size": "16777216",
        # Sparse files, but mapped: 10 MB for each of hundreds of partitions adds up.
        "log.index.size.max.bytes": "2097152",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "message.max.bytes": "16777216",
        "replica.fetch.max.bytes": "16777216",
    }
)


class KafkaError(RuntimeError):
    """the broker did not do as it was told"""


def unavailable() -> str:
    """Say why real Kafka cannot run on this machine; empty when it can."""
    if shutil.which("java") is None:
        return "no java on the path"
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    release = _release(said.stderr)
    if said.returncode or release is None:
        return "the java on the path does not tell its version"
    if release < JAVA:
        return f"java on the path is {release}, Kafka needs {JAVA}"
    if not _jars_present() and shutil.which("mvn") is None:
        return "no mvn on the path to fetch Apache Kafka with"
    return ""


def _release(said: str) -> int | None:
    """Return the release in what `java -version` says (on stderr); None when there is none.

    Up to 8 it stood second: `1.8.0_392`; since 9 it stands first: `17.0.15`, `21-ea`.
    """
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def fetch() -> Path:
    """Fetch the broker's jars (46, about 43 MB) unless they are there; return their folder."""
    if _jars_present():
        return JARS
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with JARS.with_suffix(".lock").open("w") as lock:
        # Processes that test beside each other all want them, and one fetches them.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _jars_present():
            _fetch()
    return JARS


def _fetch() -> None:
    # Fetched beside and renamed: a fetch that was cut short never looks like a whole one.
    partial = Path(tempfile.mkdtemp(prefix="kafka-", dir=JARS.parent))
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(partial)
        raise KafkaError(f"maven could not fetch kafka: {done.stdout[-2000:]}")
    shutil.rmtree(JARS, ignore_errors=True)
    partial.rename(JARS)


def free_port() -> int:
    """Return a loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _jars_present() -> bool:
    return any(JARS.glob("kafka-server-common-*.jar"))


class Kafka:
    """One broker: its folder, its ports and, while it runs, its process."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        advertised: int | None = None,
    ) -> None:
        """Describe a broker in `folder`; `settings` are added to `SETTINGS`. Starts nothing.

        `advertised` is the port that clients are told of, where something stands before the broker.
        """
        self.folder = folder
        self.port = free_port()
        self.controller_port = free_port()
        self.log = folder / "broker.log"
        self._advertised = advertised or self.port
        self._settings = {**SETTINGS, **(settings or {})}
        self._cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._quorum = {"controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}"}
        self._process: subprocess.Popen[bytes] | None = None

    def join(self, number: int, voters: str, cluster: str) -> None:
        """Be node `number` of several, not one alone; to be said before the first start."""
        self._cluster = cluster
        self._quorum = {"node.id": str(number), "controller.quorum.voters": voters}

    @property
    def address(self) -> str:
        """Where clients connect: `host:port`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the running broker; KafkaError when it does not run."""
        if self._process is None:
            raise KafkaError("the broker does not run")
        return self._process.pid

    @classmethod
    @contextmanager
    def temporary(
        cls, settings: Mapping[str, str] | None = None, *, advertised: int | None = None
    ) -> "Iterator[Kafka]":
        """Yield a running broker in a temporary folder; end it and remove the folder after."""
        with tempfile.TemporaryDirectory(prefix="tierlane-kafka-") as folder:
            broker = cls(Path(folder), settings, advertised=advertised)
            try:
                broker.start()
                yield broker
            finally:
                broker.kill()

    def start(self) -> None:
        """Start the broker and return once it serves; formats the folder the first time."""
        if self._process is not None:
            raise KafkaError("the broker runs already")
        fetch()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        begun = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._await_start(begun)

    def stop(self) -> None:
        """End the broker in an orderly way, by SIGTERM; by SIGKILL when that takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the broker by SIGKILL, as a power cut would; harmless when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self, *, kill: bool = False) -> None:
        """Stop (or kill) the broker and start it again on the same ports and folder."""
        if kill:
            self.kill()
        else:
            self.stop()
        self.start()

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _format(self) -> None:
        """Write the settings and format the folder, as Kafka asks of every new node."""
        self.folder.mkdir(parents=True, exist_ok=True)
        client, controller = f"{LOOPBACK}:{self.port}", f"{LOOPBACK}:{self.controller_port}"
        own = {
            "listeners": f"PLAINTEXT://{client},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self._advertised}",
            **self._quorum,
            "log.dirs": str(self.folder / "data"),
        }
        lines = [f"{name}={value}\n" for name, value in {**self._settings, **own}.items()]
        self._properties.write_text("".join(lines))
        # In one word with its option: an id may begin with a hyphen.
        tool = self._java(
            *("kafka.tools.StorageTool", "format"),
            *(f"--cluster-id={self._cluster}", "-c", str(self._properties)),
        )
        done = subprocess.run(tool, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaError(f"the folder could not be formatted: {done.stdout}{done.stderr}")

    def _java(self, *arguments: str) -> list[str]:
        quiet = "-Dorg.slf4j.simpleLogger"
        logging = [
            f"{quiet}.defaultLogLevel=warn",
            f"{quiet}.showDateTime=true",
            f"{quiet}.dateTimeFormat=HH:mm:ss.SSS",
            # The one line at `info` that is waited for.
            f"{quiet}.log.kafka.server.KafkaRaftServer=info",
        ]
        return ["java", *HEAP, *logging, "-cp", f"{JARS}{os.sep}*", *arguments]

    def _await_start(self, begun: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        assert self._process is not None
        while time.monotonic() < deadline:
            with self.log.open("rb") as log:
                log.seek(begun)
                said = log.read().decode(errors="replace")
            if STARTED in said:
                return
            if self._process.poll() is not None:
                self._process = None
                raise KafkaError(f"the broker ended at its start: {said[-2000:]}")
            time.sleep(0.05)
        self.kill()
        raise KafkaError(f"the broker did not start within {START_SECONDS:.0f} s")


def main() -> int:
    """Run one broker until SIGINT or SIGTERM; print its address first."""
    parser = argparse.ArgumentParser(description="run one node of Apache Kafka")
    parser.add_argument("--dir", type=Path, required=True, help="the broker's folder")
    broker = Kafka(parser.parse_args().dir.absolute())
    broker.start()
    print(broker.address, flush=True)
    try:
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        broker.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

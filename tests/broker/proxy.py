"""Stands between clients and a broker, and cuts connections at the commit of a transaction.

It reads the requests of Kafka's protocol just so far as to know one that ends a transaction.
"""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from tests.broker.kafka import LOOPBACK, free_port

END_TXN: Final = 26
"""The number of the request that commits or aborts a transaction."""
PROCESSED: Final = 0.1
"""Seconds after which a request that was passed on has been processed."""

Struck = Callable[[int], Awaitable["Cut | None"]]


class Cut:
    """What is done at one end of a transaction."""

    def __init__(self, *, passed_on: bool, shut: float = 0.0) -> None:
        """Cut every connection, after the request was passed on or in its place.

        `shut`: seconds in which nobody gets through after that.
        """
        self.passed_on = passed_on
        self.shut = shut


class Proxy:
    """Passes everything on, but for what `struck` says of the n-th end of a transaction."""

    def __init__(self, struck: Struck) -> None:
        self.port = free_port()
        self.ends = 0
        """Ends of transactions that were asked for."""
        self.cuts = 0
        """Cuts that were made."""
        self._struck = struck
        self._target = 0
        self._shut_until = 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._muted: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def shut(self) -> bool:
        """Whether nobody gets through now."""
        return time.monotonic() < self._shut_until

    @asynccontextmanager
    async def before(self, target: int) -> AsyncIterator[None]:
        """Listen while the block runs, and pass on to a port."""
        self._target = target
        server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        try:
            yield
        finally:
            server.close()
            self._cut_all()
            if self._serving:
                await asyncio.wait(self._serving)

    async def _accept(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(client, back))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.shut:
            back.close()
            return
        try:
            broker, on = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            back.close()
            return
        self._open |= {back, on}
        pipes = [
            asyncio.create_task(self._requests(client, on, back)),
            asyncio.create_task(self._answers(broker, back)),
        ]
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)
        for writer in (back, on):
            writer.close()
        self._open -= {back, on}
        self._muted.discard(back)

    async def _requests(
        self, client: asyncio.StreamReader, on: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await client.readexactly(4)
                body = await client.readexactly(*struct.unpack(">i", head))
                cut = await self._cut(body)
                if cut is not None and not cut.passed_on:
                    self._cut_all()
                    self.cuts += 1
                    return
                if cut is not None:
                    self._muted.add(back)
                on.write(head + body)
                await on.drain()
                if cut is not None:
                    await asyncio.sleep(PROCESSED)
                    self._cut_all()
                    self.cuts += 1
                    return

    async def _cut(self, body: bytes) -> Cut | None:
        if struct.unpack_from(">h", body)[0] != END_TXN:
            return None
        self.ends += 1
        cut = await self._struck(self.ends)
        if cut is not None:
            self._shut_until = time.monotonic() + cut.shut
        return cut

    async def _answers(self, broker: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await broker.read(1 << 16):
                if back not in self._muted:
                    back.write(data)
                    await back.drain()

    def _cut_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

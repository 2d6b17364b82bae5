"""The worker's answers over HTTP: `/healthz`, `/readyz` and `/metrics`."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from tierlane.errors import SettingError
from tierlane.stream.metric import Metrics

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class Web:
    """A small server on one port."""

    def __init__(self, metrics: Metrics, troubles: Callable[[], list[str]]) -> None:
        self._metrics = metrics
        self._troubles = troubles
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._page)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port: the one asked for, or a free one for 0."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            raise SettingError(
                f"`{host}:{port}` cannot be listened on: {error.strerror}",
                hint="web_host names an address of this machine; web_port 0 takes a free port",
            ) from None
        found: int = self._runner.addresses[0][1]
        return found

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, _: web.Request) -> web.Response:
        troubles = self._troubles()
        body = {"status": "degraded" if troubles else "ready", "reasons": troubles}
        return web.json_response(body, status=503 if troubles else 200)

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={"Content-Type": TEXT})

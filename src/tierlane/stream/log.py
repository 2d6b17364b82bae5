"""Logs: one JSON object a line on stderr, never with contents of contacts.

Faust and aiokafka log through the standard library. What they say is taken over as an event with
its logger's name, with three changes: below a warning only ours is shown, and the same words of a
library once in a while; of an exception the class and the place are kept, not its text; and two
lines that a healthy worker would repeat for every transaction are counted instead.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

from tierlane.stream.metric import Metrics

OURS: Final = "tierlane"

REPEAT: Final = 5.0
"""Seconds in which a library's words are logged once."""

COUNTED: Final = {
    "NotEnoughReplicas": "not-enough-replicas",
    "NOT_ENOUGH_REPLICAS": "not-enough-replicas",
    "ConcurrentTransactions": "concurrent-transactions",
}
"""Answers of a broker that is still completing the transaction before: each is sent again."""


class _Counted(logging.Filter):
    """Turns the answers that every transaction may get into a number."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._metrics = metrics

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        for word, cause in COUNTED.items():
            if word in text:
                self._metrics.retried.labels(cause).inc()
                return False
        return True


class _Libraries(logging.Filter):
    """Lets through what libraries warn of, the same words once in a while.

    Every client of a worker says several times a second that a broker is away: without this a
    restart of one broker made 120 lines a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(OURS):
            return True
        if record.levelno < logging.WARNING:
            return False
        words = (record.name, str(record.msg))
        now = time.monotonic()
        last, more = self._said.get(words, (-REPEAT, 0))
        if now - last < REPEAT:
            self._said[words] = (last, more + 1)
            return False
        self._said[words] = (now, 0)
        if more:
            record.msg, record.args = f"{record.getMessage()} (and {more} times more)", ()
        return True


def _plain(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep an exception's class and place, not its text: that may quote a record."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["trace"] = places_of(error)
    return event


def places_of(error: BaseException) -> list[str]:
    """Return where an error passed, as `file:line function`, outermost first."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places


def set_up(level: str, metrics: Metrics) -> None:
    """Send all logs of the process to stderr as JSON."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _plain,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    handler.addFilter(_Counted(metrics))
    handler.addFilter(_Libraries())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # A command keeps aiokafka silent until here, since its own errors tell what went wrong; a
    # worker's log and its count of retries need what aiokafka says.
    logging.getLogger("aiokafka").setLevel(logging.NOTSET)


def quiet_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Take the loop's complaints by kind: aiokafka leaves futures unread when it gives up."""

    def take(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        structlog.get_logger(OURS + ".loop").debug(
            "loop", message=context.get("message", ""), error=type(error).__name__
        )

    loop.set_exception_handler(take)

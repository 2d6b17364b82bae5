"""The SOURCE arguments that the commands of `tierlane replay` have in common."""

import logging
import re
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from tierlane.errors import UsageError
from tierlane.replay.source.source import Source
from tierlane.value import parse_time

if TYPE_CHECKING:
    from tierlane.stream.span import Range, Span

F = TypeVar("F", bound=Callable[..., Any])

KINDS: Final = """\b
A SOURCE is a file or a directory of JSON lines (.jsonl, .gz, .zst) or Parquet: records of topics,
or bare events as `tierlane sample` and `tierlane import` write them. `anonbank:FILE` is a public
log read by its importer, `kafka:` the topics of a running installation. Several are merged by time.
"""
"""For the epilog of a command."""


BROKERS: Final = (
    click.option("--brokers", metavar="HOST:PORT,...", help="For kafka: where the brokers are."),
    click.option("--prefix", help="For kafka: stands before every topic."),
    click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        help="For kafka: a TOML file of settings.",
    ),
    click.option("--since", metavar="TIME", help="For kafka: from here on, in ISO 8601."),
    click.option("--until", metavar="TIME", help="For kafka: before this time."),
    click.option(
        "--offsets",
        metavar="TOPIC:N:FROM-TO",
        multiple=True,
        help="For kafka: of partition N of a topic, FROM this offset on, below TO.",
    ),
)
"""Options for `open_sources`, in the names of its arguments."""


def options(*rows: Callable[[Any], Any]) -> Callable[[F], F]:
    """Return a decorator that adds options, in their order."""
    return lambda function: reduce(lambda made, one: one(made), reversed(rows), function)


def source_argument(command: F) -> F:
    """Give a command its `sources`: words to hand to `open_sources`."""
    argument = click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
    return argument(command)


def open_sources(words: Sequence[str], **kafka: Any) -> Source:
    """Return what the words name as one source; `kafka` as `BROKERS` gives it.

    Raises `UsageError` or `SourceError`.
    """
    from tierlane.replay.source.imported import IMPORTERS, Imported
    from tierlane.replay.source.opening import opened

    if "kafka:" in words:
        if len(words) > 1:
            raise UsageError("the topics of an installation are read alone")
        return span_of(**kafka)
    kinds = [word.partition(":")[0] if ":" in word else "" for word in words]
    if any(kind in IMPORTERS for kind in kinds):
        if len(set(kinds)) > 1:
            raise UsageError("a public log is read alone", hint="name its files only")
        return Imported(kinds[0], [Path(word.partition(":")[2]) for word in words])
    return opened([Path(word) for word in words])


def span_of(
    *,
    brokers: str | None = None,
    prefix: str | None = None,
    config: Path | None = None,
    since: str | None = None,
    until: str | None = None,
    offsets: Sequence[str] = (),
) -> "Span":
    """Return the topics of an installation, in the range that is wanted."""
    from tierlane.stream.settings import load
    from tierlane.stream.span import Range, Span

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its errors come as ours
    settings = load({"brokers": brokers, "prefix": prefix}, config)
    ranges = [_range(Range, word) for word in offsets]
    return Span(settings, since=_moment(since), until=_moment(until), ranges=ranges)


def _range(make: "type[Range]", word: str) -> "Range":
    found = re.fullmatch(r"([A-Za-z0-9._-]+):([0-9]+):([0-9]+)-([0-9]*)", word)
    if found is None:
        raise UsageError(f"`{word}` is no range", hint="contact.events:0:1000-2000")
    end = int(found[4]) if found[4] else None
    return make(found[1], int(found[2]), int(found[3]), end)


def _moment(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError:
        raise UsageError(
            f"`{text}` is no time with an offset", hint="2026-03-02T00:00:00+08:00"
        ) from None

"""The SOURCE arguments that the commands of `tierlane replay` have in common."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tierlane.errors import UsageError
from tierlane.replay.source.source import Source

F = TypeVar("F", bound=Callable[..., Any])

KINDS: Final = """\b
A SOURCE is a file or a directory of JSON lines (.jsonl, .gz, .zst) or Parquet: records of topics,
or bare events as `tierlane sample` and `tierlane import` write them. `anonbank:FILE` is a public
log read by its importer. Several are merged by time.
"""
"""For the epilog of a command."""


def source_argument(command: F) -> F:
    """Give a command its `sources`: words to hand to `open_sources`."""
    argument = click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
    return argument(command)


def open_sources(words: Sequence[str]) -> Source:
    """Return what the words name as one source. Raises `UsageError` or `SourceError`."""
    from tierlane.replay.source.imported import IMPORTERS, Imported
    from tierlane.replay.source.opening import opened

    kinds = [word.partition(":")[0] if ":" in word else "" for word in words]
    if any(kind in IMPORTERS for kind in kinds):
        if len(set(kinds)) > 1:
            raise UsageError("a public log is read alone", hint="name its files only")
        return Imported(kinds[0], [Path(word.partition(":")[2]) for word in words])
    return opened([Path(word) for word in words])

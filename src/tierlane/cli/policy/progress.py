"""Progress of what takes longer than two seconds, on stderr where that is a terminal."""

import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE: Final = 2.0
"""Seconds before a bar is shown."""

_Item = TypeVar("_Item")


def watched(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """Yield the items, and show a bar once the patience is over."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from items
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        begun, task = time.monotonic(), bar.add_task(what, total=total, visible=False)
        for done, item in enumerate(items):
            yield item
            if time.monotonic() - begun > PATIENCE:
                bar.update(task, completed=done + 1, visible=True)
                bar.refresh()

"""Progress of replications, on stderr where that is a terminal and it takes over two seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tierlane.cli.policy.progress import PATIENCE


@contextmanager
def counted(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Give what is to be called with the number done; None as total shows the number alone."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        begun, task = time.monotonic(), bar.add_task(what, total=total, visible=False)

        def told(done: int) -> None:
            if time.monotonic() - begun > PATIENCE:
                bar.update(task, completed=done, visible=True)
                bar.refresh()

        yield told

"""Groups of commands that are imported only when they are used."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Entry(NamedTuple):
    """One command: where it lives and its line in the group's `--help`."""

    module: str
    summary: str


class LazyCommands(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def __init__(self, *args: Any, entries: Mapping[str, Entry], **extra: Any) -> None:
        """`entries`: the commands by name, in the order in which help lists them."""
        super().__init__(*args, **extra)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: as a new user meets them."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its `command`; None when there is no such."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = import_module(entry.module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, so that help imports none of them."""
        if not self._entries:
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self._entries.items()])

"""The page of the commands, made from their own help: `python -m tests.docs.commands_page`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from tierlane.cli import tierlane

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
WIDTH: Final = 96
HEAD: Final = """\
# Commands

Made from what each command says with `--help`; a test holds it equal.

Data goes to stdout, everything else to stderr. Long work shows its progress on stderr when that is a
terminal. `NO_COLOR` is honoured. Exit codes:

| code | means |
|---|---|
| 0 | fine |
| 1 | the command found something: a failed case, a difference, a refused line |
| 2 | wrong use, or input that cannot be read |
| 130 | interrupted by Ctrl-C |

"""


def contexts(context: click.Context) -> Iterator[click.Context]:
    """Walk through a command's context and those of what stands below it."""
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            below = group.get_command(context, name)
            assert below is not None
            yield from contexts(click.Context(below, parent=context, info_name=name))


def page() -> str:
    root = click.Context(
        tierlane,
        info_name="tierlane",
        terminal_width=WIDTH,
        **tierlane.context_settings | {"max_content_width": WIDTH},
    )
    sections = [
        f"## {context.command_path}\n\n```text\n{context.command.get_help(context).rstrip()}\n```\n"
        for context in contexts(root)
    ]
    return HEAD + "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

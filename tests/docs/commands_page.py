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


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Walk through a command and what stands below it, by the words to type."""
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))


def page() -> str:
    sections = []
    for words, command in commands(tierlane, ("tierlane",)):
        context = click.Context(
            command, info_name=words, terminal_width=WIDTH, max_content_width=WIDTH
        )
        help_text = command.get_help(context).rstrip()
        sections.append(f"## {words}\n\n```text\n{help_text}\n```\n")
    return HEAD + "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""What the commands on policy files share: their arguments, and how a file is read."""

from pathlib import Path
from typing import Final

import click

from tierlane.errors import UsageError

FOUND: Final = 1
"""Exit code when something was found."""

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
FORMAT = click.option(
    "--format", "shape", type=click.Choice(("text", "json")), default="text", show_default=True
)


def read_file(path: Path) -> bytes:
    """Return the content of a file. Raises `UsageError` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from None

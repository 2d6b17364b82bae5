"""What the commands on policy files share: their arguments."""

from pathlib import Path
from typing import Final

import click

FOUND: Final = 1
"""Exit code when something was found."""

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
FORMAT = click.option(
    "--format", "shape", type=click.Choice(("text", "json")), default="text", show_default=True
)

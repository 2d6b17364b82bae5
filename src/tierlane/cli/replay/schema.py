"""`tierlane replay schema`: the JSON Schema of staffing files, for editors."""

from importlib.resources import files

import click

EXAMPLES = """\b
Examples:
  tierlane replay schema > staffing.schema.json
"""


@click.command(epilog=EXAMPLES)
def command() -> None:
    """Print the JSON Schema of staffing files.

    An editor that knows it completes keys and marks those that are wrong while you write; what
    values mean is told by `simulate`.
    """
    found = files("tierlane.replay.simulation").joinpath("staffing.schema.json")
    click.echo(found.read_text("utf-8"), nl=False)

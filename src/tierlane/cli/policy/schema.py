"""`tierlane policy schema`: the JSON Schema of the language, for editors."""

from importlib.resources import files

import click

EXAMPLES = """\b
Examples:
  tierlane policy schema > policy.schema.json
"""


@click.command(epilog=EXAMPLES)
def command() -> None:
    """Print the JSON Schema of the policy language.

    An editor that knows it completes keys and marks those that are wrong while you write; what
    values mean is told by `check`.
    """
    click.echo(files("tierlane.policy").joinpath("schema.json").read_text("utf-8"), nl=False)

"""`tierlane policy`: one file per command, imported only when that command is used."""

from typing import Final

import click

from tierlane.cli.lazy import Entry, LazyCommands

ENTRIES: Final = {
    "new": Entry("tierlane.cli.policy.new", "Begin a policy from one that comes with tierlane."),
    "check": Entry(
        "tierlane.cli.policy.check", "Tell what is wrong or doubtful, with file, line and hint."
    ),
    "show": Entry("tierlane.cli.policy.show", "Lay a policy out for people: a page to print."),
    "test": Entry("tierlane.cli.policy.test", "Run the cases in policies and in files of cases."),
    "schema": Entry("tierlane.cli.policy.schema", "Print the language's JSON Schema, for editors."),
    "publish": Entry("tierlane.cli.policy.publish", "Make a policy live, or the shadow."),
    "history": Entry("tierlane.cli.policy.history", "List what was published, when and why."),
    "rollback": Entry("tierlane.cli.policy.rollback", "Go back to an earlier revision."),
}

EXAMPLES: Final = """\b
Examples:
  tierlane policy new --pack bank --out policy.yaml
  tierlane policy check policy.yaml
  tierlane policy check --strict --format json policy.yaml
  tierlane policy test policy.yaml more-cases.yaml
  tierlane policy publish policy.yaml --brokers kafka:9092
"""


@click.group(cls=LazyCommands, entries=ENTRIES, epilog=EXAMPLES)
def command() -> None:
    """Write, check, try, show and publish policies."""

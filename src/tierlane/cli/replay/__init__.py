"""`tierlane replay`: one file per command, imported only when that command is used."""

from typing import Final

import click

from tierlane.cli.lazy import Entry, LazyCommands

ENTRIES: Final[dict[str, Entry]] = {
    "record": Entry("tierlane.cli.replay.record", "Save ranges of topics, as Parquet."),
    "verify": Entry("tierlane.cli.replay.verify", "Tell whether a record follows from its inputs."),
    "diff": Entry("tierlane.cli.replay.diff", "Tell who is routed differently by another policy."),
    "simulate": Entry(
        "tierlane.cli.replay.simulate",
        "Simulate waits under a policy and a staff; how many are needed.",
    ),
    "report": Entry(
        "tierlane.cli.replay.report", "Show on one page what another policy would have changed."
    ),
    "discover": Entry(
        "tierlane.cli.replay.discover", "Say which order explains who was taken next."
    ),
    "fit": Entry(
        "tierlane.cli.replay.fit", "Fit patience, service and arrivals to what was recorded."
    ),
    "feedback": Entry(
        "tierlane.cli.replay.feedback", "Say which rules serve whom well, and which never fire."
    ),
    "expected": Entry(
        "tierlane.cli.replay.expected", "Say how good the waits were that contacts were told."
    ),
    "schema": Entry(
        "tierlane.cli.replay.schema", "Print the JSON Schema of staffing files, for editors."
    ),
    "gate": Entry(
        "tierlane.cli.replay.gate", "Hold figures to limits; a broken one gives exit code 1."
    ),
}

EXAMPLES: Final = """\b
Examples:
  tierlane replay record --out january           what the topics hold
  tierlane replay verify january/                same inputs, same answers?
  tierlane replay diff --policy now.yaml --against next.yaml january/
  tierlane replay simulate --policy policy.yaml --staffing staff.yaml try
  tierlane replay report --policy policy.yaml --what-if "gold waits at most 60s" \\
      --staffing staffing.yaml try
  tierlane replay discover january/              who was taken next, and by which order?
  tierlane replay feedback --policy policy.yaml january/     which rules serve whom well?

\b
A SOURCE is a file or a directory of JSON lines (.jsonl, .gz, .zst) or Parquet: records of topics,
or bare events as `tierlane sample` and `tierlane import` write them.
"""


@click.group(cls=LazyCommands, entries=ENTRIES, epilog=EXAMPLES)
def command() -> None:
    """Prove, compare and simulate what was recorded."""

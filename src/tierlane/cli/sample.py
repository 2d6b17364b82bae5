"""`tierlane sample`: files to try everything with."""

import time
from pathlib import Path
from typing import Final

import click

from tierlane.sample.folder import Sample, write_folder
from tierlane.sample.pack import pack, spare, staffing

EXAMPLES: Final = """\b
Examples:
  tierlane sample --out try
  tierlane sample --out try --live && tierlane produce try/*.jsonl
  tierlane sample --out big --contacts 1000000 --seed 7
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write to; it is made where it is not there.",
)
@click.option(
    "--contacts",
    type=click.IntRange(min=1),
    default=5_000,
    show_default=True,
    help="How many contacts arrive.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="The same seed makes the same files, byte for byte.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Date the events from now on, all within a minute, for a worker that runs now.",
)
@click.option("--force", is_flag=True, help="Overwrite a policy or a staffing that was changed.")
def command(out: Path, *, contacts: int, seed: int, live: bool, force: bool) -> None:
    """Make contacts, profiles, advisors and a policy of eight businesses.

    Writes contacts.jsonl, feedback.jsonl, profiles.jsonl and advisors.jsonl, events as they lie on
    the topics, policy.yaml, and staffing.yaml for simulations. Times run from 2 March 2026, 20,000
    contacts a day, or with --live from now. Some contacts come late or twice, some change or end,
    some customers are unknown or have no profile; some say afterwards how they were served.
    """
    if not force:
        spare(pack("sample"), out / "policy.yaml")
        spare(staffing(), out / "staffing.yaml")
    sample = Sample(contacts, seed, round(time.time() * 1000) if live else None)
    for name, lines in write_folder(sample, out).items():
        click.echo(f"{out / name}: {lines:,} events", err=True)
    for name in ("policy.yaml", "staffing.yaml"):
        click.echo(out / name, err=True)

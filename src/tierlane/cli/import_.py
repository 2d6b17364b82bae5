"""`tierlane import`: a public log as events, profiles and a policy."""

from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import click

from tierlane.sample.pack import pack, spare, write_pack

SOURCES: Final = {"anonbank": "tierlane.replay.source.anonbank"}
"""What can be read, by the name that is typed."""

EXAMPLES: Final = """\b
Examples:
  tierlane import anonbank anonbank_1999_jan.csv.gz anonbank_1999_feb.csv.gz
  tierlane import anonbank jan.csv --out bank
  tierlane worker --policy bank/policy.yaml
  tierlane produce bank/profiles.jsonl bank/contacts.jsonl
"""


@click.command(epilog=EXAMPLES)
@click.argument("source", type=click.Choice(sorted(SOURCES)))
@click.argument(
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    required=True,
    metavar="FILE...",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; else one named after the source.",
)
@click.option("--force", is_flag=True, help="Overwrite a policy.yaml that was changed.")
@click.pass_context
def command(
    ctx: click.Context, source: str, files: tuple[Path, ...], out: Path | None, force: bool
) -> None:
    """Turn a public log into events and profiles.

    Writes contacts.jsonl (each contact's arrival and what became of it, at their true times),
    profiles.jsonl and policy.yaml. Rows that cannot be read are named on stderr and left out; the
    exit code is then 1. Odd rows are kept, and counted with what was made of them.

    anonbank is the log of an anonymous bank, 1999, of Technion SEELab (Mandelbaum, Sakov, Zeltyn).
    """
    module = import_module(SOURCES[source])
    folder = out or Path(source)
    if not force:
        spare(pack(module.PACK), folder / "policy.yaml")
    kept, refused = _read(module, files)
    rows = module.in_time(kept)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "contacts.jsonl", module.contact_lines(rows))
    _write(folder / "profiles.jsonl", module.profile_lines(rows))
    write_pack(module.PACK, folder / "policy.yaml")
    click.echo(f"{folder}: {len(rows):,} contacts, {refused:,} rows refused", err=True)
    for text, count in Counter(text for row in rows for text in row.odd).most_common():
        click.echo(f"{count:8,} rows: {text}", err=True)
    ctx.exit(1 if refused else 0)


def _read(module: ModuleType, files: Iterable[Path]) -> tuple[list[object], int]:
    kept, refused = [], 0
    for path in files:
        for row in module.read(path):
            if isinstance(row, module.Refusal):
                refused += 1
                click.echo(f"`{row.path}`:{row.line} {row.fault}", err=True)
            else:
                kept.append(row)
    return kept, refused


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)

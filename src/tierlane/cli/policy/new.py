"""`tierlane policy new`: a policy to begin with."""

from pathlib import Path
from typing import Final

import click
from rich.cells import cell_len

from tierlane.errors import UsageError
from tierlane.policy.reading.shape import near
from tierlane.sample.pack import description, pack, packs, spare, write_pack

EXAMPLES: Final = """\b
Examples:
  tierlane policy new --list
  tierlane policy new --pack bank --out policy.yaml
  tierlane policy new --pack bank | less
"""


@click.command(epilog=EXAMPLES)
@click.option("--pack", "name", metavar="NAME", help="The pack to begin with.")
@click.option("--list", "listed", is_flag=True, help="Say which packs there are.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; stdout unless given.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that was changed.")
def command(name: str | None, out: Path | None, *, listed: bool, force: bool) -> None:
    """Begin a policy from one that comes with tierlane.

    A pack is a whole policy with its cases, to be read, tried and then changed.
    """
    names = packs()
    if listed or name is None:
        if not listed:
            raise UsageError("name a pack", hint=f"--pack NAME; there is {_among(names)}")
        width = max(map(cell_len, names))
        for one in names:
            click.echo(f"{one:<{width}}  {description(one)}")
    elif name not in names:
        raise UsageError(f"no pack `{name}`", hint=near(name, names))
    elif out is None:
        click.echo(pack(name), nl=False)
    else:
        if not force:
            spare(pack(name), out)
        write_pack(name, out)
        click.echo(out, err=True)


def _among(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in names)

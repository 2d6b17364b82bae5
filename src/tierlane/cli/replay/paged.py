"""What `discover` and `feedback` share: a page of what was found, and its language."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tierlane.page.report.wording import LANGUAGES

PAGE = click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write one HTML file that loads nothing, with what was found.",
)  # fmt: skip
LANGUAGE = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    help="Of the page and the text.",
)  # fmt: skip


def write_page(path: Path | None, kind: str, found: Mapping[str, Any], language: str) -> None:
    """Write the page where one is wanted; raises OSError."""
    if path is None:
        return
    from tierlane.page.report.sheet import alone

    path.write_text(alone(kind, found, language), encoding="utf-8")
    click.echo(f"wrote {path}", err=True)

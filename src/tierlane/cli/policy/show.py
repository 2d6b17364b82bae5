"""`tierlane policy show`: the policy as a page to read and print."""

from datetime import datetime
from pathlib import Path
from typing import Final

import click
import orjson

from tierlane.page.html import html
from tierlane.page.outline import Page, outline
from tierlane.page.sheet import sheet
from tierlane.page.text import plain, text
from tierlane.page.wording import LANGUAGES
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.whole import whole
from tierlane.stream.policy_file import find_file, read_policy_file

EXAMPLES: Final = """\b
Examples:
  tierlane policy show policy.yaml --out policy.html
  tierlane policy show policy.yaml --language zh --out policy.html
  tierlane policy show policy.yaml --format svg --out ways.svg
  tierlane policy show policy.yaml --format text | less
  tierlane policy show north.yaml --format yaml
"""


@click.command(epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "shape",
    type=click.Choice(("html", "svg", "text", "json", "yaml")),
    default="html",
    show_default=True,
    help="A whole page, the drawings alone, plain text, values for a program, or the policy "
    "itself, merged with what it extends.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--date", help="What the page says of its date; today unless given.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; stdout unless given.",
)
def command(file: Path, *, shape: str, language: str, date: str | None, out: Path | None) -> None:
    """Lay a policy out for people who do not read YAML.

    The ways contacts take are drawn, one picture a desk; rules stand in tables, in plain words;
    cases are the examples. The HTML is one file that loads nothing, and prints on A4.
    """
    today = datetime.now().astimezone().date().isoformat()
    if shape == "yaml":
        written = whole(read_policy_file(file), str(file), find_file).decode()
    else:
        page = outline(*_read(file), today if date is None else date, language)
        written = _written(page, shape)
    if out is None:
        click.echo(written, nl=False)
    else:
        out.write_text(written, encoding="utf-8")
        click.echo(out, err=True)


def _written(page: Page, shape: str) -> str:
    if shape == "json":
        return orjson.dumps(plain(page)).decode() + "\n"
    return {"html": html, "svg": sheet, "text": text}[shape](page)


def _read(path: Path) -> tuple[Document, str]:
    """Return the document and its revision; raises PolicyError where it cannot be used."""
    report = Report()
    document = read_document(read_policy_file(path), str(path), report, find_file)
    revision = compile_document(document, report)
    if revision is None:
        raise PolicyError(report.errors)
    return document, revision.hash

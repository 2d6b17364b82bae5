"""The page of practices, made from the map that the tests try: `python -m tests.docs.practices_page`."""

from pathlib import Path
from typing import Final

from tests.policy.practice import Practice, names, pack, practices
from tierlane.policy.form.row import rows
from tierlane.sample.pack import description

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "practices.md"
HEAD: Final = """\
# Practices and packs

Made from the packs and from the map that the tests try, line by line; `make pages` writes it.

Service businesses know some forty practices of standard and of personal service. Each is expressed
here by rows of a pack, a complete policy to begin with (`tierlane policy new --pack NAME`). The tests
hold of each: its hit hangs on one of the rows named, its near miss does not; in its conflict the other
row holds; silencing or negating any of its rows makes a case of the pack fail; and the row shows in the
lane entry. Of no pack can a row at all be silenced or negated unnoticed, but for one step that shows in its
timeline only.

Where a decision alone does not show all, a case on a timeline does, run on a desk; without any of the rows named it fails.

## The packs

| pack | what it is about | rows, cases |
|---|---|---|
"""
MIDDLE: Final = """
## The practices

| no. | practice | pack | rows | hit · near miss · conflict |
|---|---|---|---|---|
"""


def _line(one: Practice) -> str:
    named = ", ".join(f"`{row}`" for row in one.rows)
    cases = f"{one.hit} · {one.near} · {one.conflict} (against `{one.against}`)"
    if one.timeline:
        cases += f" · on a timeline: {one.timeline}"
    return f"| {one.number} | {one.practice} | `{one.pack}` | {named} | {cases} |\n"


def page() -> str:
    """Return the page."""
    packs = "".join(
        f"| `{name}` | {description(name)} | {len(rows(pack(name).document))}, "
        f"{len(pack(name).document.cases)} |\n"
        for name in names()
    )
    return HEAD + packs + MIDDLE + "".join(map(_line, practices()))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

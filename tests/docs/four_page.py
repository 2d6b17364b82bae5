"""The page of timelines four ways, made from what came of them: `python -m tests.docs.four_page`."""

from pathlib import Path
from typing import Any, Final

import orjson

from tests.four.stock import Piece, files, pieces

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "four-ways.md"
RESULTS: Final = Path(__file__).parents[1] / "four" / "results.json"
HEAD: Final = """\
# Timelines four ways

Made from what `python -m tests.four` found; `make pages` writes it.

Each [timeline](policy-cases.md#a-case-on-a-timeline) in this repository is a data file. It is run four ways, which must come to the same:

1. by `tierlane policy test`, on the pure desk;
2. on whole intakes and desks, through their topics, each begun again from its changelog before every step;
3. live: a real worker on real Kafka, killed (`kill -9`) in the midst of the middle row;
4. by replaying the record of that run: `replay record`, then everything is done again without a difference, and looked up there.

For that every expectation of a case is spoilt, so that all that came is told, and what was told is compared. A row at which
the desks stand still is left out where nobody could look. How a timeline becomes records stands in
[decision 30](../decisions/0030-timelines-as-records.md). `=` is the same, `≠` is not, `—` has not been run.

`python -m tests.four FILE…` does it for other files, in 5 to 11 s a timeline.

| file | timeline | asked | 1 | 2 | 3 | 4 |
|---|---|---|---|---|---|---|
"""


def _line(piece: Piece, found: dict[str, Any] | None) -> str:
    ways = [] if found is None else [" = " if one else " ≠ " for one in found["equal"]]
    told = "|".join(ways or [" — "] * 4)
    asked = "—" if found is None else found.get("asked", "—")
    return f"| `{piece.path.name}` | {piece.case.name} | {asked} |{told}|\n"


def page() -> str:
    """Return the page."""
    results = orjson.loads(RESULTS.read_bytes())
    return HEAD + "".join(_line(one, results.get(one.name)) for one in pieces(files()))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The page of what each event does to a contact at a managed desk, made from the table that is tried.

python -m tests.docs.desk_cells_page     writes docs/reference/desk-lifecycle.md
"""

from pathlib import Path
from typing import Any, Final

from tests.unit.routing.desk_cell import cells

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "desk-lifecycle.md"
HEAD: Final = """\
# What each event does to a contact at a managed desk

Made from the table that the tests try cell by cell (`tests/unit/routing/desk_cell.yaml`). In each the contact came by voice to a lane
with one advisor. What is told stands in the audit, in this order, with its reason: `no_effect` where the
event does nothing. Where nothing is told of the contact, the cell says why. A desk keeps nothing of a contact that is over or
elsewhere, so these rows are alike; [intake's table](contact-lifecycle.md) has what becomes of it there.

"""


def page() -> str:
    """Return the page."""
    table = cells()
    parts = [HEAD, "| state | is |\n|---|---|\n"]
    parts += [f"| {name} | {meaning} |\n" for name, meaning in table["states"].items()]
    parts.append("\n| event | is |\n|---|---|\n")
    parts += [f"| {name} | {meaning} |\n" for name, meaning in table["events"].items()]
    for state, row in table["cells"].items():
        parts.append(f"\n## {state}\n\n| event | what is told | then |\n|---|---|---|\n")
        parts += [_row(event, cell, table["nothing"]) for event, cell in row.items()]
    return "".join(parts)


def _row(event: str, cell: dict[str, Any], nothing: dict[str, str]) -> str:
    told = ", ".join(map(_shown, cell["told"])) or nothing[event]
    return f"| {event} | {told} | {cell['then']} |\n"


def _shown(told: str) -> str:
    kind, _, reason = told.partition(": ")
    return f"`{kind}` ({reason})" if reason else f"`{kind}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

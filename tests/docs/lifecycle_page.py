"""The page of what each event does to a contact, made from the table that runs.

python -m tests.docs.lifecycle_page     writes docs/reference/contact-lifecycle.md
"""

from pathlib import Path
from typing import Final

from tierlane.contact.lifecycle import EVENTS, STATES, TABLE, Cell

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "contact-lifecycle.md"
HEAD: Final = """\
# What each event does to a contact

Made from the table that runs (`tierlane.contact.lifecycle`); a test holds it equal. Every event
leaves an audit record, also one without effect: kind `no_effect`, with the reason that stands here
in brackets. Two events with the same `source` and `id` are one: the second is audited as
`duplicate` and looked at no further.

A contact is one of eight: arrived, waiting, offered, served, wrap-up, ended, abandoned, lapsed.
`arrived` and `offered` belong to managed desks: on the way into the line, and put to an advisor.
Three more rows stand for contacts that are not here by themselves: `unknown`, never heard of or kept
no longer; `elsewhere`, handed to the customer they turned out to belong to; and `joined`, one with
another contact of the customer on another channel (`same_contact` of the policy).

| event | is |
|---|---|
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD, *(f"| {name} | {meaning} |\n" for name, meaning in EVENTS.items())]
    for state in STATES:
        parts.append(f"\n## {state}\n\n| event | effect | then |\n|---|---|---|\n")
        parts += [_row(name, TABLE[state][name]) for name in EVENTS]
    return "".join(parts)


def _row(name: str, cell: Cell) -> str:
    why = f" ({cell.reason})" if cell.reason else ""
    return f"| {name} | {cell.effect.value}{why} | {cell.state} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

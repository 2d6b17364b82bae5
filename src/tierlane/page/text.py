"""The page as plain text, and as plain values for programs."""

from typing import Any

from tierlane.page.flow import Way
from tierlane.page.outline import Grid, Page
from tierlane.page.wording import WORDS


def text(page: Page) -> str:
    """Return the page for a terminal or a mail."""
    words = WORDS[page.language]
    lines = [f"{words['policy']} {page.policy}", f"{words['revision']} {page.revision}"]
    if page.date:
        lines.append(f"{words['as of']} {page.date}")
    lines += ["", words["ways"].upper(), words["ways intro"]]
    for flow in page.flows:
        lines += ["", f"{words['desk']} {flow.desk}".strip()]
        lines += [f"  {_way(way, page.language)}" for way in flow.ways]
    for chapter in page.chapters:
        lines += ["", chapter.title.upper(), *([chapter.intro] if chapter.intro else [])]
        for grid in chapter.grids:
            lines += _grid(grid)
        lines += chapter.notes
    return "\n".join(lines) + "\n"


def _way(way: Way, language: str) -> str:
    words = WORDS[language]
    tiers = words["join"].join(one or words["any tier"] for one in way.tiers)
    scenarios = words["join"].join(one or words["any scenario"] for one in way.scenarios)
    return f"{tiers} → {scenarios} → {way.number}. {way.plan.name} → {' → '.join(way.lanes)}"


def _grid(grid: Grid) -> list[str]:
    lines = [f"  {grid.title}"] if grid.title else []
    for row in grid.rows:
        first, *rest = (cell.replace("\n", "; ") for cell in row)
        lines.append(f"  - {' | '.join(part for part in (first, *rest) if part)}")
    return lines


def plain(page: Page) -> dict[str, Any]:
    """Return the page as maps and lists."""
    return {
        "policy": page.policy,
        "revision": page.revision,
        "date": page.date or None,
        "language": page.language,
        "ways": [
            {
                "desk": flow.desk,
                "plans": [
                    {
                        "number": way.number,
                        "plan": way.plan.name,
                        "tiers": [one for one in way.tiers if one] or None,
                        "scenarios": [one for one in way.scenarios if one] or None,
                        "lanes": list(way.lanes),
                    }
                    for way in flow.ways
                ],
            }
            for flow in page.flows
        ],
        "chapters": [
            {
                "key": chapter.key,
                "title": chapter.title,
                "intro": chapter.intro,
                "tables": [
                    {"title": grid.title, "columns": grid.columns, "rows": grid.rows}
                    for grid in chapter.grids
                ],
                "notes": chapter.notes,
            }
            for chapter in page.chapters
        ],
    }

"""The page as one HTML file that loads nothing: text, tables, drawings, and rules for print."""

import re
from html import escape
from typing import Final

from tierlane.page.drawing import draw
from tierlane.page.outline import Chapter, Grid, Page
from tierlane.page.wording import WORDS

STYLE: Final = """
:root { --ink: #1d242c; --soft: #5a6672; --line: #d5dbe1; --tint: #f3f5f7; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 1120px; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC",
  "Microsoft YaHei", sans-serif; }
header { border-bottom: 3px solid var(--ink); margin-bottom: 1.2rem; }
h1 { font-size: 1.9rem; margin: 0; line-height: 1.2; }
.line { color: var(--soft); margin: .3rem 0 .8rem; }
nav { columns: 3 14rem; margin: 0 0 1.5rem; font-size: .92rem; }
nav a { display: block; color: inherit; text-decoration: none; padding: .08rem 0; }
nav a:hover, nav a:focus { text-decoration: underline; }
h2 { font-size: 1.3rem; margin: 2.2rem 0 .3rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.2rem 0 .3rem; }
p { margin: .3rem 0 .7rem; max-width: 75ch; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .34rem .7rem .34rem .4rem;
  border-bottom: 1px solid var(--line); }
th { background: var(--tint); font-weight: 600; white-space: nowrap; }
#lanes th { white-space: normal; }
td { white-space: pre-line; overflow-wrap: break-word; }
td:first-child { font-weight: 600; }
.grids { display: flex; flex-wrap: wrap; gap: 0 2.5rem; }
.wide { flex: 1 0 100%; min-width: 0; } .narrow { flex: 1 1 17rem; max-width: 28rem; }
.v { color: #0f4c6e; } p .v { font-weight: 600; }
#lanes table, #cases table { table-layout: fixed; }
#lanes th:nth-child(1) { width: 19%; } #lanes th:nth-child(2) { width: 16%; }
#lanes th:nth-child(3) { width: 23%; } #lanes th:nth-child(4) { width: 24%; }
#cases th:nth-child(1) { width: 24%; } #cases th:nth-child(2) { width: 32%; }
#plans th:nth-child(1) { width: 2.2rem; } #plans th:nth-child(2) { width: 18%; }
figure { margin: 1rem 0 1.4rem; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
svg.flow { width: 100%; height: auto; display: block; }
svg.flow path { fill: none; stroke-width: 2; }
svg.flow text { fill: #1d242c; font-size: 14px; }
svg.flow .b { font-weight: 600; } svg.flow .s { font-size: 11px; fill: #45505b; }
svg.flow .h { font-size: 12px; fill: #5a6672; }
svg.flow .n { font-size: 11px; fill: #fff; text-anchor: middle; font-weight: 700; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .85rem; }
@media screen and (max-width: 700px) {
  figure { overflow-x: auto; } svg.flow { min-width: 700px; }
}
@page { size: A4; margin: 14mm 12mm 16mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  nav { display: none; }
  h2, h3, h2 + p, thead { break-after: avoid; }
  figure, tr, .narrow { break-inside: avoid; }
  .grids { display: block; }
  .narrow { display: inline-block; width: 46%; margin-right: 3%; vertical-align: top; }
  thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def html(page: Page) -> str:
    """Return the page as HTML 5."""
    words = WORDS[page.language]
    title = f"{words['policy']} {page.policy}"
    line = _line(page)
    links = [("ways", words["ways"]), *((one.key, one.title) for one in page.chapters)]
    nav = "".join(f'<a href="#{key}">{escape(text)}</a>' for key, text in links)
    chapters = "\n".join(_chapter(one, page.language) for one in page.chapters)
    lang = "zh-Hans" if page.language == "zh" else "en"
    return f"""<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>{escape(title)}</h1><p class="line">{escape(line)}</p></header>
<nav aria-label="{words["contents"]}">{nav}</nav>
<main>
<section id="ways"><h2>{escape(words["ways"])}</h2>
<p>{escape(words["ways intro"])}</p>
{_figures(page)}
</section>
{chapters}
</main>
<footer>{escape(title)} · {escape(line)}</footer>
</body>
</html>
"""


def _line(page: Page) -> str:
    words = WORDS[page.language]
    parts = (f"{words['revision']} {page.revision}", page.date and f"{words['as of']} {page.date}")
    return " · ".join(part for part in parts if part)


def _figures(page: Page) -> str:
    words, found = WORDS[page.language], []
    for flow in page.flows:
        caption = escape(f"{words['desk']} {flow.desk}".strip())
        drawn = draw(flow, page.document, page.language)
        found.append(f"<figure><figcaption>{caption}</figcaption>\n{drawn}\n</figure>")
    return "\n".join(found)


def _chapter(one: Chapter, language: str) -> str:
    intro = f"<p>{marked(one.intro, language)}</p>" if one.intro else ""
    inner = "\n".join(_grid(grid, language) for grid in one.grids)
    grids = f'<div class="grids">\n{inner}\n</div>' if inner else ""
    notes = "".join(f"<p>{marked(note, language)}</p>" for note in one.notes)
    return (
        f'<section id="{one.key}"><h2>{escape(one.title)}</h2>\n{intro}\n{grids}\n{notes}</section>'
    )


def _grid(grid: Grid, language: str) -> str:
    title = f"<h3>{marked(grid.title, language)}</h3>" if grid.title else ""
    head = "".join(f'<th scope="col">{marked(one, language)}</th>' for one in grid.columns)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{marked(cell, language)}</td>" for cell in row) + "</tr>"
        for row in grid.rows
    )
    how = "narrow" if len(grid.columns) == 2 else "wide"
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    return f'<div class="{how}">{title}{table}</div>'


def marked(text: str, language: str) -> str:
    """Escape a text and set the policy's own words apart."""
    pattern = r"`([^`]*)`" if language == "en" else r"「([^」]*)」"
    return re.sub(pattern, r'<span class="v">\1</span>', escape(text, quote=False))

"""The drawings of a policy as one SVG file, one below the other."""

from html import escape
from typing import Final

from tierlane.page.drawing import WIDTH, Picture
from tierlane.page.outline import Page
from tierlane.page.wording import WORDS

STYLE: Final = """
svg { font-family: system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; }
path { fill: none; stroke-width: 2; } text { fill: #1d242c; font-size: 14px; }
.t { font-size: 20px; font-weight: 700; } .c { font-size: 15px; font-weight: 700; }
.b { font-weight: 600; } .s { font-size: 11px; fill: #45505b; } .h { font-size: 12px; }
.n { font-size: 11px; fill: #fff; text-anchor: middle; font-weight: 700; }
"""
_MARGIN: Final = 24


def sheet(page: Page) -> str:
    """Return one SVG document."""
    words = WORDS[page.language]
    title = f"{words['policy']} {page.policy}"
    parts, y = [], 84.0
    for flow in page.flows:
        picture = Picture(flow, page.document, page.language)
        caption = escape(f"{words['desk']} {flow.desk}".strip())
        parts.append(f'<text x="0" y="{y:.0f}" class="c">{caption}</text>')
        parts.append(picture.svg(y=y + 14, height=picture.height))
        y += picture.height + 60
    line = f"{words['revision']} {page.revision}" + (f" · {page.date}" if page.date else "")
    box = f"{-_MARGIN} 0 {WIDTH + 2 * _MARGIN} {y:.0f}"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect x="{-_MARGIN}" width="{WIDTH + 2 * _MARGIN}" height="{y:.0f}" fill="#fff"/>',
            f'<text x="0" y="28" class="t">{escape(title)}</text>',
            f'<text x="0" y="46" class="s">{escape(line)}</text>',
            *parts,
            "</svg>\n",
        )
    )

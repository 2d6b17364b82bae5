"""A section of the page, and the figures that stand in it."""

from typing import Final, NamedTuple

from tierlane.page.report.voice import Voice

NARROW: Final = "\N{NO-BREAK SPACE}%"
"""A number and its sign stay on one line."""


class Section(NamedTuple):
    """One section; `html` is what stands below its title."""

    key: str
    title: str
    html: str


def paragraph(html: str, kind: str = "") -> str:
    """Return a paragraph."""
    style = f' class="{kind}"' if kind else ""
    return f"<p{style}>{html.replace(' %', NARROW)}</p>"


def figure(caption: str, drawing: str, below: str = "") -> str:
    """Return a drawing with its caption, and what explains it."""
    return f"<figure><figcaption>{caption}</figcaption>\n{drawing}\n{below}</figure>"


def legend(voice: Voice) -> str:
    """Return how A and B are told apart."""
    return (
        '<p class="legend"><span><svg viewBox="0 0 26 12" class="key" aria-hidden="true">'
        '<circle cx="13" cy="6" r="5" class="dotA"/>'
        '<line x1="0" y1="6" x2="26" y2="6" class="lineA"/></svg>'
        f'{voice["side a"]}</span> <span><svg viewBox="0 0 26 12" class="key" aria-hidden="true">'
        '<line x1="0" y1="6" x2="26" y2="6" class="lineB"/>'
        '<circle cx="13" cy="6" r="5" class="dotB"/></svg>'
        f"{voice['side b']}</span></p>"
    )


def marks(parts: tuple[tuple[str, str], ...]) -> str:
    """Return a legend of coloured squares: class and words of each."""
    return (
        '<p class="legend">'
        + " ".join(
            f'<span><span class="square {kind}"></span>{said}</span>' for kind, said in parts
        )
        + "</p>"
    )

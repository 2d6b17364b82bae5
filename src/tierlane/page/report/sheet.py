"""The page as one HTML file that loads nothing, and its first sentences as text."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape, unescape
from typing import Any, Final

from tierlane.page.report.basis import basis
from tierlane.page.report.change import change
from tierlane.page.report.day import day
from tierlane.page.report.extra import KINDS, extras
from tierlane.page.report.figures import Figures
from tierlane.page.report.gain import gains
from tierlane.page.report.move import moves
from tierlane.page.report.order import answers
from tierlane.page.report.other import others
from tierlane.page.report.section import Section
from tierlane.page.report.style import STYLE
from tierlane.page.report.summary import sentences, summary
from tierlane.page.report.voice import Voice
from tierlane.page.report.waiting import waiting
from tierlane.page.report.work import work

SECTIONS: Final[tuple[Callable[[Figures, Voice], Section | None], ...]] = (
    summary, change, waiting, gains, day, moves, work, others,
)  # fmt: skip
"""In the order of the page; results of other commands follow them, and `basis` ends it."""
_TAG: Final = re.compile(r"<[^>]*>")


def page(report: Mapping[str, Any], language: str = "en") -> str:
    """Return a report as HTML 5; equal reports give equal pages."""
    figures, voice = Figures(report), Voice(language)
    found = [one for make in SECTIONS if (one := make(figures, voice)) is not None]
    found += [*extras(figures, voice), basis(figures, voice)]
    return _document(heading(figures, voice), _line(figures, voice), found, voice, "footer")


def alone(kind: str, found: Mapping[str, Any], language: str = "en") -> str:
    """Return a page of what one other command found; `kind` is one of `KINDS`."""
    voice = Voice(language)
    section = KINDS[kind](found, voice)
    return _document(escape(section.title), "", [section], voice, "footer alone")


def answered(discovery: Mapping[str, Any], language: str = "en") -> tuple[str, ...]:
    """Return what `discover` found as plain text, one sentence a line."""
    return tuple(_plain(one) for one in answers(discovery, Voice(language)))


def _document(title: str, line: str, found: Sequence[Section], voice: Voice, footer: str) -> str:
    """Return HTML 5 of sections; what is one alone has no contents and no title of its own."""
    links = "\n".join(f'<a href="#{one.key}">{escape(one.title)}</a>' for one in found)
    body = "\n".join(
        f'<section id="{one.key}">\n{_head(one, found)}{one.html}\n</section>' for one in found
    )
    nav = f'<nav aria-label="{escape(voice["contents"])}">\n{links}\n</nav>\n'
    return f"""<!DOCTYPE html>
<html lang="{"zh-Hans" if voice.language == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(_plain(title))}</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>{title}</h1>
<p class="line">{line}</p></header>
{nav if len(found) > 1 else ""}<main>
{body}
</main>
<footer>{escape(voice[footer])}</footer>
</body>
</html>
"""


def _head(one: Section, found: Sequence[Section]) -> str:
    return f"<h2>{escape(one.title)}</h2>\n" if len(found) > 1 else ""


def told(report: Mapping[str, Any], language: str = "en") -> tuple[str, ...]:
    """Return the question and the sentences of the summary as plain text, one a line."""
    figures, voice = Figures(report), Voice(language)
    return tuple(
        _plain(one)
        for one in (heading(figures, voice), *(said for _, said in sentences(figures, voice)))
    )


def heading(figures: Figures, voice: Voice) -> str:
    """Return the question: what was supposed, or which policies are compared."""
    question = figures.report["question"]
    if question is None:
        told = [one["policy"] for one in figures.report["policies"]]
        if len(set(told)) == 1:  # two files of one policy; their folders tell nobody anything
            told = [one["source"].rpartition("/")[2] for one in figures.report["policies"]]
        if len(set(told)) == 1:  # one file, and two staffs
            told = list(figures.report["assumed"].get("staffing", {}).get("names", told))
        names = [f'<span class="v">{escape(one)}</span>' for one in told]
        return voice.say("title", a=names[0], b=names[-1])
    asked = [
        voice.say(
            f"ask {one['kind']}",
            who=_who(one, voice), time="" if one["time"] is None else voice.time(one["time"]),
        )
        for one in question["supposed"]
    ]  # fmt: skip
    return voice.say("title what", what=voice.joined(asked))


def _who(one: Mapping[str, Any], voice: Voice) -> str:
    who = f'<span class="v">{escape(one["who"])}</span>' if one["by"] else voice["everybody"]
    return voice.say("and above", who=who) if one["above"] else who


def _line(figures: Figures, voice: Voice) -> str:
    report = figures.report
    source, names = report["source"], [escape(one["policy"]) for one in report["policies"]]
    parts = [" / ".join(f'<span class="v">{one}</span>' for one in dict.fromkeys(names))]
    begins, ends = (f"<time>{source[end]}</time>" for end in ("begins", "ends"))
    said = {"from": begins, "to": ends, "contacts": voice.count(source["contacts"])}
    parts.append(voice.say("line", **said))
    if report["replications"] is not None:
        parts.append(voice.say("line runs", runs=voice.count(report["replications"]["done"])))
    return " · ".join(parts)


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", html))

"""What B says otherwise than A, and what was supposed."""

from html import escape

from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.grid import UNFOLDED, folded, table
from tierlane.page.report.section import Section, paragraph
from tierlane.page.report.voice import Voice


def change(figures: Figures, voice: Voice) -> Section:
    """Return what B says otherwise than A."""
    report, html = figures.report, ""
    question = report["question"]
    if question is not None:
        html += paragraph(voice["supposed"])
        for one in question["supposed"]:
            html += paragraph(voice.say(_supposed(one), **_parts(one, voice)))
        html += folded(voice["overlay"], f"<pre>{escape(question['overlay'])}</pre>")
    if report["changes"]:
        alike: dict[tuple[str | None, str | None], list[str]] = {}
        for one in report["changes"]:  # eight desks that change alike are one row
            alike.setdefault((one["before"], one["after"]), []).append(one["address"])
        rows = [
            ["<br>".join(f'<span class="v">{escape(one)}</span>' for one in addresses),
             *(_code(text, voice) for text in pair)]
            for pair, addresses in alike.items()
        ]  # fmt: skip
        head = [voice["where"], voice["side a"], voice["side b"]]
        grid = table(head, rows, voice["changes"], numbers=9)
        html += grid if len(rows) <= UNFOLDED else folded(voice["all rows"], grid)
    elif report["policies"][0]["revision"] == report["policies"][1]["revision"]:
        html += paragraph(voice["same policy"])
    return Section("change", voice["what changes"], html)


def _supposed(one: Row) -> str:
    """Return the sentence for what is supposed; promised to everybody it is another."""
    return f"supposed {one['kind']}" + (" of all" * (one["kind"] == "at most" and not one["by"]))


def _parts(one: Row, voice: Voice) -> dict[str, str]:
    who = voice.name("" if not one["by"] else one["who"])
    who = voice.say("and above", who=who) if one["above"] else who
    time = "" if one["time"] is None else voice.time(one["time"])
    return {"who": who, "time": time, "text": escape(one["text"])}


def _code(text: str | None, voice: Voice) -> str:
    if text is None:
        return f'<span class="even">{voice["not there"]}</span>'
    return f"<code>{escape(text)}</code>"

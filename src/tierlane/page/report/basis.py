"""What was assumed, and how sure the figures are."""

from collections.abc import Iterator
from html import escape

from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.grid import folded, table
from tierlane.page.report.section import Section, paragraph
from tierlane.page.report.voice import NOTHING, Voice, data


def basis(figures: Figures, voice: Voice) -> Section:
    """Return what was assumed, and how sure the figures are."""
    report = figures.report
    lines = list(_sure(report, voice)) if figures.simulated else [voice["decisions only"]]
    html = "<ul>" + "".join(f"<li>{one}</li>" for one in lines) + "</ul>"
    rows = [[voice[key], value] for key, value in _facts(report, voice)]
    html += table([voice["what"], ""], rows, voice["basis table"], numbers=9)
    if figures.simulated:
        html += _fits(report, voice)
    return Section("basis", voice["how sure"], html)


def _sure(report: Row, voice: Voice) -> Iterator[str]:
    runs = report["replications"]
    yield voice.say("sure intro", number=voice.count(runs["done"]))
    if not runs["complete"]:
        yield voice.say("stopped", done=voice.count(runs["done"]), asked=voice.count(runs["asked"]))
    yield voice["sure common"]
    if not report["source"]["made_up"]:
        yield voice["sure recorded"]
    yield voice["sure staff"]
    within = report["counting"]["within"]
    if within is None:
        yield voice.say("sure promise", time=voice.time(report["counting"]["unpromised"]))
    else:
        yield voice.say("sure within", time=voice.time(within))
    yield voice.say("sure short", time=voice.time(report["counting"]["short"]))
    for note in report["assumed"].get("notes", ()):
        yield voice.say(f"note {note['note']}", names=voice.names(list(note.get("names", ()))))


def _facts(report: Row, voice: Voice) -> Iterator[tuple[str, str]]:
    source = report["source"]
    yield "source", f'<span class="v">{escape(source["name"])}</span>'
    yield "contacts", voice.count(source["contacts"])
    yield "period", f"<time>{source['from']}</time> – <time>{source['to']}</time>"
    for side, one in zip(("side a", "side b"), report["policies"], strict=True):
        yield side, f'<span class="v">{escape(one["policy"])}@{escape(one["revision"])}</span>'
    staffing = report["assumed"].get("staffing")
    if staffing:
        names = voice["join"].join(
            f'<span class="v">{escape(one)}</span>' for one in staffing["names"]
        )
        how = voice[f"staffing {staffing['how']}"]
        yield "staffing", f"{names} ({how})"
    rates = report["assumed"].get("rates")
    if rates:
        yield "rates", _rates(rates, voice)
    if report["seed"] is not None:
        yield "seed", voice.count(report["seed"])
        yield "replications", voice.count(report["replications"]["done"])
    engine = report["engine"]
    yield "engine", f'tierlane <span class="v">{escape(engine["tierlane"])}</span>'
    yield "time zone data", f'<span class="v">{escape(engine["tzdata"])}</span>'


def _rates(rates: Row, voice: Voice) -> str:
    """Return what an hour costs, of all groups and of those that have a rate of their own."""
    currency = f" {escape(rates['currency'])}" if rates["currency"] else ""
    return voice["join"].join(
        f"{voice.name(group)} {data(hour, format(hour, 'g'))}{currency}"
        for group, hour in (("", rates["hour"]), *sorted(rates["groups"].items()))
    )


def _fits(report: Row, voice: Voice) -> str:
    html = ""
    for what in ("service", "patience"):
        told = report["assumed"].get(what)
        if told is None:
            continue
        html += f"<h3>{voice[what]}</h3>" + paragraph(voice[f"{what} {told['how']}"])
        if told["rows"]:
            columns = [
                voice["of whom"],
                voice["seen ended"],
                voice["seen longer"],
                voice["family"],
                voice["mean"],
            ]
            body = [
                [voice.name(one["name"]), voice.count(one["ended"]),
                 voice.count(one["censored"]), voice[f"family {one['family']}"],
                 NOTHING if one["mean"] is None else voice.time(one["mean"])]
                for one in told["rows"]
            ]  # fmt: skip
            html += folded(voice["all rows"], table(columns, body, voice[what]))
    return html

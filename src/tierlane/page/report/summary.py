"""What a report says in short: sentences with their numbers, and the table by tier."""

from collections.abc import Iterator
from html import escape
from typing import Final

from tierlane.page.report.dots import Pair, dots
from tierlane.page.report.figures import Figure, Figures
from tierlane.page.report.grid import GOOD, compared, table, tiny
from tierlane.page.report.section import Section, figure, legend
from tierlane.page.report.voice import Voice

SHOWN: Final = ("service_level", "mean_wait", "wait_90", "abandonment", "worst_wait")
LONGER: Final = 10.0
"""Seconds by which a worst wait must differ to be spoken of."""
MONEY: Final = frozenset({"cost", "service_cost"})
ALL: Final = 0.9995
"""A share that is shown as 100 %."""

_SPREADS: Final = {"service_level": "between points", "abandonment": "between points"}
"""How the ends of an interval are said, of measures whose differences are points."""

Line = tuple[str, str]
"""A class (`good`, `bad`, `even`) and a sentence."""


def sentences(figures: Figures, voice: Voice) -> Iterator[Line]:
    """Yield what is to be known first, those first whom the question is about."""
    if figures.simulated:
        yield from _in_time(figures, voice)
        yield from _gave_up(figures, voice)
        yield from _worst(figures, voice)
    yield from _moved(figures, voice)
    if figures.simulated:
        yield from _work(figures, voice)
    else:
        yield "even", voice["decisions only"]


def _tone(measure: str, found: Figure) -> str:
    mark = {"more": 1, "less": -1}.get(found.verdict, 0) * GOOD.get(measure, 0)
    return {1: "good", -1: "bad", 0: "even"}[mark]


def _in_time(figures: Figures, voice: Voice) -> Iterator[Line]:
    known = [one for one in figures.asked if figures.of("B", *one, "service_level")]
    asked = known or [("all", "")]
    for one in asked:
        line = _compared(*one, "service_level", figures, voice)
        if line is not None:
            yield line
            yield from _not_all(*one, figures, voice)
    others: dict[str, list[str]] = {}
    for name in figures.names("tier"):
        found = figures.of("B-A", "tier", name, "service_level")
        if ("tier", name) in asked or found is None:
            continue
        if found.verdict in ("more", "less"):
            line = _compared("tier", name, "service_level", figures, voice)
            if line is not None:
                yield line
        else:
            others.setdefault(found.verdict, []).append(name)
    for verdict, names in others.items():
        yield "even", voice.say(f"others {verdict}", names=voice.names(names))


def _not_all(by: str, name: str, figures: Figures, voice: Voice) -> Iterator[Line]:
    """Answer what was asked where B does not reach it: `gold waits at most 60s`, and not all do."""
    question = figures.report["question"]
    meant = [one["time"] for one in question["supposed"] if one["time"]] if question else []
    found = figures.of("B", by, name, "service_level")
    if found is not None and found.value < ALL and figures.report["counting"]["within"] in meant:
        time = voice.time(figures.report["counting"]["within"])
        yield "even", voice.say("not all", who=voice.name(name), time=time)


def _compared(by: str, name: str, measure: str, figures: Figures, voice: Voice) -> Line | None:
    a, b, found = figures.both(by, name, measure)
    if a is None or b is None or found is None:
        return None
    low, high = _ends(measure, found, voice)
    spread, verdict = _SPREADS.get(measure, "between"), found.verdict
    if tiny(measure, found, voice):
        alike = voice.plain(measure, a.value) == voice.plain(measure, b.value)
        spread, verdict = "no spread", "same" if alike else verdict
    said = voice.say(
        f"{measure} {verdict}", who=voice.name(name),
        a=voice.figure(measure, a.value), b=voice.figure(measure, b.value),
        d=voice.size(measure, found.value), low=low, high=high,
        currency=_currency(figures),
        spread=voice.say(spread, low=low, high=high), time=in_time(figures, voice),
    )  # fmt: skip
    return _tone(measure, found), said


def _currency(figures: Figures) -> str:
    """Return the currency as it follows a number; nothing where none is told."""
    told = figures.rates["currency"] if figures.rates is not None else ""
    return f" {escape(told)}" if told else ""


def _ends(measure: str, found: Figure, voice: Voice) -> tuple[str, str]:
    """Return the ends of an interval; where the sentence says `more` or `fewer`, without signs."""
    if found.low is None or found.high is None:
        return "", ""
    if found.verdict == "less":
        return voice.bare(measure, found.high), voice.bare(measure, found.low)
    if found.verdict == "more":
        return voice.bare(measure, found.low), voice.bare(measure, found.high)
    low, high = (voice.figure(measure, end, signed=True) for end in (found.low, found.high))
    return low, high


def in_time(figures: Figures, voice: Voice) -> str:
    """Return what `in time` means here."""
    within = figures.report["counting"]["within"]
    return voice["in time"] if within is None else voice.say("within", time=voice.time(within))


def _gave_up(figures: Figures, voice: Voice) -> Iterator[Line]:
    line = _compared("all", "", "abandonment", figures, voice)
    if line is not None:
        yield line


def _worst(figures: Figures, voice: Voice) -> Iterator[Line]:
    """Tell of the tier whose longest wait changes most, for the worse before the better."""
    found = []
    for name in figures.names("tier"):
        a, b, difference = figures.both("tier", name, "worst_wait")
        if a and b and difference and abs(difference.value) >= LONGER:
            found.append((difference.value, name))
    if found:
        line = _compared("tier", max(found)[1], "worst_wait", figures, voice)
        if line is not None:
            yield line


def _moved(figures: Figures, voice: Voice) -> Iterator[Line]:
    told = figures.report["decisions"]
    if told is None:
        return
    if not told["moved"] and not told["other_terms"]:
        yield "even", voice["nothing decided otherwise"]
        return
    moved, terms = (figures.of("B-A", "all", "", one) for one in ("moved", "other_terms"))
    if told["moved"] and moved is not None:
        yield "even", voice.say(
            "go elsewhere", number=voice.count(told["moved"]),
            share=voice.figure("moved", moved.value),
        )  # fmt: skip
    else:
        yield "even", voice["nobody elsewhere"]
    if told["other_terms"] and terms is not None:
        yield "even", voice.say(
            "other terms", number=voice.count(told["other_terms"]),
            share=voice.figure("other_terms", terms.value),
        )  # fmt: skip


def _work(figures: Figures, voice: Voice) -> Iterator[Line]:
    for measure in ("occupancy", "cost"):
        line = _compared("all work", "", measure, figures, voice)
        if line is not None:
            yield line


def summary(figures: Figures, voice: Voice) -> Section:
    """Return the section: sentences, marks by tier, and the table."""
    lines = "\n".join(f'<li class="{tone}">{said}</li>' for tone, said in sentences(figures, voice))
    html = f'<ul class="short">\n{lines}\n</ul>'
    if figures.simulated:
        html += _drawn(figures, voice) + _table(figures, voice)
    return Section("short", voice["in short"], html)


def _drawn(figures: Figures, voice: Voice) -> str:
    names = figures.names("tier")
    drawn = []
    for measure in ("service_level", "mean_wait"):
        pairs = [Pair(one, *figures.both("tier", one, measure)[:2]) for one in names]
        pairs.append(Pair("", *figures.both("all", "", measure)[:2]))
        caption = head(measure, figures, voice)
        drawn.append(figure(caption, dots(pairs, measure, voice[measure], voice)))
    return legend(voice) + f'<div class="pair">{"".join(drawn)}</div>'


def head(measure: str, figures: Figures, voice: Voice) -> str:
    """Return what a measure is called, with the time that it counts by."""
    if measure == "service_level":
        return voice.say("answered", time=in_time(figures, voice))
    if measure in MONEY and figures.rates is not None and figures.rates["currency"]:
        return f"{voice[measure]}, {escape(figures.rates['currency'])}"
    return voice[measure]


def _table(figures: Figures, voice: Voice) -> str:
    columns = [voice["tier"], voice["contacts"], *(head(one, figures, voice) for one in SHOWN)]
    rows = []
    for by, name in [("all", ""), *(("tier", one) for one in figures.names("tier"))]:
        contacts = figures.of("A", by, name, "contacts") or figures.of("B", by, name, "contacts")
        cells = [compared(by, name, one, figures, voice) for one in SHOWN]
        count = voice.count(contacts.value) if contacts else ""
        rows.append([voice.name(name), count, *cells])
    return table(columns, rows, voice["by tier"])

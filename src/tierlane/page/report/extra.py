"""Results of other commands as sections of a report: each by its own kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from tierlane.page.report.figures import Figure, Figures
from tierlane.page.report.grid import folded, interval, table
from tierlane.page.report.section import Section, paragraph
from tierlane.page.report.voice import Voice

Found = Mapping[str, Any]
Make = Callable[[Found, Voice], Section]

SHOWN: Final = 20
"""Rows that are surely better or worse; the JSON has all."""
TIMES: Final[Mapping[str, str]] = {"wait": "mean_wait", "score": "contacts"}
"""How measures of feedback are said that are no shares."""


def feedback(found: Found, voice: Voice) -> Section:
    """Return which rows of the policy serve whom well, which never hold, whose promises break."""
    html = paragraph(voice.say("feedback intro", number=voice.count(found["contacts"])))
    called = [one for one in found["comparisons"] if one["verdict"] in ("better", "worse")]
    if called:
        columns = [voice[one] for one in ("rule", "of whom", "what", "its contacts", "others")]
        body = [_compared(one, voice) for one in called[:SHOWN]]
        html += table(columns, body, voice["called"], numbers=3)
    else:
        html += paragraph(voice["nothing called"])
    if found["promise_missed"]:
        columns = [voice["rule"], voice["promise_kept"], voice["contacts"]]
        body = [
            [_rule(one["rule"]), _share(one, voice), voice.count(one["samples"])]
            for one in found["promise_missed"]
        ]
        html += table(columns, body, voice["missed"])
    if found["never_fired"]:
        body = [[_rule(one["rule"])] for one in found["never_fired"]]
        html += folded(voice["never"], table([voice["rule"]], body, voice["never"]))
    return Section("feedback", voice["what customers say"], html)


def _compared(one: Found, voice: Voice) -> list[str]:
    measure = TIMES.get(one["measure"], "share")
    value, low, high = one["value"], one["low"], one["high"]
    kind = {"better": "good", "worse": "bad"}[one["verdict"]]
    sign = {"better": "▲", "worse": "▼"}[one["verdict"]]
    who = voice.name(one["name"]) if one["by"] != "all" else voice.name("")
    others = "" if one["others"] is None else voice.figure(measure, one["others"])
    return [
        _rule(one["rule"]), who, voice[f"told {one['measure']}"],
        f'<span class="{kind}">{sign} {voice.figure(measure, value)}</span>'
        + interval(measure, Figure(value, low, high), voice),
        others,
    ]  # fmt: skip


def _share(one: Found, voice: Voice) -> str:
    figure = Figure(one["value"], one["low"], one["high"])
    return voice.figure("share", figure.value) + interval("share", figure, voice)


def _rule(text: str) -> str:
    return f'<span class="v">{escape(text)}</span>'


def discovery(found: Found, voice: Voice) -> Section:
    """Return which order explains best who was taken next."""
    html = paragraph(voice.say("discovery intro", number=voice.count(found["waits"])))
    for period in found["periods"]:
        body = [[_order(one, voice), _agreement(one, voice)] for one in period["orders"]]
        title = f'<span class="v">{escape(period["period"])}</span>'
        html += f"<h3>{title}</h3>"
        html += table([voice["order"], voice["agreement"]], body, voice["agreement"])
    if len(found["regimes"]) > 1:
        body = [
            [f"<time>{one['first']}</time> – <time>{one['last']}</time>", _order(one, voice),
             voice.figure("share", one["agreement"])]
            for one in found["regimes"]
        ]  # fmt: skip
        columns = [voice["period"], voice["order"], voice["agreement"]]
        html += table(columns, body, voice["regimes"], numbers=2)
    return Section("discovery", voice["which order"], html)


def _order(one: Found, voice: Voice) -> str:
    figure = one.get("figure")
    said = "" if figure is None else voice.count(figure)
    return voice.say(f"order {one['order']}", figure=said)


def _agreement(one: Found, voice: Voice) -> str:
    figure = Figure(one["agreement"], one["low"], one["high"])
    return voice.figure("share", figure.value) + interval("share", figure, voice)


KINDS: Final[Mapping[str, Make]] = {"feedback": feedback, "discovery": discovery}
"""By the `kind` of a result; whoever gives a report another kind adds how it is shown."""


def extras(figures: Figures, voice: Voice) -> Iterator[Section]:
    """Yield a section for each result that the report holds and that can be shown."""
    sections: Sequence[Found] = figures.report["sections"]
    for one in sections:
        make = KINDS.get(one["kind"])
        if make is not None:
            yield make(one, voice)

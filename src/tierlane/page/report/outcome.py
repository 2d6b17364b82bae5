"""What customers say afterwards: which rows of the policy serve whom well."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from tierlane.page.report.figures import Figure, Row
from tierlane.page.report.grid import folded, interval, table
from tierlane.page.report.section import Section, paragraph
from tierlane.page.report.voice import Voice

SHOWN: Final = 20
"""Rows that are surely better or worse; the JSON has all."""
BESIDE: Final = 3
"""Other rows of the same contacts that are named."""
PLAIN: Final[Mapping[str, str]] = {"wait": "mean_wait", "score": "score"}
"""How measures are said that are no shares."""


def feedback(found: Row, voice: Voice) -> Section:
    """Return which rows serve whom well, which never hold, and whose promises break."""
    html = paragraph(voice.say("feedback intro", number=voice.count(found["contacts"])))
    if found.get("decided_anew"):
        html += paragraph(voice["feedback anew"])
    if found.get("waiting"):
        html += paragraph(voice.say("feedback waiting", number=voice.count(found["waiting"])))
    html += _called(found, voice)
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


def _called(found: Row, voice: Voice) -> str:
    called = [one for one in found["comparisons"] if one["verdict"] in ("better", "worse")]
    if not called:
        return paragraph(voice["nothing called"])
    columns = [voice[one] for one in ("rule", "of whom", "what", "its contacts", "others")]
    body = [_compared(many, voice) for many in _distinct(called)[:SHOWN]]
    return table(columns, body, voice["called"], numbers=3)


def _distinct(called: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the comparisons, those together that are of the same contacts by another name."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in sorted(called, key=_surest):
        key = *(one[name] for name in ("measure", "value", "low", "high", "others")), one["verdict"]
        found.setdefault(key, []).append(one)
    return list(found.values())


def _surest(one: Row) -> tuple[float, float, str, str, str]:
    """Sort by how sure a comparison is, then by names, so that equal data give equal pages."""
    q, p = (1.0 if one.get(name) is None else one[name] for name in ("q", "p"))
    return q, p, one["rule"], one["by"], one["name"]


def _compared(many: list[dict[str, Any]], voice: Voice) -> list[str]:
    """Return the row of comparisons of the same contacts: the surest, and beside it the others."""
    one, *alike = many
    measure = PLAIN.get(one["measure"], "share")
    figure = Figure(one["value"], one["low"], one["high"])
    kind = {"better": "good", "worse": "bad"}[one["verdict"]]
    sign = {"better": "▲", "worse": "▼"}[one["verdict"]]
    others = "" if one["others"] is None else voice.figure(measure, one["others"])
    names = list(dict.fromkeys(_rule(other["rule"]) for other in alike))
    more = voice["join"].join(names[:BESIDE]) + " …" * (len(names) > BESIDE)
    beside = f"<br><small>{voice.say('same contacts', names=more)}</small>" if names else ""
    return [
        _rule(one["rule"]) + beside,
        _who(one, voice), voice[f"told {one['measure']}"],
        f'<span class="{kind}">{sign} {voice.figure(measure, one["value"])}</span>'
        + interval(measure, figure, voice),
        others,
    ]  # fmt: skip


def _who(one: Row, voice: Voice) -> str:
    if one["by"] == "all":
        return voice.name("")
    among = voice[f"among {one['by']}"]
    return f"{among} {voice.name(one['name'])}"


def _share(one: Row, voice: Voice) -> str:
    figure = Figure(one["value"], one["low"], one["high"])
    return voice.figure("share", figure.value) + interval("share", figure, voice)


def _rule(text: str) -> str:
    return f'<span class="v">{escape(text)}</span>'

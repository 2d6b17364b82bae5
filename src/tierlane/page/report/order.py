"""Which order is really kept: sentences, the orders by month, and the sweep of credit."""

from collections.abc import Iterator
from html import escape
from typing import Final

from tierlane.page.report.figures import Figure, Row
from tierlane.page.report.grid import interval, table
from tierlane.page.report.section import Section, figure, paragraph
from tierlane.page.report.sweep import sweep
from tierlane.page.report.voice import NOTHING, Voice, data

WHOLE: Final = "all"


def discovery(found: Row, voice: Voice) -> Section:
    """Return which order explains best who was taken next: the answer, a table, the sweep."""
    lines = "\n".join(f'<li class="even">{one}</li>' for one in answers(found, voice))
    html = f'<ul class="short">\n{lines}\n</ul>' + _orders(found, voice)
    shown = _months(found)
    if all(one.get("sweep") for one in shown):
        curves = [(_period(one["period"], voice), one["sweep"], one["knee"]) for one in shown]
        html += figure(voice["sweep"], sweep(curves, voice["sweep"], voice))
        html += paragraph(voice["sweep intro"])
    html += paragraph(voice.say("discovery intro", number=voice.count(found["waits"])))
    return Section("discovery", voice["which order"], html)


def answers(found: Row, voice: Voice) -> Iterator[str]:
    """Yield what is to be known first: where the order changed; by month the best, and the knee."""
    if len(found["regimes"]) == 1:
        yield voice.say("order throughout", order=order(found["regimes"][0], voice))
    for one in found["regimes"] if len(found["regimes"]) > 1 else ():
        first, last = (f"<time>{one[end]}</time>" for end in ("first", "last"))
        share = voice.figure("share", one["agreement"])
        yield voice.say("order held", order=order(one, voice), first=first, last=last, share=share)
    for one in _months(found):
        best, period = one["orders"][0], _name(one["period"], voice)
        yield voice.say(
            "order best", period=period, order=order(best, voice), share=_agreement(best, voice),
            choices=voice.count(one["choices"]), days=voice.count(one["days"]),
        )  # fmt: skip
        knee = one["knee"]
        if knee is None:
            yield voice.say("order no knee", period=period)
        else:
            seconds, low, high = (_number(knee[name]) for name in ("seconds", "low", "high"))
            yield voice.say("order knee", period=period, seconds=seconds, low=low, high=high)


def order(one: Row, voice: Voice) -> str:
    """Return an order in words, with its figure."""
    figure = one.get("figure")
    return voice.say(f"order {one['order']}", figure="" if figure is None else _number(figure))


def _months(found: Row) -> list[Row]:
    """Return the months, or the whole where there is one."""
    return list(found["periods"][1:] or found["periods"])


def _orders(found: Row, voice: Voice) -> str:
    """Return agreement by order and period; the best of each period is set apart."""
    names = dict.fromkeys(one["order"] for period in found["periods"] for one in period["orders"])
    by = [{one["order"]: one for one in period["orders"]} for period in found["periods"]]
    best = [period["orders"][0]["order"] for period in found["periods"]]
    body = [
        [voice[f"kind of order {name}"],
         *(_cell(known.get(name), first, voice)
           for known, first in zip(by, best, strict=True))]
        for name in names
    ]  # fmt: skip
    columns = [voice["order"], *(_name(one["period"], voice) for one in found["periods"])]
    return table(columns, body, voice["agreement"])


def _cell(one: Row | None, best: str, voice: Voice) -> str:
    if one is None:
        return NOTHING
    said = _agreement(one, voice)
    if one.get("figure") is not None:
        said += f"<br><small>{order(one, voice)}</small>"
    return f"<b>{said}</b>" if one["order"] == best else said


def _agreement(one: Row, voice: Voice) -> str:
    found = Figure(one["agreement"], one["low"], one["high"])
    return voice.figure("share", found.value) + interval("share", found, voice)


def _period(name: str, voice: Voice) -> str:
    return voice["whole period"] if name == WHOLE else name


def _name(name: str, voice: Voice) -> str:
    return f'<span class="v">{escape(_period(name, voice))}</span>'


def _number(value: float) -> str:
    return data(value, f"{value:g}")

"""Who goes to another lane: by decision, and after waiting."""

from collections.abc import Sequence
from html import escape

from tierlane.audit.explain import explain
from tierlane.page.html import marked
from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.grid import UNFOLDED, folded, table
from tierlane.page.report.ribbon import Move, ribbon
from tierlane.page.report.section import Section, figure, paragraph
from tierlane.page.report.voice import Voice


def moves(figures: Figures, voice: Voice) -> Section | None:
    """Return who goes to another lane: by decision, and after waiting."""
    told = figures.report["decisions"]
    html = "" if told is None else _decided(told, figures, voice)
    simulated = _grouped(figures.report["moves"])
    known = set() if told is None else {(one["from"], one["to"]) for one in told["flow"]}
    if any(one[:2] not in known for one in simulated):  # waiting leads elsewhere, too
        html += f"<h3>{voice['after waiting']}</h3>" + paragraph(voice["after waiting intro"])
        html += _ribbon(simulated, voice)
    if not html:
        return None
    return Section("moves", voice["who goes elsewhere"], html)


def _grouped(rows: Sequence[Row]) -> list[Move]:
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        if row["lane_a"] != row["lane_b"]:
            key = row["lane_a"], row["lane_b"]
            found[key] = found.get(key, 0.0) + row["contacts"]
    return [Move(*lanes, count) for lanes, count in found.items()]


def _decided(told: Row, figures: Figures, voice: Voice) -> str:
    if not told["moved"] and not told["other_terms"]:
        return paragraph(voice["nothing decided otherwise"])
    html = paragraph(voice.say(
        "decided intro", number=voice.count(told["contacts"]), moved=voice.count(told["moved"]),
        terms=voice.count(told["other_terms"]),
    ))  # fmt: skip
    moved = [
        Move(one["from"], one["to"], one["contacts"])
        for one in told["flow"]
        if one["from"] != one["to"]
    ]
    if moved:
        html += _ribbon(moved, voice)
    columns = [voice["tier"], voice["contacts"], voice["other lane"], voice["other terms head"]]
    body = [
        [
            voice.name(one["name"]),
            *(voice.count(one[key]) for key in ("contacts", "moved", "other_terms")),
        ]
        for one in sorted(told["by_tier"], key=lambda one: _rank(one["name"], figures))
    ]
    html += table(columns, body, voice["by tier"])
    columns = [voice["because a"], voice["because b"], voice["contacts"]]
    body = [
        [
            _row_name(one["because_a"], voice),
            _row_name(one["because_b"], voice),
            voice.count(one["contacts"]),
        ]
        for one in told["reasons"][:UNFOLDED]
    ]
    html += table(columns, body, voice["reasons"], numbers=2)
    return html + _samples(figures.report["samples"], voice)


def _rank(tier: str, figures: Figures) -> int:
    tiers = figures.report["tiers"]
    return tiers.index(tier) if tier in tiers else len(tiers)


def _row_name(text: str, voice: Voice) -> str:
    return f'<span class="v">{escape(text)}</span>' if text else voice["no further row"]


def _ribbon(moved: Sequence[Move], voice: Voice) -> str:
    columns = [voice["under a"], voice["under b"], voice["contacts"]]
    ordered = sorted(moved, key=lambda one: (-one.contacts, one.lane_a, one.lane_b))
    body = [
        [voice.name(one.lane_a), voice.name(one.lane_b), voice.count(one.contacts)]
        for one in ordered
    ]
    grid = table(columns, body, voice["moves"], numbers=2)
    return figure(voice["moves"], ribbon(moved, voice["moves"], voice)) + (
        grid if len(body) <= UNFOLDED else folded(voice["all rows"], grid)
    )


def _samples(samples: Sequence[Row], voice: Voice) -> str:
    found = []
    for one in samples:
        sides = "".join(
            f"<div><h4>{voice[f'side {side}']}</h4>"
            f'<p class="told">{_told(one[side], voice)}</p></div>'
            for side in ("a", "b")
        )
        title = voice.say("sample", contact=f'<span class="v">{escape(one["contact_id"])}</span>')
        found.append(
            f'<section class="sample"><h3>{title}</h3><div class="pair">{sides}</div></section>'
        )
    return folded(voice["samples"], "\n".join(found)) if found else ""


def _told(audit: Row, voice: Voice) -> str:
    lines = explain({"errors": [], **audit}, voice.language, brief=True).split("\n")
    return "<br>".join(marked(line, voice.language) for line in lines)

"""The sections behind the summary, each a function of the figures; None where it has no matter."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from tierlane.audit.explain import explain
from tierlane.page.html import marked
from tierlane.page.report import curves
from tierlane.page.report.dots import Pair, dots
from tierlane.page.report.figures import Figures
from tierlane.page.report.grid import compared, folded, table
from tierlane.page.report.ribbon import Move, ribbon
from tierlane.page.report.section import Section, figure, legend, marks, paragraph
from tierlane.page.report.stack import Bar, stack
from tierlane.page.report.summary import head, in_time
from tierlane.page.report.voice import NOTHING, Voice

WAITS: Final = ("median_wait", "wait_90", "wait_95", "worst_wait", "worst_left")
FATES: Final = ("saved", "sooner", "alike", "later", "lost", "unserved")
KINDS: Final = ("standard", "priority", "dedicated", "selfservice")
TELLING: Final = 0.999
"""The waits are drawn up to where so much of the last share is reached."""
SHOWN: Final = 25
"""Rows of a table that is not folded."""

Row = Mapping[str, Any]


# ---------------------------------------------------------------------- what changes


def change(figures: Figures, voice: Voice) -> Section:
    """Return what B says otherwise than A."""
    report, html = figures.report, ""
    question = report["question"]
    if question is not None:
        html += paragraph(voice["supposed"])
        for one in question["supposed"]:
            html += paragraph(voice.say(f"supposed {one['kind']}", **_parts(one, voice)))
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
        html += grid if len(rows) <= SHOWN else folded(voice["all rows"], grid)
    elif report["policies"][0]["revision"] == report["policies"][1]["revision"]:
        html += paragraph(voice["same policy"])
    return Section("change", voice["what changes"], html)


def _parts(one: Row, voice: Voice) -> dict[str, str]:
    who = voice.name("" if not one["by"] else one["who"])
    who = voice.say("and above", who=who) if one["above"] else who
    time = "" if one["time"] is None else voice.time(one["time"])
    return {"who": who, "time": time, "text": escape(one["text"])}


def _code(text: str | None, voice: Voice) -> str:
    if text is None:
        return f'<span class="even">{voice["not there"]}</span>'
    return f"<code>{escape(text)}</code>"


# ---------------------------------------------------------------------- waits


def waiting(figures: Figures, voice: Voice) -> Section | None:
    """Return who waits how long: a curve for each tier, and waits at shares."""
    rows = figures.report["waits"]
    if not rows:
        return None
    within, last = figures.report["counting"]["within"], _last(rows)
    drawn = "\n".join(
        curves.waits([row for row in rows if row["tier"] == tier], tier, within, last, voice)
        for tier in figures.tiers(rows)
    )
    html = paragraph(voice["waits intro"]) + legend(voice) + f'<div class="many">{drawn}</div>'
    columns = [voice["tier"], *(voice[one] for one in WAITS)]
    body = [
        [voice.name(name), *(compared(by, name, one, figures, voice) for one in WAITS)]
        for by, name in _everybody(figures)
    ]
    html += table(columns, body, voice["waits at shares"])
    return Section("waits", voice["who waits how long"], html + _curve_table(figures, voice))


def _everybody(figures: Figures) -> list[tuple[str, str]]:
    return [("all", ""), *(("tier", one) for one in figures.names("tier"))]


def _last(rows: Sequence[Row]) -> float:
    """Return up to which time the curves are drawn."""
    last = 60.0
    for key in {(row["side"], row["tier"]) for row in rows if row["side"] != "B-A"}:
        many = [row for row in rows if (row["side"], row["tier"]) == key]
        top = many[-1]["share"] * TELLING
        last = max(last, next(float(row["within"]) for row in many if row["share"] >= top))
    return last


def _curve_table(figures: Figures, voice: Voice) -> str:
    rows = figures.report["waits"]
    found = {(row["side"], row["tier"], row["within"]): row for row in rows}
    tiers, bounds = figures.tiers(rows), dict.fromkeys(row["within"] for row in rows)
    columns = [voice["within what"], *(
        f"{voice.name(tier)} {side}" for tier in tiers for side in ("A", "B")
    )]  # fmt: skip
    keys = [(side, tier) for tier in tiers for side in ("A", "B")]
    body = [
        [voice.time(bound), *(_share(found.get((*key, bound)), voice) for key in keys)]
        for bound in bounds
    ]
    return folded(voice["all numbers"], table(columns, body, voice["waits intro short"]))


def _share(row: Row | None, voice: Voice) -> str:
    return NOTHING if row is None else voice.figure("share", row["share"])


def _valued(measure: str, row: Row | None, voice: Voice) -> str:
    return NOTHING if row is None else voice.figure(measure, row["value"])


# ---------------------------------------------------------------------- who gains, who pays


def gains(figures: Figures, voice: Voice) -> Section | None:
    """Return how contacts fare by B against A, one by one."""
    rows = figures.report["fates"]
    if not rows:
        return None
    share = {(row["tier"], row["fate"]): row["share"] for row in rows}
    tiers = figures.tiers(rows)
    bars = [
        Bar(tier or voice["everybody"], [(one, share[tier, one] or 0.0) for one in FATES])
        for tier in tiers
    ]
    said = tuple((one, voice[f"fate {one}"]) for one in FATES)
    drawing = stack(bars, voice["gains"], voice)
    columns = [voice["tier"], voice["contacts"], *(voice[f"fate {one}"] for one in FATES)]
    by = {(row["tier"], row["fate"]): row for row in rows}
    body = [
        [voice.name(tier), _contacts(figures, tier, voice),
         *(_fate(by[tier, one], voice) for one in FATES)]
        for tier in tiers
    ]  # fmt: skip
    html = paragraph(voice["gains intro"]) + marks(said)
    html += figure(voice["gains"], drawing) + table(columns, body, voice["gains"])
    return Section("gains", voice["who gains who pays"], html)


def _contacts(figures: Figures, tier: str, voice: Voice) -> str:
    found = figures.of("A", "tier" if tier else "all", tier, "contacts")
    return voice.count(found.value) if found else ""


def _fate(row: Row, voice: Voice) -> str:
    if row["share"] is None:
        return NOTHING
    return f"{voice.figure('share', row['share'])} <small>{voice.count(row['contacts'])}</small>"


# ---------------------------------------------------------------------- the day


def day(figures: Figures, voice: Voice) -> Section | None:
    """Return the service level over the day."""
    rows = figures.report["day"]
    if not rows:
        return None
    first, *tiers = figures.tiers(rows)
    html = paragraph(voice.say("day intro", time=in_time(figures, voice))) + legend(voice)
    whole = [row for row in rows if row["tier"] == first]
    html += curves.day(whole, first, voice, wide=True)
    drawn = "\n".join(
        curves.day([row for row in rows if row["tier"] == tier], tier, voice, wide=False)
        for tier in tiers
    )
    html += f'<div class="many">{drawn}</div>'
    return Section("day", voice["over the day"], html + _day_table(whole, figures, voice))


def _day_table(rows: Sequence[Row], figures: Figures, voice: Voice) -> str:
    found = {(row["side"], row["from"], row["measure"]): row for row in rows}
    names = ("service_level", "mean_wait", "abandonment")
    columns = [voice["time of day"], voice["contacts"], *(
        f"{head(one, figures, voice)} {side}" for one in names for side in ("A", "B")
    )]  # fmt: skip
    body = []
    for begin, end in dict.fromkeys((row["from"], row["to"]) for row in rows):
        contacts = found["A", begin, "contacts"]
        cells = [
            _valued(one, found.get((side, begin, one)), voice)
            for one in names
            for side in ("A", "B")
        ]
        when = f"<time>{begin}</time>–<time>{end}</time>"
        body.append([when, voice.count(contacts["value"]), *cells])
    return folded(voice["all numbers"], table(columns, body, voice["over the day"]))


# ---------------------------------------------------------------------- who goes elsewhere


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
        for one in told["reasons"][:SHOWN]
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
        grid if len(body) <= SHOWN else folded(voice["all rows"], grid)
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


# ---------------------------------------------------------------------- advisors


def work(figures: Figures, voice: Voice) -> Section | None:
    """Return how busy advisors are, and what each kind of lane takes."""
    groups = figures.names("group")
    if not groups:
        return None
    pairs = [Pair(one, *figures.both("group", one, "occupancy")[:2]) for one in groups]
    html = paragraph(voice["work intro"]) + legend(voice)
    html += figure(voice["occupancy"], dots(pairs, "occupancy", voice["occupancy"], voice))
    columns = [voice["group"], *(voice[one] for one in ("occupancy", "contacts_served", "hours"))]
    body = [
        [voice.name(name), *(compared(by, name, one, figures, voice)
                             for one in ("occupancy", "contacts_served", "hours"))]
        for by, name in [("all work", ""), *(("group", one) for one in groups)]
    ]  # fmt: skip
    html += table(columns, body, voice["advisors"]) + _kinds(figures, voice)
    return Section("work", voice["advisors"], html)


def _kinds(figures: Figures, voice: Voice) -> str:
    kinds = [one for one in KINDS if one in figures.names("kind")]
    if not kinds:
        return ""
    columns = [
        voice["kind"],
        voice["answered count"],
        voice["share of answered"],
        voice["service_hours"],
    ]
    body = [
        [voice[f"kind {one}"], *(compared("kind", one, measure, figures, voice)
                                 for measure in ("answered", "share", "service_hours"))]
        for one in kinds
    ]  # fmt: skip
    return f"<h3>{voice['by kind']}</h3>" + table(columns, body, voice["by kind"])


# ---------------------------------------------------------------------- the other kinds


def others(figures: Figures, voice: Voice) -> Section | None:
    """Return the figures by scenario, lane and channel."""
    html = ""
    measures = ("service_level", "mean_wait", "abandonment", "worst_wait", "promise_kept")
    for by in ("scenario", "lane", "channel"):
        names = [
            name
            for name in figures.names(by)
            if any(figures.of(side, by, name, "contacts") for side in ("A", "B"))
        ]
        body = [
            [voice.name(name), _count_of(figures, by, name, voice),
             *(compared(by, name, one, figures, voice) for one in measures)]
            for name in names
        ]  # fmt: skip
        if body:
            columns = [
                voice[by],
                voice["contacts"],
                *(head(one, figures, voice) for one in measures),
            ]
            html += folded(voice[f"by {by}"], table(columns, body, voice[f"by {by}"]))
    return Section("others", voice["by what else"], html) if html else None


def _count_of(figures: Figures, by: str, name: str, voice: Voice) -> str:
    a, b = (figures.of(side, by, name, "contacts") for side in ("A", "B"))
    if a and b and a.value != b.value:
        return f"{voice.count(a.value)} → {voice.count(b.value)}"
    found = a or b
    return voice.count(found.value) if found else ""


# ---------------------------------------------------------------------- how sure


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
    if report["seed"] is not None:
        yield "seed", voice.count(report["seed"])
        yield "replications", voice.count(report["replications"]["done"])
    engine = report["engine"]
    yield "engine", f'tierlane <span class="v">{escape(engine["tierlane"])}</span>'
    yield "time zone data", f'<span class="v">{escape(engine["tzdata"])}</span>'


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

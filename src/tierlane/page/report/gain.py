"""Who gains and who pays, contact by contact."""

from typing import Final

from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.grid import table
from tierlane.page.report.section import Section, figure, marks, paragraph
from tierlane.page.report.stack import Bar, stack
from tierlane.page.report.voice import NOTHING, Voice

FATES: Final = ("saved", "sooner", "alike", "later", "lost", "unserved")


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

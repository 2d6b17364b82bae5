"""Simulate the bank's February and put it beside the real one.

python -m benchmarks.february anonbank_1999_feb.csv.gz --plot docs/concepts/february.svg
"""

import argparse
import sys
from datetime import timedelta
from pathlib import Path

from benchmarks.february.compare import Beside, Month, compare
from benchmarks.february.plot import plot
from benchmarks.february.presence import at_internet, beside_idle, presence
from benchmarks.february.scene import fitted
from tierlane.replay.source.anonbank import Row, read

GAPS = (10, 15, 30)
DRAWN = 15
"""Minutes: the gap of the drawing."""


def main() -> None:
    """Print a table in Markdown, a row for each gap after which a server counts as gone."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.february")
    parser.add_argument("log", type=Path)
    parser.add_argument("--learn", type=Path, help="fit patience and service to this log instead")
    parser.add_argument("--gaps", type=int, nargs="+", default=GAPS, help="minutes")
    parser.add_argument("--no-wrap-up", action="store_true", help="the next is taken in no time")
    parser.add_argument("--replications", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    rows = _rows(asked.log)
    model = fitted(_rows(asked.learn) if asked.learn else rows)
    print(
        "| gap, minutes | callers | mean wait, s | 90 %, s | gave up | answered within 20 s "
        "| queued beside an idle server |"
    )
    print("|---|---|---|---|---|---|---|")
    for place, gap in enumerate(asked.gaps):
        month = compare(
            rows, model, gap, replications=asked.replications, seed=asked.seed,
            wraps=not asked.no_wrap_up, told=_told,
        )  # fmt: skip
        if not place:
            print(_row("*real*", month, "·", real=True))
        stays = presence(rows, timedelta(minutes=gap))
        queued, beside = beside_idle(rows, stays, at_internet(rows))
        print(_row(str(gap), month, f"{beside / queued:.0%}", real=False), flush=True)
        if asked.plot and gap == (DRAWN if DRAWN in asked.gaps else asked.gaps[0]):
            asked.plot.write_text(plot(month), encoding="utf-8")


def _rows(path: Path) -> list[Row]:
    return [row for row in read(path) if isinstance(row, Row)]


def _told(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr, flush=True)


def _row(name: str, month: Month, beside: str, *, real: bool) -> str:
    cells = [*(_cell(one, real=real) for one in month.whole), beside]
    return f"| {name} | " + " | ".join(cells) + " |"


def _cell(one: Beside, *, real: bool) -> str:
    value = one.real if real else one.simulated.value
    if value is None:
        return "·"
    share = one.measure in ("abandonment", "service_level")
    if one.measure == "contacts":
        return f"{value:,.0f}"
    half = None if real else one.simulated.half
    scale, unit = (100, " %") if share else (1, "")
    spread = "" if half is None else f" ±{half * scale:.1f}"
    return f"{value * scale:.1f}{spread}{unit}"


if __name__ == "__main__":
    main()

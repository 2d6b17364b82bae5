"""The page of the figures: published and simulated side by side, made from the file of figures."""

import json
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "queueing.md"
HEAD: Final = """\
# Published queueing figures against the simulator

Made by `python -m benchmarks.truth` from `benchmarks/results/truth.json`; a test holds it equal.
Each model is a policy, simulated as `tierlane replay simulate` does. *Agrees* says that the
published figure lies in our 95 % interval, or ours in the published one; of a figure that is exact,
anything that rounds to what is printed counts. With so many figures one in twenty would miss by
chance alone; those that do are marked, not left out.

Times are in units of the mean service where the source has them so, else in minutes. Whitt's lines
have room for 200 or 300 that wait: more than ever came. They begin with contacts in them, and
settle before they count.

**One figure is compared by another formula than its source states.** ContactCenters reckons the
service level of its three models as those served within 20 s, over those served and those who left
after 20 s or more. For MMCAb it prints .975. By that formula Erlang A gives .968 for this model,
the simulator .969 ± .002 over 60 days: as stated, the figure would not agree. Over those served
alone Erlang A gives .974, which the printed figure fits; so it stands here as that. All other
figures are compared by the formulas of their sources; the occupancy of SimpleMSK is over its
wind-down, too, as there.

**The occupancy of MMC and MMCAb does not agree with its source, and the source is off.**
ContactCenters prints .695 and .675, from 1,000 days, without an interval. A day begins empty, and
the chain of birth and death gives .6969 and .6766. Means of 1,000 days lie within ± .0014 and
± .0011 of that 19 times in 20; the printed ones are .0019 and .0016 off, rounding included. What is
simulated is held against the chain beside, and agrees. Over 400 days our interval was wide enough
to reach the printed figures, too.

In SimpleMSK heads are counted: where fewer are needed, those leave who are idle and then whoever is
done first (`leave_first: idle`). Its days differ much, by a factor of their own; what is answered
in time in its third period hangs on the few quiet ones.
"""


def page(found: dict[str, Any]) -> str:
    """Return the page of the figures."""
    figures = [one for model in found["models"] for one in model["figures"]]
    agree = sum(one["agrees"] for one in figures)
    contacts = sum(model["contacts"] for model in found["models"])
    told = f"**{agree} of {len(figures)} figures agree**, over {contacts:,} contacts"
    parts = [HEAD, f"{told}; seed {found['seed']}, taken {found['taken']}.\n"]
    parts += [_section(model) for model in found["models"]]
    return "\n".join(parts)


def _section(model: dict[str, Any]) -> str:
    return (
        f"## {model['model']}\n\n"
        f"{model['replications']} replications, {model['contacts']:,} contacts. "
        f"{_sources(model)}\n\n"
        "| measure | published | simulated, ± 95 % | agrees |\n|---|---|---|---|\n"
        + "".join(_row(one) for one in model["figures"])
    )


def _sources(model: dict[str, Any]) -> str:
    return "; ".join(dict.fromkeys(one["source"] for one in model["figures"])) + "."


def _row(one: dict[str, Any]) -> str:
    published = f"{one['published']:g}"
    if one["kind"] == "simulated":
        half = (one["published_high"] - one["published_low"]) / 2
        published += f" ± {half:.2g}"
    half = (one["high"] - one["low"]) / 2 if one["low"] is not None else 0.0
    digits = max(0, min(6, 1 - _magnitude(half)))
    simulated = f"{one['simulated']:,.{digits}f} ± {half:,.{digits}f}"
    agrees = "yes" if one["agrees"] else "**no**"
    measure = one["measure"].replace("|", "\\|")
    return f"| {measure} | {published} | {simulated} | {agrees} |\n"


def _magnitude(number: float) -> int:
    return 0 if number <= 0 else int(f"{number:e}".partition("e")[2])


if __name__ == "__main__":
    told = ROOT / "benchmarks" / "results" / "truth.json"
    PAGE.write_text(page(json.loads(told.read_text(encoding="utf-8"))), encoding="utf-8")

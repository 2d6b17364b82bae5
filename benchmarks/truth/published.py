"""The published figures, each with its source, and the models that they are of.

Whitt's tables are read from the folder that `TIERLANE_TEST_DATA` names; what ContactCenters and
Cobham have is cited here.
"""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

from benchmarks.truth.compare import (
    CHAIN,
    Published,
    by_subject,
    line_day,
    skills_day,
    steady,
)
from benchmarks.truth.model import classes, line, skills, times
from tierlane.replay.simulation.distribution import Never
from tierlane.replay.simulation.estimate import Pair
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.oracle import Line, cobham
from tierlane.replay.simulation.scene import Scene

CONTACT_CENTERS: Final = (
    "P. L'Ecuyer, E. Buist: ContactCenters, example programs and their recorded output"
)
DAYS: Final = 2_000
"""Of a line of ContactCenters: twice as many as its source has."""
BIRTH_AND_DEATH: Final = "By the chain: birth and death from an empty line, solved in time"
COBHAM: Final = "A. Cobham: Priority assignment in waiting line problems, 1954, by its formula"
WHITT: Final = "W. Whitt: Engineering solution of a basic call-center model, 2005, table"
TABLES: Final = Path("queue_truth", "whitt_tables_1_to_4.csv")


@dataclass(frozen=True, slots=True)
class Model:
    """A scene with what is reckoned of it, its published figures, and how often it is played."""

    name: str
    scene: Callable[[], Scene]
    reduce: Callable[[Journal, Scene], dict[str, Pair]]
    published: tuple[Published, ...]
    replications: int


def tables() -> Path | None:
    """Return the file of Whitt's tables; None where it is not at hand."""
    folder = os.environ.get("TIERLANE_TEST_DATA")
    path = Path(folder or "", TABLES)
    return path if folder and path.exists() else None


def models() -> tuple[Model, ...]:
    """Return all models whose figures are at hand."""
    path = tables()
    return (*_contact_centers(), _cobham(), *(() if path is None else _whitt(path)))


def _recorded(model: str, *figures: tuple[str, float, float, float]) -> tuple[Published, ...]:
    return tuple(
        Published(model, name, value, low, high, "simulated", CONTACT_CENTERS)
        for name, value, low, high in figures
    )


def _rounded(model: str, measure: str, value: float, digits: int, source: str) -> Published:
    """Return a figure of which only the digits printed are known."""
    half = 0.5 * 10**-digits
    return Published(model, measure, value, value - half, value + half, "exact", source)


def _of_chain(model: str, one: Line) -> Published:
    """Return the occupancy of a day of 480 minutes that begins empty."""
    return _rounded(model, CHAIN, round(one.occupancy(480), 4), 4, BIRTH_AND_DEATH)


def _contact_centers() -> tuple[Model, ...]:
    mean = times("M", 2.0)
    counting = {"within": 20_000, "short": 20_000}
    name = "occupancy of s"
    return (
        Model(
            "MMC",
            lambda: line(4.2, 12, mean, Never(), 480, **counting),
            line_day,
            (
                *_recorded(
                    "MMC",
                    ("service level", 0.902, 0.900, 0.904),
                    ("mean wait", 0.099, 0.097, 0.102),
                ),
                _rounded("MMC", name, 0.695, 3, CONTACT_CENTERS),
                _of_chain("MMC", Line(4.2, 2, inf, 12, 200)),
            ),
            DAYS,
        ),
        Model(
            "MMCAb",
            lambda: line(4.2, 12, mean, times("M", 1.0), 480, **counting),
            line_day,
            (
                *_recorded("MMCAb", ("abandoned a day", 58.61, 57.66, 59.56)),
                _rounded("MMCAb", "within 20 s, of those served", 0.975, 3, CONTACT_CENTERS),
                _rounded("MMCAb", name, 0.675, 3, CONTACT_CENTERS),
                _of_chain("MMCAb", Line(4.2, 2, 1, 12, 200)),
            ),
            DAYS,
        ),
        Model("SimpleMSK", skills, skills_day, _recorded("SimpleMSK", *_MSK), 1000),
    )


_MSK: Final = (
    ("served a day", 4297.3, 4270, 4324),
    ("abandoned a day", 910.3, 876, 945),
    ("service level", 0.501, 0.494, 0.509),
    ("occupancy of g0", 0.881, 0.877, 0.884),
    ("within 20 s, t0, period 1", 170.2, 164.3, 176.0),
    ("within 20 s, t0, period 2", 599.3, 594.2, 604.5),
    ("within 20 s, t0, period 3", 15.5, 13.8, 17.2),
    ("within 20 s, t1, period 1", 262.9, 254.6, 271.3),
    ("within 20 s, t1, period 2", 511.6, 506.3, 517.0),
    ("within 20 s, t1, period 3", 34.7, 31.3, 38.1),
    ("within 20 s, t2, period 1", 259.8, 250.2, 269.4),
    ("within 20 s, t2, period 2", 613.7, 607.6, 619.9),
    ("within 20 s, t2, period 3", 24.9, 22.1, 27.6),
)


def _cobham() -> Model:
    first, second = cobham((1.5, 2.5), 1.0, 5)
    return Model(
        "M/M/5, two priorities",
        lambda: classes((1.5, 2.5), 5, 1.0, 1_500, 30),
        by_subject,
        (
            _rounded("M/M/5, two priorities", "mean wait, urgent", round(first, 5), 5, COBHAM),
            _rounded("M/M/5, two priorities", "mean wait, other", round(second, 5), 5, COBHAM),
        ),
        40,
    )


def _whitt(path: Path) -> tuple[Model, ...]:
    """Return a model for each that the tables have; its figures by the names of `steady`."""
    found: dict[tuple[str, float], list[dict[str, str]]] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        found.setdefault((row["model"], float(row["mean_patience"])), []).append(row)
    return tuple(_of_table(name, patience, rows) for (name, patience), rows in found.items())


def _of_table(name: str, patience: float, rows: list[dict[str, str]]) -> Model:
    first, called = rows[0], f"{name}, mean patience {patience:g}"
    service, leaving = name.split("/")[1], name.partition("+")[2]
    long = "0.25" in leaving  # a line of some 118, which settles ten times as slowly
    figures = []
    for row in rows:
        value, digits = float(row["value"]), len(row["value"].partition(".")[2])
        source = f"{WHITT} {row['source'].rpartition('T')[2]}"
        if row["kind"] == "exact":
            figures.append(_rounded(called, row["measure"], value, digits, source))
        else:
            half = float(row["ci95"])
            figures.append(
                Published(
                    called, row["measure"], value, value - half, value + half, "simulated", source
                )
            )
    return Model(
        called,
        lambda: line(
            float(first["lambda"]), int(first["servers"]),
            times(service, float(first["mean_service"])), times(leaving, patience),
            100 if long else 60, warm_up=40 if long else 15, head=218 if long else 100,
        ),
        steady,
        tuple(figures),
        36 if long else 96,
    )  # fmt: skip

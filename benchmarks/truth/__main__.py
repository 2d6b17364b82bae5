"""`python -m benchmarks.truth`: published queueing figures against the simulator's real desks.

Whitt's tables need `TIERLANE_TEST_DATA`. It takes long: what was played is kept in `.cache/truth`,
so that it can be ended and goes on where it was. Exits 1 when a figure does not agree.
"""

import argparse
import json
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.truth.compare import compare
from benchmarks.truth.page import PAGE, page
from benchmarks.truth.published import Model, models, tables
from tierlane.replay.simulation.estimate import Pair, ratio
from tierlane.replay.simulation.pool import Pool

KEPT: Final = Path(".cache/truth")
OUT: Final = Path(__file__).parents[1] / "results" / "truth.json"
SEED: Final = 1


def main() -> int:
    """Play what is missing, write the figures and the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("models", nargs="*", help="by the beginning of their names; default: all")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after so long")
    parser.add_argument("--replications", type=int, help="of each model")
    given = parser.parse_args()
    if tables() is None:
        print("TIERLANE_TEST_DATA names no folder with queue_truth: no tables", file=sys.stderr)
    until = time.monotonic() + given.seconds
    chosen = [
        one for one in models()
        if not given.models or any(one.name.startswith(name) for name in given.models)
    ]  # fmt: skip
    for one in chosen:
        _play(one, given.replications or one.replications, given.cores, until)
    figures = [_figures(one) for one in models() if _file(one).exists()]
    known = {one["model"] for one in figures}
    if OUT.exists():
        figures += [
            one for one in json.loads(OUT.read_text())["models"] if one["model"] not in known
        ]
    found: dict[str, Any] = {"taken": f"{datetime.now(UTC):%Y-%m-%d}", "seed": SEED}
    found["models"] = sorted(figures, key=lambda one: one["model"])
    OUT.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    missed = [f for one in found["models"] for f in one["figures"] if not f["agrees"]]
    for one in missed:
        print(f"does not agree: {one['model']}: {one['measure']}", file=sys.stderr)
    return 1 if missed else 0


def _file(model: Model) -> Path:
    return KEPT / (re.sub(r"[^A-Za-z0-9]+", "-", model.name) + ".json")


def _kept(model: Model) -> dict[int, dict[str, Pair]]:
    path = _file(model)
    told = json.loads(path.read_text()) if path.exists() else {}
    return {
        int(number): {name: (pair[0], pair[1]) for name, pair in pairs.items()}
        for number, pairs in told.items()
    }


def _play(model: Model, replications: int, cores: int, until: float) -> None:
    """Play the replications that are missing; what is done when time is up is kept."""
    found = _kept(model)
    missing = [one for one in range(1, replications + 1) if one not in found]
    if not missing or time.monotonic() > until:
        return
    begun, before = time.monotonic(), len(found)
    pool = Pool((model.scene(),), SEED, min(cores, len(missing)), model.reduce)
    with suppress(KeyboardInterrupt), pool:
        for number, (pairs,) in pool.replicate(missing):
            found[number] = pairs
            if time.monotonic() > until:
                raise KeyboardInterrupt  # as if somebody had ended it: what is done counts
    KEPT.mkdir(parents=True, exist_ok=True)
    _file(model).write_text(json.dumps(found))
    spent = time.monotonic() - begun
    print(
        f"{model.name}: {len(found) - before} of {len(missing)} in {spent:.0f} s", file=sys.stderr
    )


def _figures(model: Model) -> dict[str, Any]:
    found = _kept(model)
    ordered = [found[number] for number in sorted(found)]
    names = dict.fromkeys(name for one in ordered for name in one)
    nothing: Pair = (0.0, 0.0)
    figures = {name: ratio([one.get(name, nothing) for one in ordered]) for name in names}
    return {
        "model": model.name,
        "replications": len(ordered),
        "contacts": round(sum(one["contacts"][0] for one in ordered)),
        "figures": [one.json() for one in compare(model.published, figures)],
    }


if __name__ == "__main__":
    sys.exit(main())

"""Timelines four ways on real Kafka: `python -m tests.four [FILE]…`, without files all there are.

Exit code 1 where a way comes to something else. `--results` keeps what came, and goes on from
there; `make pages` makes the page of them.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

import orjson

from tests.broker.kafka import Kafka
from tests.four.stock import Piece, files, pieces
from tests.four.ways import four_ways
from tierlane.replay.timeline.script import Unsayable

WAYS = ("policy test", "restored at each step", "live with a kill", "replayed")


def main() -> int:
    """Run, and tell of each timeline in a line."""
    parser = argparse.ArgumentParser(prog="python -m tests.four", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--results", type=Path, help="a JSON file")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it looks for leaders of new topics
    results = _kept(given.results)
    begun, bad = time.monotonic(), 0
    todo = [one for one in pieces(given.files or files()) if one.name not in results]
    with Kafka.temporary() as kafka:
        for number, piece in enumerate(todo):
            if time.monotonic() - begun > given.seconds:
                print(f"{len(todo) - number} are left", file=sys.stderr)
                break
            results[piece.name] = found = _one(piece, kafka.address, f"f{os.getpid()}-{number}-")
            bad += found["equal"] != [True] * len(WAYS)
            if given.results is not None:
                given.results.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2))
    return 1 if bad else 0


def _kept(path: Path | None) -> dict[str, dict[str, object]]:
    return orjson.loads(path.read_bytes()) if path is not None and path.exists() else {}


def _one(piece: Piece, broker: str, prefix: str) -> dict[str, object]:
    began = time.monotonic()
    try:
        ways = four_ways(piece, broker, prefix)
    except Unsayable as error:
        print(f"{piece.name}: no record can say it: {error}", flush=True)
        return {"file": piece.path.name, "case": piece.case.name, "equal": [], "why": str(error)}
    took = time.monotonic() - began
    marks = " ".join("=" if one else "≠" for one in ways.equal)
    print(f"{marks}  {piece.name}  {took:.1f} s", flush=True)
    for line in ways.told():
        print(f"       {line}", flush=True)
    asked = len(ways.purely)
    return {
        "file": piece.path.name, "case": piece.case.name, "equal": list(ways.equal),
        "asked": asked, "kills": ways.kills,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks`: run the rows, print them, write JSON and the page made of it."""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import full, growth, latency, replay, restart, transport
from benchmarks.machine import machine
from benchmarks.page import LATEST, PAGE, markdown, page
from benchmarks.size import FULL, QUICK, Size
from tests.broker.kafka import Kafka, unavailable

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def bare(name: str) -> Callable[[str, Size], dict[str, Any]]:
    """Return how a row is taken that needs no broker and has one size, in a process of its own."""

    def run(_brokers: str, _size: Size) -> dict[str, Any]:
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, check=False)
        if done.returncode not in {0, 1}:
            raise RuntimeError(f"benchmarks.{name} ended with {done.returncode}")
        found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
        return found

    return run


BARE = frozenset({"decide", "desk", "simulate"})


ROWS = {
    "transport": transport.run,
    "full": full.run,
    "decide": bare("decide"),
    "desk": bare("desk"),
    "restart": restart.run,
    "latency": latency.run,
    "growth": growth.run,
    "simulate": bare("simulate"),
    "replay": replay.run,
}


def main() -> int:
    """Run what the command line asks for; 1 when a goal was missed, 2 when nothing could run."""
    given = _arguments()
    alone = bool(given.rows) and set(given.rows) <= BARE
    if not alone and not given.brokers and (reason := unavailable()):
        print(f"error: real Apache Kafka is needed: {reason}", file=sys.stderr)
        print("  hint: name a broker with --brokers HOST:PORT", file=sys.stderr)
        return 2
    size = QUICK if given.quick else FULL
    result: dict[str, Any] = {"machine": machine(), "taken": f"{datetime.now(UTC):%Y-%m-%d}"}
    result["size"] = "quick" if given.quick else "full"
    begun = time.monotonic()
    with _broker(given.brokers, needed=not alone) as brokers:
        for name in given.rows or ROWS:
            print(f"{name} …", file=sys.stderr)
            result[name] = ROWS[name](brokers, size)
            result["seconds"] = round(time.monotonic() - begun)
            _write(result, given.out)
    if given.renew:
        _renew(result)
    print(markdown(result, given.out.name))
    missed = [
        goal["goal"]
        for name in ROWS
        if name in result
        for goal in result[name]["goals"]
        if not goal["met"]
    ]
    for goal in missed:
        print(f"goal not met: {goal}", file=sys.stderr)
    return 1 if missed and not given.quick else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows; default: all")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke test; its figures mean little"
    )
    parser.add_argument(
        "--renew",
        action="store_true",
        help="put the rows named in place of those on the page, which says when each was taken",
    )
    parser.add_argument("--brokers", default="", help="a running Kafka; default: one of its own")
    parser.add_argument("--out", type=Path, help="the JSON file; default under benchmarks/results")
    given = parser.parse_args()
    if given.renew and (given.quick or not given.rows):
        parser.error("--renew takes rows of full size")
    if given.out is None:
        whole = not given.quick and not given.rows
        given.out = LATEST if whole else RESULTS / f"part-{'-'.join(given.rows) or 'quick'}.json"
    return given


@contextlib.contextmanager
def _broker(named: str, *, needed: bool) -> Iterator[str]:
    if named or not needed:
        yield named
        return
    with Kafka.temporary() as kafka:
        yield kafka.address


def _renew(result: dict[str, Any]) -> None:
    """Put rows in place of those of the latest whole run, each with the day it was taken."""
    latest: dict[str, Any] = json.loads(LATEST.read_text())
    for name in ROWS:
        if name in result:
            latest[name] = result[name]
            latest.setdefault("renewed", {})[name] = result["taken"]
    LATEST.write_text(json.dumps(latest, indent=1) + "\n")
    PAGE.write_text(page())


def _write(result: dict[str, Any], file: Path) -> None:
    """Write the JSON and, where it is a whole run for the documentation, the page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=1) + "\n")
    if file == LATEST and all(name in result for name in ROWS):
        PAGE.write_text(page())


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.volume`: replay over a recording larger than memory, and what it takes.

Makes so many contacts with the sample's generator, as Parquet in a temporary folder, and asks two
policies about them by the command line, as users do. Memory is that of all processes together,
looked at twice a second, pages that they share counted once for each. Exits 1 above the limit.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks import scene
from benchmarks.machine import machine
from tests.worker import COMMAND
from tierlane.replay.source.line import Reading
from tierlane.replay.source.table import TableWriter
from tierlane.replay.stored import StoredRecord
from tierlane.sample import Sample
from tierlane.stream.murmur import place

SEED: Final = 1
PARTITIONS: Final = 4
LOOK_SECONDS: Final = 0.5
MOST_MB: Final = 1_000


def main() -> int:
    """Make, run, print JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.volume", description=__doc__)
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="make them here, or use what was made here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tierlane-volume-") as temporary:
        folder = given.folder or Path(temporary)
        policies = _policies(Path(temporary))
        if not (folder / "made").exists():
            make(folder / "made", given.contacts)
        found = run(folder / "made", policies, given.cores)
    found = {"machine": machine(), "asked": given.contacts, "cores": given.cores, **found}
    print(json.dumps(found, indent=1))
    return 0 if found["peak_mb"] <= MOST_MB else 1


def make(folder: Path, contacts: int) -> None:
    """Write the sample of so many contacts as the topics would hold it."""
    sample = Sample(contacts, SEED)
    _write(folder, sample.profile_lines())
    _write(folder, sample.contact_lines())


def _write(folder: Path, lines: Iterable[str]) -> None:
    reading, offsets = Reading(), [0] * PARTITIONS
    writers: dict[tuple[str, int], TableWriter] = {}
    with ExitStack() as stack:
        for line in lines:
            one = reading.record(line.encode())
            if one is None:
                continue
            number = place(one.key or b"", PARTITIONS)
            where = one.topic, number
            if where not in writers:
                path = folder / one.topic / f"{number}.parquet"
                writers[where] = stack.enter_context(TableWriter(path))
            offset = offsets[number]
            offsets[number] += 1
            writers[where].write(
                StoredRecord(one.topic, number, offset, one.timestamp, one.key, one.value)
            )


def _policies(folder: Path) -> tuple[Path, Path]:
    now = scene.policies(folder)["sample"]
    following = folder / "next.yaml"
    following.write_text(now.read_text().replace("{5000: silver", "{4000: silver"))
    return now, following


def run(folder: Path, policies: tuple[Path, Path], cores: int) -> dict[str, Any]:
    """Ask both policies about a recording; return what came of it and what it took."""
    words = ["--policy", str(policies[0]), "--against", str(policies[1]), "--cores", str(cores)]
    told, seconds, peak = watched([*COMMAND, "replay", "diff", str(folder), *words])
    return {
        "contacts": told["contacts"],
        "moved": told["moved"],
        "other_terms": told["other_terms"],
        "seconds": round(seconds, 1),
        "contacts_a_second": round(told["contacts"] / seconds),
        "peak_mb": round(peak / 1e6),
        "recording_mb": round(sum(one.stat().st_size for one in folder.rglob("*.parquet")) / 1e6),
    }


def watched(command: Sequence[str]) -> tuple[dict[str, Any], float, int]:
    """Run a command of replay; return its JSON, its seconds, and its greatest memory in bytes."""
    begun = time.perf_counter()
    with subprocess.Popen([*command, "--format", "json"], stdout=subprocess.PIPE) as process:
        watch = _Watch(process.pid)
        watch.start()
        output, _ = process.communicate()
        watch.over.set()
        watch.join()
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"replay ended with {process.returncode}")
    return json.loads(output), time.perf_counter() - begun, watch.peak


class _Watch(threading.Thread):
    """Looks at the memory of a process and all that it began."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peak = 0
        self._pid = pid

    def run(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        try:
            first = psutil.Process(self._pid)
            every = [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        return sum(map(_resident, every))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    sys.exit(main())

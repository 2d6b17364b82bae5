"""Does a storm's record again with `tierlane replay`: what was decided must follow from its inputs.

The product's own proof of the record, beside the laws, which know nothing of the product.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from storm.law import Faults
from tests.broker.log import Log
from tests.worker import COMMAND

LAW: Final = "does not follow from its inputs"
SHOWN: Final = 5
FOUND: Final = 1
"""The command's exit code where something differs."""


def replayed(log: Log, folder: Path, policy: Path, faults: Faults) -> dict[str, object]:
    """Record what lies on a prefix's topics into a folder, verify it, and note each difference.

    Returns what was compared. Raises `CalledProcessError` where a command fails.
    """
    recording, named = str(folder / "record"), ["--policy", str(policy)]
    topics = ["--brokers", log.address, "--prefix", log.prefix]
    manifest = _run("record", "--out", recording, *topics)
    verdict = _run("verify", recording, *named)
    differences = verdict.pop("differences")
    if differences:
        faults.counts[LAW] = len(differences)
        faults.examples[LAW] = [json.dumps(one) for one in differences[:SHOWN]]
    if manifest["profiles_missing"]:
        faults.counts["profiles that the record has not"] = manifest["profiles_missing"]
    return {**verdict, "differences": len(differences)}


def _run(*words: str) -> dict[str, Any]:
    command = [*COMMAND, "replay", *words, "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode > FOUND:
        raise subprocess.CalledProcessError(
            done.returncode, command, done.stdout, done.stderr.decode(errors="replace")
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found

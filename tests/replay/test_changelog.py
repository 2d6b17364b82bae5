"""A golden recording that was written anew is named in the changelog: it means something else now.

Whoever changes what a policy means must write the recordings anew, and then say so: their marks
stand in the changelog, and it has the sentence ready.
"""

import gzip
from hashlib import sha256
from pathlib import Path

import pytest

from tests.replay.scene import GOLDEN

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
RECORDINGS = sorted(one.name.removesuffix(".jsonl.gz") for one in GOLDEN.glob("*.gz"))


def mark(name: str) -> str:
    """Return the first digits of the SHA-256 of a golden recording's lines."""
    lines = gzip.decompress((GOLDEN / f"{name}.jsonl.gz").read_bytes())
    return sha256(lines).hexdigest()[:12]


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_changelog_names_the_golden_recordings_as_they_are(name: str) -> None:
    told = f"`{name}` {mark(name)}"
    assert told in CHANGELOG, (
        f"the recording is {told}: if a policy means something else now, say under the version "
        "what, for whom, and write this mark there; else the recording was changed by mistake"
    )


def test_all_recordings_are_there() -> None:
    assert {"scene", "floor", "meant-to-fail"} <= set(RECORDINGS)

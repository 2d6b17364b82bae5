"""A policy file with all it extends, to be published as one record."""

import os.path
from pathlib import Path

from tierlane.policy.publish.publication import Beneath, Kept
from tierlane.policy.reading.chain import Base
from tierlane.stream.policy_file import find_file, read_policy_file


class Bundle:
    """Reads a policy file, and remembers the policies that were found beneath it."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises UsageError where it cannot be read."""
        self.text = read_policy_file(path)
        self.source = str(path)
        self._found: dict[tuple[str, str], Base] = {}

    def find(self, asked: str, beside: str) -> Base | None:
        """Find a base as the other commands do."""
        base = find_file(asked, beside)
        if base is not None:
            self._found[asked, beside] = base
        return base

    def kept(self, policy: str, revision: str) -> Kept:
        """Return the record's content; files are named as seen from the first one's folder.

        So messages name them well enough, and nobody's folders are told.
        """
        beneath: list[Beneath] = [
            {
                "asked": asked,
                "beside": self._short(beside),
                "source": self._short(base.source),
                "document": _text(base.text),
            }
            for (asked, beside), base in self._found.items()
        ]
        kept: Kept = {
            "policy": policy,
            "revision": revision,
            "document": _text(self.text),
            "source": self._short(self.source),
        }
        if beneath:
            kept["beneath"] = beneath
        return kept

    def _short(self, source: str) -> str:
        return os.path.relpath(source, Path(self.source).parent)


def _text(document: bytes) -> str:
    return document.decode("utf-8-sig")

"""The manifest of a recording: what its files are, and whether they still are that."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from tierlane.errors import SourceError

MANIFEST: Final = "_manifest.json"
FORMAT: Final = 1
"""Of the manifest; another is refused."""


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_of(folder: Path) -> Mapping[str, Any] | None:
    """Return the manifest of a recording; None where the folder is none.

    Raises `SourceError` for one that cannot be read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        if found["format"] != FORMAT:
            raise SourceError(
                f"`{path}` has format {found['format']}, this version reads {FORMAT}",
                hint="read it with the version that wrote it, or record anew",
            )
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise SourceError(f"`{path}` is no manifest of a recording") from None
    return found


def altered(folder: Path, manifest: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the files that are not as they were recorded: path, digest then, and digest now."""
    found = []
    for one in manifest["files"]:
        path = folder / one["path"]
        now = digest_of(path) if path.is_file() else "(absent)"
        if now != one["sha256"]:
            found.append((one["path"], one["sha256"], now))
    return found

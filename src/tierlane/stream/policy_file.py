"""Policies in files: how one is read, and where the base that it extends is looked for."""

import os.path
from pathlib import Path

from tierlane.errors import UsageError
from tierlane.policy.reading.chain import Base
from tierlane.policy.reading.source import LARGEST


def read_policy_file(path: Path) -> bytes:
    """Return the content of a file, cut above what a document may have.

    Raises UsageError where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from None


def find_file(asked: str, beside: str) -> Base | None:
    """Return the base that the policy in file `beside` asks for, None when there is none.

    `NAME@HASH` is looked for as `NAME@HASH.yaml` and `NAME.yaml`. Only plain files are read: a
    device or a pipe might never end.
    """
    names = [asked]
    if "@" in asked:
        names += [f"{asked}.yaml", f"{asked.rpartition('@')[0]}.yaml"]
    for name in names:
        path = Path(os.path.normpath(Path(beside).parent / name))
        try:
            if path.is_file():
                return Base(read_policy_file(path), str(path))
        except ValueError:  # a NUL in the name
            return None
    return None

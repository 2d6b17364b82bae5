"""Files of lines, plain or compressed, read in pieces."""

import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from tierlane.errors import SourceError
from tierlane.replay.source.arrow import arrow

PIECE: Final = 1 << 20
"""Bytes decompressed at once."""


def lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, with their ends. Raises `SourceError` where it cannot be read."""
    number = 0
    try:
        with path.open("rb") as file:
            for line in _plain(file, path.suffix):
                yield line
                number += 1
    except (EOFError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(
            f"`{path}`:{number + 1} cannot be read: {reason}",
            hint="a name that ends in .gz or .zst is read as such, any other as plain text",
        ) from None


def _plain(file: BinaryIO, suffix: str) -> Iterable[bytes]:
    if suffix == ".gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=file), PIECE)
    if suffix == ".zst":
        return io.BufferedReader(_Zstandard(file), PIECE)
    return file


class _Zstandard(io.RawIOBase):
    """What pyarrow decompresses, as the standard library's buffers read it."""

    def __init__(self, file: BinaryIO) -> None:
        pyarrow = arrow()
        self._stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(file, "r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # whatever the buffer above hands over
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

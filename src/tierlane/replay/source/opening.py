"""Files and directories as one source."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from tierlane.errors import SourceError
from tierlane.ports import Record
from tierlane.replay.source import line, table
from tierlane.replay.source.line import Lines
from tierlane.replay.source.manifest import manifest_of
from tierlane.replay.source.order import cut, merged
from tierlane.replay.source.source import Source
from tierlane.replay.source.table import Mine, Table

FORMS: Final = line.FORMS + table.FORMS


class Files:
    """The records of several files, merged by timestamp."""

    def __init__(self, name: str, files: Sequence[Lines | Table], *, cut: bool = False) -> None:
        self.name: Final = name
        self._cut = cut
        self.files: Final = tuple(files)

    @property
    def cut(self) -> bool:
        """Whether one of them is a recording that was made while workers went on."""
        return self._cut

    @property
    def tabular(self) -> bool:
        """Whether all are tables: reading costs so little that each of several may read all."""
        return all(isinstance(one, Table) for one in self.files)

    @property
    def size(self) -> int:
        """Bytes of all files, as they are kept."""
        return sum(one.path.stat().st_size for one in self.files)

    def batches(
        self, topics: Collection[str] | None = None, mine: Mine | None = None
    ) -> Iterator[Sequence[Record]]:
        """Yield the records; see `Source`. `mine` picks those that are wanted."""
        return cut(merged([_picked(one, topics, mine) for one in self.files]))


def _picked(
    file: Lines | Table, topics: Collection[str] | None, mine: Mine | None
) -> Iterator[Record]:
    if isinstance(file, Table):
        return file.records(topics, mine)
    records = file.records(topics)
    return records if mine is None else filter(mine, records)


def opened(paths: Sequence[Path]) -> Source:
    """Return what files and directories hold, as one source.

    Of a directory every file counts whose name ends like JSON lines or Parquet, at any depth;
    names that begin with `.` or `_` are passed over. Raises `SourceError` for a path that is not
    there or of no such form, and for a directory without any.
    """
    files = [one for path in paths for one in _found(path)]
    manifests = [manifest_of(path) for path in paths if path.is_dir()]
    cut = any(one["cut"] for one in manifests if one is not None)
    return Files(", ".join(map(str, paths)), [_open(path) for path in files], cut=cut)


def _found(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(one for one in path.rglob("*") if _counts(one.relative_to(path)))
        if not found:
            raise SourceError(
                f"`{path}` holds no records", hint="ends of names: " + " ".join(FORMS)
            )
        return found
    if not path.is_file():
        raise SourceError(f"there is no file `{path}`")
    if not path.name.endswith(FORMS):
        raise SourceError(f"`{path}` is of no form that is read", hint="ends: " + " ".join(FORMS))
    return [path]


def _counts(path: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.parts)
    return not hidden and path.name.endswith(FORMS)


def _open(path: Path) -> Lines | Table:
    return Table(path) if path.name.endswith(table.FORMS) else Lines(path)

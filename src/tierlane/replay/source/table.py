"""Records in Parquet files, in the columns of `StoredRecord`; read and written in pieces."""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tierlane.errors import SourceError
from tierlane.ports import Record
from tierlane.replay.source.arrow import COLUMNS, arrow, schema
from tierlane.replay.source.order import cut
from tierlane.replay.source.source import BATCH
from tierlane.replay.stored import Headers, StoredRecord

FORMS: Final = (".parquet",)

Mine = Callable[[Record], bool]
"""Tells of a record whether who reads wants it."""

GROUP: Final = 20_000
"""Records of a row group: some 20 MB before they are compressed."""


class Table:
    """The records of one Parquet file."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.name: Final = str(path)

    @property
    def cut(self) -> bool:
        """False: what a file holds is all there is."""
        return False

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[Record]]:
        """Yield the records as they stand in the file; see `Source`."""
        return cut(self.records(topics))

    def records(
        self, topics: Collection[str] | None = None, mine: Mine | None = None
    ) -> Iterator[Record]:
        """Yield the records one by one, only those that are `mine` where that is told.

        Raises `SourceError` with file and row.
        """
        pa = arrow()
        row = 0
        try:
            # Read ahead, pyarrow holds all it has read of the file until it is closed: 800 MB of
            # ten million contacts, in every process.
            with pa.parquet.ParquetFile(self.path, pre_buffer=False) as file:
                missing = [name for name in COLUMNS[:6] if name not in file.schema_arrow.names]
                if missing:
                    raise SourceError(
                        f"`{self.path}` has no column `{missing[0]}`",
                        hint="records stand in the columns " + ", ".join(COLUMNS),
                    )
                names = [name for name in COLUMNS if name in file.schema_arrow.names]
                for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
                    records = _records(batch, topics)
                    yield from records if mine is None else filter(mine, records)
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"`{self.path}`: row {row + 1}: {_told(error)}") from None


def _told(error: BaseException) -> str:
    """Say in one line what pyarrow says in several."""
    return str(error).partition("\n")[0].strip().rstrip(".") or type(error).__name__


def _records(batch: Any, topics: Collection[str] | None) -> Iterable[StoredRecord]:
    named = _topics(batch.column("topic"))
    there = set(named)
    wanted = there if topics is None else there.intersection(topics)
    if not wanted:
        return ()
    columns = (batch.column(name).to_pylist() for name in COLUMNS[1:6])
    records = map(StoredRecord._make, zip(named, *columns, _headers(batch), strict=True))
    return records if wanted == there else (one for one in records if one.topic in wanted)


def _topics(column: Any) -> list[str]:
    """Return the topic of each row; in a file of ours it stands once, and is numbered."""
    if column.null_count or not hasattr(column, "dictionary"):
        found: list[str] = column.to_pylist()
        return found
    names: list[str] = column.dictionary.to_pylist()
    if len(names) == 1:
        return names * len(column)
    return [names[number] for number in column.indices.to_pylist()]


def _headers(batch: Any) -> Iterable[Headers]:
    if "headers" not in batch.schema.names or not len(batch.column("headers").flatten()):
        return repeat((), batch.num_rows)
    return [_pairs(one) for one in batch.column("headers").to_pylist()]


def _pairs(given: list[dict[str, Any]] | None) -> Headers:
    return tuple((one["name"], one["value"]) for one in given) if given else ()


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows of the same fields into one Parquet file."""
    pa = arrow()
    pa.parquet.write_table(pa.Table.from_pylist(rows), path, compression="zstd")


class TableWriter:
    """Writes records into one Parquet file; used as a context, at whose end the file is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: list[Record] = []
        self._writer: Any = None
        self._schema = schema()

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = arrow().parquet.ParquetWriter(
            self._path, self._schema, compression="zstd", compression_level=3
        )
        return self

    def write(self, record: Record) -> None:
        """Add a record."""
        self._kept.append(record)
        if len(self._kept) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        pa, kept = arrow(), self._kept
        columns = [
            [one.topic for one in kept],
            [one.partition for one in kept],
            [one.offset for one in kept],
            [one.timestamp for one in kept],
            [one.key for one in kept],
            [one.value for one in kept],
            [[{"name": name, "value": value} for name, value in one.headers] for one in kept],
        ]
        self._writer.write_table(
            pa.table(
                [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)],
                schema=self._schema,
            )
        )
        self._kept = []

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._kept:
            self._flush()
        self._writer.close()

"""Records in Parquet files, in the columns of `StoredRecord`; read and written in pieces."""

from collections.abc import Collection, Iterable, Iterator
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

    def records(self, topics: Collection[str] | None = None) -> Iterator[Record]:
        """Yield the records one by one. Raises `SourceError` with file and row."""
        pa = arrow()
        row = 0
        try:
            with pa.parquet.ParquetFile(self.path) as file:
                missing = [name for name in COLUMNS[:6] if name not in file.schema_arrow.names]
                if missing:
                    raise SourceError(
                        f"`{self.path}` has no column `{missing[0]}`",
                        hint="records stand in the columns " + ", ".join(COLUMNS),
                    )
                names = [name for name in COLUMNS if name in file.schema_arrow.names]
                for batch in file.iter_batches(BATCH, columns=names):
                    yield from _records(batch, topics)
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"`{self.path}`: row {row + 1}: {_told(error)}") from None


def _told(error: BaseException) -> str:
    """Say in one line what pyarrow says in several."""
    return str(error).partition("\n")[0].strip().rstrip(".") or type(error).__name__


def _records(batch: Any, topics: Collection[str] | None) -> Iterator[StoredRecord]:
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    headers = columns.pop("headers", None)
    told: Iterable[Headers] = repeat(()) if headers is None else map(_headers, headers)
    plain = (columns[name] for name in COLUMNS[:6])
    for topic, partition, offset, timestamp, key, value, pairs in zip(*plain, told, strict=False):
        if topics is None or topic in topics:
            yield StoredRecord(topic, partition, offset, timestamp, key, value, pairs)


def _headers(given: list[dict[str, Any]] | None) -> Headers:
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

"""pyarrow, which comes with an extra, and the columns in which records of topics are kept."""

from typing import Any, Final

from tierlane.replay.extra import extra

COLUMNS: Final = ("topic", "partition", "offset", "timestamp", "key", "value", "headers")
"""Of a table of records: the fields of `StoredRecord`."""


def arrow() -> Any:
    """Return the module `pyarrow` with `pyarrow.parquet` in it.

    Raises `SettingError` with the remedy where it is not installed.
    """
    extra("pyarrow.parquet", "Parquet and zstd need")  # loading it takes 0.2 s
    return extra("pyarrow", "Parquet and zstd need")


def schema() -> Any:
    """Return the columns of a table of records with their types."""
    pa = arrow()
    pair = pa.struct([("name", pa.string()), ("value", pa.binary())])
    return pa.schema(
        [
            pa.field("topic", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("partition", pa.int32(), nullable=False),
            pa.field("offset", pa.int64(), nullable=False),
            pa.field("timestamp", pa.int64(), nullable=False),
            pa.field("key", pa.binary()),
            pa.field("value", pa.binary()),
            pa.field("headers", pa.list_(pair)),
        ]
    )

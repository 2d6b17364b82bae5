"""A public log as a source, by one of the importers."""

from collections.abc import Collection, Iterator, Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tierlane.errors import SourceError
from tierlane.ports import Record
from tierlane.replay.source.line import Reading
from tierlane.replay.source.order import cut

IMPORTERS: Final = {"anonbank": "tierlane.replay.source.anonbank"}
"""What can be read, by the name that is typed."""


class Imported:
    """The contacts and profiles that an importer makes of its files."""

    def __init__(self, importer: str, paths: Sequence[Path]) -> None:
        self.name: Final = f"{importer}:" + ",".join(map(str, paths))
        self._module: Final[ModuleType] = import_module(IMPORTERS[importer])
        self._paths: Final = tuple(paths)

    @property
    def cut(self) -> bool:
        """False: what a file holds is all there is."""
        return False

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[Record]]:
        """Yield the records; see `Source`. Raises `SourceError` at the first row of no sense."""
        module = self._module
        rows = module.in_time(self._rows())
        # Profiles first, as `produce` sends them: each is dated by its customer's last contact.
        lines = chain(module.profile_lines(rows), module.contact_lines(rows))
        records = self._records(lines)
        return cut(one for one in records if topics is None or one.topic in topics)

    def _rows(self) -> Iterator[Any]:
        for path in self._paths:
            for row in self._module.read(path):
                if isinstance(row, self._module.Refusal):
                    raise SourceError(
                        f"`{row.path}`:{row.line} {row.fault}",
                        hint="`tierlane import` leaves such rows out and names them",
                    )
                yield row

    def _records(self, lines: Iterator[str]) -> Iterator[Record]:
        reading = Reading()
        for line in lines:
            record = reading.record(line.encode())
            if record is not None:
                yield record

"""What replay reads from: records of topics, wherever they are kept."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, Protocol

from tierlane.ports import Record

BATCH: Final = 1_000
"""Records handed over at once: some 1 MB."""


class Source(Protocol):
    """Records of topics; reading never holds more of them than a few batches.

    Topics go by their names without a prefix.
    """

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def cut(self) -> bool:
        """Whether workers went on writing past what is read of their inputs."""

    def batches(self, topics: Collection[str] | None = None) -> Iterator[Sequence[Record]]:
        """Yield its records, of these topics only where some are named.

        Records of one partition come by offset. Partitions and topics are merged by timestamp, as
        far as each of the files (or partitions) that are read keeps that order itself. It can be
        called again, and then begins anew.

        Raises `SourceError` with file and line for what cannot be read.
        """

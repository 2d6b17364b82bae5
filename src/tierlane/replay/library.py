"""The revisions that a record names: from policy files, else from `policy.revisions`."""

from collections.abc import Iterable

from tierlane.errors import SourceError, Unreadable
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import (
    FROM_FILE,
    Kept,
    Publication,
    Standing,
    find_in,
    read_kept,
    source_of,
)
from tierlane.ports import Record


class Library:
    """Revisions by `NAME@REVISION`, compiled when they are asked for."""

    def __init__(self, files: Iterable[Revision] = ()) -> None:
        self._compiled = {f"{one.name}@{one.hash}": one for one in files}
        self._documents: dict[str, Kept] = {}
        self._standings: dict[str, Standing] = {}

    def take(self, record: Record) -> None:
        """Take in a record of `policy.revisions`. Raises `SourceError` where it cannot be read."""
        key = (record.key or b"").decode(errors="replace")
        if record.value is None:
            return
        name, at, revision = key.partition("@")
        try:
            if at:
                self._documents[key] = read_kept(record.value, name, revision)
            else:
                self._standings[name] = Standing.read(record.value, name)
        except Unreadable as error:
            where = f"{record.topic}, partition {record.partition}, offset {record.offset}"
            raise SourceError(f"{where}: {error}") from None

    def has(self, named: str) -> bool:
        """Tell whether a revision is there."""
        return named in self._compiled or named in self._documents

    def all(self) -> tuple[Revision, ...]:
        """Return every revision there is. Raises `SourceError` for one that cannot be used."""
        return tuple(self.get(named) for named in {**self._compiled, **self._documents})

    def by_hash(self, digest: str) -> Revision | None:
        """Return the revision of a hash, whatever its policy is called; None where it is not there.

        Raises `SourceError` where it is there and cannot be used.
        """
        for named in (*self._compiled, *self._documents):
            if named.endswith(f"@{digest}"):
                return self.get(named)
        return None

    def get(self, named: str) -> Revision:
        """Return a revision. Raises `SourceError` with the remedy where it is not there."""
        found = self._compiled.get(named)
        if found is not None:
            return found
        kept = self._documents.get(named)
        if kept is None:
            raise SourceError(
                f"the revision `{named}` is not in the record",
                hint="name its file with --policy FILE, or record `policy.revisions`, too",
            )
        made = compile_policy(kept["document"].encode(), source_of(kept), find_in(kept))
        if f"{made.name}@{made.hash}" != named:
            raise SourceError(f"the document kept as `{named}` has another digest")
        self._compiled[named] = made
        return made

    def latest(self, named: str) -> Publication | None:
        """Return how a revision was last made live; None where that is not known."""
        name, _, revision = named.partition("@")
        standing = self._standings.get(name)
        made = ("published", "rolled_back")
        past = standing.live["history"] if standing else []
        numbers = [
            one["number"] for one in past if one["revision"] == revision and one["action"] in made
        ]
        return self.publication(named, numbers[-1]) if numbers else None

    def publication(self, named: str, number: int) -> Publication | None:
        """Return how a revision was published by a change; None where that is not known."""
        if not number:
            return FROM_FILE
        name, _, revision = named.partition("@")
        standing = self._standings.get(name)
        for one in standing.live["history"] if standing else ():
            if one["number"] == number and one["revision"] == revision:
                return Publication(one["in_flight"], number, tuple(one["allowed"]), one["reason"])
        return None

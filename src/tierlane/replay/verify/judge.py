"""One process of a verification: it gathers the records of its owners, and then judges them."""

from collections.abc import Iterable, Sequence

from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.ports import Record
from tierlane.replay.diff.diff import Text, compiled
from tierlane.replay.library import Library
from tierlane.replay.room import give_back
from tierlane.replay.verify.facts import Facts, number_of
from tierlane.replay.verify.gathering import INPUTS, OUTCOMES, Gathering, owner_in
from tierlane.replay.verify.hint import read_audit
from tierlane.replay.verify.spool import Spool
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verifying import Done, Terms, Verifying
from tierlane.routing.machine import Machine
from tierlane.topic import POLICY_REVISIONS, ROUTING_AUDIT


def belongs(record: Record, number: int, cores: int) -> bool:
    """Tell whether a process needs a record: owners are dealt out by their partitions.

    An input is its owner's, what was written is who wrote it; returns are both. Revisions are
    everybody's, and what nobody can be told to have written is looked at by the first.
    """
    topic = record.topic
    if topic == POLICY_REVISIONS:
        return True
    if topic in INPUTS and record.partition % cores == number:
        return True
    if topic == ROUTING_AUDIT:
        try:
            owner = read_audit(record.value).owner
        except Unreadable:
            return number == 0
    elif topic in OUTCOMES:
        owner = owner_in(record.value) or ""
        if not owner and topic in INPUTS:
            return False
    else:
        return False
    return max(number_of(owner), 0) % cores == number


class Judge:
    """The records of some owners, and what follows from them."""

    def __init__(
        self,
        terms: Terms,
        texts: Iterable[Text] = (),
        files: Iterable[Revision] = (),
        spool: Spool | None = None,
        done: Done | None = None,
    ) -> None:
        """`texts` and `files` are revisions that may not be in the record."""
        self._done: Done = done or _nothing
        library = Library([*map(compiled, texts), *files])
        self._gathering = Gathering(library, spool or Spool())
        self._terms = terms
        self._facts = Facts()

    def take(self, records: Sequence[Record]) -> None:
        """Take in records, in whatever order."""
        for record in records:
            self._gathering.take(record)

    def facts(self) -> Facts:
        """Return what all must know of these owners."""
        return Facts.of(self._gathering)

    def learn(self, facts: Facts) -> None:
        """Be told of all owners: everything was taken in."""
        self._facts = facts
        give_back()

    def judge(self, owner: str) -> Verdict:
        """Do an owner's inputs again. Raises `SourceError` where a revision is not there."""
        gathering = self._gathering
        verdict = Verifying(gathering, self._facts, self._terms, owner, self._done).run()
        gathering.hints.pop(owner, None)
        for stream in (f"audit/{owner}", f"outcome/{owner}"):
            gathering.spool.drop(stream)
        return verdict

    def close(self) -> None:
        """Let go of what was gathered."""
        self._gathering.spool.close()


def _nothing(_: Machine) -> None:
    """Do nothing with a machine that is done."""

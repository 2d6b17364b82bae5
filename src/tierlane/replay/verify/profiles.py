"""Every version of the profiles of one partition, each in force where a decision says so."""

from tierlane.ports import Record
from tierlane.replay.verify.hint import NO_PROFILE, NOT_SAID


class RecordedProfiles:
    """A store that gives the version that the audit names for the contact at hand.

    The live owner read profiles beside events, at its own pace; which version it had is told by its
    audit. Where that says nothing usable, the version is the latest among those it must have read
    by then.
    """

    def __init__(self) -> None:
        self._versions: dict[str, list[tuple[int, bytes | None]]] = {}
        self._owners: dict[int, str] = {}
        self._read = 0
        self._named = NOT_SAID
        self.missing: int = 0
        """Decisions that name a version which is not in the record."""
        self.lacking = False
        """Whether that happened since `expect`."""

    def add(self, record: Record) -> None:
        """Take in a version, offsets ascending; one without a key is passed over."""
        if record.key:
            customer = record.key.decode(errors="replace")
            self._versions.setdefault(customer, []).append((record.offset, record.value))
            self._owners[record.offset] = customer

    def expect(self, named: int) -> None:
        """Say which version the audit names for what comes now."""
        self._named = named
        self.lacking = False

    def reached(self, offset: int) -> None:
        """Say that the owner had read everything below an offset."""
        self._read = max(self._read, offset)

    def get(self, customer_id: str) -> tuple[int, bytes] | None:
        """Return offset and value of the version in force."""
        versions = self._versions.get(customer_id, [])
        named = self._named
        if named >= 0:
            owner = self._owners.get(named)
            if owner is None:
                self.missing += 1
                self.lacking = True
                return None
            if owner == customer_id:
                self.reached(named + 1)
                return _at(versions, named + 1)
        if named == NO_PROFILE:
            self._read_past_deletion(versions)
        return _at(versions, self._read)

    def _read_past_deletion(self, versions: list[tuple[int, bytes | None]]) -> None:
        """Where there was none, the owner had read the deletion of what came before."""
        if _at(versions, self._read) is None:
            return
        gone = [offset for offset, value in versions if value is None]
        later = [offset for offset in gone if offset >= self._read]
        if later:
            self.reached(later[0] + 1)

    def put(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Note that the owner read a version; it is here already."""
        del customer_id, value
        self.reached(offset + 1)


def _at(versions: list[tuple[int, bytes | None]], below: int) -> tuple[int, bytes] | None:
    """Return the latest version with an offset below one."""
    for offset, value in reversed(versions):
        if offset < below:
            return None if value is None else (offset, value)
    return None

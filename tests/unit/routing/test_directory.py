"""The directory of advisors as intake holds it."""

import orjson
import pytest

from tests.contract.event import cloud_event
from tierlane.replay.stored import StoredRecord
from tierlane.routing.directory import Directory, Home

TOPIC = "advisor.directory"


def listed(offset: int, advisor: str, desk: str = "hall") -> StoredRecord:
    return under(advisor.encode(), offset, advisor, desk)


def under(key: bytes | None, offset: int, advisor: str, desk: str) -> StoredRecord:
    """Make a record whose key may be another than it must be."""
    value = cloud_event("advisor.listed", f"d-{offset}", 0, {"advisor_id": advisor, "desk": desk})
    return StoredRecord(TOPIC, 0, offset, 0, key, value)


def gone(offset: int, advisor: str) -> StoredRecord:
    return StoredRecord(TOPIC, 0, offset, 0, advisor.encode(), None)


def directory(*records: StoredRecord) -> Directory:
    found = Directory(len)
    found.take(3, records)
    return found


def test_home_is_the_desk_of_the_latest_record() -> None:
    found = directory(listed(4, "a-1"), listed(5, "a-2"), listed(9, "a-1", "vault"))
    assert found.home("a-1") == Home("vault", 3, 9)
    assert found.home("a-2") == Home("hall", 3, 5)
    assert len(found) == 2


def test_who_is_not_listed_has_none_as_far_as_was_read() -> None:
    found = directory(listed(4, "a-1"), listed(6, "a-2"), gone(7, "a-2"))
    assert found.home("a-2") == Home(None, 3, 8)
    assert found.home("somebody") == Home(None, 8, 0)


def test_an_empty_directory_says_nothing_of_anybody() -> None:
    assert directory().home("a-1") is None
    assert directory(listed(4, "a-1"), gone(5, "a-1")).home("a-1") is None


@pytest.mark.parametrize(
    "broken",
    [
        under(b"a-2", 5, "a-1", "vault"),
        under(None, 5, "a-1", "vault"),
        under(b"\xff", 5, "a-1", "vault"),
        under(b"a-1", 5, "a-1", ""),
        StoredRecord(TOPIC, 0, 5, 0, b"a-1", b"{"),
        StoredRecord(TOPIC, 0, 5, 0, b"a-1", orjson.dumps({"advisor_id": "a-1", "desk": "vault"})),
    ],
)
def test_what_cannot_be_read_leaves_what_was_there(broken: StoredRecord) -> None:
    found = directory(listed(4, "a-1"), broken)
    assert found.home("a-1") == Home("hall", 3, 4)
    assert found.unreadable == 1


def test_what_was_looked_up_is_told_once_each() -> None:
    looking = directory(listed(4, "a-1")).looking("d")
    assert [looking(one) for one in ("a-1", "a-9", "a-1")] == [
        (True, "hall"), (True, None), (True, "hall"),
    ]  # fmt: skip
    assert looking.cause == [
        {"advisor": "a-1", "desk": "hall", "partition": 3, "offset": 4},
        {"advisor": "a-9", "desk": None, "partition": 3, "offset": 5},
    ]


def test_an_empty_directory_is_no_cause() -> None:
    looking = directory().looking("d")
    assert looking("a-1") == (False, None)
    assert looking.cause == []

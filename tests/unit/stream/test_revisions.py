"""What `policy.revisions` tells, whatever lies on it."""

from aiokafka.structs import TopicPartition

from tierlane.policy.publish.publication import Wish, after
from tierlane.replay.memory import StoredRecord
from tierlane.stream.revisions import Revisions
from tierlane.stream.settings import Settings

A = "a" * 16
PLACE = TopicPartition("policy.revisions", 3)
LIVE = after(None, "shop", Wish("published", A, 1_772_453_645_000))


def taken(*records: tuple[bytes | None, bytes | None]) -> Revisions:
    found = Revisions(Settings())
    found.take(
        PLACE,
        [StoredRecord("policy.revisions", 3, n, 0, *record) for n, record in enumerate(records)],
    )
    return found


def test_documents_are_known_by_where_they_lie():
    found = taken((b"shop@" + A.encode(), b"{}"), (b"shop@" + A.encode(), b"{} again"))
    assert found.place("shop", A) == (PLACE, 1)
    assert found.place("shop", "b" * 16) is None
    assert found.names() == []


def test_what_holds_is_the_last_record_that_can_be_read():
    found = taken((b"shop", LIVE.encoded()), (b"shop", b"\xff"))
    assert found.standing("shop") == LIVE
    assert found.unreadable("shop").startswith("not-json")
    found = taken((b"shop", b"\xff"), (b"shop", LIVE.encoded()))
    assert (found.standing("shop"), found.unreadable("shop")) == (LIVE, "")


def test_a_deleted_record_is_gone():
    found = taken((b"shop", LIVE.encoded()), (b"shop@x", b"{}"), (b"shop", None), (b"shop@x", None))
    assert (found.standing("shop"), found.place("shop", "x")) == (None, None)


def test_keys_that_are_no_text_are_passed_over():
    found = taken((None, b"{}"), (b"", b"{}"), (b"\xff", b"{}"), (b"x" * 500, b"{}"))
    assert found.names() == []

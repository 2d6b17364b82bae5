"""Rejected records as lines that a person repairs, and back."""

from typing import NamedTuple

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlane.errors import Unreadable
from tierlane.stream.rejected import Repaired, line_of, record_of


class Kept(NamedTuple):
    value: bytes | None
    key: bytes | None = b"u-1"
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "contact.rejected"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0


WHY = (
    ("tierlane-reason", b"not-json"),
    ("tierlane-detail", b"column 2"),
    ("tierlane-topic", b"contact.events"),
    ("tierlane-partition", b"3"),
    ("tierlane-offset", b"77"),
)


def test_line_says_where_it_came_from_and_why() -> None:
    row = orjson.loads(line_of(Kept(b'{"a": 1}', headers=(("trace", b"x"), *WHY))))
    assert row == {
        "topic": "contact.events",
        "partition": 3,
        "offset": 77,
        "reason": "not-json",
        "detail": "column 2",
        "headers": {"trace": "x"},
        "key_text": "u-1",
        "value": {"a": 1},
    }


@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary() | st.text().map(str.encode),
    header=st.binary(),
)
def test_an_unrepaired_record_goes_back_as_it_was(
    key: bytes | None, value: bytes | None, header: bytes
) -> None:
    back = record_of(line_of(Kept(value, key, (("trace", header), *WHY))))
    assert (back.topic, back.key) == ("contact.events", key)
    same = back.value == value
    # JSON comes back as the same JSON, its spacing aside.
    assert same or orjson.loads(back.value or b"") == orjson.loads(value or b"")


def test_a_person_writes_key_and_value_plainly() -> None:
    line = b'{"topic": "contact.events", "key": "u-1", "value": {"a": 1}}'
    assert record_of(line) == Repaired("contact.events", b"u-1", b'{"a":1}', ())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not-json"),
        (b"7", "not-an-object"),
        (b"{}", "no-topic"),
        (b'{"topic": "lane.standard"}', "no-topic"),
        (b'{"topic": "contact.events", "headers": [1]}', "bad-headers"),
        (b'{"topic": "contact.events", "key_base64": "?"}', "bad-value"),
        (b'{"topic": "contact.events", "key": 7, "value": 1}', "bad-value"),
        (b'{"topic": "contact.events", "headers": {"x": 1}, "value": 1}', "bad-value"),
    ],
)
def test_what_cannot_be_put_back_is_refused(line: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        record_of(line)
    assert caught.value.reason == reason

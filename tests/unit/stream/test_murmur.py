import random

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from tierlane.stream.murmur import FEW, hashes, murmur2, place

KNOWN = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
"""From the tests of Kafka's Java client, signed."""


@pytest.mark.parametrize(("key", "signed"), KNOWN.items())
def test_known_hashes(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF


@given(st.lists(st.binary(max_size=600), max_size=60))
def test_equal_to_aiokafkas_for_any_keys(keys: list[bytes]) -> None:
    expected = [reference(key) & 0x7FFFFFFF for key in keys]
    assert [murmur2(key) & 0x7FFFFFFF for key in keys] == expected
    assert hashes(keys) == expected


def test_equal_where_thousands_are_hashed_at_once() -> None:
    chance = random.Random(5)
    for size in range(40):
        keys = [chance.randbytes(size) for _ in range(4 * FEW)]
        assert hashes(keys) == [reference(key) & 0x7FFFFFFF for key in keys]


@given(st.binary(min_size=1), st.integers(1, 200))
def test_place_is_aiokafkas_partition(key: bytes, partitions: int) -> None:
    every = list(range(partitions))
    assert place(key, partitions) == DefaultPartitioner()(key, every, every)

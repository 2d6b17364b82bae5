"""The shelf: whatever is put away comes back, however little is kept at hand."""

from hypothesis import given
from hypothesis import strategies as st

from tierlane.replay.diff.known import Known, packed, unpacked
from tierlane.replay.shelf import Shelf
from tierlane.routing.memory import Customer

KEYS = st.integers(0, 12).map(lambda number: b"u-%d" % number)


@given(st.lists(st.tuples(KEYS, st.binary(max_size=3)), max_size=80), st.integers(1, 6))
def test_it_is_a_dictionary_however_little_is_at_hand(steps, at_hand):
    shelf, plain = Shelf(bytes, bytes, at_hand), {}
    for key, value in steps:
        if value:
            shelf.put(key, value)
            plain[key] = value
        else:
            assert shelf.get(key) == plain.get(key)
    assert {key: shelf.get(key) for key in plain} == plain
    assert shelf.get(b"none") is None
    shelf.close()
    assert not any(shelf.get(key) for key in plain)


def test_a_value_changed_in_place_is_kept_as_changed():
    shelf = Shelf(bytes, bytearray, 2)
    for number in range(10):
        shelf.put(b"%d" % number, bytearray(b"a"))
    for number in range(10):
        shelf.get(b"%d" % number).append(number)  # type: ignore[union-attr]
    assert [bytes(shelf.get(b"%d" % one) or b"")[1] for one in range(10)] == list(range(10))


def test_few_values_are_kept_at_hand():
    unpacking = []
    shelf = Shelf(bytes, lambda value: unpacking.append(value) or value, 10)
    for number in range(100):
        shelf.put(b"%d" % number, b"x")
    for number in range(100):
        assert shelf.get(b"%d" % number) == b"x"
    assert len(unpacking) >= 90


def test_what_is_known_of_a_customer_survives():
    met = Customer(
        3, 5, 9, "a-1", "returns", "solved", "chat", "gold", 7, 0, [["often", 9, "ab", ""]]
    )
    for one in (
        Known(),
        Known(b"{}"),
        Known(None, heard=[1_772_000_000_000, "4:sitee-1"]),
        Known(b"{}", met, Customer(), [5, "a", 6, "b"]),
        Known(b"", Customer(), Customer()),
        Known(None, met, Customer(contacts=1)),
        Known(b'{"x":"\xc3\xa9"}', met, met),
    ):
        assert unpacked(packed(one)) == one

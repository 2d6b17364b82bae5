"""Which advisors are as wanted, as a set of bits that is kept and not asked anew."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tierlane.policy.line.want import Bound, Wanted

if TYPE_CHECKING:  # a bay knows its kin, and its kin the bay
    from tierlane.routing.waiting.bay import Bay


_NAMES: Final = frozenset({"id", "team"})


def naming(wants: Iterable[Bound]) -> tuple[Bound, ...]:
    """Return the wants that name advisors or a team, and that nothing else can meet."""
    return tuple(
        want
        for want in wants
        if want.tests
        and all(one.field in _NAMES and one.sign in ("==", "among") for one in want.tests)
    )


class Kin:
    """Contacts that want the same of an advisor."""

    __slots__ = ("bays", "bits", "named", "wants")

    def __init__(self, wants: tuple[Bound, ...], bits: int) -> None:
        self.wants = wants
        self.bits = bits
        """The seats that are as wanted."""
        self.named = naming(wants)
        self.bays: list[Bay] = []


class Fields:
    """The seats by what is known of them: field → value → bits.

    A want is tried once for each value that a field has at the desk, not for each advisor: 2,000
    advisors have five levels of a skill, and one of them has an id.
    """

    __slots__ = ("_by_field", "everybody")

    def __init__(self) -> None:
        self._by_field: dict[str, dict[Any, tuple[Any, int]]] = {}
        self.everybody = 0

    def add(self, values: Mapping[str, Any], bit: int) -> None:
        """Take in a seat."""
        self.everybody |= bit
        for field, value in values.items():
            known = self._by_field.setdefault(field, {})
            key = _hashable(value)
            known[key] = (value, known.get(key, (value, 0))[1] | bit)

    def remove(self, values: Mapping[str, Any], bit: int) -> None:
        """Take a seat out."""
        self.everybody &= ~bit
        for field, value in values.items():
            known, key = self._by_field[field], _hashable(value)
            left = known.pop(key)[1] & ~bit
            if left:
                known[key] = (value, left)

    def meeting(self, wants: tuple[Bound, ...]) -> int:
        """Return the seats that meet all wants."""
        found = self.everybody
        for want in wants:
            able = 0
            for test in want.tests:
                able |= self._passing(test)
            found &= able
        return found

    def _passing(self, test: Wanted) -> int:
        known = self._by_field.get(test.field, {})
        if test.sign == "==" and test.value is not None:
            return known.get(_hashable(test.value), (None, 0))[1]
        found = lacking = 0
        if test.holds({}):
            lacking = self.everybody
        for value, bits in known.values():
            lacking &= ~bits
            if test.holds({test.field: value}):
                found |= bits
        return found | lacking


def _hashable(value: Any) -> Any:
    """Return a key for a value; equal values that can be hashed have equal keys."""
    try:
        hash(value)
    except TypeError:
        return ("", repr(value))
    return value

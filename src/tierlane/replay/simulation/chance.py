"""Numbers drawn by lot, each from seed, replication, contact and purpose alone.

No generator runs on from contact to contact: whoever is served in another order, or by another
policy, draws the same numbers. They are reckoned by multiplying and shifting 64 bits, so that those
of a million contacts are drawn at once; one by one or at once, they are the same.
"""

from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bits = NDArray[np.uint64]
"""Numbers of 64 bits, such as those that stand for contacts."""

_SCALE: Final = 2.0**-53
_HALF: Final = 2.0**-54
"""Half a step: a number is never 0 and never 1, so that every quantile of it is finite."""
_WORD: Final = 2**64 - 1
# The steps of SplitMix64 and its mixing, by Steele, Lea and Flood (OOPSLA 2014), as Stafford tuned
# it: each bit of what comes out hangs on each bit of what goes in.
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_AGAIN: Final = 0xD1B54A32D192ED03
"""An odd number, so that further offers begin elsewhere than purposes do."""

PATIENCE, SERVICE, DELAY, TAKES = range(1, 5)
"""What is drawn for a contact: how far it is from where its numbers begin."""


class Draws(NamedTuple):
    """The numbers of one contact, between 0 and 1, by purpose."""

    patience: float
    service: float
    delay: float
    """Until the advisor answers the first offer."""
    takes: float
    """Whether the first offer is taken."""


class Chance:
    """The lot of one replication."""

    __slots__ = ("_key", "_name")

    def __init__(self, seed: int, replication: int) -> None:
        self._name = f"{seed}/{replication}"
        self._key = _digest(self._name)

    def of(self, contact_id: str, again: int = 0) -> Draws:
        """Return the numbers of a contact; `again` counts its further offers."""
        begin = _mix(number_of(contact_id) ^ self._key)
        if again:
            begin = _mix(begin ^ again * _AGAIN & _WORD)
        return Draws(
            *((_mix(begin + n * _STEP & _WORD) >> 11) * _SCALE + _HALF for n in range(1, 5))
        )

    def all_of(self, numbers: Bits, purpose: int) -> Floats:
        """Return what `of` gives many contacts for one purpose, these by `number_of` their ids."""
        begin = _mixed(numbers ^ np.uint64(self._key))
        return _between(_mixed(begin + np.uint64(purpose * _STEP & _WORD)))

    def row(self, purpose: str, first: int, count: int) -> Floats:
        """Return `count` numbers of an endless row, from the one at `first` on; 0 is the first."""
        begin = np.uint64(_digest(f"{self._name}/{purpose}"))
        places = np.arange(first + 1, first + count + 1, dtype=np.uint64)
        return _between(_mixed(begin + places * np.uint64(_STEP)))

    def stream(self, purpose: str) -> Random:
        """Return a generator for the few numbers that are drawn before anything happens."""
        return Random(f"{self._name}/{purpose}")  # noqa: S311 # a model's lot, not a secret


def number_of(contact_id: str) -> int:
    """Return the number that stands for a contact; for ids `NAME-1`, `NAME-2` … as `numbers_of`."""
    name, dash, count = contact_id.rpartition("-")
    if dash and len(count) < 16 and count.isascii() and count.isdecimal() and count[0] != "0":
        return _mix(_stem(name) + int(count) * _STEP & _WORD)
    return _digest(contact_id)


def numbers_of(name: str, counts: Bits) -> Bits:
    """Return the numbers that stand for the contacts `NAME-COUNT`."""
    return _mixed(np.uint64(_stem(name)) + counts * np.uint64(_STEP))


@lru_cache(maxsize=1024)
def _stem(name: str) -> int:
    return _digest(f"{name}-")


def _digest(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _mix(bits: int) -> int:
    bits = (bits ^ bits >> 30) * _FIRST & _WORD
    bits = (bits ^ bits >> 27) * _SECOND & _WORD
    return bits ^ bits >> 31


def _mixed(bits: Bits) -> Bits:
    """Return what `_mix` makes of each."""
    bits = (bits ^ bits >> np.uint64(30)) * np.uint64(_FIRST)
    bits = (bits ^ bits >> np.uint64(27)) * np.uint64(_SECOND)
    return bits ^ bits >> np.uint64(31)


def _between(bits: Bits) -> Floats:
    return (bits >> np.uint64(11)).astype(np.float64) * _SCALE + _HALF

"""Numbers drawn by lot, each from seed, replication, contact and purpose alone.

No generator runs on from contact to contact: whoever is served in another order, or by another
policy, draws the same numbers.
"""

from hashlib import blake2b
from random import Random
from struct import Struct
from typing import Final, NamedTuple

_EIGHT: Final = Struct("<8Q")
_SCALE: Final = 2.0**-53
_HALF: Final = 2.0**-54
"""Half a step: a number is never 0 and never 1, so that every quantile of it is finite."""


class Draws(NamedTuple):
    """The numbers of one contact, between 0 and 1, by purpose."""

    patience: float
    service: float
    delay: float
    """Until the advisor answers the first offer."""
    takes: float
    """Whether the first offer is taken."""
    day: float
    spare: tuple[float, ...] = ()


class Chance:
    """The lot of one replication."""

    __slots__ = ("_key", "_name")

    def __init__(self, seed: int, replication: int) -> None:
        self._name = f"{seed}/{replication}"
        self._key = blake2b(self._name.encode(), digest_size=64).digest()

    def of(self, contact_id: str, again: int = 0) -> Draws:
        """Return the numbers of a contact; `again` counts its further offers."""
        name = f"{contact_id}\0{again}" if again else contact_id
        digest = blake2b(name.encode("utf-8", "surrogatepass"), key=self._key).digest()
        a, b, c, d, e, *rest = [(one >> 11) * _SCALE + _HALF for one in _EIGHT.unpack(digest)]
        return Draws(a, b, c, d, e, tuple(rest))

    def stream(self, purpose: str) -> Random:
        """Return a generator for what is drawn in one go before anything happens: arrivals."""
        return Random(f"{self._name}/{purpose}")  # noqa: S311 # a model's lot, not a secret

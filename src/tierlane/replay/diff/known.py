"""What is known of a customer while two policies are compared: the profile, and what each keeps."""

from dataclasses import dataclass
from struct import Struct
from typing import Final

import orjson

from tierlane.routing.memory import Customer

_LENGTH: Final = Struct("<q")
"""Of the profile; -1 where there is none."""


@dataclass(slots=True)
class Known:
    """Of one customer."""

    profile: bytes | None = None
    """The latest version, as it was read."""
    by_a: Customer | None = None
    """What policy A would remember; None before the first contact."""
    by_b: Customer | None = None

    def forget(self) -> None:
        """Forget everything, as an owner does when a profile is deleted."""
        self.profile = self.by_a = self.by_b = None


def packed(known: Known) -> bytes:
    """Return it as bytes, to be put away."""
    profile = known.profile
    length = _LENGTH.pack(-1 if profile is None else len(profile))
    by_a, by_b = known.by_a, known.by_b
    memories = b"" if by_a is None or by_b is None else orjson.dumps((by_a.pack(), by_b.pack()))
    return b"".join((length, profile or b"", memories))


def unpacked(value: bytes) -> Known:
    """Return what `packed` was given."""
    (length,) = _LENGTH.unpack_from(value)
    at = _LENGTH.size + max(length, 0)
    profile = None if length < 0 else value[_LENGTH.size : at]
    if at == len(value):
        return Known(profile)
    by_a, by_b = orjson.loads(value[at:])
    return Known(profile, Customer(*by_a), Customer(*by_b))

"""What is known under a key while two policies are compared: the profile, and what each keeps."""

from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final

import orjson

from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import Customer

_LENGTH: Final = Struct("<q")
"""Of the profile; -1 where there is none."""


@dataclass(slots=True)
class Known:
    """Of one customer, or of a contact whose customer is not known."""

    profile: bytes | None = None
    """The latest version, as it was read."""
    by_a: Customer | None = None
    """What policy A would remember; None before the first contact."""
    by_b: Customer | None = None
    heard: list[Any] = field(default_factory=list)
    """When an arrival was seen, in ms, and its event's name; one after another, oldest first."""

    def hears(self, name: str, seen: int) -> bool:
        """Take in an arrival; False for one that a worker would know, and pass over."""
        heard = self.heard
        while heard and heard[0] <= seen - _LIMITS.dedupe_window:
            del heard[:2]
        if name in heard:
            return False
        heard += (seen, name)
        if len(heard) > 2 * _LIMITS.dedupe_events:
            del heard[:2]
        return True

    def forget(self) -> None:
        """Forget everything, as an owner does when a profile is deleted."""
        self.profile = self.by_a = self.by_b = None


_LIMITS: Final = IntakeLimits()


def packed(known: Known) -> bytes:
    """Return it as bytes, to be put away."""
    profile = known.profile
    length = _LENGTH.pack(-1 if profile is None else len(profile))
    by_a, by_b = known.by_a, known.by_b
    kept: list[Any] = [known.heard]
    if by_a is not None and by_b is not None:
        kept += (by_a.pack(), by_b.pack())
    rest = orjson.dumps(kept) if known.heard or len(kept) > 1 else b""
    return b"".join((length, profile or b"", rest))


def unpacked(value: bytes) -> Known:
    """Return what `packed` was given."""
    (length,) = _LENGTH.unpack_from(value)
    at = _LENGTH.size + max(length, 0)
    profile = None if length < 0 else value[_LENGTH.size : at]
    if at == len(value):
        return Known(profile)
    heard, *memories = orjson.loads(value[at:])
    by_a, by_b = (Customer(*one) for one in memories) if memories else (None, None)
    return Known(profile, by_a, by_b, heard)

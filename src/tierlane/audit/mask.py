"""Masking: what must not be shown leaves a receipt, by which equal values can be found equal.

A receipt is a keyed digest. The key is handed in and is never written to Kafka, so who reads the
audit cannot try out values; with the key an owner of the data can.
"""

from hashlib import blake2b

import orjson

from tierlane.errors import SettingError

SHORTEST = 16
"""Bytes of a key: with fewer, all keys could be tried."""
LONGEST = 64


class Mask:
    """Makes receipts by one key; raises SettingError when the key is too short or too long."""

    __slots__ = ("_start",)

    def __init__(self, key: bytes) -> None:
        if not SHORTEST <= len(key) <= LONGEST:
            hint = "make one: `openssl rand -hex 32`"
            raise SettingError(f"the mask key must have {SHORTEST} to {LONGEST} bytes", hint=hint)
        self._start = blake2b(key=key, digest_size=8)

    def receipt(self, path: str, value: object) -> str:
        """Return 16 characters that stand for the value of a field."""
        digest = self._start.copy()
        digest.update(path.encode())
        digest.update(b"\0")
        digest.update(orjson.dumps(value, default=repr))
        return digest.hexdigest()

    def receipts(self, masked: dict[str, object]) -> dict[str, str]:
        """Return the receipt of every masked field."""
        return {path: self.receipt(path, value) for path, value in masked.items()}

    def __repr__(self) -> str:
        """Say that there is a key, not which."""
        return "Mask(…)"

"""Masking: what must not be shown leaves a receipt, by which equal values can be found equal.

A receipt is a keyed digest of the field and its value; by `hash` it is a pseudonym, of the value
alone, which is the same in every field and record. The key is handed in and is never written to
Kafka, so who reads the audit cannot try out values; with the key an owner of the data can.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from tierlane.decision import Masked
from tierlane.errors import SettingError

SHORTEST = 16
"""Bytes of a key: with fewer, all keys could be tried."""
LONGEST = 64
SHORT = 32
"""Bytes of an encoded value, or characters of a text, whose receipt is kept: years, wishes and the
like come again."""
MOST_KEPT = 4_096


class Mask:
    """Makes receipts by one key; raises SettingError when the key is too short or too long."""

    __slots__ = ("_fields", "_kept", "_key", "_secret", "_told")

    def __init__(self, key: bytes) -> None:
        if not SHORTEST <= len(key) <= LONGEST:
            hint = "make one: `openssl rand -hex 32`"
            raise SettingError(f"the mask key must have {SHORTEST} to {LONGEST} bytes", hint=hint)
        self._secret = key
        self._key = blake2b(key=key, digest_size=8)
        self._fields: dict[str, Any] = {}
        self._kept: dict[tuple[str, bytes], str] = {}
        self._told: dict[tuple[str, str, str | int], str] = {}
        """Path, mask and value → receipt, after what may be shown."""

    def __reduce__(self) -> tuple[type["Mask"], tuple[bytes]]:
        """Find the way to another process of replay, which makes the same receipts."""
        return Mask, (self._secret,)

    def receipt(self, path: str, value: object) -> str:
        """Return 16 characters that stand for the value of a field."""
        encoded = orjson.dumps(value, default=repr)
        if len(encoded) > SHORT or type(value) is float:  # hardly ever the same twice
            return self._digest(path, encoded)
        kept = self._kept.get((path, encoded))
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[path, encoded] = self._digest(path, encoded)
        return kept

    def _digest(self, path: str, encoded: bytes) -> str:
        field = self._fields.get(path)
        if field is None:
            field = self._key.copy()
            field.update(path.encode() + b"\0")
            self._fields[path] = field
        digest = field.copy()
        digest.update(encoded)
        found: str = digest.hexdigest()
        return found

    def pseudonym(self, value: object) -> str:
        """Return 16 characters that stand for a value in whatever field it is: a key to join by."""
        return self.receipt("", value)

    def receipts(self, masked: Mapping[str, Masked]) -> dict[str, str]:
        """Return the receipt of every masked field, after the part that its mask shows."""
        found = {}
        for path, one in masked.items():
            how, value = one
            if type(value) is int or (type(value) is str and len(value) <= SHORT):
                told = self._told.get((path, how, value))
                if told is None:
                    if len(self._told) >= MOST_KEPT:
                        self._told.clear()
                    told = self._told[path, how, value] = self._tell(path, one)
            else:
                told = self._tell(path, one)
            found[path] = told
        return found

    def _tell(self, path: str, one: Masked) -> str:
        shown = _shown(one) if one.how in _TELLING else ""
        return shown + self.receipt("" if one.how == "hash" else path, one.value)

    def __repr__(self) -> str:
        """Say that there is a key, not which."""
        return "Mask(…)"


_TELLING = ("last 4", "year")
"""Masks that show a part of the value."""


def _shown(one: Masked) -> str:
    """Return `…4242 ` for `last 4` and `1990 ` for `year`; nothing where that would tell all."""
    text = str(one.value)
    if one.how == "last 4" and len(text) > 8:
        return f"…{text[-4:]} "
    if one.how == "year" and isinstance(one.value, str | int):
        year = text[:4] if text[4:5] in ("", "-") else ""
        return f"{year} " if len(year) == 4 and year.isdigit() else ""
    return ""

"""What the core asks of the world, as protocols; drivers implement them."""

from collections.abc import Sequence
from typing import Protocol


class Record(Protocol):
    """One Kafka record as a client library hands it over; never copied."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970 at which the log took it: the `seen` clock."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class ProfileStore(Protocol):
    """The profiles of one partition of `customer.profiles`, as raw values."""

    def get(self, customer_id: str) -> tuple[int, bytes] | None:
        """Return the offset and value last put for the customer."""

    def put(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Keep a value, or forget the customer at None; an older offset changes nothing."""

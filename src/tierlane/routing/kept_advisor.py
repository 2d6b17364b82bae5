"""An advisor as the owner of a desk keeps them: managed or not, by what was heard of them."""

from dataclasses import dataclass

import orjson


@dataclass(slots=True)
class KeptAdvisor:
    """An advisor as the desk keeps it."""

    id: str
    desk: str
    state: str = "unknown"
    """As the advisor's events say, or `unknown` before the first of them."""
    until: int = 0
    """When nothing was heard for too long, on the `seen` clock."""
    held: tuple[str, ...] = ()
    """The contacts the advisor has, oldest first."""
    heard: tuple[str, ...] = ()
    """Names of the events heard, oldest first."""

    @classmethod
    def read(cls, value: bytes) -> "KeptAdvisor":
        """Return the advisor of a kept value, its deadline before it."""
        _, _, advisor_id, desk, state, until, held, heard = orjson.loads(value)
        return cls(advisor_id, desk, state, until, tuple(held), tuple(heard))

    def packed(self) -> bytes:
        """Return the fields in the form that is kept."""
        return orjson.dumps((self.id, self.desk, self.state, self.until, self.held, self.heard))


def advisor_key(advisor_id: str, desk: str) -> bytes:
    """Return what an advisor at a desk is kept under; the lengths keep two from being one."""
    return f"{len(desk)}:{desk}{advisor_id}".encode()

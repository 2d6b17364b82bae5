"""Values every part shares: times."""

from datetime import UTC, datetime


def parse_time(text: str) -> int:
    """Return milliseconds since 1970 for an ISO 8601 time with an offset.

    Raises ValueError when it is no such time or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("time without an offset")
    return round(moment.timestamp() * 1000)


def format_time(ms: int) -> str:
    """Return the ISO 8601 time in UTC with milliseconds, such as `2026-03-02T12:14:05.120Z`."""
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"

"""The envelope of the records that machines write beside the audit: CloudEvents 1.0, encoded."""

from collections.abc import Mapping
from typing import Any

import orjson

from tierlane.value import format_time


def enveloped(
    kind: str,
    data: Mapping[str, Any],
    *,
    event_id: str | None,
    source: str,
    at: int,
    subject: str,
) -> bytes:
    """Encode an event of a type; `at` in ms. Raises `TypeError` for data nested too deep."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "type": kind,
            "time": format_time(at),
            "subject": subject,
            "data": data,
        }
    )

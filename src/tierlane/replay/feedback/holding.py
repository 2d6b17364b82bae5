"""Whether a source tells anything of how contacts ended, found without reading it as events."""

from typing import Final

from tierlane.contact.event import FEEDBACK
from tierlane.replay.source.source import Source
from tierlane.topic import CONTACT_EVENTS

_MARKS: Final = (FEEDBACK.encode(), b'"outcome"')
"""Texts that stand in an event which tells it: its type, or its key."""


def holds_outcomes(source: Source) -> bool:
    """Tell whether any contact says how it ended; reads up to the first. Raises SourceError.

    A text that only looks like it costs a reading of the source, and no wrong figure.
    """
    return any(
        mark in (record.value or b"")
        for batch in source.batches((CONTACT_EVENTS,))
        for record in batch
        for mark in _MARKS
    )

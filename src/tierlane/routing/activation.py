"""What the audit tells of a revision that becomes active."""

from collections.abc import Mapping
from typing import Any

from tierlane.policy.publish.publication import Publication


def activation(
    positions: Mapping[str, int], before: tuple[str, str] | None, publication: Publication
) -> dict[str, Any]:
    """Return from which offsets on it holds, what was active before, and how it was published."""
    return {
        "next": dict(positions),
        "before": before and "@".join(before),
        **_told(publication),
    }


def _told(publication: Publication) -> dict[str, Any]:
    """Return what an activation tells of how its revision was published; of a file, nothing."""
    if not publication.number:
        return {}
    told: dict[str, Any] = {"published": publication.number, "in_flight": publication.in_flight}
    if publication.allowed:
        told |= {"allowed": list(publication.allowed), "reason": publication.reason}
    return told

"""Lanes: the places where a contact waits for service, and the channels it comes by."""

from dataclasses import dataclass
from typing import Final, Literal

KINDS: Final = ("standard", "priority", "dedicated", "selfservice")
"""The kinds of lane; each has its topic `lane.KIND`."""

CHANNELS: Final = (
    "voice",
    "chat",
    "email",
    "mail",
    "sms",
    "social",
    "app",
    "web",
    "video",
    "counter",
    "kiosk",
    "task",
)
"""Known without a word in the policy; `fields: {contact.channel: […]}` states others."""


@dataclass(frozen=True, slots=True)
class Detour:
    """What becomes of a contact whose lane is full or closed."""

    how: Literal["next", "wait", "plan"] = "next"
    """The next step; waiting here, its age running; or another plan."""
    plan: str = ""


NEXT_STEP: Final = Detour()


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane as the policy declares it; empty `channels` takes every channel."""

    name: str
    kind: str
    desk: str
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """What is spoken here; empty: any. A contact that states no language may enter."""
    can: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    identity: int = 0
    """The least strength of identification this lane accepts."""
    serve: tuple[tuple[str, object], ...] = ()
    most_waiting: int | None = None
    """Contacts that may wait here before the lane is full."""
    longest_wait: int | None = None
    """The expected wait, in ms, above which the lane is full."""
    full: Detour = NEXT_STEP
    closed: Detour = NEXT_STEP

    def keeps(self, mark: "Compliance", identity: int) -> bool:
        """Tell whether a contact identified to `identity` may be served here under the marks."""
        return (
            all(skill in self.can for skill in mark.can)
            and all(any(script in self.scripts for script in one) for one in mark.scripts)
            and (identity >= mark.identity or "verify" in self.can)
        )


@dataclass(frozen=True, slots=True)
class Compliance:
    """What all compliance rules that held ask together."""

    can: tuple[str, ...] = ()
    scripts: tuple[tuple[str, ...], ...] = ()
    """One list per rule; a lane needs at least one script of each."""
    identity: int = 0
    retain_years: int = 0
    retain_ms: int = 0
    rules: "tuple[tuple[str, Compliance], ...]" = ()
    """What each rule that held asks by itself, under its row: `compliance/claims`."""

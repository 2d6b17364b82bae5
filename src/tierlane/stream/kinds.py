"""The kinds of owner that a worker runs: intake, over the policy it is given, and desk."""

from hashlib import blake2b
from pathlib import Path
from typing import Final

import structlog

from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.ports import ProfileStore
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.routing.limit import IntakeLimits
from tierlane.stream.desk_following import DeskFollowing
from tierlane.stream.following import Following
from tierlane.stream.ground import Kind
from tierlane.stream.policy_file import find_file, read_policy_file
from tierlane.stream.settings import Settings
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES, DESK_INPUTS, INTAKE_RETURNS

log = structlog.get_logger(__name__)

INTAKE_STATE: Final = "tierlane.intake.state"
DESK_STATE: Final = "tierlane.desk.state"

INPUTS: Final = (CUSTOMER_PROFILES, INTAKE_RETURNS, CONTACT_EVENTS)
"""Within a batch profiles go first, so that a contact meets a profile that came with it."""


def read_policy(path: Path) -> Revision:
    """Compile the policy file; raises UsageError where it cannot be read, PolicyError."""
    return compile_policy(read_policy_file(path), str(path), find_file)


def every_kind(settings: Settings) -> tuple[Kind, ...]:
    """Return the kinds of owner of a whole worker; raises as `read_policy` does."""
    revision = None if settings.policy is None else read_policy(settings.policy)
    following = Following(settings, revision)
    return intake_kind(settings, following), desk_kind(settings, following)


def desk_kind(settings: Settings, following: Following) -> Kind:
    """Return the kind of owner that runs desks, by the policy that is followed."""

    def make(*, partition: int, profiles: ProfileStore) -> Desk:  # noqa: ARG001  # it reads none
        return Desk(
            partition=partition,
            deployment=settings.deployment,
            revision=following.revision,
            lookup=following.find,
        )

    change = DeskFollowing(following)
    return Kind("desk", DESK_INPUTS, DESK_STATE, make, change=change, by_time=True)


def intake_kind(settings: Settings, following: Following) -> Kind:
    """Return the kind of owner that decides contacts, by the policy that is followed."""
    mask = make_mask(settings)
    limits = IntakeLimits(dedupe_window=int(settings.dedupe_window * 1000))

    def make(*, partition: int, profiles: ProfileStore) -> Intake:
        return Intake(
            partition=partition,
            deployment=settings.deployment,
            revision=following.revision,
            profiles=profiles,
            mask=mask,
            limits=limits,
            directory=following.listing.directory,
        )

    return Kind("intake", INPUTS, INTAKE_STATE, make, CUSTOMER_PROFILES, following)


def make_mask(settings: Settings) -> Mask:
    """Return what makes receipts of masked inputs.

    Without a key of the installation's own, one is derived from the deployment's name. Receipts
    then tell equal values apart from others, but whoever knows the name can try values out.
    """
    key = settings.mask_key.get_secret_value().encode()
    if not key:
        log.warning(
            "no mask key is set: who knows the deployment's name can try out what is masked",
            hint="set TIERLANE_MASK_KEY, the same for all workers",
        )
    return Mask(key or blake2b(settings.deployment.encode(), digest_size=32).digest())

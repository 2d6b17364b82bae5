"""An intake looks up in the directory where a named advisor is; that is audited and verified."""

from typing import Any

import orjson
import pytest

from tests.contract.driver import DEPLOYMENT, MASK_KEY, Sent
from tests.contract.event import advisor, arrived, profile
from tests.unit.routing.test_directory import listed
from tests.unit.routing.test_home import POLICY
from tierlane.audit.mask import Mask
from tierlane.policy.line.figure import ABSENT
from tierlane.ports import ProfileStore
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing.desk import Desk
from tierlane.routing.directory import Directory
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place

NOW = 1_772_442_000_000


class Firm:
    """Intakes and desks of a policy in memory, with a directory beside them."""

    def __init__(self, directory: Directory | None) -> None:
        self._directory = directory
        self.log = MemoryLog(2, place, NOW)
        self._driver = MemoryDriver(self.log, self._intake, self._desk)

    def _intake(self, *, partition: int, profiles: ProfileStore) -> Intake:
        return Intake(
            partition=partition, deployment=DEPLOYMENT, revision=POLICY, profiles=profiles,
            mask=Mask(MASK_KEY), directory=self._directory,
        )  # fmt: skip

    def _desk(self, *, partition: int) -> Desk:
        return Desk(partition=partition, deployment=DEPLOYMENT, revision=POLICY)

    def send(self, *records: Sent) -> None:
        for one in records:
            self.log.now += 1
            self.log.append(*one)
        self._driver.settle()

    def audits(self, kind: str) -> list[dict[str, Any]]:
        found = [orjson.loads(one.value or b"")["data"] for one in self.log.all("routing.audit")]
        return [one for one in found if one["kind"] == kind]


def sent_to(desk: str | None, *, known: bool = True) -> Firm:
    """Let a contact come whose advisor is at home at a desk, or in no directory."""
    directory = Directory()
    if known:
        directory.take(1, [listed(7, "a-1" if desk else "a-2", desk or "north")])
    firm = Firm(directory)
    firm.send(
        advisor("signed_on", "on", NOW, "south"),
        profile("u-1", dedicated_advisor="a-1"),
        arrived(NOW, "k-1", "u-1", channel="chat"),
    )
    verdict = verify(firm.log, Terms(Mask(MASK_KEY), deployment=DEPLOYMENT), files=[POLICY])
    assert verdict.differences == []
    return firm


@pytest.mark.parametrize(
    ("desk", "lane"), [("south", "south-keeper"), ("north", "north-keeper"), (None, "people")]
)
def test_contact_goes_to_the_home_desk_and_the_audit_says_why(desk: str | None, lane: str) -> None:
    firm = sent_to(desk)
    (decided,) = firm.audits("decided")
    offset = 7 if desk else 0
    assert decided["cause"]["directory"] == [
        {"advisor": "a-1", "desk": desk, "partition": 1 if desk else 0, "offset": offset}
    ]
    (entered,) = firm.audits("entered")
    assert entered["lane"] == lane
    if desk is None:
        assert entered["passed_over"] == [{"step": 1, "lane": "north-keeper", "reason": ABSENT}]
    assert len(firm.audits("offered")) == (desk == "south")


def test_an_empty_directory_is_no_cause() -> None:
    firm = sent_to("south", known=False)
    (decided,) = firm.audits("decided")
    assert "directory" not in decided["cause"]
    (entered,) = firm.audits("entered")
    assert entered["lane"] == "north-keeper"

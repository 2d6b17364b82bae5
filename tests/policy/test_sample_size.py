"""The bound of the contracts on what ships: 2 KB in the median, for ids and causes as intake's."""

from pathlib import Path
from statistics import median

import orjson

from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.policy.compiling.compile import compile_policy
from tierlane.sample import Sample

PACK = Path("src/tierlane/policy/packs/sample.yaml")
NOW = 1_772_800_000_000


def test_the_median_record_of_the_sample_has_at_most_two_kilobytes():
    revision = compile_policy(PACK.read_bytes(), str(PACK))
    sample, mask = Sample(3000, 1), Mask(b"k" * 32)
    profiles = {}
    for line in sample.profile_lines():
        data = orjson.loads(line)["data"]
        profiles[data["customer_id"]] = data
    sizes = []
    for number, line in enumerate(sample.contact_lines()):
        event = orjson.loads(line)
        if event["type"] != "tierlane.contact.arrived.v1":
            continue
        data = event["data"]
        record = decided(
            revision.decide(data, profiles.get(data.get("customer_id")), {"contacts": 3}, NOW),
            decision_id=f"d1.ce17.{10**7 + number}.d0",
            owner="intake-17",
            seq=10**6 + number,
            contact_id=data["contact_id"],
            at=NOW,
            seen=NOW + 12,
            cause={
                "topic": "contact.events", "partition": 17, "offset": 10**7 + number,
                "profile": {"partition": 17, "offset": 10**6},
            },
            mask=mask,
        )  # fmt: skip
        sizes.append(len(record))
    assert len(sizes) > 2500
    assert median(sizes) <= 2048
    assert max(sizes) <= 4096

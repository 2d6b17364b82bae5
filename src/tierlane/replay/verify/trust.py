"""Decisions made again from the audit alone: from the inputs that each says it used."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.decision import Fault
from tierlane.replay.library import Library
from tierlane.replay.verify.difference import Difference, Kind, Passes, first
from tierlane.replay.verify.spool import Item
from tierlane.replay.verify.verdict import Verdict
from tierlane.topic import ROUTING_AUDIT
from tierlane.value import parse_time

OWN: Final = frozenset({"wrong_type", "skew", "wrong_key", "unreadable_profile", "no_working_time"})
"""Errors that intake adds to those of the rules; taken over as they were recorded."""


class Trust:
    """Goes through one owner's audit."""

    def __init__(
        self, library: Library, mask: Mask, passes: Passes, *, midway: bool = False
    ) -> None:
        """`midway`: the owner kept something when the record begins, which is not in it."""
        self._midway = midway
        self._library = library
        self._mask = mask
        self._passes = passes

    def run(self, owner: str, recorded: Iterator[Item]) -> Verdict:
        """Return what was found; a gap in `seq` is a missing record, whatever it said."""
        verdict = Verdict(owners=1)
        before = 0
        last = b""
        for seq, record in recorded:
            value = record.value or b""
            if seq == before:
                kind: Kind = "doubled" if value == last else "inserted"
                id_ = str(orjson.loads(value).get("id"))
                verdict.differences.append(Difference(kind, ROUTING_AUDIT, owner, seq, id_))
                continue
            for gone in range(before + 1, seq) if before else ():
                verdict.differences.append(Difference("missing", ROUTING_AUDIT, owner, gone, ""))
            before, last = seq, value
            self._one(verdict, owner, orjson.loads(value))
        return verdict

    def _one(self, verdict: Verdict, owner: str, event: Mapping[str, Any]) -> None:
        data = event["data"]
        if data["kind"] != "decided":
            if self._midway:
                verdict.midway += 1
            else:
                verdict.compared[data["kind"]] += 1
            return
        if data.get("masked") or data.get("truncated"):
            verdict.trusted += 1
            return
        found = first(event, self._derived(event), self._passes)
        if found is None:
            if self._midway and _hung_on_before(data):
                verdict.midway += 1
            else:
                verdict.compared["decided"] += 1
            return
        verdict.differences.append(
            Difference("changed", ROUTING_AUDIT, owner, data["seq"], event["id"], *found)
        )

    def _derived(self, event: Mapping[str, Any]) -> Any:
        """Make the decision again and return the record that it gives."""
        data = event["data"]
        policy = data["policy"]
        revision = self._library.get(f"{policy['name']}@{policy['revision']}")
        contact, profile, memory = _nested(data)
        at, seen = parse_time(data["at"]), parse_time(data["seen"])
        decision = revision.decide(contact, profile, memory, at, data.get("draws") or {})
        own = tuple(
            Fault(one["error"], one["at"], one.get("detail", ""))
            for one in data.get("errors", ())
            if one["error"] in OWN and not _told(one, decision.errors)
        )
        value = decided(
            decision,
            decision_id=data["decision_id"],
            owner=data["owner"],
            seq=data["seq"],
            contact_id=data["contact_id"],
            at=at,
            seen=seen,
            cause=data["cause"],
            mask=self._mask,
            again=bool(data.get("again")),
            errors=own,
            source=event["source"],
        )
        return orjson.loads(value)


def _hung_on_before(data: Mapping[str, Any]) -> bool:
    """Tell whether a decision used what the owner kept: of the customer, or of the contact."""
    remembered = any(path.startswith("memory.") for path in data.get("inputs") or {})
    return remembered or bool(data.get("again"))


def _told(error: Mapping[str, str], faults: tuple[Fault, ...]) -> bool:
    return any(one.code == error["error"] and one.place == error["at"] for one in faults)


def _nested(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None, Any]:
    """Return contact, profile and memory as the inputs show them.

    There was a profile if the cause names one, whatever of it was read.
    """
    roots: dict[str, dict[str, Any]] = {"contact": {}, "profile": {}, "memory": {}}
    for path, value in (data.get("inputs") or {}).items():
        at, *inner, name = path.split(".")
        place = roots.get(at)
        if place is None:
            continue
        for one in inner:
            place = place.setdefault(one, {})
        place[name] = value
    # Whether there were a customer and a readable profile is not among what rules read; where
    # there were none, an error says so.
    errors = {one["error"] for one in data.get("errors", ())}
    roots["contact"].setdefault("contact_id", data["contact_id"])
    if "unknown_customer" not in errors:
        roots["contact"].setdefault("customer_id", data["contact_id"])
    known = "profile" in data["cause"] and "unreadable_profile" not in errors
    profile = roots["profile"] if known else None
    return roots["contact"], profile, roots["memory"] or None

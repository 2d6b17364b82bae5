"""Audit records: CloudEvents whose `data` says why, never above 16 KB.

What a class shares comes encoded from the outcome; a record joins it with the contact's own part.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import orjson

from tierlane.audit.mask import Mask
from tierlane.contact.reading import LATEST
from tierlane.decision import Decision, Fault, Promise
from tierlane.value import format_time

TYPE: Final = "tierlane.audit.v1"
LARGEST: Final = 16 * 1024
"""Bytes of a record, the envelope included."""
LONGEST_INPUT: Final = 256
"""Characters of one input value; a longer one is left out and counted in `truncated`."""
MOST_INPUTS: Final = 4_000
"""Bytes of all inputs together, likewise."""
LARGE: Final = 1_024
"""Bytes of a contact's own part above which its inputs are looked at one by one."""
MOST_ERRORS: Final = 20

Cause = Mapping[str, Any] | orjson.Fragment

ENGINE: Final = {
    "tierlane": version("tierlane"),
    "language": 1,
    "cel": version("common-expression-language"),
    "tzdata": version("tzdata"),
}
"""What decided: the package, the version of the policy language, the evaluator, the time zones."""


def decided(
    decision: Decision,
    *,
    decision_id: str,
    owner: str,
    seq: int,
    contact_id: str,
    at: int,
    seen: int,
    cause: Cause,
    mask: Mask,
    again: bool = False,
    errors: tuple[Fault, ...] = (),
    source: str = "",
    since: int | None = None,
) -> bytes:
    """Encode a decision with its reasons; `at` and `seen` in ms, `errors` come on top of its own.

    `source` names the writer (`/d1/intake-3`); the owner stands in when it is empty. Promises count
    from `since`, when the contact arrived; from `seen` where that is not given.
    """
    outcome = decision.outcome
    head = _head(
        "decided", decision_id, owner, seq, contact=contact_id, at=at, seen=seen, source=source
    )
    named = _named(decision.policy, decision.revision)
    own = _own(decision, cause, mask, again=again, errors=errors)
    if outcome.promise.working:
        own += b"," + _due(outcome.promise, seen if since is None else since)
    record = b"".join((head.encode(), named, own, b",", outcome.evidence, _rows(decision), b"]}}"))
    return record if len(record) <= LARGEST else _shortened(record)


def noted(
    kind: str,
    *,
    record_id: str,
    owner: str,
    seq: int,
    at: int,
    seen: int,
    cause: Cause,
    contact_id: str | None = None,
    subject: str | None = None,
    policy: tuple[str, str] | None = None,
    detail: Mapping[str, Any] | None = None,
    source: str = "",
) -> bytes:
    """Encode a record that is no decision: `duplicate`, `ended`, `moved`, `activated`, `erased` …

    `subject` is the envelope's where no contact is concerned; `detail` is merged into `data`.
    """
    head = _head(
        kind,
        record_id,
        owner,
        seq,
        contact=contact_id,
        at=at,
        seen=seen,
        source=source,
        subject=subject,
    )
    members: dict[str, Any] = {"cause": cause}
    if policy:
        members["policy"] = {"name": policy[0], "revision": policy[1]}
    members.update(detail or {})
    record = head.encode() + b"," + orjson.dumps(members)[1:] + b"}"
    return record if len(record) <= LARGEST else _shortened(record)


def _head(
    kind: str,
    record_id: str,
    owner: str,
    seq: int,
    *,
    contact: str | None,
    at: int,
    seen: int,
    source: str,
    subject: str | None = None,
) -> str:
    """Return the envelope and the first members of `data`, both still open."""
    quoted = "null" if contact is None else orjson.dumps(contact).decode()
    about = quoted if subject is None else orjson.dumps(subject).decode()
    about = orjson.dumps(owner).decode() if about == "null" else about
    time = format_time(at)
    return (
        f'{{"specversion":"1.0","id":"{record_id}","source":"{source or owner}","type":"{TYPE}",'
        f'"time":"{time}","subject":{about},"data":{{"decision_id":"{record_id}","kind":"{kind}",'
        f'"owner":"{owner}","seq":{seq},"contact_id":{quoted},"at":"{time}",'
        f'"seen":"{format_time(seen)}"'
    )


@lru_cache(maxsize=64)
def _named(policy: str, revision: str) -> bytes:
    """Encode which policy decided and by which engine, as members that others follow."""
    named = {"policy": {"name": policy, "revision": revision}, "engine": ENGINE}
    return b"," + orjson.dumps(named)[1:-1] + b","


def _own(
    decision: Decision, cause: Cause, mask: Mask, *, again: bool, errors: tuple[Fault, ...]
) -> bytes:
    """Encode the contact's own part: cause, inputs, errors, and what few records have."""
    outcome = decision.outcome
    faults = (*outcome.errors, *errors)
    left_out = outcome.left_out
    members: dict[str, Any] = {"cause": cause, "inputs": decision.inputs, "errors": []}
    if again:
        members["again"] = True
    if faults:
        members["errors"] = [one.as_dict() for one in faults[:MOST_ERRORS]]
        left_out += max(0, len(faults) - MOST_ERRORS)
    if decision.masked:
        members["masked"] = mask.receipts(decision.masked)
    if decision.draws:
        members["draws"] = decision.draws
    if decision.advisor:
        members["advisor"] = decision.advisor
    if left_out:
        members["truncated"] = left_out
    encoded = orjson.dumps(members)
    if len(encoded) <= LARGE:
        return encoded[1:-1]
    members["inputs"] = _fitting(decision.inputs)
    if hidden := left_out + len(decision.inputs) - len(members["inputs"]):
        members["truncated"] = hidden
    return orjson.dumps(members)[1:-1]


def _due(promise: Promise, since: int) -> bytes:
    """Encode when what is promised in working time is due: by itself the promise tells no moment.

    Null stands where its working time does not come within ten years.
    """
    keys = dict.fromkeys(key for key, _ in promise.working)
    moments = {key: promise.due(key, since) for key in keys}
    due = {key: None if at is None else format_time(min(at, LATEST)) for key, at in moments.items()}
    return b'"due":' + orjson.dumps(due)


def _fitting(inputs: dict[str, object]) -> dict[str, object]:
    """Return the inputs without those too long."""
    room = MOST_INPUTS
    kept = {}
    for path, value in inputs.items():
        size = len(orjson.dumps(value))
        room -= size + len(path) + 4
        if size <= LONGEST_INPUT and room >= 0:
            kept[path] = value
    return kept


def _rows(decision: Decision) -> bytes:
    """Encode the contact's own rows as the end of the list `because`."""
    if not decision.rows:
        return b""
    rows = orjson.dumps(decision.rows)[1:-1]
    return b"," + rows if decision.outcome.because else rows


KEPT: Final = frozenset(
    {"decision_id", "kind", "owner", "seq", "contact_id", "at", "seen", "lane", "truncated"}
)
"""What no record goes without."""
LONGEST_ID: Final = 256
"""Characters of an id in a record that would be too large; intake takes none above 200."""

_FIRST_TO_GO: Final = ("considered", "inputs", "facts", "masked", "because", "errors", "draws")


def _shortened(record: bytes) -> bytes:
    """Drop what can be derived again, the longest first to go, and count it."""
    whole = orjson.loads(record)
    data = whole["data"]
    long = [
        key for key, value in data.items() if isinstance(value, str) and len(value) > LONGEST_ID
    ]
    data.update({key: data[key][:LONGEST_ID] for key in long})
    whole["subject"] = whole["subject"][:LONGEST_ID]
    data["truncated"] = data.get("truncated", 0) + len(long)
    others = sorted(data.keys() - KEPT, key=lambda key: -len(orjson.dumps(data[key])))
    for key in (*_FIRST_TO_GO, *others):
        if len(encoded := orjson.dumps(whole)) <= LARGEST:
            return encoded
        if key in data:
            data["truncated"] += _count(data.pop(key))
    return orjson.dumps(whole)


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_count(one) for one in value.values())
    return len(value) if isinstance(value, list) else 1

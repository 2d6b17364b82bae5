"""The home desks that decisions looked up, as the audit recorded them."""

import orjson

from tierlane.routing.directory import Home, Looking

_NAMED = b'"directory":'


class RecordedHomes:
    """Answers for each decision what its audit record says was found."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Home]] = {}

    def take(self, value: bytes | None) -> None:
        """Take in an audit record that could be read; most say nothing of the directory."""
        if value is None or _NAMED not in value:
            return
        data = orjson.loads(value)["data"]
        listed = (data.get("cause") or {}).get("directory")
        if listed:
            self._found[data["decision_id"]] = {
                one["advisor"]: Home(one["desk"], one["partition"], one["offset"]) for one in listed
            }

    def looking(self, decision_id: str) -> Looking:
        """Return what looks homes up for one decision, as it did then."""
        return Looking(self._found.get(decision_id, {}).get)

"""The topics that tierlane needs, as `topics/*.yaml` describe them: one file a topic."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

UNITS: Final = {"h": 3_600_000, "d": 86_400_000}


def _milliseconds(text: Any) -> Any:
    if isinstance(text, str) and text[:-1].isdigit() and text[-1] in UNITS:
        return int(text[:-1]) * UNITS[text[-1]]
    return text


class TopicSpec(BaseModel):
    """One topic: its name without prefix, and how it is to be set up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    key: str
    """What the key of a record is, in words."""
    partitions: int = Field(ge=1)
    cleanup: Literal["delete", "compact"]
    retention: Annotated[int | None, BeforeValidator(_milliseconds)] = None
    """Milliseconds; written as `7d` or `12h`."""
    compression: Literal["producer", "zstd", "lz4"] = "producer"
    partitioned_with: str | None = None
    """Topics with the same word here must have the same number of partitions."""
    config: Mapping[str, str | int | float] = {}

    def settings(self) -> dict[str, str]:
        """Return the topic's configuration as Kafka names it.

        The log's own time is the `seen` clock, so every topic stamps records as it appends them.
        """
        found: dict[str, str | int | float] = {
            "cleanup.policy": self.cleanup,
            "compression.type": self.compression,
            "message.timestamp.type": "LogAppendTime",
        }
        if self.retention is not None:
            found["retention.ms"] = self.retention
        return {name: str(value) for name, value in (found | dict(self.config)).items()}


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, TopicSpec]:
    """Return every topic by name, in the order of the names."""
    found = (TopicSpec(**yaml.safe_load(path.read_bytes())) for path in _files())
    return {spec.name: spec for spec in found}


def partition_groups(names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the topics that must have equally many partitions, by the word that joins them."""
    groups: dict[str, tuple[str, ...]] = {}
    for name in names:
        if word := catalogue()[name].partitioned_with:
            groups[word] = (*groups.get(word, ()), name)
    return groups


def _files() -> list[Path]:
    """Find the files: inside an installed package, else in the source tree it is run from."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "topics", here.parents[3] / "topics"):
        if files := sorted(folder.glob("*.yaml")):
            return files
    raise FileNotFoundError("the package lacks its topics folder")

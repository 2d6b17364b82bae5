"""The machine a run was taken on, for whoever compares figures."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "tierlane",
    "aiokafka",
    "faust-streaming",
    "faststream",
    "quixstreams",
    "confluent-kafka",
    "zen-engine",
    "orjson",
    "uvloop",
)


def machine() -> dict[str, object]:
    """Return processor, cores, memory, system and versions."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(_field(Path("/proc/meminfo"), "MemTotal").split()[0]) / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "broker": "Apache Kafka 4.1, one node, on the same machine",
        "packages": {name: version(name) for name in PACKAGES},
    }


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        head, _, tail = line.partition(":")
        if head.strip() == name:
            return tail.strip()
    return "0"

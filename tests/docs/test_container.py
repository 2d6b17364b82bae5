"""Dockerfile and docker-compose.yml, as far as they can be held without a Docker engine.

The compose file is checked against the published schema (compose-spec, Apache-2.0), which the
package check-jsonschema carries; its commands against the real command line; its settings
against the real settings.
"""

import json
import re
import shlex
from copy import deepcopy
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from tierlane.cli import tierlane

ROOT = Path(__file__).parents[2]
SCHEMA = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@cache
def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions in order, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def values(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def tierlane_services() -> dict[str, dict[str, Any]]:
    services = compose()["services"]
    return {name: body for name, body in services.items() if "build" in body}


def test_compose_follows_the_published_schema() -> None:
    path = Path(str(distribution("check-jsonschema").locate_file(SCHEMA)))
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(compose())


def test_schema_finds_a_fault() -> None:
    path = Path(str(distribution("check-jsonschema").locate_file(SCHEMA)))
    schema = json.loads(path.read_text(encoding="utf-8"))
    broken = compose() | {"services": {"worker": {"comand": ["worker"]}}}
    with pytest.raises(jsonschema.ValidationError, match="comand"):
        jsonschema.Draft202012Validator(schema).validate(broken)


def test_compose_holds_kafka_topics_two_workers_and_a_producer() -> None:
    services = compose()["services"]
    workers = [name for name, body in services.items() if body.get("command", [""])[0] == "worker"]
    assert {"kafka", "topics", "sample", "producer"} <= set(services)
    assert len(workers) == 2


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in compose()["services"][name].get("ports", []):
        assert port.startswith("127.0.0.1:"), port


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_what_a_service_waits_for_can_come(name: str) -> None:
    services = compose()["services"]
    for other, wait in services[name].get("depends_on", {}).items():
        assert other in services
        once = services[other].get("restart") == "no"
        expected = "service_completed_successfully" if once else "service_healthy"
        assert wait["condition"] == expected, other


@pytest.mark.parametrize("name", sorted(tierlane_services()))
def test_command_is_one_that_tierlane_knows(name: str) -> None:
    arguments = list(tierlane_services()[name]["command"])
    command: click.Command = tierlane
    context = click.Context(tierlane, info_name="tierlane")
    while isinstance(command, click.Group):
        found = command.get_command(context, arguments.pop(0))
        assert found is not None
        command = found
        context = click.Context(command, parent=context, info_name=command.name)
    # Files of the container are not here, so paths are left unchecked; options and types are not.
    command = deepcopy(command)
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            parameter.type = click.STRING
    command.parse_args(context, arguments)


def test_settings_in_the_environment_are_settings() -> None:
    from tierlane.stream.settings import Settings

    fields = set(Settings.model_fields)
    in_image = re.findall(r"(TIERLANE_\w+)=", " ".join(values("ENV")))
    in_compose = [key for body in tierlane_services().values() for key in body["environment"]]
    assert in_image
    assert in_compose
    for key in in_image + in_compose:
        assert key.removeprefix("TIERLANE_").lower() in fields, key


def test_images_are_of_a_named_version() -> None:
    named = [body["image"] for body in compose()["services"].values()]
    named += [line.split()[0] for line in values("FROM")]
    for image in named:
        assert re.fullmatch(r"[\w./-]+:\d[\w.-]*|python:3\.11-slim-\w+", image), image


def test_image_has_two_stages_and_takes_only_the_environment_of_the_first() -> None:
    stages = values("FROM")
    assert len(stages) == 2
    assert stages[0].endswith(" AS build")
    last = [n for n, (word, _) in enumerate(instructions()) if word == "FROM"][-1]
    copies = [rest for word, rest in instructions()[last:] if word == "COPY"]
    assert copies == ["--from=build /opt/tierlane /opt/tierlane"]


def test_image_runs_as_a_user_without_rights() -> None:
    assert values("USER") == ["10001"]
    order = [word for word, _ in instructions()]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "--uid 10001" in " ".join(values("RUN"))


def test_everything_installed_in_the_image_is_pinned_by_hash_or_our_own_wheel() -> None:
    installs = re.findall(r"pip install ([^&]+)", " ".join(values("RUN")))
    assert len(installs) == 3
    for install in installs:
        assert install.startswith("--require-hashes -r ") or "--no-deps dist/" in install


def test_health_check_asks_healthz() -> None:
    (check,) = values("HEALTHCHECK")
    port = re.search(r"TIERLANE_WEB_PORT=(\d+)", " ".join(values("ENV")))
    assert port
    assert f"http://127.0.0.1:{port[1]}/healthz" in check
    assert values("EXPOSE") == [port[1]]


def test_what_the_image_copies_is_sent_to_the_engine() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    for copy in values("COPY"):
        if copy.startswith("--from"):
            continue
        *sources, _ = shlex.split(copy)
        for source in sources:
            assert (ROOT / source).exists(), source
            assert any(source == kept or source.startswith(f"{kept}/") for kept in sent), source

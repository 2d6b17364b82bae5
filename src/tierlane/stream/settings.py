"""What an installation may set, from flags, `TIERLANE_*`, and a TOML file, in that order.

Secrets are `SecretStr`: their text is in no log line, no error and no dump.
"""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tierlane.errors import SettingError

FILE_NAME: Final = "tierlane.toml"
FILE_VARIABLE: Final = "TIERLANE_CONFIG"
VARIABLES: Final = "TIERLANE_"

NAMES: Final = re.compile(r"[A-Za-z0-9._-]{0,200}")
"""What Kafka takes at the beginning of a topic's name, of 249 characters in all."""

ADDRESS: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:,\[\]]+)(:[0-9]{1,5})?")
"""A broker: a name or an IPv4 address, or IPv6 in brackets, and a port if it is not 9092."""

ALIKE: Final = 0.8
"""How alike a variable must be to a setting to be a slip of the pen: `brokrs` has 0.92."""

WHERE: Final = "docs/reference/settings.md says what each setting takes"

Guarantee = Literal["exactly-once", "at-least-once"]
Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class Settings(BaseSettings):
    """Every setting of a worker, with its default."""

    model_config = SettingsConfigDict(
        env_prefix=VARIABLES, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    brokers: str = "127.0.0.1:9092"
    """Where to begin: `host:port`, several with commas."""
    prefix: str = ""
    """Stands before every topic, group and transactional id."""
    application: str = "tierlane"
    """The consumer group, with the prefix."""
    deployment: str = "d1"
    """Part of every id that is made; change it when the topics are created anew."""
    guarantee: Guarantee = "exactly-once"
    """A batch is one transaction, or may after a fault be written again with the same ids."""

    policy: Path | None = None
    """The policy file that a worker starts with."""
    policy_pinned: bool = False
    """Whether the file holds even if another revision is published; for tests."""
    policy_name: str = ""
    """Which published policy to follow; else the file's, or without one the only one there is."""
    mask_key: SecretStr = SecretStr("")
    """Keys the digests of masked inputs: 16 to 64 bytes of text."""
    dedupe_window: float = Field(default=86_400.0, ge=0)
    """Seconds in which the same event, by source and id, counts as a duplicate."""

    create_topics: bool = False
    """Whether a worker creates the topics that are missing; else it names them and ends."""
    state_dir: Path = Path(".tierlane")
    """Where each member keeps its folder: its place in the group, and profiles on disk."""
    profile_store: Literal["memory", "rocksdb"] = "memory"
    """Where profiles are held; on disk a worker that comes back reads only what is new."""
    web_host: str = "127.0.0.1"
    """The address that the web endpoint listens on."""
    web_port: int = Field(default=0, ge=0, le=65_535)
    """Port of `/healthz`, `/readyz` and `/metrics`; 0 takes a free one and logs it."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least weight of what is logged."""

    batch_records: int = Field(default=3_000, ge=1, le=50_000)
    """Most input records in one transaction, reached under backlog only."""
    batch_interval: float = Field(default=0.1, ge=0, le=60)
    """Seconds from one transaction of a partition to its next, at least, while there is no backlog.

    A record that comes after a longer pause does not wait.
    """
    static_membership: bool = True
    """Whether a worker that comes back within the session timeout takes up its partitions again."""
    session_timeout: float = Field(default=6.0, ge=1, le=300)
    """Seconds after which a silent worker's partitions go to others; 6 is Kafka's own least."""
    heartbeat_interval: float = Field(default=1.0, gt=0)
    """Seconds between two signs of life to the group; at most half of `session_timeout`.

    By them the others learn that partitions are to be dealt out anew.
    """
    transaction_timeout: float = Field(default=15.0, ge=1, le=900)
    """Seconds after which the broker ends an open transaction that nobody ends."""
    retry_backoff_ms: int = Field(default=2, ge=1)
    """Pause before a request of a transaction is sent again.

    A 4.x broker often refuses the first produce while the transaction before is still being
    completed; aiokafka's own pause of 100 ms halves the rate.
    """

    security_protocol: Protocol = "PLAINTEXT"
    """How to speak to the brokers."""
    sasl_mechanism: Mechanism = "PLAIN"
    """How to prove who one is, with a protocol that begins with SASL."""
    sasl_username: str = ""
    """The name to prove."""
    sasl_password: SecretStr = SecretStr("")
    """Best set by `TIERLANE_SASL_PASSWORD`, which no list of processes shows."""
    ssl_cafile: Path | None = None
    """Certificates to trust; none for those of the system."""
    ssl_certfile: Path | None = None
    """The worker's own certificate, where brokers ask for one."""
    ssl_keyfile: Path | None = None
    """The key of that certificate."""
    ssl_key_password: SecretStr = SecretStr("")
    """What the key file is locked with."""
    ssl_check_hostname: bool = True
    """Whether a broker's certificate must name the host that was asked for."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.heartbeat_interval * 2 > self.session_timeout:
            raise ValueError("heartbeat_interval must be at most half of session_timeout")
        if self.security_protocol.startswith("SASL") and not self.sasl_username:
            raise ValueError(f"security_protocol {self.security_protocol} needs sasl_username")
        if not all(map(ADDRESS.fullmatch, self.brokers.split(","))):
            raise ValueError("brokers takes host:port, several with commas and no spaces")
        if not NAMES.fullmatch(self.prefix):
            raise ValueError("prefix takes letters, digits, `.`, `_` and `-`, at most 200")
        if self.policy_pinned and self.policy is None:
            raise ValueError("policy_pinned needs policy")
        return self

    @property
    def exactly_once(self) -> bool:
        """Whether each batch is one transaction."""
        return self.guarantee == "exactly-once"

    @property
    def group(self) -> str:
        """Consumer group of all workers of the installation."""
        return self.prefix + self.application

    def topic(self, name: str) -> str:
        """Return a topic's name in the installation."""
        return self.prefix + name

    def transactional_id(self, owner: str) -> str:
        """Return the id that lets a new owner of a partition shut out the one before it."""
        return f"{self.prefix}{self.application}.{self.deployment}.{owner}"


def load(flags: Mapping[str, Any], config: Path | None = None) -> Settings:
    """Return the settings: flags (None means not given), then environment, then the TOML file.

    The file is `config`, else `TIERLANE_CONFIG`, else `tierlane.toml` where there is one. Raises
    SettingError, which names each wrong setting and never shows its value.
    """
    _no_slip(os.environ)
    path = config or _default_file()
    if path is not None and not path.is_file():
        raise SettingError(f"there is no settings file `{path}`")

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            sources = [init_settings, env_settings]
            if path is not None:
                sources.append(TomlConfigSettingsSource(settings_cls, path))
            return tuple(sources)

    try:
        found = FromFile(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        raise SettingError(_faults(error), hint=WHERE) from None
    except ValueError as error:
        raise SettingError(f"`{path}`: {error}") from None
    return found


def _default_file() -> Path | None:
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None


def _no_slip(variables: Mapping[str, str]) -> None:
    """Raise SettingError where a variable is nearly a setting.

    Others are let be: Kubernetes puts `TIERLANE_SERVICE_HOST` and more beside a service `tierlane`.
    """
    known = {f"{VARIABLES}{name.upper()}" for name in Settings.model_fields} | {FILE_VARIABLE}
    for name in variables:
        if not name.startswith(VARIABLES) or name in known:
            continue
        near = get_close_matches(
            name.removeprefix(VARIABLES),
            sorted(one.removeprefix(VARIABLES) for one in known),
            n=1,
            cutoff=ALIKE,
        )
        if near:
            raise SettingError(
                f"`{name}` is no setting", hint=f"did you mean `{VARIABLES}{near[0]}`?"
            )


def _faults(error: ValidationError) -> str:
    lines = [
        f"`{'.'.join(map(str, fault['loc']))}`: {_told(fault['type'], fault['msg'])}"
        if fault["loc"]
        else fault["msg"].removeprefix("Value error, ")
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "settings: " + "; ".join(lines)


def _told(kind: str, text: str) -> str:
    return "there is no such setting" if kind == "extra_forbidden" else text.lower()

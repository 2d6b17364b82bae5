"""TLS and SASL, as aiokafka's clients and as Faust want to be told."""

import ssl
from typing import Any

from aiokafka.helpers import create_ssl_context
from faust import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from tierlane.errors import BrokerError, SettingError
from tierlane.stream.settings import Settings


def client_options(settings: Settings) -> dict[str, Any]:
    """Return what every aiokafka client of ours is made with."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.brokers.split(","),
        "security_protocol": settings.security_protocol,
    }
    if "SSL" in settings.security_protocol:
        options["ssl_context"] = ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    return options


def unreachable(settings: Settings) -> BrokerError:
    """Return the error of a client that no broker let in, whatever the reason."""
    return BrokerError(
        f"no broker answers at `{settings.brokers}`",
        hint="--brokers or TIERLANE_BROKERS (demo: --broker) is host:port of your Kafka; "
        "security_protocol and SASL must be as it listens there",
    )


def credentials(settings: Settings) -> CredentialsT | None:
    """Return the same for Faust; None where the connection is plain."""
    context = ssl_context(settings) if "SSL" in settings.security_protocol else None
    if settings.security_protocol.startswith("SASL"):
        return SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return SSLCredentials(context) if context else None


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Return the context for encrypted connections; raises SettingError on unreadable files."""
    try:
        context: ssl.SSLContext = create_ssl_context(
            cafile=_text(settings.ssl_cafile),
            certfile=_text(settings.ssl_certfile),
            keyfile=_text(settings.ssl_keyfile),
            password=settings.ssl_key_password.get_secret_value() or None,
        )
    except OSError as error:
        raise SettingError(f"the TLS files cannot be read: {error.strerror}") from None
    context.check_hostname = settings.ssl_check_hostname
    return context


def _text(path: object) -> str | None:
    return str(path) if path else None

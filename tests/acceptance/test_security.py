"""TLS and SASL on real Kafka: commands and worker get in with the password, and not without."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.broker.kafka import Kafka, unavailable
from tests.worker import COMMAND, Worker

PASSWORD = "correct-horse-9041"
CONTACTS = 60
SECONDS = 60


def keystore(folder: Path) -> Path:
    """Make a certificate for loopback: a store for the broker, and `ca.pem` for who trusts it."""
    store = folder / "broker.p12"
    common = ["-keystore", str(store), "-storepass", PASSWORD, "-alias", "broker"]
    make = ["-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"]
    make += ["-dname", "CN=localhost", "-ext", "SAN=ip:127.0.0.1", "-ext", "bc=ca:true"]
    subprocess.run(["keytool", *make, *common], check=True, capture_output=True, timeout=60)
    told = ["-exportcert", "-rfc", "-file", str(folder / "ca.pem")]
    subprocess.run(["keytool", *told, *common], check=True, capture_output=True, timeout=60)
    return store


def settings(store: Path) -> Mapping[str, str]:
    """Return a broker's settings that let nobody in on the client's port without TLS and SASL."""
    module = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    users = f'username="broker" password="{PASSWORD}" user_broker="{PASSWORD}"'
    return {
        "listener.security.protocol.map": "PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config": (
            f'{module} {users} user_tierlane="{PASSWORD}";'
        ),
        "ssl.keystore.location": str(store),
        "ssl.keystore.password": PASSWORD,
        "ssl.truststore.location": str(store),
        "ssl.truststore.password": PASSWORD,
    }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Yield the environment in which tierlane may enter a secured broker."""
    if reason := unavailable() or ("" if shutil.which("keytool") else "no keytool on the path"):
        pytest.skip(f"needs real Apache Kafka: {reason}")
    folder = tmp_path_factory.mktemp("certificates")
    with Kafka.temporary(settings(keystore(folder))) as kafka:
        yield {
            "TIERLANE_BROKERS": kafka.address,
            "TIERLANE_SECURITY_PROTOCOL": "SASL_SSL",
            "TIERLANE_SASL_MECHANISM": "PLAIN",
            "TIERLANE_SASL_USERNAME": "tierlane",
            "TIERLANE_SASL_PASSWORD": PASSWORD,
            "TIERLANE_SSL_CAFILE": str(folder / "ca.pem"),
        }


def run(
    folder: Path, environment: Mapping[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIERLANE_")}
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def decided(worker: Worker) -> int:
    figures = re.findall(
        r"^tierlane_decisions_total\{.*\} (\S+)$", worker.get("/metrics")[1], re.MULTILINE
    )
    return int(sum(map(float, figures)))


def test_worker_serves_over_tls_and_sasl(secured: dict[str, str], tmp_path: Path) -> None:
    applied = run(tmp_path, secured, "topics", "apply", "--partitions", "2")
    assert applied.returncode == 0, applied.stderr
    made = run(tmp_path, {}, "sample", "--out", "try", "--contacts", str(CONTACTS), "--live")
    assert made.returncode == 0, made.stderr
    worker = Worker(tmp_path, ["--policy", "try/policy.yaml"], environment=secured)
    worker.start()
    try:
        worker.await_ready()
        files = ("try/profiles.jsonl", "try/contacts.jsonl")
        produced = run(tmp_path, secured, "produce", *files)
        assert produced.returncode == 0, produced.stderr
        deadline = time.monotonic() + SECONDS
        while decided(worker) < CONTACTS and time.monotonic() < deadline:
            time.sleep(0.1)
        assert decided(worker) >= CONTACTS
        assert worker.stop() == 0
    finally:
        worker.kill()
    assert PASSWORD not in worker.said + applied.stderr + produced.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        {"TIERLANE_SASL_PASSWORD": "not-the-password"},
        {"TIERLANE_SECURITY_PROTOCOL": "PLAINTEXT"},
        {"TIERLANE_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
        {"TIERLANE_SSL_CAFILE": "/no/such/file.pem"},
    ],
    ids=["wrong password", "no TLS and no SASL", "no TLS", "no certificates"],
)
def test_who_may_not_enter_is_told_so(
    wrong: dict[str, str], secured: dict[str, str], tmp_path: Path
) -> None:
    done = run(tmp_path, secured | wrong, "topics", "check")
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stderr
    assert "not-the-password" not in done.stderr

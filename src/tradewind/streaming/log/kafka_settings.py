"""What can be set about Kafka, and how it is said in an address."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr, ValidationError

from tradewind.core import Settings, UsageError

PASSWORD_VARIABLE = "TRADEWIND_KAFKA_PASSWORD"


class KafkaSettings(Settings):
    """Settings of the Kafka adapter. The password shows in no log, repr, file or id of the settings.

    Parameters
    ----------
    prefix : put before every topic and group, so that several systems can share a cluster.
    partitions, replication : of topics made here; a topic that exists keeps its own.
    security_protocol, sasl_mechanism, username, password : how to log in.
    ca_file, certificate_file, key_file : PEM files; of the authority, and of this client where brokers ask for one.
    delivery_seconds : a message not acknowledged for so long is given up and reported.
    connect_seconds : how long to wait for a broker's first answer, and for its answers about topics and positions.
    linger_ms : a batch waits so long for more messages.
    fetch_wait_ms : a broker that has nothing new answers a reader after so long.
    session_seconds : a member of a group that gave no sign for so long loses its partitions.
    queue_records : a producer that holds more unwritten messages makes its callers wait.
    record_bytes : a longer record is refused.
    """

    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    partitions: int = Field(default=4, ge=1)
    replication: int = Field(default=1, ge=1)
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: SecretStr = Field(default=SecretStr(""), repr=False)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    delivery_seconds: float = Field(default=30.0, gt=0.0)
    connect_seconds: float = Field(default=10.0, gt=0.0)
    linger_ms: float = Field(default=2.0, ge=0.0)
    fetch_wait_ms: int = Field(default=100, ge=1)
    session_seconds: float = Field(default=10.0, ge=1.0)
    queue_records: int = Field(default=100_000, ge=1)
    record_bytes: int = Field(default=1 << 20, ge=256)

    def security(self) -> dict[str, Any]:
        """Return librdkafka's options for the connection; they hold the password in clear."""
        options: dict[str, Any] = {"security.protocol": self.security_protocol}
        if self.security_protocol.startswith("SASL"):
            options |= {
                "sasl.mechanism": self.sasl_mechanism,
                "sasl.username": self.username,
                "sasl.password": self.password.get_secret_value(),
            }
        files = {
            "ssl.ca.location": self.ca_file,
            "ssl.certificate.location": self.certificate_file,
            "ssl.key.location": self.key_file,
        }
        return options | {name: str(path) for name, path in files.items() if path is not None}


def settings_of_url(url: str, environment: Mapping[str, str] = os.environ) -> tuple[str, KafkaSettings]:
    """Return the brokers and the settings in ``kafka://host:port[,host:port]?name=value&...``.

    Raises
    ------
    UsageError : no broker, a password in the address, an unknown option or a value that does not fit.
    """
    parts = urlsplit(url)
    shown = f"kafka://{parts.netloc.rpartition('@')[2]}"
    if "@" in parts.netloc:
        raise UsageError(
            f"{shown}: the address holds a user or password, which logs would show",
            fix=f"give ?username=..., and the password in the environment as {PASSWORD_VARIABLE}",
        )
    if not parts.netloc or parts.path.strip("/"):
        raise UsageError(f"{shown}{parts.path} names no broker", fix="give kafka://host:port[,host:port]")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "password" in options:
        raise UsageError(
            f"{shown}: the address holds a password, which logs would show",
            fix=f"give it in the environment as {PASSWORD_VARIABLE}",
        )
    if PASSWORD_VARIABLE in environment:
        options["password"] = environment[PASSWORD_VARIABLE]
    try:
        return parts.netloc, KafkaSettings.model_validate(options)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        known = ", ".join(field for field in KafkaSettings.model_fields if field != "password")
        raise UsageError(f"{shown}: option {name!r}: {first['msg']}", fix=f"options are {known}") from None

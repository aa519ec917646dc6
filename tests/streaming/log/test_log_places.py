"""Where a log lies, how that is said, and what is never shown of it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.streaming.log import EmbeddedLog, KafkaSettings, LogError, LogSettings, open_log
from tradewind.streaming.log.hashing import murmur2, partition_of
from tradewind.streaming.log.kafka_settings import settings_of_url


def test_a_folder_is_an_embedded_log(tmp_path: Path) -> None:
    with open_log(str(tmp_path / "deep" / "log"), settings=LogSettings(partitions=2)) as log:
        assert isinstance(log, EmbeddedLog)
        assert log.ends("bars") == {("bars", 0): 0, ("bars", 1): 0}


def test_an_address_says_brokers_and_settings() -> None:
    brokers, settings = settings_of_url(
        "kafka://a:1,b:2?prefix=desk.&partitions=8&security_protocol=SASL_SSL&username=u", {}
    )
    assert brokers == "a:1,b:2"
    assert (settings.prefix, settings.partitions, settings.username) == ("desk.", 8, "u")


def test_a_password_comes_from_the_environment_and_shows_nowhere() -> None:
    secret = "correct-horse"
    url = "kafka://a:1?security_protocol=SASL_SSL&username=u"
    _, settings = settings_of_url(url, {"TRADEWIND_KAFKA_PASSWORD": secret})
    assert settings.security()["sasl.password"] == secret
    assert secret not in repr(settings) + str(settings) + settings.model_dump_json() + settings.to_toml()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("kafka://", "names no broker"),
        ("kafka://a:1/topic", "names no broker"),
        ("kafka://u:hunter2@a:1", "holds a user or password"),
        ("kafka://a:1?password=hunter2", "holds a password"),
        ("kafka://a:1?partition=3", "option 'partition'"),
        ("kafka://a:1?partitions=none", "option 'partitions'"),
        ("kafka://a:1?prefix=a/b", "option 'prefix'"),
    ],
)
def test_a_wrong_address_is_refused_and_shows_no_secret(url: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        settings_of_url(url, {"TRADEWIND_KAFKA_PASSWORD": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_no_broker_is_one_clear_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    with pytest.raises(LogError, match=r"cannot list topics: the brokers at 127.0.0.1:1 do not answer"):
        open_log("kafka://127.0.0.1:1?connect_seconds=0.3")


def test_no_secret_is_in_what_the_client_says(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND_KAFKA_PASSWORD", "hunter2")
    with caplog.at_level(logging.DEBUG), pytest.raises(LogError) as caught:
        open_log("kafka://127.0.0.1:1?connect_seconds=0.3&security_protocol=SASL_PLAINTEXT&username=u")
    assert "hunter2" not in str(caught.value) + caplog.text


@pytest.mark.slow
def test_without_the_extra_it_is_said_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['confluent_kafka'] = None\nfrom tradewind.streaming.log import open_log\nopen_log('kafka://a:1')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "confluent-kafka is not installed. Fix: pip install 'tradewind[kafka]'." in done.stderr


@pytest.mark.parametrize(
    ("key", "expected"),
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536), ("abc", 479470107)],
)
def test_the_hash_is_that_of_kafkas_clients(key: str, expected: int) -> None:
    """The values are those of the tests of Kafka's own ``Utils.murmur2``."""
    assert murmur2(key.encode()) == expected & 0xFFFFFFFF


@given(st.text(), st.integers(1, 64))
def test_a_key_has_one_partition(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        LogSettings(partitions=0)
    with pytest.raises(ValueError, match="SASL"):
        KafkaSettings(security_protocol="TLS")

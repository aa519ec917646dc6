"""The image, the compose file and the pipelines: valid by their schemas, hardened, and free of secrets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def check(root: Path, schema: str, file: str, *more: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *more, str(root / file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_files_are_valid_by_their_published_schemas(root: Path) -> None:
    check(root, "vendor.compose-spec", "deploy/compose.yaml")
    check(root, "vendor.github-workflows", ".github/workflows/ci.yml")
    check(root, "vendor.gitlab-ci", "deploy/ci/gitlab-ci.yml", "--data-transform", "gitlab-ci")


@pytest.fixture(scope="module")
def services(read_yaml: Any) -> dict[str, dict[str, Any]]:
    (compose,) = read_yaml("deploy/compose.yaml")
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_every_port_is_on_the_loopback_interface(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_container_is_pinned_hardened_and_bounded(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        tag = service["image"].rpartition(":")[2]
        assert re.match(r"v?\d+\.\d+", tag), name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["mem_limit"], name
        assert service["read_only"] is True or name == "kafka", name
        assert service.get("healthcheck") or name == "otel", name


def test_passwords_are_files_and_every_file_is_made(services: dict[str, dict[str, Any]], read_yaml: Any) -> None:
    (compose,) = read_yaml("deploy/compose.yaml")
    used = {secret for service in services.values() for secret in service.get("secrets", ())}
    assert used == set(compose["secrets"])
    for service in services.values():
        for key, value in service.get("environment", {}).items():
            if "PASSWORD" in key:
                assert value.startswith("/run/secrets/"), key
    sys.path.insert(0, str(Path(__file__).parents[2] / "deploy" / "compose"))
    import make_secrets  # type: ignore[import-not-found]

    assert {f"./compose/secrets/{name}" for name in make_secrets.NAMES} == {
        secret["file"] for secret in compose["secrets"].values()
    }


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "deploy" / "compose"))
    import make_secrets

    assert make_secrets.make(tmp_path / "s") == list(make_secrets.NAMES)
    first = [(tmp_path / "s" / name).read_text() for name in make_secrets.NAMES]
    assert make_secrets.make(tmp_path / "s") == []
    assert first == [(tmp_path / "s" / name).read_text() for name in make_secrets.NAMES]
    assert len(set(first)) == 3
    assert min(map(len, first)) >= 32
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0  # the files are open to containers, so the folder is shut


def test_secrets_stay_out_of_git_and_of_the_image(root: Path) -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "-q", "deploy/compose/secrets/redis_password"], cwd=root, check=False
    )
    assert ignored.returncode == 0
    allowed = [line for line in (root / ".containerignore").read_text().splitlines() if line.startswith("!")]
    assert not [line for line in allowed if "deploy" in line or ".git" in line or "tests" in line]
    assert (root / ".dockerignore").read_text() == (root / ".containerignore").read_text()


def test_the_image_copies_only_what_the_ignore_file_lets_in(root: Path) -> None:
    text = (root / "deploy" / "Containerfile").read_text()
    allowed = {line[1:] for line in (root / ".containerignore").read_text().splitlines() if line.startswith("!")}
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line]
    assert {name for names in copied for name in names} == allowed
    assert all((root / name).exists() for name in allowed)


def test_the_image_runs_as_nobody_and_says_whether_it_is_well(root: Path) -> None:
    last = (root / "deploy" / "Containerfile").read_text().rpartition("\nFROM ")[2]
    lines = last.splitlines()
    assert "USER 10001:10001" in lines
    assert lines.index("USER 10001:10001") > max(n for n, line in enumerate(lines) if line.startswith("RUN"))
    assert "HEALTHCHECK" in last
    assert "/health/live" in last
    assert not re.search(r"(?i)password|secret|token", last)


def test_the_pipeline_runs_what_people_run_and_scans_what_it_builds(read_yaml: Any) -> None:
    (pipeline,) = read_yaml(".github/workflows/ci.yml")
    jobs = pipeline["jobs"]
    assert {"run": ".ci/run"} in jobs["check"]["steps"]
    assert jobs["image"]["needs"] == "check"
    assert pipeline["permissions"] == {"contents": "read"}
    uses = [step["uses"].partition("@")[0] for step in jobs["image"]["steps"] if "uses" in step]
    assert uses.index("docker/build-push-action") < uses.index("aquasecurity/trivy-action")
    assert all(re.search(r"@v?\d", step["uses"]) for job in jobs.values() for step in job["steps"] if "uses" in step)

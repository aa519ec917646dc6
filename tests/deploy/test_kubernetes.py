"""The manifests: valid by the cluster's schemas, hardened, consistent with each other, and free of secrets."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import psycopg.conninfo
import pytest
import redis

from tradewind.core.private import others_may_read

FOLDER = "deploy/kubernetes"
VERSIONS = ("1.31", "1.33", "1.37")
Document = dict[str, Any]


@pytest.fixture(scope="module")
def documents(root: Path, read_yaml: Any) -> list[Document]:
    names = sorted(path.name for path in (root / FOLDER).glob("*.yaml") if path.name != "kustomization.yaml")
    return [part for name in names for part in read_yaml(f"{FOLDER}/{name}")]


def of_kind(documents: list[Document], *kinds: str) -> dict[str, Document]:
    return {part["metadata"]["name"]: part for part in documents if part["kind"] in kinds}


def pods(documents: list[Document]) -> dict[str, Document]:
    return {
        name: part["spec"]["template"]["spec"] for name, part in of_kind(documents, "Deployment", "StatefulSet").items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_they_are_valid_by_the_schemas_of_the_cluster(documents: list[Document], version: str) -> None:
    checked = [part for part in documents if part["kind"] != "PodMonitor"]  # of the Prometheus operator
    assert len(checked) >= 16
    for part in checked:
        kubernetes_validate.validate(part, version, strict=True)


def test_a_wrong_key_would_be_found(documents: list[Document]) -> None:
    part = of_kind(documents, "Deployment")["tradewind-api"]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**part, "spec": {**part["spec"], "replica": 3}}, "1.33", strict=True)


def test_kustomize_lists_every_file_and_builds_them(root: Path, read_yaml: Any, documents: list[Document]) -> None:
    (kustomization,) = read_yaml(f"{FOLDER}/kustomization.yaml")
    files = {path.name for path in (root / FOLDER).glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == files
    if (kubectl := shutil.which("kubectl")) is None:
        return  # what is listed is checked; building it needs kubectl
    built = subprocess.run([kubectl, "kustomize", str(root / FOLDER)], check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert built.stdout.count("\nkind: ") == len(documents)
    assert "image: registry.example.com/tradewind:0.1.0" in built.stdout


def test_every_pod_is_hardened(documents: list[Document]) -> None:
    for name, pod in pods(documents).items():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys(), name
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            claims = {"state"} if name == "tradewind-features" else set()
            assert mounted == {volume["name"] for volume in pod["volumes"]} | claims, name


def test_a_pod_has_time_to_drain(documents: list[Document]) -> None:
    for pod in pods(documents).values():
        (container,) = pod["containers"]
        assert pod["terminationGracePeriodSeconds"] >= container["lifecycle"]["preStop"]["sleep"]["seconds"] + 40


def test_no_secret_is_written_here(root: Path, documents: list[Document]) -> None:
    assert of_kind(documents, "Secret") == {}
    for pod in pods(documents).values():
        (container,) = pod["containers"]
        for variable in container["env"]:
            assert variable["valueFrom"]["secretKeyRef"]["name"] == "tradewind"
        assert {"secretName": "tradewind", "defaultMode": 0o440} in [v.get("secret") for v in pod["volumes"]]


def test_the_addresses_are_read_and_hold_no_password(documents: list[Document]) -> None:
    from tradewind.streaming.log.kafka_settings import settings_of_url

    values = of_kind(documents, "ConfigMap")["tradewind"]["data"]
    brokers, settings = settings_of_url(f"kafka://{values['KAFKA']}", {"TRADEWIND_KAFKA_PASSWORD": "x"})
    assert brokers.count(":9093") == 2
    assert (settings.security_protocol, settings.username, settings.replication) == ("SASL_SSL", "tradewind", 3)
    assert values["REDIS"].startswith("rediss://")
    assert values["REDIS"].partition("@")[0].count(":") == 1
    ca = "/run/secrets/tradewind/ca.crt"
    client = redis.Redis.from_url(values["REDIS"])
    assert client.connection_pool.connection_kwargs["ssl_ca_certs"] == str(settings.ca_file) == ca
    asked = psycopg.conninfo.conninfo_to_dict(values["TRADEWIND_AUDIT"])
    assert (asked["sslmode"], asked["sslrootcert"]) == ("verify-full", ca)


def test_every_file_of_the_secret_is_made_by_the_command_that_the_docs_give(root: Path) -> None:
    text = "".join(path.read_text() for path in (root / FOLDER).glob("*.yaml"))
    used = set(re.findall(r"/run/secrets/tradewind/([a-z.-]+)", text)) | {"postgres-password", "audit.pub"}
    for file in (f"{FOLDER}/settings.yaml", "docs/deploy.md"):
        assert set(re.findall(r"--from-file=([a-z.-]+)", (root / file).read_text())) == used, file


def test_every_pod_knows_callers_from_the_secret(documents: list[Document]) -> None:
    for pod in pods(documents).values():  # else it would make keys of its own
        assert "--keys=/run/secrets/tradewind/keys.json" in pod["containers"][0]["args"]


def test_secrets_of_the_mode_that_a_pod_gets_are_read(documents: list[Document]) -> None:
    for pod in pods(documents).values():
        (mode,) = [v["secret"]["defaultMode"] for v in pod["volumes"] if "secret" in v]
        group, user = pod["securityContext"]["fsGroup"], pod["securityContext"]["runAsUser"]
        found = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, 0, group, 0, 0, 0, 0))  # of root's, in the pod's group
        assert not others_may_read(found, user)


def test_what_selects_pods_finds_them(documents: list[Document]) -> None:
    labels = {}
    for name, part in of_kind(documents, "Deployment", "StatefulSet").items():
        labels[name] = part["spec"]["template"]["metadata"]["labels"]
        assert part["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        for spread in part["spec"]["template"]["spec"]["topologySpreadConstraints"]:
            assert spread["labelSelector"]["matchLabels"].items() <= labels[name].items()
    for name, service in of_kind(documents, "Service").items():
        found = [owner for owner, given in labels.items() if service["spec"]["selector"].items() <= given.items()]
        assert found == ([] if name == "tradewind-nowhere" else [name])
        ports = {port.get("targetPort", "http") for port in service["spec"]["ports"]}
        assert ports == {"http"}
    for name, budget in of_kind(documents, "PodDisruptionBudget").items():
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    (scaler,) = of_kind(documents, "HorizontalPodAutoscaler").values()
    assert scaler["spec"]["scaleTargetRef"]["name"] in labels
    assert scaler["spec"]["minReplicas"] == of_kind(documents, "Deployment")["tradewind-api"]["spec"]["replicas"] == 3


def test_traffic_is_denied_but_for_what_is_listed(documents: list[Document]) -> None:
    policies = of_kind(documents, "NetworkPolicy")
    assert policies["deny-all"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    outside = policies["tradewind-connectors"]["spec"]["egress"]
    assert outside[0]["ports"] == [{"protocol": "TCP", "port": 443}]
    assert "169.254.0.0/16" in outside[0]["to"][0]["ipBlock"]["except"]


def test_the_ingress_has_tls_and_hides_administration_and_metrics(documents: list[Document]) -> None:
    (ingress,) = of_kind(documents, "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
    paths = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert paths["/v1/admin"] == "tradewind-nowhere"
    assert paths["/v1"] == "tradewind-api"
    assert "/" not in paths
    assert "/metrics" not in paths


def test_the_example_of_connectors_is_read(documents: list[Document]) -> None:
    import tomllib

    from tradewind.streaming.connectors import ConnectorsFile

    text = of_kind(documents, "ConfigMap")["tradewind-connectors"]["data"]["connectors.toml"]
    found = ConnectorsFile.model_validate(tomllib.loads(text))
    assert found.connector[0].topic == "bars"
    assert found.state is not None
    assert found.state.startswith("/var/lib/tradewind/")  # beside the file nothing can be written

"""Dashboards and alerts are up to date, refer to metrics that exist, and Prometheus itself accepts them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tradewind.serving.watch.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
METRIC = re.compile(r"\btradewind_[a-z0-9_]+\b")


def exported() -> set[str]:
    names = set(CATALOGUE)
    for name, entry in CATALOGUE.items():
        if entry.kind == "histogram":
            names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return names


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("promtool is not installed (apt install prometheus)")
        pytest.skip("promtool is not installed (apt install prometheus)")
    return found


def test_the_dashboards_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "dashboards.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_panels_and_alerts_refer_to_metrics_that_are_exported() -> None:
    names = exported()
    seen: set[str] = set()
    for path in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                found = set(METRIC.findall(target["expr"]))
                assert found, f"{path.name}: {panel['title']} asks for no metric"
                assert found <= names, f"{path.name}: {panel['title']}: {found - names}"
                seen |= found
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())
    for rule in rules["groups"][0]["rules"]:
        found = set(METRIC.findall(rule["expr"]))
        assert found <= names, f"{rule['alert']}: {found - names}"
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in seen}
    hidden = set(CATALOGUE) - shown
    assert hidden <= {"tradewind_connector_last_success_timestamp_seconds"}, f"on no dashboard: {hidden}"


def test_every_alert_has_a_run_book_section() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())
    for rule in rules["groups"][0]["rules"]:
        page, anchor = rule["annotations"]["runbook"].split("#")
        assert page == "docs/operations.md"
        assert anchor in anchors, f"{rule['alert']} refers to #{anchor}"


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")],
    ids=lambda a: " ".join(a[:2]),
)
def test_prometheus_accepts_them(promtool: str, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [promtool, *arguments], cwd=ROOT / "deploy" / "prometheus", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

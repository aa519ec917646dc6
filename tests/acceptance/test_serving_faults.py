"""A served model under load is killed, cut off, filled up and deceived: nothing is lost, and nothing said is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import chaos_faults
import chaos_more
from chaos_world import World, make_world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"), days=520, names=["first"])


def nothing_lost_nothing_wrong(found: Mapping[str, Any]) -> None:
    held = found["held"]
    assert held["lost"] == 0, held
    assert held["false"] == 0, held
    assert held["verified"]
    assert held["answers"] > 200
    assert found["exit"] == 0
    told = sum(count for status, count in found["status"].items() if status in ("429", "503"))
    assert found["retry_after"] == told
    assert set(found["status"]) <= {"0", "200", "429", "503"}


def test_a_server_that_is_killed_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    found = chaos_faults.killed(world, tmp_path / "rig", times=3, pace=0.1)
    nothing_lost_nothing_wrong(found)
    assert found["fresh_again_s"]["worst"] < 30.0


def test_redis_may_go_and_come_back_empty(world: World, tmp_path: Path) -> None:
    if shutil.which("redis-server") is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("redis-server is absent, and CI must run every test")
        pytest.skip("redis-server is absent (apt install redis-server)")
    found = chaos_faults.redis_killed(world, tmp_path / "rig", times=1, away=1.5)
    nothing_lost_nothing_wrong(found)
    assert found["degraded"]
    assert set(found["status"]) == {"200"}


def test_a_full_disk_delays_and_loses_nothing(world: World, tmp_path: Path) -> None:
    probe = tmp_path / "probe"
    probe.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(probe)], check=False, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted without the rights of root")
    subprocess.run(["umount", str(probe)], check=True)
    nothing_lost_nothing_wrong(chaos_faults.disk_full(world, tmp_path / "rig", times=1, full=4.0))


def test_a_damaged_version_is_told_of_and_the_one_before_answers(world: World, tmp_path: Path) -> None:
    found = chaos_faults.corrupt_model(world, tmp_path / "rig")
    nothing_lost_nothing_wrong(found)
    assert set(found["status"]) == {"200"}
    assert max(found["told_within_s"]) < 10.0


def test_ten_times_the_load_is_turned_away_and_the_rest_is_served(world: World, tmp_path: Path) -> None:
    found = chaos_more.overload(world, tmp_path / "rig", seconds=4.0, measured=2.0)
    nothing_lost_nothing_wrong(found)
    more = found["overload"]
    refused = sum(count for status, count in more["status"].items() if status in ("429", "503"))
    assert refused > 0
    assert more["retry_after"] == refused
    assert set(more["status"]) <= {"0", "200", "429", "503"}
    assert found["goodput_share"] > 0.1  # measured 0.5; here the machine may be busy with other tests

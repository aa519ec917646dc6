"""The server follows the deployment file, and a damaged one changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tradewind.core import InputError
from tradewind.serving.node.deployment import Deployed, Deployment, FileSource, Universe


def deployment(version: int, **more: str) -> Deployment:
    refs = {"champion": f"daily/{version}", **more}
    universe = Universe.of({"B": "x", "A": "y"})
    return Deployment(
        universe=universe,
        roles=refs,
        versions={ref: Deployed(artefact=f"/a/{ref}", model="/m") for ref in refs.values()},
    )


def test_a_new_deployment_is_seen_and_a_damaged_one_is_told_and_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    with pytest.raises(InputError, match="deploy a model"):
        FileSource(path)
    deployment(1).write(path)
    source = FileSource(path)
    assert source.current() == {"champion": "daily/1"}
    assert source.universe.symbols == ("A", "B")
    assert source.universe.sectors == ("y", "x")
    deployment(2, canary="daily/3").write(path)
    assert source.current() == {"champion": "daily/2", "canary": "daily/3"}
    assert source.artefact("daily/3") == "/a/daily/3"
    good = deployment(2).model_dump(mode="json")
    no_champion = json.dumps({**good, "roles": {"canary": "daily/2"}})
    no_version = json.dumps({**good, "versions": {}})
    for text in ("{", '{"roles": {"champion": "x/1"}}', no_champion, no_version):
        path.write_text(text)
        with pytest.raises(InputError):
            source.current()
        assert source.artefact("daily/2") == "/a/daily/2"
    deployment(4).write(path)
    assert source.current() == {"champion": "daily/4"}


def test_folders_lie_where_the_deployment_lies(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    one = Deployment(
        universe=Universe.of({"A": "x"}),
        roles={"champion": "daily/1"},
        versions={"daily/1": Deployed(artefact="artefacts/1#always_up", model="/models/1")},
    )
    one.write(path)
    source = FileSource(path)
    assert source.artefact("daily/1") == str(tmp_path / "artefacts" / "1#always_up")
    assert source.model_folder("daily/1") == Path("/models/1")


def test_what_is_known_of_a_version_stays_known_while_it_may_be_served(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    deployment(1).write(path)
    source = FileSource(path)
    deployment(2).write(path)  # whose artefact may turn out to be damaged: 1 answers on
    assert source.current() == {"champion": "daily/2"}
    assert source.deployed("daily/1").artefact == "/a/daily/1"
    assert source.model_folder("daily/1") == Path("/m")
    with pytest.raises(KeyError):
        source.artefact("daily/1")

"""The server follows the deployment file, and a damaged one changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.core import InputError
from tradewind.serving.node.deployment import Deployed, Deployment, FileSource


def deployment(version: int, **more: str) -> Deployment:
    refs = {"champion": f"daily/{version}", **more}
    return Deployment(roles=refs, versions={ref: Deployed(artefact=f"/a/{ref}", model="/m") for ref in refs.values()})


def test_a_new_deployment_is_seen_and_a_damaged_one_is_told_and_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    with pytest.raises(InputError, match="deploy a model"):
        FileSource(path)
    deployment(1).write(path)
    source = FileSource(path)
    assert source.current() == {"champion": "daily/1"}
    deployment(2, canary="daily/3").write(path)
    assert source.current() == {"champion": "daily/2", "canary": "daily/3"}
    assert source.artefact("daily/3") == "/a/daily/3"
    for text in ("{", '{"roles": {"canary": "x/1"}, "versions": {}}', '{"roles": {"champion": "x/1"}}'):
        path.write_text(text)
        with pytest.raises(InputError):
            source.current()
        assert source.artefact("daily/2") == "/a/daily/2"
    deployment(4).write(path)
    assert source.current() == {"champion": "daily/4"}

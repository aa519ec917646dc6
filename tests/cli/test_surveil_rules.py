"""`tradewind surveil rules`: the model of the package in rules, and a model that has none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app
from tradewind.core.errors import InputError
from tradewind.surveillance.schemes import Scheme


def test_the_model_of_the_package_has_rules_of_every_scheme_that_say_how_faithful_they_are() -> None:
    result = CliRunner().invoke(app, ["surveil", "rules", "--json"], catch_exceptions=False)
    told = json.loads(result.stdout)
    assert set(told) == {scheme.value for scheme in Scheme}
    for one in told.values():
        assert one["rules"]
        assert 0.3 < one["fidelity"] < 1.0
        assert one["agreement"] > 0.92  # among candidates clear enough to raise an alert
        scores = [rule["score"] for rule in one["rules"]]
        assert scores == sorted(scores, reverse=True)


def test_rules_are_told_in_words() -> None:
    result = CliRunner().invoke(app, ["surveil", "rules", "--schemes", "spoofing", "--least", "0.3"])
    assert result.exit_code == 0
    assert "spoofing" in result.stdout
    assert "layering:" not in result.stdout
    assert "% of" in result.stdout


def test_a_folder_without_rules_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rules\.json"):
        CliRunner().invoke(app, ["surveil", "rules", "--model", str(tmp_path)], catch_exceptions=False)

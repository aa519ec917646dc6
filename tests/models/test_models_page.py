"""The page on models names every model and every setting of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradewind.core import Settings
from tradewind.models import MODELS, ModelSettings

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
NAMED = {word for quoted in re.findall(r"`([^`]+)`", PAGE) for word in re.split(r"[^\w]+", quoted)}


def test_every_model_is_on_the_page():
    assert set(MODELS) <= NAMED


@pytest.mark.parametrize("name", sorted(ModelSettings.model_fields))
def test_every_setting_is_on_the_page(name):
    settings = getattr(ModelSettings(), name)
    assert isinstance(settings, Settings)
    assert set(type(settings).model_fields) - {"seed"} <= NAMED

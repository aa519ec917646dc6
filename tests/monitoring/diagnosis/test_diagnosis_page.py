"""The page: the headline first, text of the data escaped, plots that stand for themselves; files whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import Severity
from tradewind.monitoring.diagnosis import CauseKind
from tradewind.monitoring.diagnosis.page import render
from tradewind.monitoring.diagnosis.plots import running_mean
from tradewind.monitoring.finding import Area, Finding

K = CauseKind
EVIL = "<script>alert(1)</script>$x_"


@pytest.mark.slow
def test_the_first_words_are_the_headline(plant: Callable[..., Any], tmp_path: Path) -> None:
    found = plant(K.FEED_STOPS).diagnosis()
    told, page = found.write(tmp_path)
    text = page.read_text()
    shown = re.sub(r"<[^>]*>", "", text[text.index("<main>") :]).strip()
    assert shown.startswith(found.headline)
    assert "feed alpha" in found.headline
    assert json.loads(told.read_text())["headline"] == found.headline
    assert text.count("<svg") == 3
    assert text.count("aria-label=") == 3
    assert "http://" not in re.sub(r'xmlns[:a-z]*="[^"]*"', "", text)
    for step in found.steps:
        for line in step.lines:
            assert line.replace("'", "&#39;") in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["diagnosis.html", "diagnosis.json"]


@pytest.mark.slow
def test_names_from_the_data_are_escaped(plant: Callable[..., Any]) -> None:
    planted = plant(K.FEED_STOPS)
    named = [replace(one, feed=np.where(one.feed == "alpha", EVIL, one.feed)) for one in planted.slices]
    moment = named[108].known_at
    told = Finding(
        kind="feed_silent",
        area=Area.DATA_QUALITY,
        severity=Severity.ERROR,
        message=EVIL,
        time=moment,
        known_at=moment,
        subject={"feed": EVIL},
    )
    found = type(planted)(slices=named).diagnosis(findings=(told,))
    assert EVIL in found.headline
    text = render(found)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", [K.NO_FAULT, K.WRONG_MODEL_VERSION])
def test_a_page_without_labels_says_so(plant: Callable[..., Any], kind: CauseKind) -> None:
    planted = plant(kind)
    bare = type(planted)(slices=[replace(one, labels=None) for one in planted.slices]).diagnosis()
    assert bare.top.kind is kind
    assert "No label of these forecasts is known." in render(bare)


def test_a_running_mean_skips_what_is_not_known() -> None:
    values = np.array([1.0, np.nan, 3.0, np.nan, np.nan, 5.0])
    np.testing.assert_allclose(running_mean(values, 2), [1.0, 1.0, 3.0, 3.0, np.nan, 5.0])

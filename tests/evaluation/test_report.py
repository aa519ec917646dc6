"""The report: sections, words, self-containment, odd inputs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import numpy as np
import pytest

from tradewind.core import Outcomes, OutputError
from tradewind.evaluation import Evaluation, evaluate_outcomes, write_report
from tradewind.evaluation.report import render_report
from tradewind.evaluation.report.drawing import drawing

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Point:
    share: float
    train_accuracy: float
    test_accuracy: float


def run(
    make_outcomes, *, skill: float, n_symbols: int = 8, n_days: int = 260
) -> tuple[Evaluation, dict[str, Outcomes]]:
    outcomes = {
        name: make_outcomes(n_symbols=n_symbols, n_days=n_days, model=name, seed=4, **extra)
        for name, extra in (("ensemble", {"skill": skill}), ("always_up", {"constant": 0.55}))
    }
    found = evaluate_outcomes(
        outcomes,
        primary="ensemble",
        baselines=["always_up"],
        train={"ensemble": make_outcomes(skill=0.8, n_days=100, seed=2)},
        learning_curve=[Point(0.2, 0.7, 0.5), Point(1.0, 0.6, 0.52)],
    )
    return found, outcomes


class Tags(HTMLParser):
    """Collect tags that stay open, addresses, and drawings without a text alternative."""

    VOID = frozenset({"meta", "br", "path", "use", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs) -> None:
        values = dict(attrs)
        self.addresses += [values[k] for k in ("src", "href", "xlink:href") if k in values]
        self.silent += tag == "svg" and not values.get("aria-label")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.addresses += [value for key, value in attrs if key in {"src", "href", "xlink:href"}]

    def handle_endtag(self, tag) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(make_outcomes) -> str:
    found, outcomes = run(make_outcomes, skill=0.3)
    return render_report(
        found,
        outcomes,
        title="A <title>",
        notes=["Survivorship: <b>dead</b> companies are absent."],
        settings={"data": "0123abc", "span": {"start": "2015-01-01"}},
    )


def test_sections_and_plots_are_there(page: str) -> None:
    for name in ("models", "trading", "plots", "overfitting", "risk", "stress", "slices", "settings"):
        assert f'<h2 id="{name}">' in page
    for heading in ("Equity", "Drawdown", "Rolling accuracy", "Calibration", "Learning curve", "IC over time"):
        assert f"<h3>{heading}</h3>" in page
    assert "<h3>Accuracy by slice</h3>" in page
    assert "<h3>Interval coverage over time</h3>" in page
    assert "0123abc" in page
    assert "span.start" in page


def test_page_is_sound_and_needs_nothing_else(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.silent == 0
    assert all(address.startswith("#") for address in tags.addresses)
    assert "http" not in page
    assert not re.search(r"@import|url\((?!#)", page)
    assert len(page) < 2_000_000


def test_callers_text_is_escaped(page: str) -> None:
    assert "<b>dead</b>" not in page
    assert "A &lt;title&gt;" in page


def test_verdict_comes_first_and_in_its_words(make_outcomes, page: str) -> None:
    assert "no skill" not in page
    assert page.index("shows skill") < page.index("<table")
    found, outcomes = run(make_outcomes, skill=0.0)
    assert not found.verdict.skill
    assert "no skill" in render_report(found, outcomes, title="t")


def test_colours_follow_the_theme(page: str) -> None:
    assert "#0102" not in page
    assert "var(--series-1)" in page.split("</style>")[1]


@pytest.mark.parametrize(("n_symbols", "n_days"), [(1, 1), (1, 30), (3, 12)])
def test_odd_spans_still_give_a_report(make_outcomes, tmp_path, n_symbols: int, n_days: int) -> None:
    found, outcomes = run(make_outcomes, skill=0.0, n_symbols=n_symbols, n_days=n_days)
    text = write_report(found, outcomes, tmp_path / "r.html", title="t").read_text(encoding="utf-8")
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.S).lower().replace("finan", "")


def test_no_labels_still_give_a_report(make_outcomes) -> None:
    made = make_outcomes(n_days=30)
    nothing = {"m": replace(made, direction=np.full(len(made), np.nan), forward_return=np.full(len(made), np.nan))}
    found = evaluate_outcomes(nothing, primary="m")
    assert "no skill" in render_report(found, nothing, title="t")


def test_unwritable_place(make_outcomes, tmp_path) -> None:
    found, outcomes = run(make_outcomes, skill=0.0, n_days=12)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_report(found, outcomes, tmp_path / "file" / "r.html", title="t")


def test_a_drawing_shortens_places_and_not_what_is_written() -> None:
    with drawing(2.0) as one:
        one.axes.plot([0.0, 1.0], [0.0012345, 0.0056789])
        one.axes.set_xlabel("steps of 0.001234")
        text = one.svg("a line")
    assert "steps of 0.001234" in text
    assert ">0.005<" in text.replace("\n", "")
    assert not re.search(r'd="[^"]*\d\.\d{3}', text)

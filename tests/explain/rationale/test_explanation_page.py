"""The explanation page: pictures that add up, no number without a source, and readable by everyone."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from io import BytesIO

import matplotlib.image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.evaluation.report.drawing import standalone
from tradewind.explain.page import (
    member_bars,
    percentile_strip,
    render_day,
    render_explanation,
    steps_of,
    time_profile,
    waterfall,
    write_day,
    write_explanation,
)
from tradewind.explain.rationale import LAYERS, RationaleSettings, check_record, explain
from tradewind.explain.rationale.forms import NUMBER

pytestmark = pytest.mark.slow

DOUBTFUL = RationaleSettings(near=0.5)


class Page(HTMLParser):
    """Visible words outside pictures, and what a page points to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self.pictures: list[str] = []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._hidden += tag in {"svg", "style", "title"}
        self.ids += [str(given["id"])] if "id" in given and not self._hidden else []
        self.links += [str(given["href"])] if tag == "a" else []
        self.pictures += [str(given.get("aria-label", ""))] if tag == "svg" else []
        self.outside += [v for k, v in attrs if k in {"src", "href"} and v and not v.startswith("#")]
        assert tag != "script"

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"svg", "style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip().replace("\u00a0", " "))


@pytest.fixture(scope="module")
def found(make_subject):
    return explain(make_subject(11, m=1, settings=DOUBTFUL), 0)


@pytest.fixture(scope="module")
def page(found) -> Page:
    return Page(render_explanation(found))


@given(
    base=st.floats(0.2, 0.8),
    values=st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=25),
    top=st.integers(1, 30),
)
def test_steps_touch_and_end_at_the_sum_whatever_is_put_together(base: float, values: list[float], top: int):
    parts = [{"name": f"f{i}", "value": value} for i, value in enumerate(values)]
    steps = steps_of(base, parts, top=top)
    assert steps[0].start == base
    assert all(a.end == b.start for a, b in itertools.pairwise(steps))
    assert steps[-1].end == pytest.approx(base + sum(values), abs=1e-12)
    assert len(steps) == min(len(values), top + 1)
    sizes = [abs(step.value) for step in steps[:top]]
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(sizes))


@pytest.mark.parametrize("by", ["features", "groups"])
def test_the_waterfall_is_drawn_from_the_base_to_the_probability(found, by: str):
    tree = found.evidence["attribution"]
    drawn = waterfall(found.evidence, by=by, top=4)
    axes = drawn.figure.axes[0]
    bars = [patch for patch in axes.patches if patch.get_width()]
    parts = sorted((abs(part["value"]) for part in tree[by]), reverse=True)
    assert len(bars) == min(len([p for p in parts if p]), 5)
    assert sum(bar.get_width() for bar in bars) == pytest.approx(100 * (tree["probability"] - tree["base"]), abs=1e-7)
    assert bars[0].get_x() == pytest.approx(100 * tree["base"])
    last = bars[-1].get_x() + bars[-1].get_width()
    assert last == pytest.approx(100 * tree["probability"], abs=1e-7)
    labels = [text.get_text() for text in axes.texts]
    assert f"{100 * tree['base']:.2f} %" in labels
    assert f"{100 * tree['probability']:.2f} %" in labels
    assert f"{100 * tree['probability']:.2f} %" in drawn.alt


def test_pictures_are_saved_as_svg_and_png_on_white(found, tmp_path):
    vector, raster = waterfall(found.evidence).save(tmp_path, "waterfall")
    text = vector.read_text()
    assert text.startswith("<svg xmlns=")
    assert "var(" not in text
    assert "#0102" not in text
    pixels = matplotlib.image.imread(BytesIO(raster.read_bytes()), format="png")
    assert pixels.shape[1] > 1000
    assert tuple(pixels[0, 0, :3]) == (1.0, 1.0, 1.0)
    dark = (pixels[:, :, :3].max(axis=2) < 0.02).mean()
    assert dark < 0.001, "colours that stand for style variables are nearly black: none is left"


def test_every_picture_says_in_words_what_it_shows(found):
    for drawn in (member_bars(found.evidence), time_profile(found.evidence), percentile_strip(found.evidence)):
        assert drawn is not None
        assert len(NUMBER.findall(drawn.alt)) >= 2
        assert f'aria-label="{drawn.alt[:20]}' in drawn.svg
        assert 'role="img"' in drawn.svg
        assert "#0102" not in standalone(drawn.svg)
    assert time_profile({**found.evidence, "profile": None}) is None


def test_the_page_needs_nothing_else_and_its_links_arrive(page: Page):
    assert page.outside == []
    assert set(LAYERS) <= set(page.ids)
    assert all(link.removeprefix("#") in page.ids for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert len(page.pictures) == 5
    assert all(page.pictures)


def test_every_number_on_the_page_stands_in_a_checked_sentence(found, page: Page):
    assert found.check() == ()
    told = page.words[: page.words.index("Every fact and its source")]
    said = {sentence.text for sentence in found.every()} | {found.alert.message}
    said.add(f"{100 * found.evidence['forecast']['probability']:.1f} %")
    symbol, day = found.evidence["data"]["symbol"], found.evidence["data"]["date"]
    said |= {f"Forecast of {symbol} at the close of {day}, explained", f"Low confidence: {symbol}"}
    assert [word for word in told if NUMBER.search(word) and word not in said] == []
    assert sum(bool(NUMBER.search(word)) for word in told) > 60


def test_a_doubtful_forecast_wears_its_alert(found, page: Page, make_subject):
    assert found.alert is not None
    text = " ".join(page.words)
    assert "Low confidence" in text
    assert found.alert.message in text
    assert "Why this forecast is doubtful" in text
    calm = RationaleSettings(near=0.0, wide=1.0, dissent=1.0, outside=1.0, missing=1.0)
    sure = render_explanation(
        explain(make_subject(11, m=1, settings=calm, probability=0.7, members=(0.7, 0.7, 0.7)), 0)
    )
    assert "Low confidence" not in sure
    assert 'role="alert"' not in sure


def test_only_the_layers_asked_for_are_shown(found):
    shown = Page(render_explanation(found, ("executive",)))
    assert "executive" in shown.ids
    assert not {"attribution", "technical", "internals"} & set(shown.ids)
    assert len(shown.pictures) == 1


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * c for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_words_stand_out_from_their_ground_in_light_dark_and_print(found):
    style = re.search(r"<style>(.*?)</style>", render_explanation(found), re.S)[1]
    themes = re.findall(r":root \{([^}]*)\}", style)
    assert len(themes) == 3
    for theme in themes:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", theme))
        for ink in ("ink", "soft", "series-1", "warn"):
            for ground in ("page", "alert"):
                light, dark = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground, theme)


def test_a_name_from_the_data_cannot_become_markup(found):
    tree = json.loads(json.dumps(found.evidence))
    tree["data"]["symbol"] = "<script>x</script>"
    old = found.facts.evidence
    found.facts.evidence = tree
    try:
        assert "<script>" not in render_explanation(found)
    finally:
        found.facts.evidence = old


def test_files_of_one_forecast_are_written_and_the_record_checks_out(found, tmp_path):
    written = write_explanation(tmp_path, found)
    assert {path.name for path in tmp_path.iterdir()} == {
        "explanation.html", "explanation.json", "waterfall.svg", "waterfall.png",
    }  # fmt: skip
    record = json.loads(written["record"].read_text())
    assert check_record(record) == ()
    assert record["alert"]["kind"] == "low_confidence"
    assert all(fact["source"] for fact in record["facts"])


def test_a_day_is_one_page_the_surest_first(make_subject, tmp_path):
    subject = make_subject(21, m=4, settings=DOUBTFUL)
    several = [explain(subject, place) for place in range(4)]
    written = write_day(tmp_path, several)
    page = Page(written["page"].read_text())
    assert page.outside == []
    order = sorted(several, key=lambda one: -one.evidence["forecast"]["confidence"])
    assert page.links == [f"#{one.id}" for one in order]
    assert all(one.id in page.ids for one in several)
    assert len(page.pictures) == 4
    records = json.loads(written["record"].read_text())
    assert [check_record(record) for record in records] == [()] * 4
    assert render_day(several) == written["page"].read_text()

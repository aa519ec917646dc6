"""The model card: complete or it says so, true to the record, and harmless whatever people write."""

from __future__ import annotations

import copy
import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from tradewind.core import InputError, OutputError
from tradewind.governance.cards import (
    REQUIREMENTS,
    SKELETON,
    Card,
    CardNotes,
    CardSources,
    IncompleteCardError,
    check_card,
    make_card,
    write_skeleton,
)
from tradewind.governance.cards.facts import feature_groups
from tradewind.governance.files import read_toml
from tradewind.governance.filled import is_placeholder
from tradewind.governance.pages import Pairs, Table
from tradewind.governance.pages.numbers import number, percent, percent_range

EVIL = '<script>alert("x")</script> [a](javascript:b) | `c` *d* \n# e'


class Words(HTMLParser):
    """Collects the text a browser would show, and every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def shown(html: str) -> str:
    parser = Words()
    parser.feed(html[html.index("<body>") :])
    return " ".join(" ".join(parser.text).split())


def without(sources: CardSources, path: str) -> CardSources:
    """Return the sources with one field taken away."""
    parts = path.split(".")
    if parts[0] == "main":
        parts = ["record", "metrics", "models", "ensemble", *parts[1:]]
    elif parts[0] == "metrics":
        parts = ["record", *parts]
    if parts[0] == "record":
        record = copy.deepcopy(dict(sources.record))
        place = record
        for part in parts[1:-1]:
            place = place[part]
        del place[parts[-1]]
        return dataclasses.replace(sources, record=record)
    if parts[0] == "notes":
        kept = {name: value for name, value in sources.notes.model_dump().items() if name != parts[1]}
        return dataclasses.replace(sources, notes=CardNotes(**kept))
    if path in {"explanation", "fairness"}:
        record = {key: value for key, value in sources.record.items() if key != path}
        return dataclasses.replace(sources, record=record)
    return dataclasses.replace(sources, **{path: {"stage": "", "history": ()}.get(path)})


def test_a_whole_card_passes(sources: CardSources):
    found = check_card(sources, strict=True)
    assert found.complete
    assert found.gaps == ()
    assert found.checked == len(REQUIREMENTS)


@pytest.mark.slow
@pytest.mark.parametrize("path", [need.path for need in REQUIREMENTS])
def test_each_missing_field_is_found_and_named(sources: CardSources, path: str):
    poorer = without(sources, path)
    found = check_card(poorer, strict=True)
    assert not found.complete
    assert path in {gap.requirement.path for gap in found.failing}
    assert all(gap.requirement.give for gap in found.failing)
    required = next(need for need in REQUIREMENTS if need.path == path).required
    assert check_card(poorer).complete is not required
    card = make_card(poorer, strict=True)
    assert "draft" in card.document.kind
    assert path in card.markdown.replace("\\", "")
    assert path in shown(card.html)


@pytest.mark.parametrize("name", sorted(CardNotes.model_fields))
def test_the_skeleton_fails_on_every_answer_not_given(sources: CardSources, tmp_path, name: str):
    path = write_skeleton(tmp_path / "notes.toml")
    unfilled = read_toml(path, CardNotes, what="notes")
    if name == "tier":
        assert unfilled.tier == "medium"
        return
    value = getattr(unfilled, name)
    mixed = sources.notes.model_copy(update={name: value})
    failing = check_card(dataclasses.replace(sources, notes=mixed)).failing
    assert [(gap.requirement.path, gap.why) for gap in failing] == [(f"notes.{name}", "holds a placeholder")]


def test_the_skeleton_is_never_overwritten(tmp_path):
    path = write_skeleton(tmp_path / "notes.toml")
    path.write_text("owner = 'me'\n")
    with pytest.raises(OutputError, match="there already"):
        write_skeleton(path)
    assert path.read_text() == "owner = 'me'\n"
    assert set(re.findall(r"^(\w+) =", SKELETON, flags=re.M)) == set(CardNotes.model_fields)


@pytest.mark.parametrize(
    "text", ["TODO", "tbd", "n/a", "N/A.", "...", " - ", "", "FILL IN: x", "unknown", "To be done"]
)
def test_placeholders(text: str):
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["Ada", "2026-01-01", "Nonlinear drift", "todos los mercados", "Tba3 index", "0",
             "None: forecasts are not acted upon", "Unknown news sources are left out", "NaN prices stop it"],
)  # fmt: skip
def test_answers_are_no_placeholders(text: str):
    assert not is_placeholder(text)


def test_zero_is_a_figure_and_nan_is_none(sources: CardSources):
    record = copy.deepcopy(dict(sources.record))
    record["metrics"]["mcc"] = 0.0
    assert check_card(dataclasses.replace(sources, record=record)).complete
    record["metrics"]["mcc"] = float("nan")
    assert [g.requirement.path for g in check_card(dataclasses.replace(sources, record=record)).failing] == [
        "metrics.mcc"
    ]


def test_numbers_are_those_of_the_record(sources: CardSources):
    card = make_card(sources)
    metrics = sources.record["metrics"]
    main = metrics["models"]["ensemble"]
    low, high = main["accuracy_interval"]
    expected = [
        f"{100 * metrics['accuracy']:.1f} %",
        f"{100 * low:.1f} to {100 * high:.1f} %",
        f"{metrics['mcc']:.3f}",
        f"{metrics['brier']:.4f}",
        f"{main['log_loss']:.4f}",
        f"{100 * main['calibration_error']:.1f} %",
        f"{100 * metrics['models']['always_up']['accuracy']:.1f} %",
        "58,531",
        "66,013",
        "0.625",
        "0.375",
        "120,345",
        "97.5",
        "75.0 %",  # momentum's share of 0.03 + 0.01
        *(f"{100 * row['metrics']['accuracy']['value']:.1f} %" for row in metrics["slices"]),
        sources.record["model_sha256"],
        sources.record["inputs"]["prices"]["sha256"],
        "tradewind reproduce momentum/3",
        metrics["verdict"]["words"][1:],
    ]
    page, text = shown(card.html), card.markdown.replace("\\", "")
    for words in expected:
        assert words in page
        assert words in text


SHOWN = re.compile(r"(?<![\w.#-])-?\d[\d,]*(?:\.\d+)?(?![\w.-])")


def values_of(content: Any) -> list[float]:
    """Return every number that plain ``content`` holds."""
    if isinstance(content, dict):
        return [one for value in content.values() for one in values_of(value)]
    if isinstance(content, list | tuple):
        return [one for value in content for one in values_of(value)]
    return [float(content)] if isinstance(content, int | float) and not isinstance(content, bool) else []


def strangers(card: Card, known: list[float]) -> list[str]:
    """Return the numbers in cells of the card that are no rounding of a known value or of a hundred times one."""
    values = np.array([*known, *(100 * value for value in known)])
    found = []
    for section in card.document.sections:
        for block in section.blocks:
            rows = block.rows if isinstance(block, Pairs | Table) and section.anchor != "frameworks" else ()
            for cell in (str(cell) for row in rows for cell in row[1:]):
                for shown_ in SHOWN.findall(re.sub(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|95 % interval", " ", cell)):
                    digits = len(shown_.partition(".")[2])
                    if np.abs(values - float(shown_.replace(",", ""))).min() > 0.5 * 10**-digits + 1e-9:
                        found.append(f"{section.title}: {cell}")
    return found


def test_every_number_in_a_cell_is_a_rounding_of_its_source(sources: CardSources):
    content = sources.to_dict()
    alpha = sources.record["settings"]["ensemble"]["alpha"]
    shares = [0.75, 0.25]  # of groups 0.03 and 0.01, as the card makes them
    known = [*values_of(content), 1 - alpha, *shares, 0.001, 16.0]
    card = make_card(sources, strict=True)
    assert strangers(card, known) == []
    other = make_card(dataclasses.replace(sources, record={**sources.record, "train_rows": 987_654}))
    assert strangers(other, known) == ["Training data: 987,654"]
    blocks = next(one.blocks for one in card.document.sections if one.anchor == "performance")
    table = next(block for block in blocks if isinstance(block, Table))
    rows = {row[0]: row for row in table.rows}
    for name, told in sources.record["metrics"]["models"].items():
        row = rows[f"{name} (baseline)" if told["baseline"] else name]
        assert row[1:6] == (percent(told["accuracy"]), percent_range(told["accuracy_interval"]), number(told["mcc"]),
                            number(told["brier"], 4), number(told["ic"]))  # fmt: skip
        assert row[8] == f"{told['n']:,}"


def test_the_data_of_the_evaluation_are_told(sources: CardSources):
    page = shown(make_card(sources).html)
    for words in ("Evaluated from 2015-06-01", "Evaluated until 2015-09-30", "Days judged 66", "one half",
                  "Groups crossed (sector by size) not assessed"):  # fmt: skip
        assert words in page


def test_an_explanation_of_another_model_is_refused(sources: CardSources):
    about = {"trained_until": "2015-05-29", "members": ["xgboost", "random_forest"]}
    assert dataclasses.replace(sources, explanation={"about": about}).explained
    for wrong in ({"trained_until": "2014-05-29"}, {"members": ["lstm"]}):
        with pytest.raises(InputError, match="of another model"):
            dataclasses.replace(sources, explanation={"about": {**about, **wrong}})


def test_every_section_is_there_and_in_both_forms(sources: CardSources):
    card = make_card(sources)
    titles = [section.title for section in card.document.sections]
    for wanted in ("Intended use", "Performance", "Calibration", "Performance by slice", "Stress", "Fairness",
                   "Explanation", "Training data", "Complexity", "Limitations and failure modes",
                   "Monitoring and retraining", "Approvals", "Reproduction", "Frameworks"):  # fmt: skip
        assert wanted in titles
        assert f"## {wanted}" in card.markdown
    for person in ("ada", "vera", "paul", "otto"):
        assert person in shown(card.html)
    assert "complies with" not in card.markdown.replace("complies with anything", "")


def test_no_skill_is_said_plainly(sources: CardSources, unskilled: dict[str, Any]):
    record = {**sources.record, "metrics": unskilled}
    assert unskilled["verdict"]["skill"] is False
    card = make_card(dataclasses.replace(sources, record=record))
    assert str(card.document.status) == "No skill shown"
    assert "no skill" in card.document.lead[0]
    assert "no skill" in shown(card.html)
    none = make_card(dataclasses.replace(sources, record={**sources.record, "metrics": {}}))
    assert "not measured" in str(none.document.status)
    assert not none.checklist.complete


def test_figures_of_another_evaluation_are_refused(sources: CardSources, unskilled: dict[str, Any]):
    with pytest.raises(InputError, match="another evaluation"):
        dataclasses.replace(sources, metrics=unskilled)
    assert dataclasses.replace(sources, metrics=sources.record["metrics"]).figures


def test_what_people_write_stays_words(sources: CardSources):
    record = {**sources.record, "purpose": EVIL, "limitations": [EVIL]}
    notes = sources.notes.model_copy(update={"owner": EVIL, "intended_use": (EVIL,)})
    history = ({**sources.history[0], "reason": EVIL},)
    plain = make_card(sources)
    card = make_card(dataclasses.replace(sources, record=record, notes=notes, history=history))
    parser, other = Words(), Words()
    parser.feed(card.html)
    other.feed(plain.html)
    assert set(parser.tags) == set(other.tags)
    assert "script" not in parser.tags
    assert '<script>alert("x")</script>' in " ".join(parser.text)
    assert not re.search(r"(?<!\\)<script", card.markdown)
    assert "\n# e" not in card.markdown
    rows = [line for line in card.markdown.splitlines() if line.startswith("| Owner |")]
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 3


def test_an_incomplete_card_is_only_written_as_a_draft(sources: CardSources, tmp_path):
    card = make_card(without(sources, "notes.owner"))
    with pytest.raises(IncompleteCardError, match=r"notes\.owner"):
        card.write(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    files = card.write(tmp_path / "out", draft=True)
    assert {path.suffix for path in files} == {".html", ".md", ".json"}
    assert "must not be relied on" in (tmp_path / "out" / "card.html").read_text()


def test_feature_groups_hold_every_column_once():
    columns = ["rsi_14", "rsi_14_missing", "return_5", "realised_volatility_20", "no_such_feature"]
    groups = feature_groups(columns)
    assert sorted(name for found in groups.values() for name in found) == sorted(columns)
    assert groups["other"] == ["no_such_feature"]
    assert {"rsi_14", "rsi_14_missing"} <= set(next(found for found in groups.values() if "rsi_14" in found))


def test_measured_importance_is_shown_as_it_is(sources: CardSources):
    def part(name: str, share: float) -> dict[str, Any]:
        interval = {"value": share, "lower": share - 0.05, "upper": share + 0.05}
        return {"name": name, "importance": {"value": share / 50}, "share": interval}

    found = {
        "shap": {
            "rows": 500,
            "days": 63,
            "groups": [part("momentum", 0.7125), part("trend", 0.2875)],
            "features": [part(f"f{i}", 0.0625) for i in range(16)],
        },
        "drift": {"verdict": "no drift shown"},
        "quality": {"checks": [{"name": "faithfulness", "passed": False, "words": "no better than <chance>"}]},
    }
    page = shown(make_card(dataclasses.replace(sources, explanation=found)).html)
    for words in ("500 forecasts of 63 days", "71.2 %", "66.2 to 76.2 %", "0.0143", "The first 12 of 16.",
                  "no drift shown", "faithfulness", "no better than <chance>"):  # fmt: skip
        assert words in page
    assert "f11" in page
    assert "f12" not in page


def test_a_fairness_report_by_kinds_is_shown_group_by_group(sources: CardSources):
    def rate(value: float) -> dict[str, float]:
        return {"value": value, "lower": value - 0.055, "upper": value + 0.055}

    names = ("rise", "true_positive", "false_positive", "accuracy")
    group = {"group": "Tech & <Co>", "n": 1234, **{name: rate(0.4 + i / 10) for i, name in enumerate(names)}}
    whole = {"groups": [group], "gap": {"rise": rate(0.21)}, "ratio": {}}
    found = {"words": ["sector: keeps the rule"], "kinds": [{"by": "size_bucket", "whole": whole}], "rows": 99}
    page = shown(make_card(dataclasses.replace(sources, fairness=found)).html)
    for words in ("Sector: keeps the rule.", "By size bucket:", "Tech & <Co>", "1,234", "40.0 % (34.5 to 45.5 %)",
                  "60.0 % (54.5 to 65.5 %)", "0.2100 (95 % interval 0.1550 to 0.2650)"):  # fmt: skip
        assert words in page

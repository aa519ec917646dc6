"""Where a model comes from, as data, text and a chart."""

from __future__ import annotations

import pytest

from tradewind.core import UsageError
from tradewind.registry import lineage, lineage_of, trained_on


@pytest.mark.slow
def test_lineage_names_every_step_by_its_hash(office):
    office.champion()
    found = lineage(office.registry, "demo", "champion")
    record = office.registry.record("demo", 1)
    ids = {step.kind: step.id for step in found.steps}
    assert ids["data"] == record.data["panel"]
    assert ids["settings"] == record.settings_id
    assert ids["code"] == record.code["source"]
    assert record.environment["lock_sha256"].startswith(ids["environment"])
    assert record.model_sha256.startswith(ids["model"])
    assert ids["run"] == "not tracked"
    assert ids["decisions"] == "4, all signed"
    text = found.text()
    for words in ("validated -> approved by paul (approver): as agreed", "seed 7", record.data["first"]):
        assert words in text
    assert list(found.to_dict()) == ["model", "steps"]


def test_the_chart_is_safe_to_paste(record):
    sly = record.with_(author='<script>"x"</script>')
    chart = lineage_of(sly).mermaid()
    assert "<script>" not in chart
    assert "#lt;script#gt;#quot;x#quot;" in chart
    nodes = [line for line in chart.splitlines() if "-->" in line]
    assert nodes[0].strip() == "s0 --> s1"
    assert len(nodes) == len(lineage_of(sly).steps) - 1


def test_models_are_found_by_the_data_they_learned_from(office):
    office.register("demo")
    office.register("other")
    panel, prices = office.record.data["panel"], office.record.inputs["prices"]["sha256"]
    for asked in (panel, panel[:6], prices[:12]):
        assert [r.reference for r in trained_on(office.registry, asked)] == ["demo/1", "other/1"]
    assert trained_on(office.registry, "000000") == []
    with pytest.raises(UsageError, match="too short a hash"):
        trained_on(office.registry, panel[:3])

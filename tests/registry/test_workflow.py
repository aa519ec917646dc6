"""From draft to champion: who may do what, and what is served meanwhile."""

from __future__ import annotations

from tradewind.registry import Stage


def test_a_model_goes_from_draft_to_champion_and_is_served(office):
    version = office.champion()
    assert version == 1
    assert office.registry.stage("demo", "champion") is Stage.champion
    served = office.registry.serving("demo")
    assert (served.record.reference, served.how, served.baseline) == ("demo/1", "champion", None)
    assert (served.folder / "model.json").read_bytes() == (office.saved / "model.json").read_bytes()
    assert office.registry.served("demo") == office.registry.record("demo", 1)
    assert [d.words() for d in office.registry.history("demo")] == [
        "new -> draft", "draft -> validated", "validated -> approved", "approved -> champion",
    ]  # fmt: skip
    assert [kind for kind, _ in office.events] == ["decision"] * 4
    assert office.events[-1][1]["hash"] == office.registry.history("demo")[-1].hash
    assert office.registry.record("demo", 1).budget["passed"] is True

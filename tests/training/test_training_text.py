"""The text parts that settings name."""

from __future__ import annotations

from tradewind.features import FinBERTScorer, LexiconScorer, MiniLMEmbedder
from tradewind.training import TextSettings, TrainingSettings, embedder_of, scorer_of


def test_defaults_need_no_extra():
    assert isinstance(scorer_of(TextSettings()), LexiconScorer)
    assert embedder_of(TextSettings()) is None


def test_extras_are_chosen_by_settings():
    assert isinstance(scorer_of(TextSettings(scorer="finbert")), FinBERTScorer)
    assert isinstance(embedder_of(TextSettings(reads="minilm")), MiniLMEmbedder)


def test_settings_files_choose_them(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('[text]\nscorer = "finbert"\nhead = false\n')
    settings = TrainingSettings.from_toml(file)
    assert settings.text == TextSettings(scorer="finbert", head=False)
    assert settings.id != TrainingSettings().id

"""Errors, settings, files, ids and the small records."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

import tradewind.core as core
from tradewind.core import Dataset, Event, Forecast, InputError, Labels, Outcomes, OutputError, Settings, Severity
from tradewind.core.arrays import as_time
from tradewind.core.clock import FixedClock, SystemClock
from tradewind.core.files import atomic_path, write_text
from tradewind.core.ids import array_id, content_id


class Knobs(Settings):
    """Settings of this test."""

    depth: int = 3
    rate: float = 0.1


def test_public_names_are_pinned():
    assert core.__all__ == sorted(core.__all__, key=lambda n: (n[0].islower(), n))
    assert set(core.__all__) == {
        "Dataset", "Event", "Forecast", "InputError", "Labels", "LeakageError", "MissingExtraError", "News",
        "NoProgress", "NotFittedError", "Outcomes", "OutputError", "Panel", "Progress", "SchemaError", "Settings",
        "Severity", "TradewindError", "UsageError",
    }  # fmt: skip


def test_an_input_error_says_where_and_how_to_mend_it():
    error = InputError("is not a number", file="p.csv", row=7, field="close", fix="write a number")
    assert str(error) == "p.csv, row 7, column 'close': is not a number. Fix: write a number."
    assert error.exit_code == 2


def test_settings_id_changes_with_a_value_and_only_then():
    assert Knobs().id == Knobs(depth=3).id
    assert Knobs().id != Knobs(depth=4).id


@pytest.mark.parametrize(
    ("text", "message"),
    [("depth = 'x'", "depth"), ("wings = 2", "wings"), ("depth = ", "TOML")],
)
def test_bad_settings_files_are_refused_by_name(tmp_path, text, message):
    file = tmp_path / "s.toml"
    file.write_text(text)
    with pytest.raises(core.UsageError, match=message) as caught:
        Knobs.from_toml(file)
    assert str(file) in str(caught.value)


def test_settings_are_read_from_toml(tmp_path):
    (tmp_path / "s.toml").write_text("depth = 9")
    assert Knobs.from_toml(tmp_path / "s.toml") == Knobs(depth=9)
    with pytest.raises(core.UsageError, match="cannot be read"):
        Knobs.from_toml(tmp_path / "absent.toml")


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    target = write_text(tmp_path / "a" / "b.txt", "old")

    def write_half() -> None:
        with atomic_path(target) as draft:
            draft.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert target.read_text() == "old"
    assert [p.name for p in target.parent.iterdir()] == ["b.txt"]


def test_a_closed_door_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write here"), atomic_path(tmp_path / "file" / "x"):
        pass


def test_ids_depend_on_content_type_and_shape():
    assert content_id({"a": 1, "b": 2}) == content_id({"b": 2, "a": 1})
    one = np.arange(4.0)
    assert array_id([one]) == array_id([one.copy()])
    assert array_id([one]) != array_id([one.reshape(2, 2)])
    assert array_id([one]) != array_id([one.astype(np.float32)])


def test_an_event_is_json_ready():
    moment = datetime(2020, 1, 2, tzinfo=UTC)
    row = Event(kind="stale_price", severity=Severity.WARNING, message="m", event_time=moment).to_dict()
    assert row["event_time"] == "2020-01-02T00:00:00+00:00"
    assert row["known_at"] is None
    assert row["severity"] == "warning"


def test_clocks():
    moment = datetime(2020, 1, 2, tzinfo=UTC)
    assert FixedClock(moment).now() == moment
    assert SystemClock().now().tzinfo is UTC
    assert as_time("2020-01-02") == np.datetime64("2020-01-02T00:00:00", "us")


def small_dataset(make_panel) -> Dataset:
    panel = make_panel(3, 30, gaps=True)
    n = len(panel)
    labels = Labels(
        start=panel.time,
        end=panel.time + np.timedelta64(1, "D"),
        direction=np.arange(n) % 2.0,
        forward_return=np.linspace(-1, 1, n),
        horizon=1,
    )
    values = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    return Dataset(panel=panel, features=values, names=("a", "b"), labels=labels)


def test_dataset_selection_keeps_rows_together(make_panel):
    data = small_dataset(make_panel)
    mask = np.random.default_rng(0).random(len(data)) < 0.5
    part = data.select(mask)
    np.testing.assert_array_equal(part.features, data.features[mask])
    np.testing.assert_array_equal(part.labels.forward_return, data.labels.forward_return[mask])
    np.testing.assert_array_equal(part.panel.close, data.panel.close[mask])
    np.testing.assert_array_equal(data.columns(["b"]).features[:, 0], data.features[:, 1])
    first = data.panel.offsets[:-1]
    assert (data.bar_index[first] == 0).all()


def test_labels_not_known_are_never_known_by(make_panel):
    labels = small_dataset(make_panel).labels
    never = Labels(**{**labels.__dict__, "end": np.full(len(labels.end), np.datetime64("NaT"), "datetime64[us]")})
    assert not never.known_by("2100-01-01").any()
    assert labels.known_by("2100-01-01").all()


def test_dataset_refuses_features_that_do_not_fit(make_panel):
    data = small_dataset(make_panel)
    with pytest.raises(ValueError, match="shape"):
        data.with_features(data.features, ["a"])


def test_confidence_is_distance_from_a_coin():
    forecast = Forecast.point(np.arange(3), np.array([0.5, 0.75, 0.0]), np.zeros(3))
    np.testing.assert_allclose(forecast.confidence, [0.0, 0.5, 1.0])


def test_outcomes_select_and_refuse_unequal_columns():
    n = 4
    text = np.array(["x"] * n)
    columns = {name: np.zeros(n) for name in ("probability", "expected_return", "lower", "upper", "close")}
    outcomes = Outcomes(
        model="m", symbol=text, time=np.arange(n).astype("datetime64[us]"), direction=np.array([1, 0, np.nan, 1]),
        forward_return=np.zeros(n), sector=text, size_bucket=text, volatility_regime=text, **columns,
    )  # fmt: skip
    assert outcomes.labelled.tolist() == [True, True, False, True]
    assert len(outcomes.select(outcomes.labelled)) == 3
    with pytest.raises(ValueError, match="close has 1 rows"):
        Outcomes(**{**{f: getattr(outcomes, f) for f in outcomes.__dataclass_fields__}, "close": np.zeros(1)})

"""The trained model: preparation, text head and ensemble as one, fitted on given rows and nothing else."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import Dataset, Forecast, InputError, Labels, News, NoProgress, OutputError, Progress, UsageError
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.features import TextHead
from tradewind.models import Ensemble, Forecaster, load_model, make_model
from tradewind.quality import mark_occasions
from tradewind.training.fairness import group_names, known_groups, parity_takers, reweighed, with_groups, with_parity
from tradewind.training.group_shift import GroupShift
from tradewind.training.preprocess import Preprocessor
from tradewind.training.record import code_record, data_record
from tradewind.training.settings import TrainingSettings
from tradewind.training.text import embedder_of

ENSEMBLE = "ensemble"
HEAD_COLUMN = "news_head"
FORMAT = 1


@dataclass(kw_only=True, eq=False)
class TrainedModel:
    """A fitted ensemble with everything it needs from raw features to a forecast.

    Attributes
    ----------
    settings : what it was trained with.
    preprocessor : fitted selection, winsorisation, imputation and scaling.
    ensemble : fitted members, weights, calibration and intervals.
    baselines : fitted baselines, for comparison only.
    head : text model, None without news.
    record : data, code, rows and features of the fit; JSON-ready.
    shift : what is added to the ensemble's log odds of each group so that groups are forecast alike, None without.
    """

    settings: TrainingSettings
    preprocessor: Preprocessor
    ensemble: Ensemble
    baselines: dict[str, Forecaster]
    head: TextHead | None
    record: dict[str, Any]
    shift: GroupShift | None = None

    def prepare(self, data: Dataset, news: News | None) -> Dataset:
        """Return ``data`` (raw features) with the columns the members see.

        Raises
        ------
        InputError : the model was trained with news and ``news`` is None, or it needs a feature ``data`` lacks.
        """
        if self.head is not None:
            if news is None:
                raise InputError("the model was trained with news and none is given", fix="give --news")
            data = with_head(data, self.head.transform(data.panel, news))
        return self.preprocessor.transform(data, occasions=_occasions(data, news))

    def forecast(self, data: Dataset, rows: IntArray, news: News | None = None) -> dict[str, Forecast]:
        """Return the forecasts of ``rows`` by the ensemble, its members and the baselines, by name.

        ``data`` holds raw features; rows before those asked for serve only to look back upon.
        """
        prepared = self.prepare(data, news)
        members = self.ensemble.member_forecasts(prepared, rows)
        found = {ENSEMBLE: self.shifted(data, self.ensemble.combine(prepared, members)), **members}
        for name, model in self.baselines.items():
            found.setdefault(name, model.predict(prepared, rows))
        return found

    def shifted(self, data: Dataset, forecast: Forecast) -> Forecast:
        """Return the ensemble's ``forecast`` with the shift of each row's group; as it is where there is none."""
        if self.shift is None:
            return forecast
        group = known_groups(data.panel, self.settings.fairness.by)[forecast.rows]
        return replace(forecast, probability=self.shift.apply(forecast.probability, group))

    def save(self, folder: Path) -> None:
        """Write the model as a folder, whole or not at all; an older model there is replaced."""
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        except OSError as error:
            raise OutputError(
                f"cannot write here ({error.strerror or error})", file=folder, fix="choose a folder you may write to"
            ) from error
        try:
            self.ensemble.save(draft / ENSEMBLE)
            for name, model in self.baselines.items():
                model.save(draft / "baselines" / name)
            if self.head is not None:
                self.head.save(draft / "head")
            state = {
                "format": FORMAT,
                "settings": self.settings.model_dump(mode="json"),
                "preprocessor": self.preprocessor.to_dict(),
                "baselines": list(self.baselines),
                "head": self.head is not None,
                "record": self.record,
                "shift": None if self.shift is None else self.shift.to_dict(),
            }
            (draft / "model.json").write_text(json.dumps(state), encoding="utf-8")
            draft.chmod(0o755)
            if folder.exists():
                shutil.rmtree(folder)
            draft.replace(folder)
        except OSError as error:
            raise OutputError(
                f"cannot write here ({error.strerror or error})", file=folder, fix="choose a folder you may write to"
            ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path) -> TrainedModel:
        """Read a model that :meth:`save` wrote.

        Raises
        ------
        InputError : the folder holds no model, one of another format, or a damaged one.
        """
        index = folder / "model.json"
        try:
            state = json.loads(index.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(
                "holds no trained model", file=folder, fix="give a folder that `tradewind train --out` wrote"
            ) from error
        except ValueError as error:
            raise InputError("is damaged", file=index, fix="train the model again") from error
        if state.get("format") != FORMAT:
            raise InputError(
                f"has format {state.get('format')}, this version reads {FORMAT}", file=index, fix="train it again"
            )
        settings = TrainingSettings(**state["settings"])
        return cls(
            settings=settings,
            preprocessor=Preprocessor.from_dict(state["preprocessor"]),
            ensemble=Ensemble.load(folder / ENSEMBLE),
            baselines={name: load_model(folder / "baselines" / name) for name in state["baselines"]},
            head=TextHead.load(folder / "head", embedder=embedder_of(settings.text)) if state["head"] else None,
            record=state["record"],
            shift=GroupShift.from_dict(state["shift"]) if state.get("shift") else None,
        )


def with_head(data: Dataset, values: FloatArray) -> Dataset:
    """Return ``data`` with the text model's forecast as one more column."""
    column = values.astype(np.float32)[:, None]
    return data.with_features(np.concatenate([data.features, column], axis=1), (*data.names, HEAD_COLUMN))


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Raw columns of some training rows, from which columns for models are prepared.

    ``data`` : raw features, the text model's forecast among them; only labels of the training rows are there.
    ``occasions`` : (n,) True on rows with a burst of news, None without news.
    """

    data: Dataset
    occasions: BoolArray | None
    settings: TrainingSettings

    def prepared_on(self, rows: IntArray) -> Dataset:
        """Return the columns of every row, prepared by selection and statistics fitted on ``rows`` alone."""
        return self.fitted_on(rows)[1]

    def fitted_on(self, rows: IntArray) -> tuple[Preprocessor, Dataset]:
        """Return what was fitted on ``rows`` alone, and the columns of every row as it prepares them."""
        s, seen = self.settings, only_labels(self.data, rows)
        preprocessor = Preprocessor(s.preprocess, s.selection)
        preprocessor.fit(seen, rows, seed=s.seed, occasions=self.occasions)
        prepared = preprocessor.transform(self.data, occasions=self.occasions)
        if s.fairness.reweight:  # counted on the rows that are fitted: an inner fold does not know the later labels
            prepared = replace(prepared, weight=reweighed(seen, rows).weight)
        return preprocessor, prepared


def fit_model(
    data: Dataset,
    rows: IntArray,
    settings: TrainingSettings,
    *,
    news: News | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Fit everything on ``rows`` of ``data`` (raw features) and return the trained model.

    Labels of rows outside ``rows`` are hidden from every part that is fitted.

    Raises
    ------
    InputError : too few labelled rows to fit on.
    """
    watcher = progress or NoProgress()
    if len(data.labelled(rows)) < settings.min_rows:
        raise InputError(
            f"only {len(data.labelled(rows))} labelled bars can be trained on, {settings.min_rows} are needed",
            fix="train on a longer span, or on more symbols",
        )
    fair, given = settings.fairness, data
    takers: tuple[str, ...] = ()
    if fair.teaches:
        data = with_groups(data, fair.by)
        takers = parity_takers(settings.members, settings.models) if fair.parity else ()
    data = only_labels(data, rows)
    head, left_out = None, None
    if news is not None and settings.text.head and len(news):
        watcher.update("text model", 0, 1)
        head, left_out = fit_head(data, news, rows, settings)
        if head is not None:
            data = with_head(data, head.transform(data.panel, news))
        watcher.update("text model", 1, 1)
    watcher.update("feature selection", 0, 1)
    columns = Columns(data=data, occasions=_occasions(data, news), settings=settings)
    preprocessor, prepared = columns.fitted_on(rows)
    watcher.update("feature selection", 1, 1)
    chosen = with_parity(settings.members, fair.parity) if fair.parity else settings.members
    members = [make_model(name, seed=settings.seed, settings=chosen) for name in settings.models]
    ensemble = Ensemble(members, settings.ensemble, progress=watcher)
    ensemble.fit(prepared, rows, prepare=columns.prepared_on)
    plain = replace(prepared, weight=given.weight, group=given.group)  # baselines are the yardstick: as they always are
    baselines = {
        name: make_model(name, seed=settings.seed, settings=settings.members).fit(plain, rows)
        for name in settings.baselines
        if name not in settings.models
    }
    shift = _fit_shift(data, ensemble, settings) if fair.equalise != "none" else None
    record = {
        "data": data_record(data.panel, news),
        "code": code_record(),
        "settings_id": settings.id,
        "train_rows": len(rows),
        "trained_until": str(data.labels.end[rows].max()),
        "features": list(preprocessor.names),
        "weights": ensemble.weights,
        "text_model_left_out": left_out,
        "parity_penalty_on": list(takers),
    }
    return TrainedModel(
        settings=settings,
        preprocessor=preprocessor,
        ensemble=ensemble,
        baselines=baselines,
        head=head,
        record=record,
        shift=shift,
    )


def _fit_shift(data: Dataset, ensemble: Ensemble, settings: TrainingSettings) -> GroupShift:
    """Return the shift of each group, learned on the training rows that members forecast out of fold."""
    fair, oof = settings.fairness, ensemble.oof
    group = group_names(data.panel, fair.by)[oof.rows]
    return GroupShift.fit(oof.ensemble.probability, group, data.labels.direction[oof.rows], fair.equalise)


def _occasions(data: Dataset, news: News | None) -> BoolArray | None:
    """(n,) True on rows with a burst of news, None without news."""
    return None if news is None else mark_occasions(data.panel, news=news)


def fit_head(
    data: Dataset, news: News, rows: IntArray, settings: TrainingSettings
) -> tuple[TextHead | None, str | None]:
    """Return the text model, or None and why: a fold with few news days does without one, and its record says so."""
    try:
        head = TextHead(embedder=embedder_of(settings.text))
        return head.fit(data.panel, data.labels, news, rows, seed=settings.seed), None
    except UsageError as error:
        return None, error.problem


def only_labels(data: Dataset, rows: IntArray) -> Dataset:
    """Return ``data`` with the labels of every row outside ``rows`` hidden, so that no part can learn from them."""
    seen = np.zeros(len(data), dtype=np.bool_)
    seen[rows] = True
    labels = data.labels
    return replace(
        data,
        labels=Labels(
            start=labels.start,
            end=np.where(seen, labels.end, np.datetime64("NaT", "us")),
            direction=np.where(seen, labels.direction, np.nan),
            forward_return=np.where(seen, labels.forward_return, np.nan),
            horizon=labels.horizon,
        ),
    )

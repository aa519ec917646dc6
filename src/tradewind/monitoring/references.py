"""What a model's later life is held against, and its files."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.continual.regimes import RegimeModel
from tradewind.core import InputError
from tradewind.core.files import read_json, write_json_file
from tradewind.evaluation.positions import BacktestSettings
from tradewind.models.calibration import Calibrator
from tradewind.monitoring.drift import DriftReference
from tradewind.monitoring.performance import BusinessExpectation, EstimateReference, Expectation
from tradewind.monitoring.performance.expectation import Promise

FORMAT = 1
HEAD = "references.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class References:
    """What a model's later life is held against.

    Attributes
    ----------
    drift : the features it was trained on.
    expectation, business, estimate : what its forecasts were worth out of sample; None where they were not measured,
        and then nothing is said of performance.
    regimes : model of the market's regimes, fitted on the training span; None where that is too short.
    about : of which model, what span and what label they are; JSON-ready.
    """

    drift: DriftReference
    expectation: Expectation | None = None
    business: BusinessExpectation | None = None
    estimate: EstimateReference | None = None
    regimes: RegimeModel | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def save(self, folder: str | Path) -> Path:
        """Write the references into ``folder``; what was there stays in force until all of the new ones are written.

        The file ``references.json`` names the others by the hash of their contents and is written last. Nothing in
        them runs code.

        Raises
        ------
        OutputError : the folder cannot be written.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        files = {"drift": _named(self.drift.save(place / ".drift.npz"))}
        if self.regimes is not None:
            files["regimes"] = _named(self.regimes.save(place / ".regimes.json"))
        head = {
            "format": FORMAT,
            "about": dict(self.about),
            "files": files,
            "expectation": None if self.expectation is None else _expectation(self.expectation),
            "business": None if self.business is None else _business(self.business),
            "estimate": None if self.estimate is None else _estimate(self.estimate),
        }
        write_json_file(place / HEAD, head)
        for path in [*place.glob("drift-*.npz"), *place.glob("regimes-*.json")]:
            if path.name not in files.values():
                path.unlink(missing_ok=True)
        return place

    @classmethod
    def load(cls, folder: str | Path) -> References:
        """Read what :meth:`save` wrote.

        Raises
        ------
        InputError : the folder holds no references, or a file of them is damaged.
        """
        place = Path(folder)
        head = read_json(place / HEAD, what="the references that `tradewind monitor prepare` wrote")
        try:
            if head["format"] != FORMAT:
                raise ValueError(f"they have format {head['format']!r}, expected {FORMAT}")
            files = {kind: _checked(place, name) for kind, name in head["files"].items()}
            return cls(
                drift=DriftReference.load(files["drift"]),
                regimes=RegimeModel.load(files["regimes"]) if "regimes" in files else None,
                expectation=None if head["expectation"] is None else _read_expectation(head["expectation"]),
                business=None if head["business"] is None else _read_business(head["business"]),
                estimate=None if head["estimate"] is None else _read_estimate(head["estimate"]),
                about=dict(head["about"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"holds no references ({type(error).__name__}: {error})",
                file=place / HEAD,
                fix="make them again with `tradewind monitor prepare`",
            ) from error


def _named(draft: Path) -> str:
    """Give ``draft`` the name of its contents, and return that."""
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()
    name = f"{draft.stem.lstrip('.')}-{digest}{draft.suffix}"
    draft.replace(draft.with_name(name))
    return name


def _checked(place: Path, name: str) -> Path:
    path = place / Path(name).name
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ValueError(f"{path.name[:20]}... cannot be read: {error.strerror}") from error
    if f"-{digest}." not in path.name:
        raise ValueError(f"{path.name[:20]}... is not what was written")
    return path


def _promise(row: Mapping[str, Any]) -> Promise:
    return Promise(**row)


def _expectation(one: Expectation) -> dict[str, Any]:
    told = {**one.to_dict(), "edges": one.edges.tolist(), "counts": one.counts.tolist(), "window": one.window}
    largest = one.largest_psi if math.isfinite(one.largest_psi) else None  # JSON knows no infinity
    return {**told, "largest_psi": largest, "psi_error": one.psi_error}


def _read_expectation(row: Mapping[str, Any]) -> Expectation:
    return Expectation(
        overall={name: _promise(one) for name, one in row["overall"].items()},
        groups={kind: {name: _promise(one) for name, one in some.items()} for kind, some in row["groups"].items()},
        edges=np.asarray(row["edges"], dtype=np.float64),
        counts=np.asarray(row["counts"], dtype=np.float64),
        largest_psi=math.inf if row["largest_psi"] is None else float(row["largest_psi"]),
        psi_error=float(row["psi_error"]),
        window=int(row["window"]),
    )


def _business(one: BusinessExpectation) -> dict[str, Any]:
    return {
        "returns": vars(one.returns),
        "hits": vars(one.hits),
        "regimes": {name: vars(promise) for name, promise in one.regimes.items()},
        "bands": {name: list(band) for name, band in one.bands.items()},
        "drawdown": one.drawdown,
        "trading": one.trading.model_dump(mode="json"),
    }


def _read_business(row: Mapping[str, Any]) -> BusinessExpectation:
    return BusinessExpectation(
        returns=_promise(row["returns"]),
        hits=_promise(row["hits"]),
        regimes={name: _promise(one) for name, one in row["regimes"].items()},
        bands={name: (float(low), float(high)) for name, (low, high) in row["bands"].items()},
        drawdown=float(row["drawdown"]),
        trading=BacktestSettings.model_validate(row["trading"]),
    )


def _estimate(one: EstimateReference) -> dict[str, Any]:
    return {"calibrator": one.calibrator.to_dict(), "confidence": vars(one.confidence), "design": one.design}


def _read_estimate(row: Mapping[str, Any]) -> EstimateReference:
    return EstimateReference(
        calibrator=Calibrator.from_dict(row["calibrator"]),
        confidence=_promise(row["confidence"]),
        design=float(row["design"]),
    )

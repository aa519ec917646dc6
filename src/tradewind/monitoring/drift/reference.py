"""What is kept of the data a model was fitted on, so that later data can be compared with it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import AnyArray, Float32Array, Int32Array, IntArray, TimeArray
from tradewind.core.files import atomic_path
from tradewind.monitoring.drift.calibration import Calibration, calibrate
from tradewind.monitoring.drift.grid import TIE, Grid, edges_of, scale_of, scores_of
from tradewind.monitoring.drift.ordered import columns_of, sorted_finite
from tradewind.monitoring.drift.scores import Lens, principal
from tradewind.monitoring.drift.settings import DriftSettings
from tradewind.monitoring.drift.tally import FIELDS, Days, Tally, centred, day_means, tally_days

FORMAT = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class DriftReference:
    """Everything that a comparison needs of the reference; its size does not grow with the symbols.

    Attributes
    ----------
    names : p features. ``groups`` : names of the groups (sectors, regimes), sorted; empty without.
    settings : what it was made with.
    grid : bins. ``days`` : the tally of every day.
    ordered : p sorted samples, the whole column where it has at most ``settings.keep`` finite values.
    finite : (p,) finite values. ``rows`` : rows in all.
    sample : (s, p) float32 rows, less the mean of their day; ``sample_day`` : (s,) index into ``days.day``.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    settings: DriftSettings
    grid: Grid
    days: Days
    ordered: tuple[Float32Array, ...]
    finite: IntArray
    rows: int
    sample: Float32Array
    sample_day: IntArray

    @classmethod
    def of(
        cls,
        features: Float32Array,
        names: Sequence[str],
        day: TimeArray,
        group: AnyArray | None = None,
        *,
        settings: DriftSettings | None = None,
    ) -> DriftReference:
        """Take in the reference.

        Parameters
        ----------
        features : (n, p) float32; what is not finite is missing.
        day : (n,) the day of each row, any ``datetime64``; rows may come in any order.
        group : (n,) a label per row (sector, regime), or None.

        Raises
        ------
        InputError : no rows, no features, or parts that do not fit together.
        """
        chosen = settings or DriftSettings()
        x: Float32Array = np.asarray(features, dtype=np.float32)
        check(x, names, day, group)
        order = np.argsort(day, kind="stable")
        if not np.array_equal(order, np.arange(len(order))):
            x, day, group = x[order], day[order], None if group is None else group[order]
        groups, code = codes(group, len(x))
        columns = columns_of(x)
        with ThreadPoolExecutor(chosen.threads) as pool:
            whole = list(pool.map(sorted_finite, columns))
        grid = _grid(x, day, whole, chosen)
        _, number = np.unique(day, return_inverse=True)
        kept = np.unique(np.linspace(0, len(x) - 1, min(chosen.rows_kept, len(x))).astype(np.int64))
        return cls(
            names=tuple(names),
            groups=groups,
            settings=chosen,
            grid=grid,
            days=begun(tally_days(grid, x, day, code, len(groups), threads=chosen.threads)),
            ordered=tuple(thin(values, chosen.keep) for values in whole),
            finite=np.array([len(values) for values in whole], dtype=np.int64),
            rows=len(x),
            sample=centred(x, day, kept),
            sample_day=number[kept].astype(np.int64),
        )

    @cached_property
    def total(self) -> Tally:
        """The tally of all days."""
        return self.days.tally.total()

    @cached_property
    def lens(self) -> Lens:
        """What statistics of windows need."""
        components = principal(self.total, self.settings.explained)
        return Lens(grid=self.grid, components=components, min_rows=self.settings.min_rows)

    def calibration(self, window: int, every: int | None = None) -> Calibration | None:
        """Return what is usual of windows of ``window`` days seen every ``every`` days; None: too few days for it."""
        return calibrate(self.days, self.lens, self.settings, window=window, every=every or window)

    def group_codes(self, group: AnyArray | None, rows: int) -> Int32Array:
        """Return the code (rows,) of each label, -1 where the reference does not know it."""
        if group is None or not self.groups:
            return np.full(rows, -1, dtype=np.int32)
        known = {name: code for code, name in enumerate(self.groups)}
        return np.array([known.get(str(label), -1) for label in group], dtype=np.int32)

    def save(self, path: str | Path) -> Path:
        """Write the reference as one file, whole or not at all: arrays and a JSON text, nothing that runs code."""
        head = {
            "format": FORMAT,
            "names": self.names,
            "groups": self.groups,
            "rows": self.rows,
            "settings": self.settings.model_dump(mode="json"),
        }
        arrays: dict[str, AnyArray] = {f"grid_{f.name}": getattr(self.grid, f.name) for f in fields(Grid)}
        arrays |= {f"tally_{name}": getattr(self.days.tally, name) for name in FIELDS}
        arrays |= {"day": self.days.day, "finite": self.finite, "sample": self.sample, "sample_day": self.sample_day}
        arrays["ordered"] = np.concatenate([*self.ordered, np.empty(0, np.float32)])
        arrays["lengths"] = np.array([len(one) for one in self.ordered])
        arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
        with atomic_path(path) as draft, draft.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> DriftReference:
        """Read what :meth:`save` wrote; InputError where the file is no such reference."""
        try:
            with np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False) as held:
                arrays = dict(held)
            head = json.loads(arrays["head"].tobytes())
            if head["format"] != FORMAT:
                raise ValueError(f"it has format {head['format']}, expected {FORMAT}")
            return cls(
                names=tuple(head["names"]),
                groups=tuple(head["groups"]),
                settings=DriftSettings.model_validate(head["settings"]),
                grid=Grid(**{f.name: arrays[f"grid_{f.name}"] for f in fields(Grid)}),
                days=Days(day=arrays["day"], tally=Tally(**{name: arrays[f"tally_{name}"] for name in FIELDS})),
                ordered=tuple(np.split(arrays["ordered"], np.cumsum(arrays["lengths"])[:-1])),
                finite=arrays["finite"],
                rows=int(head["rows"]),
                sample=arrays["sample"],
                sample_day=arrays["sample_day"],
            )
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", file=path, fix="check the path") from error
        except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(
                f"is no drift reference ({error})", file=path, fix="write it again with DriftReference.save"
            ) from error


def begun(days: Days) -> Days:
    """Return ``days`` without the missing values before a feature's first: an indicator's first days are no fault."""
    filled = np.maximum.accumulate(days.tally.raw.sum(axis=-1) > 0, axis=0)
    return replace(days, tally=replace(days.tally, missing=np.where(filled, days.tally.missing, 0)))


def thin(values: Float32Array, keep: int) -> Float32Array:
    """Return at most ``keep`` evenly spaced order statistics of sorted ``values``."""
    if len(values) <= keep:
        return values
    return values[((np.arange(keep) + 0.5) * (len(values) / keep)).astype(np.int64)]


def codes(group: AnyArray | None, rows: int) -> tuple[tuple[str, ...], Int32Array]:
    """Return the sorted labels and the code of each row; no labels and -1 where there are no groups."""
    if group is None:
        return (), np.full(rows, -1, dtype=np.int32)
    labels, code = np.unique(np.asarray(group).astype(str), return_inverse=True)
    return tuple(str(label) for label in labels), code.astype(np.int32)


def check(features: Float32Array, names: Sequence[str], day: TimeArray, group: AnyArray | None) -> None:
    """Raise InputError where a table of features has no rows or its parts do not fit together."""
    if features.ndim != 2 or not features.size:
        raise InputError(f"the features have shape {features.shape}", fix="give at least one row and one feature")
    n, p = features.shape
    if len(names) != p or len(set(names)) != p:
        raise InputError(f"{len(names)} names are given for {p} features", fix="give every feature a name of its own")
    if len(day) != n or (group is not None and len(group) != n):
        raise InputError(f"there are {n} rows, but not as many days or groups", fix="give one day and group per row")
    if not np.issubdtype(day.dtype, np.datetime64) or np.isnat(day).any():
        raise InputError("a row has no day", fix="give a date for every row")


def _grid(x: Float32Array, day: TimeArray, whole: list[Float32Array], settings: DriftSettings) -> Grid:
    """Return the bins; those of deviations from at most ``keep`` rows, taken from whole days (``day`` is sorted)."""
    _, starts = np.unique(day, return_index=True)
    bounds = np.append(starts, len(x))
    every = max(1, -(-len(x) // settings.keep))
    blocks = [x[bounds[i] : bounds[i + 1]] for i in range(0, len(starts), every)]
    gaps = np.concatenate([block - day_means(block) for block in blocks])
    scale = np.array([scale_of(values) for values in whole])
    gaps[np.abs(gaps) <= TIE * scale] = 0.0
    within = [sorted_finite(column) for column in columns_of(gaps)]
    edges = np.stack([edges_of(values) for values in within])
    return Grid(
        edges=np.stack([edges_of(values) for values in whole]),
        within=edges,
        score=np.stack([scores_of(values, one) for values, one in zip(within, edges, strict=True)]),
        scale=scale,
        scale_within=np.array([scale_of(values) for values in within]),
    )

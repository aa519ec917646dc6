"""Reads recorded runs back, and lets people reject them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from tradewind.core import InputError, UsageError
from tradewind.training.tracking.entry import REJECTED, REJECTED_AT, JournalEntry, RunEntry, entry_of
from tradewind.training.tracking.flat import text_of
from tradewind.training.tracking.store import opened
from tradewind.training.tracking.tracker import TAG
from tradewind.training.tracking.where import Place, masked

PAGE = 500
PREDICTIONS = "predictions.parquet"


class Runs:
    """The runs in ``place``, newest first. Reading never makes a store: a place without one has no runs."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def all(self, *, dataset: str | None = None, metric: str | None = None, limit: int | None = None) -> list[RunEntry]:
        """Return runs, newest first, or the highest ``metric`` first (runs without it are left out).

        ``dataset`` : text that the price file's name or the data's hash holds.

        Raises
        ------
        InputError : the store cannot be read.
        """
        found = self._read()
        if dataset:
            found = [run for run in found if dataset in run.dataset or dataset in run.params.get("data.panel", "")]
        if metric:
            found = sorted((run for run in found if metric in run.metrics), key=lambda run: -run.metrics[metric])
        return found[:limit]

    def find(self, prefix: str) -> RunEntry:
        """Return the one run whose id begins with ``prefix``.

        Raises
        ------
        UsageError : no run does, or several do.
        """
        found = [run for run in self._read() if prefix and run.id.startswith(prefix.lower())]
        if not found:
            raise UsageError(f"there is no run {prefix!r} in {self.place.shown}", fix="see `tradewind runs list`")
        if len(found) > 1:
            some = ", ".join(run.id[:12] for run in found[:3])
            raise UsageError(f"{len(found)} runs begin with {prefix!r} ({some}, ...)", fix="give more digits")
        return found[0]

    def predictions(self, run: RunEntry) -> pl.DataFrame | None:
        """Return the forecast table that was kept with ``run``, None where there is none."""
        with self._open() as (client, _), TemporaryDirectory() as folder:
            if PREDICTIONS not in self._files(client, run):
                return None
            return pl.read_parquet(client.download_artifacts(run.id, PREDICTIONS, folder))

    def files(self, run: RunEntry) -> list[str]:
        """Return the names of the files and folders that were kept with ``run``."""
        with self._open() as (client, _):
            return self._files(client, run)

    def folds(self, run: RunEntry, metric: str) -> list[float]:
        """Return a metric of every fold, in order; empty where it was not kept."""
        with self._open() as (client, _):
            history = client.get_metric_history(run.id, metric)
        return [float(point.value) for point in sorted(history, key=lambda point: point.step)]

    def reject(self, run: RunEntry, reason: str) -> None:
        """Put ``run`` into the failure journal with a person's ``reason``; a later reason replaces an earlier one.

        Raises
        ------
        UsageError : the reason is empty.
        """
        if not reason.strip():
            raise UsageError("the reason is empty", fix="say in a sentence why the run is rejected")
        with self._open() as (client, _):
            client.set_tag(run.id, TAG + REJECTED, text_of(reason.strip()))
            client.set_tag(run.id, TAG + REJECTED_AT, str(time.time_ns() // 1_000_000))

    def journal(self, search: str | None = None) -> list[JournalEntry]:
        """Return the failure journal, newest entry first; with ``search``, entries that hold all of its words."""
        entries = [entry for run in self._read() for entry in run.journal()]
        kept = [entry for entry in entries if search is None or entry.holds(search)]
        return sorted(kept, key=lambda entry: -entry.moment)

    def _read(self) -> list[RunEntry]:
        database = self.place.database
        if database is not None and not database.exists():
            return []
        found: list[RunEntry] = []
        with self._open() as (client, experiment):
            token = None
            while True:
                page = client.search_runs(
                    [experiment], max_results=PAGE, order_by=["attributes.start_time DESC"], page_token=token
                )
                found += [entry_of(run) for run in page]
                token = page.token
                if not token:
                    return found

    @contextmanager
    def _open(self) -> Iterator[tuple[Any, str]]:
        try:
            with opened(self.place) as pair:
                yield pair
        except (InputError, KeyboardInterrupt):
            raise
        except Exception as error:
            why = masked(" ".join(str(error).split()))[:300]
            raise InputError(
                f"the runs in {self.place.shown} cannot be read or written ({why})",
                fix="check the path, its permissions and --track",
            ) from error

    @staticmethod
    def _files(client: Any, run: RunEntry) -> list[str]:
        return [str(Path(item.path)) for item in client.list_artifacts(run.id)]

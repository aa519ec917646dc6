"""Opens the MLflow store: quietly, without the network, and by one process at a time where it is a SQLite file."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from tradewind.training.tracking.where import Place

EXPERIMENT = "tradewind"
PATIENCE = 120.0
"""Seconds to wait for another process that writes; the first use of a store creates 40 tables."""


@contextmanager
def opened(place: Place) -> Iterator[tuple[Any, str]]:
    """Yield (MLflow client, id of the experiment that holds the runs); store and experiment are made where absent.

    A SQLite store is locked against other processes meanwhile, so keep it open briefly.

    Raises
    ------
    OSError : the folder cannot be made or written, or another process held the lock for :data:`PATIENCE` seconds.
    mlflow.exceptions.MlflowException, sqlalchemy.exc.SQLAlchemyError : the store cannot be used.
    """
    with _quiet():
        from mlflow.tracking import MlflowClient

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        with _alone(place):
            client = MlflowClient(place.uri)
            yield client, _experiment(client, place)


def _experiment(client: Any, place: Place) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    beside = None if place.files is None else place.files.as_uri()
    return str(client.create_experiment(EXPERIMENT, artifact_location=beside))


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    if place.folder is None:
        with nullcontext():
            yield
        return
    from filelock import FileLock

    place.folder.mkdir(parents=True, exist_ok=True)
    with FileLock(place.folder / "runs.lock", timeout=PATIENCE):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing leaves this machine unless a URI says so
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is down costs seconds, not minutes
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's own use of SQLAlchemy and pydantic is not the user's to mend
        yield

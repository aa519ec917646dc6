"""Where independent pieces of work run: this process, local processes, or Ray."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, TypeVar

from tradewind.core import MissingExtraError, TradewindError, UsageError

T = TypeVar("T")
R = TypeVar("R")
Done = Callable[[int], None]
EngineName = Literal["local", "ray"]
"""Names that ``--engine`` accepts."""
LOST = (
    "a worker process was lost, most often because memory ran out. Fix: give fewer --jobs and start again; "
    "folds and trials that were finished are kept."
)


class Engine(Protocol):
    """Runs one function over many items; what comes back does not depend on the engine."""

    def map(self, work: Callable[[T], R], items: Sequence[T], *, done: Done | None = None) -> list[R]:
        """Return ``work`` of each of ``items``, in their order; ``done`` is told how many are finished.

        ``work`` and the items must pickle where other processes are used. The first error of an item is raised as it
        is, and items that have not begun are then dropped.

        Raises
        ------
        TradewindError : a worker process was lost.
        """
        ...


class LocalEngine:
    """This machine: in this process with one job, in worker processes with more.

    Workers use one thread each, so that jobs do not fight for cores, and see large arrays as shared, read-only memory.
    """

    def __init__(self, jobs: int = 1) -> None:
        if jobs < 1:
            raise UsageError(f"{jobs} jobs cannot run", field="jobs", fix="give at least 1")
        self.jobs = jobs

    def map(self, work: Callable[[T], R], items: Sequence[T], *, done: Done | None = None) -> list[R]:
        """See :meth:`Engine.map`."""
        if self.jobs == 1 or len(items) < 2:
            return _collect((_call(work, place, item) for place, item in enumerate(items)), len(items), done)
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        with parallel_config(backend="loky", n_jobs=min(self.jobs, len(items)), inner_max_num_threads=1):
            parallel = Parallel(return_as="generator_unordered", batch_size=1)
            try:
                finished = parallel(delayed(_call)(work, place, item) for place, item in enumerate(items))
                return _collect(finished, len(items), done)
            except TerminatedWorkerError as error:
                raise TradewindError(LOST) from error


class RayEngine:
    """A Ray cluster: the one this process is connected to, the one at ``RAY_ADDRESS``, or a local one of its own.

    A cluster that is started here serves every later call too; it ends with :meth:`close` or with the process.
    ``jobs`` : most tasks at once in a cluster that is started here; one a core when None. Tasks use one thread each.
    """

    def __init__(self, jobs: int | None = None) -> None:
        try:
            import ray  # noqa: F401 - only whether it is there
        except ImportError as error:
            raise MissingExtraError("ray", "ray") from error
        self.jobs = jobs
        self._started = False

    def map(self, work: Callable[[T], R], items: Sequence[T], *, done: Done | None = None) -> list[R]:
        """See :meth:`Engine.map`."""
        import ray

        if not items:
            return []
        self._connect()
        call: Any = ray.remote(num_cpus=1, max_retries=1)(_call)
        shared = ray.put(work)  # what all items have in common travels once
        waiting = [call.remote(shared, place, item) for place, item in enumerate(items)]
        try:
            return _collect(_as_they_finish(waiting), len(items), done)
        except ray.exceptions.RayTaskError as error:
            self._stop(waiting)
            raise _cause(error) from error
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError) as error:
            self._stop(waiting)
            raise TradewindError(LOST) from error
        except BaseException:  # also Ctrl-C
            self._stop(waiting)
            raise

    def _stop(self, waiting: Sequence[Any]) -> None:
        """Let nothing go on in the background: end our cluster, or cancel what has not finished on another's."""
        import ray

        if self._started:
            self.close()
            return
        _, left = ray.wait(list(waiting), num_returns=len(waiting), timeout=0)
        for reference in left:
            ray.cancel(reference)  # not by force: that can abort this process where a task finishes meanwhile

    def close(self) -> None:
        """End the cluster that was started here; others are left alone."""
        import ray

        if self._started:
            ray.shutdown()
            self._started = False

    def _connect(self) -> None:
        import ray

        if ray.is_initialized():
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        address = os.environ.get("RAY_ADDRESS")
        own: dict[str, Any] = {} if address else {"num_cpus": self.jobs, "include_dashboard": False}
        environment = {"env_vars": {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}}
        ray.init(
            address=address or "local", log_to_driver=False, logging_level=logging.ERROR, runtime_env=environment, **own
        )
        self._started = True


def make_engine(name: EngineName, jobs: int) -> Engine:
    """Return the engine of that name with ``jobs`` tasks at once.

    Raises
    ------
    MissingExtraError : Ray is asked for and not installed.
    UsageError : fewer than one job.
    """
    if jobs < 1:
        raise UsageError(f"{jobs} jobs cannot run", field="jobs", fix="give at least 1")
    return RayEngine(jobs) if name == "ray" else LocalEngine(jobs)


def _collect(finished: Iterable[tuple[int, Any]], count: int, done: Done | None) -> list[Any]:
    results: dict[int, Any] = {}
    for place, result in finished:
        results[place] = result
        if done is not None:
            done(len(results))
    return [results[place] for place in range(count)]


def _as_they_finish(waiting: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    import ray

    left = list(waiting)
    while left:
        ready, left = ray.wait(left, num_returns=1)
        yield ray.get(ready[0])


def _call(work: Callable[[T], R], place: int, item: T) -> tuple[int, R]:
    return place, work(item)


def _cause(error: Exception) -> Exception:
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, Exception) else error

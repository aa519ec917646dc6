"""Chains of evidence, told once for each alert and kept while its events and its record stay as they are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core.errors import UsageError
from tradewind.core.files import read_json
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.cases.records import alert_body, digest
from tradewind.surveillance.explain import EvidenceChain, EvidenceStore
from tradewind.surveillance.explain.extract import Span
from tradewind.web.problems import Problem, absent
from tradewind.web.views.surveillance.desk import Desk
from tradewind.web.views.surveillance.recorded import Recorded, recorded

if TYPE_CHECKING:
    from tradewind.surveillance.learning import SurveillanceModel

KEPT = 64
SAME = 1e-6
"""Scores that differ by no more are of one model."""

_LOCK = threading.Lock()
_CHAINS: OrderedDict[tuple[str, str], EvidenceChain] = OrderedDict()


def market_of(desk: Desk) -> Recorded:
    """Return the recorded events of the workspace; the first call reads them from end to end."""
    return recorded(desk.workspace.events, desk.workspace.home / "cache" / "surveillance")


def alert_of_case(desk: Desk, case: str, alert: str) -> Alert:
    """Return an alert of a case.

    Raises
    ------
    Problem : the case has no such alert (404).
    """
    with desk.reading() as store:
        found = next((one for one in store.alerts(store.get(case).id) if one.id == alert), None)
    if found is None:
        raise absent("such alert", f"Case {case} has no alert {alert}.", "open the case and choose one of its alerts")
    return found


def chain_of(market: Recorded, alert: Alert) -> EvidenceChain:
    """Return what the events say of an alert.

    Raises
    ------
    Problem : the recorded events do not hold its symbol (404) or its time (409).
    """
    key = (market.folder.name, digest(alert_body(alert)))
    with _LOCK:
        known = _CHAINS.get(key)
        if known is not None:
            _CHAINS.move_to_end(key)
            return known
    chain = EvidenceChain.of(_extract(market, alert))
    with _LOCK:
        _CHAINS[key] = chain
        while len(_CHAINS) > KEPT:
            _CHAINS.popitem(last=False)
    return chain


def _extract(market: Recorded, alert: Alert) -> Any:
    span = Span.around(alert)
    covered = market.span(alert.symbol)
    if covered is None or covered[1] < alert.start or covered[0] > alert.end:
        raise Problem(
            404,
            "There is no record of that time",
            f"The recorded events hold nothing about {alert.symbol} at the time of alert {alert.id}.",
            fix="put the events the alert was raised on into the folder of events (tradewind dashboard --events)",
        )
    events, _ = market.until(alert.symbol, span.start, span.end)
    try:
        (extract,) = EvidenceStore(events).cut([alert])
    except UsageError as error:
        raise Problem(409, "The events do not bear the alert out", error.problem, fix=error.fix) from error
    return replace(extract, problems=dict(market.problems))


@lru_cache(maxsize=1)
def bundled() -> tuple[SurveillanceModel, Mapping[str, Any]]:
    """Return the model that comes with the package, and its record out of sample."""
    from tradewind.surveillance.learning import bundled_model
    from tradewind.surveillance.learning.model import BUNDLED
    from tradewind.surveillance.learning.training import TRAINING_FILE

    with resources.as_file(resources.files("tradewind.surveillance.learning") / BUNDLED) as folder:
        record = Path(folder) / TRAINING_FILE
        known = read_json(record, what=f"{TRAINING_FILE} of a model") if record.exists() else {}
    return bundled_model(), known


def scored_by(alert: Alert, model: SurveillanceModel) -> bool:
    """Return whether ``model`` gives the alert the score it has: else another model raised it."""
    one = model.models.get(alert.scheme)
    if one is None or not set(one.names) <= set(alert.features):
        return False
    row = np.array([[alert.features[name] for name in one.names]], dtype=np.float32)
    rule = np.array([alert.features.get("rule", np.nan)], dtype=np.float64)
    score, _ = one.score(row, rule)
    return bool(abs(float(score[0]) - alert.score) <= SAME)

"""What a hidden Markov model of the market is fitted with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tradewind.core import Settings


class RegimeSettings(Settings):
    """Settings of :meth:`RegimeModel.fit`.

    Attributes
    ----------
    states : number of regimes K.
    covariance : ``diagonal``, or ``full`` where the observations of one regime move together.
    order_by : column whose mean orders the regimes, lowest first (1: log volatility of the market observations); None:
        by their total variance.
    starts : places from which the search begins; the first is by quantiles, the others are drawn.
    iterations : EM steps at most of each start; ``tolerance``: it ends where a step gains less a row.
    floor : least variance of a regime along any axis, as a share of the variance of all rows.
    smoothing : transitions of every kind seen in advance (a Dirichlet prior), so that none is impossible.
    persistence : transitions into itself seen in advance; larger values give longer regimes.
    least_rows : rows without NaN that a fit needs for each regime.
    seed : of the starts.
    """

    states: Annotated[int, Field(ge=1, le=8)] = 3
    covariance: Literal["diagonal", "full"] = "diagonal"
    order_by: Annotated[int, Field(ge=0)] | None = None
    starts: Annotated[int, Field(ge=1, le=50)] = 4
    iterations: Annotated[int, Field(ge=1, le=2000)] = 200
    tolerance: Annotated[float, Field(gt=0.0)] = 1e-6
    floor: Annotated[float, Field(gt=0.0, le=1.0)] = 1e-3
    smoothing: Annotated[float, Field(ge=0.0)] = 0.1
    persistence: Annotated[float, Field(ge=0.0)] = 10.0
    least_rows: Annotated[int, Field(ge=2)] = 20
    seed: Annotated[int, Field(ge=0)] = 0

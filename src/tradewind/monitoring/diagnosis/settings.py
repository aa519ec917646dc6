"""Settings of a diagnosis."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tradewind.core import Settings


class DiagnosisSettings(Settings):
    """What counts as evidence, and how much.

    Attributes
    ----------
    prior_no_fault : belief that nothing is wrong before anything is looked at; the causes share the rest alike.
    temper : power of every Bayes factor; below 1 because rows are not as independent as the tests take them to be.
    strongest : log Bayes factor at which evidence is cut before tempering: no single test is ever certain.
    least_segment : slices that a shift of the market must last to be called one.
    volatility_ratios : how many times as volatile a market a shock makes it; the odds are averaged over them.
    correlation_steps : moves of the mean correlation, either way, that a break makes.
    sector_steps : daily lead of a sector over the others, in standard deviations of that lead, that a rotation makes.
    accuracy_steps : fall of accuracy by the end of a gradual drift, in shares of one.
    feature_steps : move of a feature's mean by the end of a gradual drift, in its own standard deviations.
    echo_similarity : share of words two items have in common from which one is called an echo of the other.
    echo_slices : slices back in which an echo is looked for.
    finding_odds : log odds that a matching finding of the watchers adds; small, because the tests here saw the same.
    slice_rate : false discovery rate of the search for error slices.
    most_slices : error slices that are reported.
    least_rows, least_days : forecasts and days below which no error slice is looked at.
    """

    prior_no_fault: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    temper: Annotated[float, Field(gt=0.0, le=1.0)] = 0.8
    strongest: Annotated[float, Field(gt=0.0)] = 60.0
    least_segment: Annotated[int, Field(ge=1)] = 3
    volatility_ratios: tuple[float, ...] = (1.6, 2.0, 3.0)
    correlation_steps: tuple[float, ...] = (0.15, 0.3, 0.5)
    sector_steps: tuple[float, ...] = (0.5, 1.0, 2.0)
    accuracy_steps: tuple[float, ...] = (0.05, 0.1, 0.2)
    feature_steps: tuple[float, ...] = (0.5, 1.0, 2.0)
    echo_similarity: Annotated[float, Field(gt=0.0, le=1.0)] = 0.7
    echo_slices: Annotated[int, Field(ge=1)] = 3
    finding_odds: Annotated[float, Field(ge=0.0)] = 1.5
    slice_rate: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    most_slices: Annotated[int, Field(ge=1)] = 8
    least_rows: Annotated[int, Field(ge=1)] = 30
    least_days: Annotated[int, Field(ge=2)] = 8

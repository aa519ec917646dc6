"""What a reader should know first, in plain words."""

from __future__ import annotations

import math

from tradewind.evaluation.evaluation import Evaluation

NAMES = {"brier": "Brier score", "squared_return_error": "squared return error"}


def summary(evaluation: Evaluation) -> list[str]:
    """Return the sentences that follow the verdict: against baselines, money after costs, overfitting."""
    return [*_trials(evaluation), *_against_baselines(evaluation), *_money(evaluation), *_overfit(evaluation)]


def _trials(evaluation: Evaluation) -> list[str]:
    found = evaluation.deflation
    return [f"{found.words[0].upper()}{found.words[1:]}."] if found.trials > 1 else []


def _against_baselines(evaluation: Evaluation) -> list[str]:
    out = []
    for loss, words in NAMES.items():
        tests = {name: found[loss] for name, found in evaluation.main.comparisons.items() if loss in found}
        if not tests:
            continue
        better = [name for name, test in tests.items() if test.p_value < evaluation.settings.significance.alpha]
        rest = [name for name in tests if name not in better]
        parts = []
        if better:
            parts.append(f"significantly better than {_listed(better)}")
        if rest:
            parts.append(f"not significantly better than {_listed(rest)}")
        out.append(f"By {words} (Diebold-Mariano) it is {' and '.join(parts)}.")
    return out


def _money(evaluation: Evaluation) -> list[str]:
    result = evaluation.main.portfolio
    found, held = result.stats, result.benchmark_stats
    if not math.isfinite(found.sharpe):
        return ["The portfolio held no position that moved, so there is no Sharpe ratio."]
    settings = evaluation.settings.backtest
    luck = (
        f"; the chance that its true Sharpe ratio beats the best of {settings.n_trials} worthless tries is "
        f"{found.deflated_sharpe:.0%}"
        if math.isfinite(found.deflated_sharpe)
        else ""
    )
    trade = "one bar after the forecast" if settings.execution == "next_bar" else "at the forecast's own close"
    return [
        f"Traded {trade} at {settings.cost_bp:g} bp a unit of turnover it returned {found.annual_return:+.1%} a year "
        f"with a Sharpe ratio of {found.sharpe:.2f}, against {held.annual_return:+.1%} and {held.sharpe:.2f} of "
        f"equal-weight buy and hold{luck}."
    ]


def _overfit(evaluation: Evaluation) -> list[str]:
    found = evaluation.overfit.get(evaluation.primary)
    return [f"{found.words[0].upper()}{found.words[1:]}."] if found else []


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

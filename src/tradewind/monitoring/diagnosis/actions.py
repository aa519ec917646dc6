"""What to do about each cause, and the command to begin with."""

from __future__ import annotations

from collections.abc import Mapping

from tradewind.monitoring.diagnosis.causes import Action, CauseKind

WHOLE = "it"

ACTIONS: Mapping[CauseKind, tuple[str, str]] = {
    CauseKind.FEED_STOPS: (
        "Restart or fail over feed {feed}; serve no forecast for its symbols until it delivers, then fill the gap.",
        "tradewind stream --help",
    ),
    CauseKind.UNIT_CHANGE: (
        "Quarantine the bars of {feed}{symbol} since then, ask the vendor for the unit, and convert them.",
        "tradewind check --prices PRICES --quarantine bad.csv",
    ),
    CauseKind.UNADJUSTED_SPLIT: (
        "Enter the split of {symbol}, adjust its earlier bars and compute its features anew; ignore its forecasts till "
        "then.",
        "tradewind check --prices PRICES --against OTHER_VENDOR",
    ),
    CauseKind.STALE_SYMBOL: (
        "Take {symbol} out of the universe that is served until its vendor sends fresh bars; ask whether it is halted.",
        "tradewind check --prices PRICES",
    ),
    CauseKind.LABEL_DELAY: (
        "Restart the job that makes labels. Do not retrain or judge the model on the labels at hand: they are old.",
        "tradewind stream --help",
    ),
    CauseKind.VOLATILITY_SHOCK: (
        "Reduce positions by the ratio of volatilities; do not retrain on the first days. Watch calibration daily.",
        "tradewind drift --help",
    ),
    CauseKind.CORRELATION_BREAK: (
        "Treat positions as less diversified than they look; check the model by day, and retrain once 20 days are in.",
        "tradewind drift --help",
    ),
    CauseKind.SECTOR_ROTATION: (
        "Cap the exposure to {sector}; judge the model without it, and retrain if its forecasts stay wrong.",
        "tradewind fairness --help",
    ),
    CauseKind.GRADUAL_DRIFT: (
        "Retrain on recent data and let the new model prove itself as challenger before it is promoted.",
        "tradewind retrain --help",
    ),
    CauseKind.ADVERSARIAL_NEWS: (
        "Mute source {source}, score its symbols without news, and tell surveillance.",
        "tradewind explain --help",
    ),
    CauseKind.SLOW_DEPENDENCY: (
        "Look at {dependency}: its load, its disk, its network; take it out of the request's path or fail over.",
        "tradewind rollout --help",
    ),
    CauseKind.WRONG_MODEL_VERSION: (
        "Roll back to the registry's champion at once; {version} was not approved to be served.",
        "tradewind rollout --help",
    ),
    CauseKind.NO_FAULT: ("Do nothing; what was seen is within chance. Look again after more slices.", ""),
}


def action_for(kind: CauseKind, subject: Mapping[str, str]) -> Action:
    """Return what to do about ``kind``, with ``subject`` filled in."""
    text, command = ACTIONS[kind]
    names = dict.fromkeys(("feed", "symbol", "sector", "source", "dependency", "version"), "")
    filled = {**names, **subject}
    if kind is CauseKind.UNIT_CHANGE and subject.get("feed"):
        filled["feed"] = f"feed {subject['feed']}"
    return Action(text=text.format_map(filled), command=command)

"""The other pictures of an explanation: members, the latest bars, and how usual the inputs are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.ticker import MaxNLocator

from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, drawing
from tradewind.explain.page.picture import Picture, picture

SHOWN = 12


def member_bars(evidence: Mapping[str, Any]) -> Picture:
    """Return what each member says and what calibration makes of it, beside the ensemble."""
    members = evidence["members"]
    ensemble = evidence["forecast"]["probability"]
    words = ", ".join(
        f"{m['name']} says {100 * m['given']:.1f} %, calibrated {100 * m['calibrated']:.1f} %" for m in members
    )
    alt = f"Members: {words}; ensemble {100 * ensemble:.1f} %"
    with drawing(1.15 + 0.36 * len(members)) as one:
        axes = one.axes
        for row, member in enumerate(members):
            given, calibrated = 100 * member["given"], 100 * member["calibrated"]
            axes.plot([given, calibrated], [row, row], color=FAINT, linewidth=1.5, zorder=1)
            axes.plot(given, row, "o", markersize=7, markerfacecolor="none", markeredgecolor=INK, zorder=2,
                      label="as it says" if row == 0 else None)  # fmt: skip
            axes.plot(calibrated, row, "o", markersize=8, color=SERIES[0], zorder=3,
                      label="calibrated" if row == 0 else None)  # fmt: skip
        axes.axvline(100 * ensemble, color=SERIES[1], linewidth=1.6, label="ensemble", zorder=0)
        axes.axvline(50.0, color=INK, linewidth=0.8, linestyle=(0, (2, 3)), label="coin flip", zorder=0)
        axes.set_yticks(range(len(members)), [f"{m['name']}  (weight {100 * m['weight']:.0f} %)" for m in members])
        axes.set_ylim(len(members) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("probability of a rise, %")
        axes.margins(x=0.08)
        one.legend()
        return picture(one, alt)


def time_profile(evidence: Mapping[str, Any]) -> Picture | None:
    """Return what each of the latest bars gave through the sequence models; None where there are none."""
    profile = evidence.get("profile")
    if not profile or not any(part["value"] for part in profile):
        return None
    back = [-part["bars_back"] for part in profile]
    values = [part["value"] for part in profile]
    strongest = max(profile, key=lambda part: abs(part["value"]))
    alt = (
        f"Log odds that each of the latest {len(profile)} bars gave through the sequence models; the strongest lies "
        f"{strongest['bars_back']} bars back and gives {strongest['value']:+.4f}"
    )
    with drawing(2.2) as one:
        axes = one.axes
        axes.bar(back, values, width=0.72, color=[SERIES[0] if value >= 0 else SERIES[1] for value in values])
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("bars before the forecast's own bar, which is at the right")
        axes.set_ylabel("gives, log odds")
        axes.grid(visible=False, axis="x")
        return picture(one, alt)


def percentile_strip(evidence: Mapping[str, Any]) -> Picture:
    """Return where the strongest features' inputs lie among training rows, from the least to the greatest."""
    inputs = {row["feature"]: row for row in evidence["inputs"]}
    rows = [inputs[part["name"]] for part in evidence["attribution"]["features"][:SHOWN]]
    words = ", ".join(
        f"{row['feature']} missing" if row["missing"] else f"{row['feature']} {100 * row['percentile']:.0f}"
        for row in rows
    )
    tail = 100 * evidence["settings"]["unusual"]
    with drawing(0.85 + 0.28 * len(rows)) as one:
        axes = one.axes
        for low, high in ((0.0, tail), (100.0 - tail, 100.0)):
            axes.axvspan(low, high, color=SERIES[1], alpha=0.16, linewidth=0)
        for place, row in enumerate(rows):
            if row["missing"]:
                axes.annotate("missing", (50, place), ha="center", va="center", fontsize=9)
                continue
            axes.plot([0, 100], [place, place], color=FAINT, linewidth=0.8, zorder=1)
            odd = row["outside"]
            axes.plot(
                100 * row["percentile"], place, "D" if odd else "o", markersize=8, zorder=3, clip_on=False,
                color=SERIES[1] if odd else SERIES[0],
            )  # fmt: skip
        axes.set_yticks(range(len(rows)), [row["feature"] for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, 100)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("share of training rows below, %")
        return picture(one, f"Share of training rows below each input, in per cent: {words}")

"""The trade-off between accuracy and parity, drawn."""

from __future__ import annotations

from tradewind.evaluation.parity import ParityCurve
from tradewind.evaluation.report.drawing import SERIES, drawing


def parity_curve_plot(curve: ParityCurve) -> str:
    """Accuracy against the parity gap, one line without and one with re-weighting; dots are labelled by strength."""
    with drawing(3.0) as plot:
        for colour, reweight, name in ((SERIES[0], False, "penalty"), (SERIES[1], True, "penalty and re-weighting")):
            points = [point for point in curve.points if point.reweight == reweight]
            if not points:
                continue
            gap, right = [100 * p.gap.value for p in points], [100 * p.accuracy for p in points]
            plot.axes.plot(gap, right, color=colour, lw=1.4, marker="o", ms=5, label=name)
            for x, y, point in zip(gap, right, points, strict=True):
                plot.axes.annotate(f"{point.strength:g}", (x, y), xytext=(4, 4), textcoords="offset points", fontsize=8)
        plot.axes.set_xlabel("gap between groups in the share forecast to rise, points")
        plot.axes.set_ylabel("accuracy, %")
        plot.legend(2)
        return plot.svg(f"Accuracy against parity, by strength of the penalty: {curve.words}.")

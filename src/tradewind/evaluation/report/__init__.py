"""The report: one HTML file that needs nothing else."""

from tradewind.evaluation.report.page import draw_plots, render_report, write_report

__all__ = ["draw_plots", "render_report", "write_report"]

"""How good alerts are, measured against planted truth."""

from tradewind.surveillance.evaluation.curves import PrecisionRecall, precision_recall, recall_at_precision
from tradewind.surveillance.evaluation.intervals import cluster_interval
from tradewind.surveillance.evaluation.matching import TOLERANCE, Claimed, Matches, match
from tradewind.surveillance.evaluation.report import curves_svg, evaluation_table, write_evaluation
from tradewind.surveillance.evaluation.scores import Judged, SchemeScore, SurveillanceEvaluation, evaluate_alerts

__all__ = [
    "TOLERANCE",
    "Claimed",
    "Judged",
    "Matches",
    "PrecisionRecall",
    "SchemeScore",
    "SurveillanceEvaluation",
    "cluster_interval",
    "curves_svg",
    "evaluate_alerts",
    "evaluation_table",
    "match",
    "precision_recall",
    "recall_at_precision",
    "write_evaluation",
]

"""Quality of explanations: faithful, stable, in agreement, dependent on what was learned, true where truth is known."""

from tradewind.explain.quality.agreement import (
    ExplanationAgreement,
    agreement_by_row,
    agreement_of_importance,
    agreement_with_student,
)
from tradewind.explain.quality.faithfulness import Curve, Faithfulness, Removal, faithfulness
from tradewind.explain.quality.report import Check, QualityReport
from tradewind.explain.quality.sanity import (
    PlantedCheck,
    RandomModelCheck,
    fit_on_shuffled_labels,
    planted_check,
    planted_market_check,
    random_model_check,
    with_shuffled_labels,
)
from tradewind.explain.quality.settings import ExplanationQualitySettings
from tradewind.explain.quality.steadiness import Steadiness, steadiness

__all__ = [
    "Check",
    "Curve",
    "ExplanationAgreement",
    "ExplanationQualitySettings",
    "Faithfulness",
    "PlantedCheck",
    "QualityReport",
    "RandomModelCheck",
    "Removal",
    "Steadiness",
    "agreement_by_row",
    "agreement_of_importance",
    "agreement_with_student",
    "faithfulness",
    "fit_on_shuffled_labels",
    "planted_check",
    "planted_market_check",
    "random_model_check",
    "steadiness",
    "with_shuffled_labels",
]

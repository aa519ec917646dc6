"""Distillation: an interpretable student that mimics the ensemble and says where it does not."""

from tradewind.explain.distillation.additive import Additive
from tradewind.explain.distillation.agreement import Agreement, Judgement, agreement_table
from tradewind.explain.distillation.distil import Distilled, Trial, distil, trained_until
from tradewind.explain.distillation.export import export_student
from tradewind.explain.distillation.fidelity import Fidelity, measure_fidelity
from tradewind.explain.distillation.forest import Forest, Tree
from tradewind.explain.distillation.importance import Importance, compare_importance, shuffled_change
from tradewind.explain.distillation.linear import Linear
from tradewind.explain.distillation.page import write_page
from tradewind.explain.distillation.settings import DistillationSettings
from tradewind.explain.distillation.skill import Kept, skill_kept
from tradewind.explain.distillation.student import Student

__all__ = [
    "Additive",
    "Agreement",
    "DistillationSettings",
    "Distilled",
    "Fidelity",
    "Forest",
    "Importance",
    "Judgement",
    "Kept",
    "Linear",
    "Student",
    "Tree",
    "Trial",
    "agreement_table",
    "compare_importance",
    "distil",
    "export_student",
    "measure_fidelity",
    "shuffled_change",
    "skill_kept",
    "trained_until",
    "write_page",
]

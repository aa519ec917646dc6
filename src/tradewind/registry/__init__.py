"""Versions of models with everything needed to rebuild, judge and approve them."""

from tradewind.registry.budget import BudgetLine, BudgetReport, Budgets, BudgetSettings, check_budget
from tradewind.registry.complexity import Complexity, measure_complexity
from tradewind.registry.folder import files_sha256, folder_files
from tradewind.registry.making import MODEL, Making, make_record, save_model
from tradewind.registry.record import ModelRecord

__all__ = [
    "MODEL",
    "BudgetLine",
    "BudgetReport",
    "BudgetSettings",
    "Budgets",
    "Complexity",
    "Making",
    "ModelRecord",
    "check_budget",
    "files_sha256",
    "folder_files",
    "make_record",
    "measure_complexity",
    "save_model",
]

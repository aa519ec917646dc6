"""Versions of models with everything needed to rebuild, judge and approve them, and who approved them."""

from tradewind.registry.budget import BudgetLine, BudgetReport, Budgets, BudgetSettings, check_budget
from tradewind.registry.complexity import Complexity, measure_complexity
from tradewind.registry.decision import Act, Decision, Stage
from tradewind.registry.folder import files_sha256, folder_files
from tradewind.registry.making import MODEL, Making, make_record, save_model
from tradewind.registry.origin import Lineage, lineage, lineage_of, trained_on
from tradewind.registry.people import People, Person, Role, keys_folder
from tradewind.registry.place import registry_place
from tradewind.registry.record import ModelRecord
from tradewind.registry.registry import ModelRegistry
from tradewind.registry.reproduction import Comparison, Reproduction, check_inputs, reproduce
from tradewind.registry.rules import RULES, Rule
from tradewind.registry.serving import Served

__all__ = [
    "MODEL",
    "RULES",
    "Act",
    "BudgetLine",
    "BudgetReport",
    "BudgetSettings",
    "Budgets",
    "Comparison",
    "Complexity",
    "Decision",
    "Lineage",
    "Making",
    "ModelRecord",
    "ModelRegistry",
    "People",
    "Person",
    "Reproduction",
    "Role",
    "Rule",
    "Served",
    "Stage",
    "check_budget",
    "check_inputs",
    "files_sha256",
    "folder_files",
    "keys_folder",
    "lineage",
    "lineage_of",
    "make_record",
    "measure_complexity",
    "registry_place",
    "reproduce",
    "save_model",
    "trained_on",
]

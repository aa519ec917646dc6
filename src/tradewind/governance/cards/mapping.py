"""Which sections of a card help with which expectation of two well-known frameworks.

Sources: Regulation (EU) 2024/1689 (AI Act), articles 9 to 15, 17, 72 and 73 and annex IV, which bind providers of
high-risk systems; a forecast of equity prices is not among the uses that annex III lists, so the mapping is offered
for those who follow it by choice. Guidance on model risk management of the US banking agencies: SR 11-7 / OCC 2011-12
(2011), superseded on 17 April 2026 by the revised guidance SR 26-2 / OCC 2026-13, which keeps its themes: development
and use, validation (conceptual soundness, outcomes analysis, ongoing monitoring), governance and controls.
"""

from __future__ import annotations

from tradewind.governance.pages import Table

DISCLAIMER = (
    "The table says which section supports work on which expectation. It is no statement that the model, its provider "
    "or its user complies with anything: that depends on the use, and is for counsel and the supervisor to judge. "
    "SR 11-7 was superseded by SR 26-2 on 17 April 2026; the themes named here are common to both. Forecasting equity "
    "prices is not among the high-risk uses that annex III of the AI Act lists."
)

MAPPING: tuple[tuple[str, str, str], ...] = (
    ("Identity, Use", "Art. 11 and annex IV(1); Art. 13(3) intended purpose", "Model inventory; purpose and use"),
    ("Training data", "Art. 10 data and data governance; annex IV(2)(d)", "Development: data quality and relevance"),
    ("Features and members, Complexity", "Annex IV(2)(b) design and logic", "Development: design and theory"),
    ("Performance, Calibration", "Art. 15(1), (3) accuracy and its metrics", "Validation: outcomes analysis"),
    ("Slices, Stress", "Art. 15(4) robustness", "Validation: sensitivity and stress"),
    ("Fairness", "Art. 10(2)(f), (g) examination for bias", "Validation: conceptual soundness"),
    ("Explanation", "Art. 13(1) interpretable output; Art. 14(4)(c)", "Validation: conceptual soundness"),
    ("Limitations", "Art. 13(3)(b) foreseeable misuse and limits", "Use: limits and assumptions known to users"),
    ("Monitoring", "Art. 9 risk management; Art. 72 post-market monitoring", "Validation: ongoing monitoring"),
    ("Approvals", "Art. 14 human oversight; Art. 17 quality management", "Governance: roles, approval, controls"),
    ("Reproduction", "Art. 12 record-keeping; Art. 18 documentation kept", "Governance: documentation, change control"),
)  # fmt: skip


def mapping_table() -> Table:
    """Return the mapping as a table."""
    return Table(
        ("section of this card", "supports: EU AI Act", "supports: model risk guidance (SR 26-2, SR 11-7)"),
        MAPPING,
        left=3,
    )

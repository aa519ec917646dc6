"""What risk and compliance need: model cards, the audit log, fairness, reports."""

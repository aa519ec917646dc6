"""Metrics, significance, backtest, risk, slices and the report."""

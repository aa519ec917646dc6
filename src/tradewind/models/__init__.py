"""Forecasters behind one protocol: trees, sequence nets, ensembles, calibration, intervals."""

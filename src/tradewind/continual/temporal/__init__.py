"""Temporal ensembles: a member for each period, trusted by likeness and by what it earned."""

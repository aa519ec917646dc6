"""A furnished workspace to look around in: each module makes what one part of the dashboard shows."""

PARTS = ("projects", "serving", "oncall", "compliance", "surveillance")
"""The modules, in the order in which they are furnished; each has ``furnish(workspace, progress)``."""

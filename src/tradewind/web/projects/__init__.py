"""Projects: bars, a model that learned from them, its forecasts and how they did, each in a folder of its own."""

from tradewind.web.projects.project import Project, list_projects, open_project

__all__ = ["Project", "list_projects", "open_project"]

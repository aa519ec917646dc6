"""A furnished workspace to look around in: each module makes what one part of the dashboard shows."""

"""Years of monitoring in minutes: worlds with known incidents, and how well they were noticed and explained."""

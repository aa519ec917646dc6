"""Tree learners: the forest and the boosters."""

"""Learning on without forgetting: market regimes, and learners that keep old skill while they take up new."""

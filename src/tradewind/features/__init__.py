"""Point-in-time features, labels, text scoring and selection."""

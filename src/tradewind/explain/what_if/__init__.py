"""A day that went otherwise: the whole model run again on changed bars or features."""

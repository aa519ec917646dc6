"""How nets are trained, in PyTorch: imported only when a net is fitted."""

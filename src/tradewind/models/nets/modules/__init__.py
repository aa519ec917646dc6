"""The networks, in PyTorch: imported only when a net is built."""

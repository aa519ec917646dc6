"""The parts of the server put together: what predicts when a slice closes, what the API asks, start and end."""

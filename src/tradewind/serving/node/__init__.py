"""The parts of the server put together: what predicts when a slice closes, what the API asks, how it starts and ends."""

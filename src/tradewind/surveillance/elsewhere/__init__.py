"""Venues that share nothing with ours: other mechanisms, people and tactics, so that no habit of one is learned."""

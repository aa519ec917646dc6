"""The graph of accounts: who trades with whom, who acts together; groups, rings, embeddings."""

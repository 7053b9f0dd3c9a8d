"""From dry scores to complete ones: expressions only."""

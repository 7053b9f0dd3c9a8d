"""Who asks, and whether they may import now."""

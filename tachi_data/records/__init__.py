"""JSON records: what they may look like, what is wrong with them, and their columns."""

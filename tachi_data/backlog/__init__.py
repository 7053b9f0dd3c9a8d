"""Accepted imports that wait to be done: a queue, and the spool of their sources."""

"""Why orphans wait, and what may be done about it."""

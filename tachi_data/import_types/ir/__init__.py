"""Formats that game clients push as JSON ("internet ranking" hooks)."""

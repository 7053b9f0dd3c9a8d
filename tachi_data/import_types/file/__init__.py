"""Formats that players upload as files."""

"""Formats that are fetched from another service."""

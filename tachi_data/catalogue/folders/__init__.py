"""Folders: which charts are in them."""

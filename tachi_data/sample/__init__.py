"""Invented data of any size: a catalogue, a year of three players, and import files in many formats.

No song or person here is real. The same seed makes the same data::

    python -m tachi_data.sample data/sample           # the sample in the repository
    from tachi_data.sample import catalogue, batch_manual
"""

from __future__ import annotations

from tachi_data.sample._catalogue import catalogue, write_catalogue
from tachi_data.sample._files import write_imports
from tachi_data.sample._histories import batch_manual, orphan_export
from tachi_data.sample._jobs import job, jobs
from tachi_data.sample._plays import Player, plays

__all__ = [
    "Player",
    "batch_manual",
    "catalogue",
    "job",
    "jobs",
    "orphan_export",
    "plays",
    "write_catalogue",
    "write_imports",
]

"""A small world for the stages: a store with three charts of iidx, and BATCH-MANUAL documents about them."""

from __future__ import annotations

import json
from typing import Any

import tachi_data as td
from tests.catalogue.documents import SMALL

NOW = 1_767_225_600_000
CATALOGUE = {name: part for name, part in SMALL.items() if name.startswith(("songs", "charts"))}


def score(title: str = "5.1.1.", **more: Any) -> dict[str, Any]:
    """A score on the song's ANOTHER chart: 1,500 points, CLEAR."""
    return {
        "matchType": "songTitle",
        "identifier": title,
        "difficulty": "ANOTHER",
        "score": 1500,
        "lamp": "CLEAR",
        **more,
    }


def job(*scores: Any, user_id: int = 1, playtype: str = "SP") -> td.ImportJob:
    """An import of these scores."""
    meta = {"game": "iidx", "playtype": playtype, "service": "test"}
    source = json.dumps({"meta": meta, "scores": scores}).encode()
    return td.ImportJob("file/batch-manual", source, user_id)

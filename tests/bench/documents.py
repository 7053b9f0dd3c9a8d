"""Files of any size, made of the scores of a small one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_scores(document: dict[str, Any], count: int, path: Path) -> Path:
    """Write a BATCH-MANUAL file of so many different scores: each turn through the document's is lower by one."""
    scores = document["scores"]
    with path.open("w") as file:
        file.write(json.dumps({"meta": document["meta"]})[:-1] + ', "scores": [')
        for number in range(count):
            turn, place = divmod(number, len(scores))
            score = scores[place] | {"score": max(0, scores[place]["score"] - turn)}
            file.write(("," if number else "") + json.dumps(score))
        file.write("]}")
    return path

"""Bodies of game clients, invented; what matters in a test is changed by name."""

from __future__ import annotations

from typing import Any

SHA256, MD5 = "ab" * 32, "cd" * 16


def oraja(
    *, score: dict[str, Any] | None = None, chart: dict[str, Any] | None = None, client: str = ""
) -> dict[str, Any]:
    """A play of a chart that no catalogue knows. It was a PMS chart if the mode says so."""
    counts = dict.fromkeys(("egd", "lgd", "ebd", "lbd", "epr", "lpr", "ems", "lms"), 1)
    whole_chart = {
        "md5": MD5,
        "sha256": SHA256,
        "title": "Lanterns",
        "subtitle": "[7 ANOTHER]",
        "genre": "DRIFT",
        "artist": "nobody in particular",
        "subartist": "obj: someone",
        "total": 300,
        "judge": 100,
        "lntype": 0,
        "mode": "BEAT_7K",
        "notes": 500,
        "hasUndefinedLN": False,
        "hasRandom": False,
        **(chart or {}),
    }
    whole_score = {
        "sha256": whole_chart["sha256"],
        "exscore": 700,
        "passnotes": 500,
        "gauge": 80.5,
        "deviceType": "BM_CONTROLLER",
        "minbp": 12,
        "option": 2,
        "lntype": 0,
        "clear": "Hard",
        "assist": 0,
        "maxcombo": 321,
        "epg": 100,
        "lpg": 200,
        "egr": 60,
        "lgr": 40,
        **counts,
        **(score or {}),
    }
    is_pms = whole_chart["mode"] == "POPN_9K"
    made_by = client or ("beatoraja 0.8" if is_pms else "LR2oraja 0.8")
    return {"score": whole_score, "chart": whole_chart, "client": made_by}

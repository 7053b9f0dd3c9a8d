"""What an import type orphans can be taken out, ingested elsewhere, and become what it should have been."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.conftest import Open
from tests.import_types.samples import NOW, SAMPLES, Sample


def by_chart(scores: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Chart and data of each score, in order of these; IDs name the player."""
    return sorted((s["chartID"], json.dumps(s["scoreData"], sort_keys=True)) for s in scores)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.import_type)
def test_orphans_of_every_type_come_back(sample: Sample, open_stores: Open, tmp_path: Path) -> None:
    there = open_stores({})
    (user_id,) = {sample.run(there).document["userID"]}
    orphans = td.export_documents(there, "orphans", user_id=user_id)
    export = tmp_path / "orphan-scores.ndjson"
    export.write_text("".join(json.dumps(orphan) + "\n" for orphan in orphans))

    here = open_stores(sample.catalogue)
    td.ingest_orphans(here, export)
    report = td.reprocess_orphans(here, [user_id], now=NOW)
    assert report.processed == len(orphans)
    back = td.export_documents(here, "scores", user_id=user_id)
    # What the sample gives where the catalogue is there from the beginning.
    expected = json.loads(sample.expected.read_text())["scores"]
    assert by_chart(back) == by_chart(expected)
    assert report.success == len(back)

"""Moving a store out of a lake, and the maintenance of a lake (`make test-lake`)."""

from __future__ import annotations

from pathlib import Path

import pytest

import tachi_data as td
from pipelines.maintain import maintain
from tests.pipelines.contents import everything

pytestmark = [pytest.mark.lake, pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


def test_a_lake_is_maintained_and_moves_back_into_a_file(
    store: Path, lake_url: str, tmp_path: Path, sample: Path
) -> None:
    with td.open_store(store) as source, td.open_store(lake_url) as lake:
        td.copy_store(source, lake)
        file = sample / "imports" / "batch-manual-iidx-akari.json"
        for player in (1, 2):
            td.import_scores(lake, "file/batch-manual", file, user_id=player)
    expected = everything(lake_url)
    done = maintain(lake_url, keep_days=0)
    assert done["merge_files"] > 0
    assert done["expire_snapshots"] > 0
    assert maintain(str(store)) == {}
    with td.open_store(lake_url) as lake, td.open_store(tmp_path / "back.duckdb") as target:
        copied = td.copy_store(lake, target)
        with pytest.raises(td.StoreError, match="holds rows already"):
            td.copy_store(lake, target)
    rows = dict(copied.select("table", "rows").iter_rows())
    assert rows["scores_iidx"] > 10
    assert everything(lake_url) == expected
    assert everything(tmp_path / "back.duckdb") == expected

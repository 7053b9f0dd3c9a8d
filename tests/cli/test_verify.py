"""``tachi-data verify``."""

import json
from pathlib import Path

from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli import app


def test_verify_reports_repairs_and_says_so(tmp_path: Path, sample: Path) -> None:
    path = tmp_path / "store.duckdb"
    with td.open_store(path) as store:
        td.load_catalogue(store, sample / "catalogue", games=["sdvx"])
        file = sample / "imports" / "batch-manual-sdvx-akari.json"
        td.import_scores(store, "file/batch-manual", file, user_id=1)
        with store.write() as con:
            con.execute("UPDATE pbs_sdvx SET lamp = 'FAILED' WHERE lamp = 'CLEAR'")

    def run(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["--store", str(path), "verify", *more])
        return result.exit_code, result.stdout

    code, shown = run("--json")
    differences = json.loads(shown)
    assert code == 1
    assert {d["column"] for d in differences} == {"lamp"}
    assert {(d["stored"], d["recomputed"]) for d in differences} == {('"FAILED"', '"CLEAR"')}
    assert run("--repair")[0] == 0
    assert run() == (0, "Everything is as it should be.\n")

    charts = json.loads((sample / "catalogue" / "charts-sdvx.json").read_text())
    with td.open_store(path) as store:
        td.patch_catalogue(store, {"charts-sdvx": [c | {"levelNum": 19} for c in charts]})
    code, shown = run("--limit", "1")
    assert code == 0
    assert "0 differences.\n" in shown
    assert "values are stale" in shown
    assert run("--repair")[0] == 0
    assert run() == (0, "Everything is as it should be.\n")

"""The command line, as a person types it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tachi_data as td

BAD = {
    "not UTF-8": b"\xff\xfe\x00{",
    "truncated": b'{"meta": {"game": "iidx"',
    "deep": b"[" * 1_000_000,
    "NaN": b'{"meta": NaN}',
    "long number": b'{"meta": ' + b"9" * 400 + b"}",
    "NUL": b"\x00\x00",
    "empty": b"",
}


def run(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tachi_data.cli", "--store", str(store), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    path = tmp_path_factory.mktemp("cli") / "store.duckdb"
    loaded = run(path, "catalogue", "load", str(sample / "catalogue"), "--json")
    assert loaded.returncode == 0, loaded.stderr
    return path


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_bad_file_gives_one_sentence(store: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    done = run(store, "import", str(path), "--type", "file/batch-manual")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", [".", "no-such-file.json"])
def test_what_is_no_file(store: Path, tmp_path: Path, name: str) -> None:
    done = run(store, "import", str(tmp_path / name), "--type", "file/batch-manual")
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_import_list_show_export_revert(store: Path, sample: Path) -> None:
    path = sample / "imports" / "batch-manual-wacca-cirrus.json"
    arguments = ("import", str(path), "--type", "file/batch-manual", "--user", "7", "--json")
    dry = json.loads(run(store, *arguments, "--dry-run").stdout)
    started = time.perf_counter()
    document = json.loads(run(store, *arguments).stdout)
    assert time.perf_counter() - started < 10
    assert len(document["scoreIDs"]) == len(dry["scoreIDs"]) > 50
    listed = json.loads(run(store, "imports", "list", "--user", "7", "--json").stdout)
    assert [row["scores"] for row in listed] == [len(document["scoreIDs"])]
    shown = json.loads(run(store, "imports", "show", document["importID"], "--json").stdout)
    assert shown == document
    exported = run(store, "export", "scores", "--user", "7").stdout.splitlines()
    assert {json.loads(line)["scoreID"] for line in exported} == set(document["scoreIDs"])
    revert = ("imports", "revert", document["importID"])
    counted = json.loads(run(store, *revert, "--dry-run", "--json").stdout)
    assert counted == {"removed": len(document["scoreIDs"]), "dry_run": True}
    assert "Nothing was changed" in run(store, *revert, "--dry-run").stdout
    reverted = json.loads(run(store, *revert, "--json").stdout)
    assert reverted == {"removed": len(document["scoreIDs"])}
    assert run(store, "export", "scores", "--user", "7").stdout == ""


def test_the_version_is_told_without_a_store(tmp_path: Path) -> None:
    done = run(tmp_path / "none.duckdb", "--version")
    assert done.stdout == f"tachi-data {td.__version__}\n"
    assert not (tmp_path / "none.duckdb").exists()


def test_help_is_quick() -> None:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tachi_data.cli", "--help"], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert time.perf_counter() - started < 3
    code = "import sys, tachi_data.cli; print({'polars', 'duckdb', 'prefect', 'fastapi'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "set()"


def test_import_types_are_listed(store: Path) -> None:
    kinds = json.loads(run(store, "import-types", "--json").stdout)
    assert {"file/batch-manual", "ir/direct-manual"} <= {kind["id"] for kind in kinds}


def test_a_new_import_type_works_at_once(tmp_path: Path) -> None:
    (tmp_path / "tachi_data" / "import_types" / "file").mkdir(parents=True)
    done = run(
        tmp_path / "x",
        "new-import-type",
        "file/foo-json",
        "--gpt",
        "sdvx:Single",
        "--folder",
        str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    path = tmp_path / "tachi_data" / "import_types" / "file" / "foo_json.py"
    code = f"import runpy; print(runpy.run_path({str(path)!r})['IMPORT_TYPES'][0].id)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert made.stdout.strip() == "file/foo-json", made.stderr


def test_the_sample_has_any_size_and_help_writes_nothing(tmp_path: Path) -> None:
    write = [sys.executable, "-m", "tachi_data.sample"]
    told = subprocess.run([*write, "--help"], cwd=tmp_path, capture_output=True, check=True)
    assert b"--scores N" in told.stdout
    assert not list(tmp_path.iterdir())
    subprocess.run([*write, "made", "--scores", "7", "--orphans", "5"], cwd=tmp_path, check=True)
    scores = json.loads((tmp_path / "made" / "batch-manual.json").read_bytes())["scores"]
    assert len(scores) == 7
    assert max(score["timeAchieved"] for score in scores) < time.time() * 1000
    assert len((tmp_path / "made" / "orphan-scores.ndjson").read_bytes().splitlines()) == 5

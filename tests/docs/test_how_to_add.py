"""Both how-to pages are carried out, to the letter, in a copy of the repository.

``pytest tests/docs --update-golden`` writes the template of ``tachi-data new-import-type`` into its page.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data import games
from tachi_data.cli.new_import_type import NewImportType
from tachi_data.import_types import all_import_types
from tachi_data.import_types import file as file_types
from tests.docs.pages import DOCS, REPOSITORY, blocks
from tests.docs.test_examples import run, script

FORMAT, GAME = DOCS / "how-to" / "add-an-import-type.md", DOCS / "how-to" / "add-a-game.md"
TEMPLATE = re.compile(
    r'(<!-- template (\S+) (\S+) -->\n```python title="[^"]+"\n).*?(^```$)', re.S | re.M
)


def checkout(folder: Path) -> Path:
    """A copy of the repository in which a page may write."""
    for name in ("data", "docs", "pipelines", "conftest.py", "pyproject.toml"):
        (folder / name).symlink_to(REPOSITORY / name)
    for name in ("tachi_data", "tests"):
        shutil.copytree(
            REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def template(id_: str, gpt: str) -> str:
    family, _, name = id_.partition("/")
    game, _, playtype = gpt.partition(":")
    return NewImportType(family, name, games.gpt(game, playtype)).module()


def test_the_page_shows_the_template(update_golden: bool) -> None:
    page = FORMAT.read_text(encoding="utf-8")
    whole = TEMPLATE.sub(lambda m: f"{m[1]}{template(m[2], m[3])}{m[4]}", page)
    if update_golden:
        FORMAT.write_text(whole, encoding="utf-8")
        page = whole
    assert TEMPLATE.search(page)
    assert page == whole, "run pytest tests/docs --update-golden"


# --- the format of the page, fed with what people send ---------------------------------------------


@pytest.fixture
def foo(tmp_path: Path) -> Iterator[str]:
    """The import type of the page, as its block has it, in a folder of its own."""
    (code,) = (block.text for block in blocks(FORMAT) if block.language == "python")
    (tmp_path / "foo_json.py").write_text(code, encoding="utf-8")
    file_types.__path__.append(str(tmp_path))
    all_import_types.cache_clear()
    yield "file/foo-json"
    file_types.__path__.remove(str(tmp_path))
    all_import_types.cache_clear()


def chart(chart_id: str, song_id: int, playtype: str) -> dict[str, Any]:
    return {
        "chartID": chart_id, "songID": song_id, "playtype": playtype, "difficulty": "EXPERT", "level": "9",
        "levelNum": 9, "isPrimary": True, "versions": ["a20"], "data": {"stepCount": 500, "inGameID": song_id},
    }  # fmt: skip


def song(song_id: int, title: str) -> dict[str, Any]:
    return {
        "id": song_id, "title": title, "artist": "Nobody", "altTitles": [], "searchTerms": [],
        "data": {"flareCategory": "GOLD", "inGameID": str(song_id), "ddrSongHash": f"hash{song_id}"},
    }  # fmt: skip


def play(title: str = "Both", **more: Any) -> dict[str, Any]:
    return {"title": title, "difficulty": "EXPERT", "score": 900_000, "lamp": "CLEAR"} | more


@pytest.fixture
def store(tmp_path: Path) -> Iterator[td.Store]:
    """A catalogue with a song of both playtypes, and one of doubles only."""
    with td.open_store(tmp_path / "store.duckdb") as opened:
        songs = [song(1, "Both"), song(2, "Doubles only")]
        charts = [chart("dp-1", 1, "DP"), chart("sp-1", 1, "SP"), chart("dp-2", 2, "DP")]
        td.patch_catalogue(opened, {"songs-ddr": songs, "charts-ddr": charts})
        yield opened


def rows(store: td.Store, kind: str, plays: list[Any]) -> list[dict[str, Any]]:
    outcome = td.import_scores(store, kind, json.dumps(plays).encode(), user_id=1)
    return outcome.datapoints.to_dicts()


def test_no_score_lands_on_a_chart_of_the_other_playtype(foo: str, store: td.Store) -> None:
    found = rows(store, foo, [play(), play("Doubles only")])
    assert [row["chart_id"] for row in found] == ["sp-1", None]
    assert [row["outcome"] for row in found] == ["ScoreImported", "SongOrChartNotFound"]
    (orphan,) = td.export_documents(store, "orphans")
    assert orphan["context"] == {"playtype": "SP"}


def test_junk_is_refused_record_by_record(foo: str, store: td.Store) -> None:
    junk: list[Any] = [
        7,
        "junk",
        None,
        [],
        {},
        play(score="many"),
        play(lamp="?"),
        play(score=1_000_001),
    ]
    found = rows(store, foo, [*junk, play()])
    assert [row["outcome"] for row in found] == ["InvalidDatapoint"] * 8 + ["ScoreImported"]
    messages = [row["message"] for row in found[:8]]
    assert all(messages)
    assert "an integer" in messages[5]
    assert "many" in messages[5]
    assert "lamp" in messages[6]
    assert td.export_documents(store, "orphans") == []


@pytest.mark.slow
def test_the_format_of_the_page_is_added(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    steps = [block for block in blocks(FORMAT) if block.language == "bash"]
    done = run(f"set -euo pipefail\n{steps[0].text}", folder, code_in=folder)
    assert done.returncode == 0, done.stderr
    written = folder / "tachi_data" / "import_types" / "file" / "foo_json.py"
    (shown,) = (block.text for block in blocks(FORMAT) if block.language == "python")
    assert written.read_text(encoding="utf-8") == shown
    (told,) = re.findall(r"Now run: (.*)", done.stdout)
    assert f"{told}\n" in {block.text for block in steps}

    rest = "\n".join(block.text for block in steps[1:])
    done = run(f"set -euo pipefail\n{rest}", folder, code_in=folder)
    assert done.returncode == 0, done.stdout[-2000:]
    assert re.search(r"[1-9]\d* passed", done.stdout)
    expected = folder / "tests" / "import_types" / "file" / "foo-json" / "expected.json"
    outcomes = [row["outcome"] for row in json.loads(expected.read_text())["datapoints"]]
    assert outcomes == ["ScoreImported", "SongOrChartNotFound", "InvalidDatapoint"]


# --- the game of the page --------------------------------------------------------------------------


@pytest.mark.slow
def test_the_game_of_the_page_is_added(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    done = run(script(GAME), folder, code_in=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "2 datapoints, 1 score imported" in done.stdout
    assert '"grade":"S"' in done.stdout
    assert "Everything is as it should be." in done.stdout

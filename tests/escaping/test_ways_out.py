"""One evil title goes through every way out: terminal, log, notebook, artifact, spreadsheet, page."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import tachi_data as td
from tachi_data import escaping
from tachi_data.cli import app
from tests.catalogue.documents import SMALL

EVIL = "=1+1</script><img src=x onerror=alert(1)>\x1b[31m\x1b]0;title\x07\u202e\u2028|[a](javascript:1)"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SCORE = {
    "matchType": "songTitle",
    "identifier": EVIL,
    "difficulty": "ANOTHER",
    "score": 5,
    "lamp": "CLEAR",
}
META = {"game": "iidx", "playtype": "SP", "service": "test"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an orphan of the evil title, and with a score on a song of that title."""
    path = tmp_path_factory.mktemp("evil") / "store.duckdb"
    with td.open_store(path) as store:
        td.patch_catalogue(store, SMALL)
        plays = json.dumps({"meta": META, "scores": [SCORE]}).encode()
        td.import_scores(store, "file/batch-manual", plays, user_id=1)
        songs = [SMALL["songs-iidx"][0] | {"title": EVIL, "artist": EVIL}]
        td.patch_catalogue(store, {"songs-iidx": songs})
        td.import_scores(store, "file/batch-manual", plays, user_id=2)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[td.Store]:
    with td.open_store(path) as opened:
        yield opened


@pytest.mark.parametrize("width", ["60", "80", "140"])
@pytest.mark.parametrize(
    "command",
    [
        "orphans list",
        "orphans triage",
        "scores list",
        "scores list --json",
        "export orphans",
        "export scores --csv",
    ],
)
def test_no_terminal_obeys_it(
    path: Path, command: str, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    done = CliRunner().invoke(app, ["--store", str(path), *command.split()])
    assert done.exit_code == 0, done.output
    assert not OBEYED.search(done.output.removeprefix("\ufeff"))
    assert "alert" in done.output.replace("\n", "")


def test_an_import_shows_it_escaped_in_its_table(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "plays.json"
    file.write_text(json.dumps({"meta": META, "scores": [SCORE | {"identifier": EVIL + "?"}]}))
    done = CliRunner().invoke(
        app,
        ["--store", str(path), "import", str(file), "--type", "file/batch-manual", "--user", "1"],
    )
    assert done.exit_code == 0, done.output
    assert not OBEYED.search(done.output)
    assert "1 datapoint, 0 scores imported" in done.output


def test_no_notebook_runs_it(store: td.Store) -> None:
    pytest.importorskip("altair")
    import altair as alt

    from tachi_data.explore import showing

    rows = td.scores(store, columns=["title", "artist", "score"])
    assert rows["title"].to_list() == [EVIL]
    alt.renderers.register("evil", showing._html)
    with alt.renderers.enable("evil"):
        chart = alt.Chart(rows).mark_bar().encode(x="title:N")._repr_mimebundle_()
    (drawn,) = [v for k, v in chart.items() if k == "text/html"]
    assert drawn.count("</script>") == 1, "only the end of our own script"
    for html in (showing.table(rows).text, showing.summary(rows, EVIL, EVIL).as_raw_html(), drawn):
        assert "<img" not in html
        assert not OBEYED.search(html)


def test_an_outcome_shows_it_as_text(store: td.Store) -> None:
    plays = json.dumps({"meta": META, "scores": [SCORE | {"identifier": EVIL + "!"}]}).encode()
    outcome = td.import_scores(store, "file/batch-manual", plays, user_id=1, dry_run=True)
    html = outcome._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html
    assert not OBEYED.search(html)
    assert repr(outcome).endswith(": 1 SongOrChartNotFound>")


def test_no_artifact_is_marked_up_by_it() -> None:
    text = escaping.as_markdown(EVIL)
    assert "<img" not in text
    assert not re.search(r"(?<!\\)[\[\]|()]", text)
    assert not OBEYED.search(text)


def test_a_log_line_stays_a_line() -> None:
    pytest.importorskip("fastapi")
    from tachi_data.service.http.logging import JsonLines

    record = logging.LogRecord("x", logging.INFO, "", 0, "title %s", (EVIL,), None)
    line = JsonLines().format(record)
    assert not OBEYED.search(line)
    assert json.loads(line)["message"] == f"title {EVIL}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_calculates_it(start: str) -> None:
    rows = pl.DataFrame({"title": [f"{start}SUM(A1)"], "names": [["=a", "b"]], "score": [-5]})
    written = escaping.cells(rows)
    assert written["title"][0][0] == "'"
    assert written["names"][0] == "'=a, b"
    assert written["score"][0] == -5
    assert escaping.as_cell(f"{start}SUM(A1)") == written["title"][0]


def test_numbers_stay_numbers_for_a_spreadsheet() -> None:
    texts = pl.DataFrame({"text": ["-5", "+1.5", "-12,000", "50%"]})
    assert escaping.cells(texts).equals(texts)


def test_texts_in_frames_are_shown_as_texts_are() -> None:
    rows = pl.DataFrame({"text": [EVIL, None], "list": [[EVIL], None], "number": [1, 2]})
    shown = escaping.visible_frame(rows)
    assert shown["text"].to_list() == [escaping.visible(EVIL), None]
    assert shown["list"].to_list() == [[escaping.visible(EVIL)], None]
    assert json.loads(escaping.visible_json(json.dumps(EVIL, ensure_ascii=False))) == EVIL

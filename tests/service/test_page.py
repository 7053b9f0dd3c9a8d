"""The page for people, in a real Chromium. Screenshots are left in the folder of the test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tachi_data.import_types import all_import_types
from tachi_data.players.accounts import login_code
from tests.service.chromium import browsing
from tests.service.servers import Service

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium"),
]
EVIL = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def file(tmp_path: Path, sample: Path, scores: bytes) -> Path:
    """Scores: one that is fine, one with a title that is misspelt, one with a title that is HTML."""
    document: dict[str, Any] = json.loads(scores)
    songs = json.loads((sample / "catalogue" / "songs-sdvx.json").read_text())
    title = max((song["title"] for song in songs if song["title"].isascii()), key=len)
    one = {"score": 9_000_000, "lamp": "CLEAR", "matchType": "songTitle", "difficulty": "NOV"}
    sent = [{**one, "identifier": name} for name in (title, f"{title}!?", EVIL)]
    document = {"meta": document["meta"], "scores": sent}
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(document))
    (tmp_path / "title").write_text(title)
    return path


def test_upload_outcomes_and_orphans(service: Service, file: Path, tmp_path: Path) -> None:
    token = service.token(9001)["Authorization"].removeprefix("Bearer ")
    with browsing(str(service.client.base_url), tmp_path / "profile") as page:
        offered = [
            kind.title for kind in all_import_types().values() if kind.id.startswith("file/")
        ]
        shown = page.js("[...document.getElementById('kind').options].map(o => o.text)")
        assert sorted(shown) == sorted(offered)
        page.js(f"document.getElementById('token').value = '{token}'")
        page.choose("file", file)
        page.js("document.getElementById('send').click()")
        page.until("document.getElementById('say').innerText.includes('is done')")
        counts = page.text("counts").split()
        assert counts[:3] == ["Scores", "imported", "1"]
        problems = page.text("problems")
        assert problems.count("SongOrChartNotFound") == 2
        assert EVIL in problems
        assert page.text("who") == "You are player 9001."
        page.js("document.getElementById('orphans').click()")
        page.until("document.getElementById('say').innerText === '2 orphans.'")
        listed = page.text("list")
        assert EVIL in listed
        assert page.text("answer").startswith("2 orphans wait:\n")
        assert "Most looked for: " in page.text("answer")
        assert "tachi-data" not in page.text("answer")
        title = (tmp_path / "title").read_text()
        rows = [row for row in listed.split("\n") if f"{title}!?" in row]
        assert rows[0].rstrip().endswith(title)
        page.screenshot(tmp_path / "outcomes.png")
        page.js("document.getElementById('retry').click()")
        page.until("document.getElementById('say').innerText.startsWith('2 tried')")
        assert page.js("document.querySelectorAll('img').length") == 0
        assert page.js("document.title") == "tachi_data"


def test_a_telephone_shows_everything_without_scrolling_sideways(
    service: Service, file: Path, tmp_path: Path
) -> None:
    url = f"{service.client.base_url}/#code={login_code(service.store, 9003)}"
    with browsing(url, tmp_path / "profile") as page:
        page.send(
            "Emulation.setDeviceMetricsOverride",
            width=375,
            height=800,
            deviceScaleFactor=2,
            mobile=True,
        )
        page.until("document.getElementById('who').innerText === 'You are player 9003.'")
        page.choose("file", file)
        page.js("document.getElementById('send').click()")
        page.until("document.getElementById('say').innerText.includes('is done')")
        page.js("document.getElementById('orphans').click()")
        page.until("document.getElementById('say').innerText === '2 orphans.'")
        page.js("document.getElementById('past').click()")
        page.until("document.getElementById('say').innerText === '1 import.'")
        page.js("document.getElementById('more').click()")
        page.until("document.querySelectorAll('#scores tr').length === 1")
        assert page.js("document.documentElement.scrollWidth") == 375
        page.screenshot(tmp_path / "telephone.png")


def test_an_import_is_opened_downloaded_and_taken_back(
    service: Service, file: Path, tmp_path: Path
) -> None:
    url = f"{service.client.base_url}/#code={login_code(service.store, 9004)}"
    with browsing(url, tmp_path / "profile") as page:
        page.until("document.getElementById('who').innerText === 'You are player 9004.'")
        assert page.js("document.getElementById('playtype').hidden")
        tables = "[...document.querySelectorAll('table')].filter(t => t.offsetParent)"
        assert page.js(f"{tables}.length") == 0, "no heads of empty tables"
        page.js("document.getElementById('kind').value = 'file/eamusement-iidx-csv'")
        page.js("document.getElementById('kind').dispatchEvent(new Event('change'))")
        assert not page.js("document.getElementById('playtype').hidden")
        assert page.js("document.getElementById('playtype').required")
        page.js("document.getElementById('kind').value = 'file/batch-manual'")
        page.js("document.getElementById('kind').dispatchEvent(new Event('change'))")
        page.choose("file", file)
        page.js("document.getElementById('send').click()")
        page.until("document.getElementById('say').innerText.includes('is done')")
        page.js("document.getElementById('past').click()")
        page.until("document.querySelectorAll('#imports a').length === 1")
        page.js("document.querySelector('#imports a').click()")
        page.until("!document.getElementById('result').hidden")
        rows = page.js("csvOf([{position: 0, line: null, outcome: 'X', message: '=1+1\\u202e'}])")
        assert rows == '\ufeffrow,line,outcome,why\r\n"0","","X","\'=1+1\\u202e"\r\n'
        page.js("window.confirm = text => (window.asked = text, true)")
        page.js("document.getElementById('revert').click()")
        page.until("document.getElementById('say').innerText.includes('is taken back')")
        assert page.js("window.asked").startswith("This deletes 1 score,")
        assert page.js("document.querySelectorAll('#imports a').length") == 0
    assert service.get("/api/v1/users/9004/imports") == []


def test_one_score_is_deleted_after_a_dry_run(
    service: Service, scores: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "scores.json"
    path.write_bytes(scores)
    url = f"{service.client.base_url}/#code={login_code(service.store, 9005)}"
    with browsing(url, tmp_path / "profile") as page:
        page.until("document.getElementById('who').innerText === 'You are player 9005.'")
        page.choose("file", path)
        page.js("document.getElementById('send').click()")
        page.until("document.getElementById('say').innerText.includes('is done')")
        (before,) = service.get("/api/v1/users/9005/imports")
        page.js("document.getElementById('more').click()")
        page.until("document.querySelectorAll('#scores tr').length === 50")
        assert page.text("part") == f"50 of {len(before['scoreIDs'])} are shown."
        page.js("window.confirm = text => (window.asked = text, false)")
        page.js("document.querySelector('#scores button').click()")
        page.until("window.asked")
        title = page.js("document.querySelector('#scores td').innerText")
        assert page.js("window.asked").startswith("This deletes 1 score, ")
        assert title in page.js("window.asked")
        assert service.get("/api/v1/users/9005/imports") == [before]
        page.js("window.confirm = text => true")
        page.js("document.querySelector('#scores button').click()")
        page.until("document.getElementById('say').innerText.includes('is deleted')")
        left = len(before["scoreIDs"]) - 1
        assert page.text("part") == f"50 of {left} are shown."
        assert page.text("counts").split()[:3] == ["Scores", "imported", str(left)]
        page.screenshot(tmp_path / "scores.png")
    (after,) = service.get("/api/v1/users/9005/imports")
    (gone,) = set(before["scoreIDs"]) - set(after["scoreIDs"])
    assert service.client.get(f"/api/v1/scores/{gone}").status_code == 404


def test_refusals_are_shown(service: Service, file: Path, tmp_path: Path) -> None:
    with browsing(str(service.client.base_url), tmp_path / "profile") as page:
        page.choose("file", file)
        page.js("document.getElementById('send').click()")
        page.until("document.getElementById('say').className === 'bad'")
        assert "token" in page.text("say")
        page.screenshot(tmp_path / "refused.png")


def test_a_link_logs_in_and_no_token_is_needed(
    service: Service, file: Path, tmp_path: Path
) -> None:
    url = f"{service.client.base_url}/#code={login_code(service.store, 9002)}"
    with browsing(url, tmp_path / "profile") as page:
        page.until("document.getElementById('say').innerText.includes('logged in')")
        assert page.js("location.hash") == ""
        assert page.js("document.cookie") == ""
        page.choose("file", file)
        page.js("document.getElementById('send').click()")
        page.until("document.getElementById('say').innerText.includes('is done')")
    assert len(service.get("/api/v1/users/9002/imports")) == 1

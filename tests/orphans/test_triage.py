"""Why orphans wait, and what to do about it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import tachi_data as td
from tachi_data.errors import CatalogueError, TachiError
from tachi_data.orphans import (
    explain,
    safe_suggestions,
    status,
    triage,
    what_if,
    write_patch,
)
from tachi_data.sample import orphan_export
from tests.orphans.documents import NOW, SCORE, counters, document, new_song, submit, write_export


def test_triage_says_why(store: td.Store) -> None:
    submit(store, {**SCORE, "identifier": "HollowArcadia 41"}, {**SCORE, "identifier": "zzz qqq"})
    groups = triage(store)
    reasons = dict(groups.select("looked_for", "reason").iter_rows())
    assert reasons == {
        "HollowArcadia 41": "differs only in white space",
        "zzz qqq": "unknown song",
    }


def title(store: td.Store, place: int = 0) -> str:
    return str(
        store.query(
            "SELECT s.title FROM songs AS s WHERE s.game = 'iidx' AND len(s.title) > 8 AND EXISTS (FROM charts AS c "
            "WHERE c.game = 'iidx' AND c.song_id = s.song_id AND c.difficulty = 'ANOTHER' AND c.playtype = 'SP') "
            "ORDER BY s.song_id"
        )["title"][place]
    )


def misspelt(store: td.Store) -> dict[str, Any]:
    """A score on a known song, whose title has two blanks where there should be none."""
    name = title(store)
    return {**SCORE, "identifier": f"{name[:4]}  {name[4:]}", "score": 1}


def test_an_empty_title_is_similar_to_nothing(store: td.Store) -> None:
    submit(store, {**SCORE, "identifier": "。。。"})
    (group,) = triage(store).to_dicts()
    assert (group["suggestion"], group["reason"]) == (None, "unknown song")


def test_a_known_song_without_the_chart(store: td.Store) -> None:
    submit(store, {**SCORE, "identifier": title(store), "difficulty": "LEGGENDARIA"})
    (group,) = triage(store).to_dicts()
    assert group["reason"] == "known song without that difficulty or version"


def test_an_orphan_that_waits_only_for_a_run_lacks_nothing(store: td.Store, tmp_path: Path) -> None:
    """Groups and the answer agree on orphans that were taken in and have not been tried yet."""
    file = tmp_path / "orphans.ndjson"
    file.write_bytes(b"".join(orphan_export(20, matching=1.0, users=2)))
    td.ingest_orphans(store, file)
    groups = triage(store)
    assert set(groups["reason"]) == {"waits only for a run"}
    assert td.why_orphans(store).counts() == {"due": groups["orphans"].sum()}


def test_an_accepted_suggestion_becomes_another_title_and_the_orphan_a_score(
    store: td.Store, sample: Path, tmp_path: Path
) -> None:
    score = misspelt(store)
    submit(store, score, {**SCORE, "identifier": "Nothing alike 123"})
    accepted = safe_suggestions(triage(store))
    assert accepted["looked_for"].to_list() == [score["identifier"]]
    folder = tmp_path / "collections"
    shutil.copytree(sample / "catalogue", folder)
    before = (folder / "songs-iidx.json").read_text()
    patch = write_patch(folder, accepted)
    assert patch.rows["outcome"].to_list() == ["written"]
    after = (folder / "songs-iidx.json").read_text()
    # Nothing but the one list changed.
    assert after.replace(json.dumps(score["identifier"], ensure_ascii=False), "").split() != after
    old, new = json.loads(before), json.loads(after)
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    ((was, now),) = changed
    assert now == {**was, "altTitles": [*was["altTitles"], score["identifier"]]}
    same = [a == b for a, b in zip(before.splitlines(), after.splitlines(), strict=False)]
    assert same.count(False) <= 1 or before.count("\n") != after.count("\n")

    found = what_if(store, folder, now=NOW)
    assert found.report.success == 1
    assert found.rows.to_dicts() == [
        {"game": "iidx", "looked_for": score["identifier"], "scores": 1, "removed": 0, "users": 1}
    ]
    # Nothing was kept of the trial.
    assert td.export_documents(store, "scores") == []
    assert store.query("SELECT count(*) AS n FROM orphan_archive")["n"][0] == 0
    assert not write_patch(folder, accepted).files
    td.load_catalogue(store, folder)
    assert counters(td.reprocess_orphans(store, only_changed=True, now=NOW)) == (1, 0, 1, 0)


FORMATS = {
    "one line": lambda songs: json.dumps(songs, ensure_ascii=False),
    "a song a line": lambda songs: (
        "[\n"
        + ",\n".join(json.dumps(s, ensure_ascii=False, separators=(",", ":")) for s in songs)
        + "\n]\n"
    ),
    "tabs": lambda songs: json.dumps(songs, ensure_ascii=False, indent="\t") + "\n",
    "two blanks": lambda songs: json.dumps(songs, ensure_ascii=False, indent=2),
    "windows": lambda songs: json.dumps(songs, indent=4, ensure_ascii=False).replace("\n", "\r\n"),
    "escaped": lambda songs: json.dumps(songs, indent=2),
}


def in_v3(song: dict[str, Any]) -> dict[str, Any]:
    """The song as a catalogue of v3 has it, its members in their order."""
    named = {"id": f"S{song['id']:019x}", "legacySongID": song["id"]}
    return {
        k: v for n, value in song.items() for k, v in (named if n == "id" else {n: value}).items()
    }


@pytest.mark.parametrize("form", [2, 3])
@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_a_patch_keeps_the_files_format(tmp_path: Path, write: Any, form: int) -> None:
    songs = [
        {"id": 1, "title": 'Say "altTitles": [', "altTitles": [], "data": {"altTitles": ["no"]}},
        {"data": {}, "altTitles": ["B", "ビー"], "title": "b", "id": 2},
        {"id": 3, "title": "最後", "altTitles": [], "data": {}},
    ]
    songs = [in_v3(song) for song in songs] if form == 3 else songs
    path = tmp_path / "songs-iidx.json"
    path.write_bytes(write(songs).encode())
    wanted = [(1, "one"), (2, "二"), (3, "three"), (1, "B"), (9, "x"), (2, "ビー"), (3, " ")]
    accepted = pl.DataFrame(
        {
            "game": ["iidx"] * len(wanted),
            "looked_for": [t for _, t in wanted],
            "suggested_song_id": [i for i, _ in wanted],
        }
    )
    patch = write_patch(tmp_path, accepted)
    assert patch.rows["outcome"].to_list() == [
        "written",
        "written",
        "written",
        "it is a title of song 2",
        "there is no song 9",
        "there already",
        "an empty title",
    ]
    songs[0]["altTitles"], songs[1]["altTitles"] = ["one"], ["B", "ビー", "二"]
    songs[2]["altTitles"] = ["three"]
    assert path.read_bytes().decode() == write(songs)


def test_a_patch_of_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    accepted = pl.DataFrame({"game": ["iidx"], "looked_for": ["x"], "suggested_song_id": [1]})
    with pytest.raises(CatalogueError, match=r"songs-iidx\.json cannot be read"):
        write_patch(tmp_path, accepted)
    (tmp_path / "songs-iidx.json").write_text('[{"id": 1, "title": "x"}]')
    with pytest.raises(CatalogueError, match=r"songs-iidx\.json cannot be read"):
        write_patch(tmp_path, accepted)


def test_the_story_of_a_waiting_orphan(store: td.Store) -> None:
    score = misspelt(store)
    outcome = submit(store, score)
    (orphan_id,) = outcome.datapoints["orphan_id"]
    found = explain(store, orphan_id, now=NOW)
    assert outcome.import_id in found.story[0][1]
    assert found.looked_for["song_exact"] == score["identifier"]
    assert found.songs.is_empty()
    assert found.suggestions["title"][0] == title(store)
    assert found.suggestions["differs_in"][0] == "white space"
    assert found.verdict is not None
    assert found.verdict.startswith("Tried now, it would stay: ")


def test_the_story_of_one_that_was_rejected(store: td.Store) -> None:
    (orphan_id,) = submit(store, {**SCORE, "score": 99_999}).datapoints["orphan_id"]
    td.patch_catalogue(store, new_song())
    waiting = explain(store, orphan_id, now=NOW)
    assert waiting.charts.filter("fits")["chart_id"].to_list() == ["new-song-a"]
    assert waiting.verdict is not None
    assert waiting.verdict.startswith("Tried now, it would be rejected: ")
    td.reprocess_orphans(store, now=NOW)
    archived = explain(store, orphan_id, now=NOW)
    assert "rejected it" in archived.story[-1][1]
    assert archived.verdict is None
    with pytest.raises(TachiError, match="no orphan Onope"):
        explain(store, "Onope")


def test_status_counts(store: td.Store, tmp_path: Path) -> None:
    td.ingest_orphans(
        store, write_export(tmp_path / "o.ndjson", [document(1), document(2, context={})]), now=NOW
    )
    td.patch_catalogue(store, new_song())
    for _ in range(5):
        td.reprocess_orphans(store, now=NOW)
    found = status(store)
    assert (found["waiting"], found["quarantined"], found["became_scores"]) == (1, 1, 1)
    assert (found["processed"], found["failed"], found["success"]) == (1, 1, 0)

"""What the golden sample of BATCH-MANUAL does not show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.conftest import Open
from tests.import_types.changing import Trial
from tests.import_types.samples import Sample

JSON = "file/batch-manual"
SONG = {
    "artist": "The Testers",
    "altTitles": [],
    "searchTerms": [],
    "data": {"displayVersion": "exceed"},
}


def document(**score: Any) -> bytes:
    """A document with one score: a good one, with these members; ... leaves one out."""
    good = {
        "matchType": "songTitle",
        "identifier": "Night Bus",
        "difficulty": "ADV",
        "score": 9_000_000,
        "lamp": "CLEAR",
    }
    members = {k: v for k, v in (good | score).items() if v is not ...}
    meta = {"service": "Test", "game": "sdvx", "playtype": "Single"}
    return json.dumps({"meta": meta, "scores": [members]}).encode()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1_690_000_000_000, 1_690_000_000_000),
        (1_690_000_000_000.9, 1_690_000_000_000),
        (0, None),
        (None, None),
        (..., None),
    ],
)
def test_times_are_unix_milliseconds(open_stores: Open, given: Any, expected: int | None) -> None:
    trial = Trial(open_stores, JSON)
    assert trial.run(source=document(timeAchieved=given)) == [("ScoreImported", "bus-adv")]
    assert trial.score("bus-adv")["timeAchieved"] == expected


@pytest.mark.parametrize("given", [1_690_000_000, -1, "2023-07-22", True, []])
def test_other_times_are_refused(open_stores: Open, given: Any) -> None:
    with pytest.raises(td.ImportFatal, match="timeAchieved"):
        Trial(open_stores, JSON).run(source=document(timeAchieved=given))


def test_a_time_in_the_future_is_invalid(open_stores: Open) -> None:
    outcomes = Trial(open_stores, JSON).run(source=document(timeAchieved=1_900_000_000_000))
    assert outcomes == [("InvalidDatapoint", "bus-adv")]


def test_an_empty_comment_is_none(open_stores: Open) -> None:
    trial = Trial(open_stores, JSON)
    trial.run(source=document(comment=""))
    assert trial.score("bus-adv")["comment"] is None


@pytest.mark.parametrize("member", ["judgements", "optional", "hitMeta", "scoreMeta"])
def test_an_empty_array_is_an_empty_object(open_stores: Open, member: str) -> None:
    trial = Trial(open_stores, JSON)
    assert trial.run(source=document(**{member: []})) == [("ScoreImported", "bus-adv")]
    with pytest.raises(td.ImportFatal, match=member):
        trial.run(source=document(**{member: [1]}))


@pytest.mark.parametrize("member", ["scores", "classes", "meta"])
def test_an_empty_array_in_a_document(open_stores: Open, member: str) -> None:
    source = json.dumps(json.loads(document()) | {member: []}).encode()
    trial = Trial(open_stores, JSON)
    if member == "meta":
        with pytest.raises(td.ImportFatal, match=r"meta\.game"):
            trial.run(source=source)
    else:
        found = [("ScoreImported", "bus-adv")]
        assert trial.run(source=source) == (found if member == "classes" else [])


@pytest.mark.parametrize("score", [[], 7, None])
def test_a_score_is_an_object(open_stores: Open, score: Any) -> None:
    source = json.dumps(json.loads(document()) | {"scores": [score]}).encode()
    with pytest.raises(td.ImportFatal, match=r"scores\[0\]: expected an object"):
        Trial(open_stores, JSON).run(source=source)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"hitMeta": {"fast": 3, "slow": 2}}, {"fast": 3, "slow": 2}),
        ({"hitMeta": {"fast": 3}, "optional": None}, {"fast": 3}),
        ({"hitMeta": {"fast": 3}, "optional": {}}, {"fast": 3}),
        ({"hitMeta": {"fast": 3}, "optional": []}, {"fast": 3}),
        ({"hitMeta": {"fast": 3, "slow": 2}, "optional": {"fast": 1}}, {"fast": 1, "slow": 2}),
        ({"hitMeta": {"fast": 3}, "optional": {"gauge": 80}}, {"fast": 3, "gauge": 80}),
        ({"hitMeta": {"fast": 3}, "optional": {"fast": None}}, {"fast": None}),
        ({"hitMeta": {"fast": None}, "optional": {"slow": 1}}, {"fast": None, "slow": 1}),
        ({"hitMeta": None, "optional": {"slow": 1}}, {"slow": 1}),
    ],
)
def test_the_older_name_and_the_newer_one_are_united(
    open_stores: Open, more: dict[str, Any], expected: dict[str, Any]
) -> None:
    trial = Trial(open_stores, JSON)
    assert trial.run(source=document(**more)) == [("ScoreImported", "bus-adv")]
    found = trial.score("bus-adv")["scoreData"]["optional"]
    assert {k: v for k, v in found.items() if k != "enumIndexes"} == expected


def test_half_a_pair_in_a_comment_is_replaced_and_said(open_stores: Open) -> None:
    trial = Trial(open_stores, JSON)
    outcome = td.import_scores(
        trial.store, JSON, document(comment="abc\ud800"), user_id=trial.player
    )
    assert trial.score("bus-adv")["comment"] == "abc\ufffd"
    (message,) = outcome.datapoints["message"]
    assert "damaged" in message
    assert outcome.answer["remarks"] == [message]
    assert (
        "remarks"
        not in td.import_scores(
            trial.store, JSON, document(comment="abc 😀"), user_id=trial.player
        ).answer
    )


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_built_in_names_are_names_like_others(open_stores: Open, name: str) -> None:
    trial = Trial(open_stores, JSON)
    for source in (
        document(**{name: 1}),
        document(judgements={name: 1}),
        document(lamp=name),
        document().replace(b'"sdvx"', f'"{name}"'.encode()),
        document().replace(b'"Single"', f'"{name}"'.encode()),
        document().replace(b'{"meta"', f'{{"{name}": 1, "meta"'.encode()),
    ):
        with pytest.raises(td.ImportFatal):
            trial.run(source=source)
    assert trial.run(source=document(difficulty=name)) == [("InvalidDatapoint", None)]


@pytest.mark.parametrize(
    "title", ["Night\x00Bus", "\x00", "x" * 100_000, "[", "(.*)", "Night Bus\\E"]
)
def test_an_odd_title_is_simply_unknown(open_stores: Open, title: str) -> None:
    outcomes = Trial(open_stores, JSON).run(source=document(identifier=title))
    assert outcomes == [("SongOrChartNotFound", None)]


def test_an_unpaired_surrogate_is_simply_unknown(open_stores: Open) -> None:
    outcomes = Trial(open_stores, JSON).run(source=document(identifier="\ud800"))
    assert outcomes == [("SongOrChartNotFound", None)]


def test_an_orphan_with_half_a_pair_becomes_a_score(new_store: Open, tmp_path: Path) -> None:
    store = new_store({})
    td.import_scores(store, JSON, document(comment="abc\ud800"), user_id=7)
    of_history = {
        "importType": JSON,
        "userID": 8,
        "game": "sdvx",
        "data": json.loads(document(comment="abc\ud800"))["scores"][0],
        "context": {"game": "sdvx", "playtype": "Single", "service": "x\udc00", "version": None},
    }
    (tmp_path / "history.ndjson").write_text(json.dumps(of_history))
    assert td.ingest_orphans(store, tmp_path / "history.ndjson").count("taken") == 1
    td.patch_catalogue(store, Sample(JSON).catalogue)
    assert td.reprocess_orphans(store).success == 2
    found = [(s["comment"], s["service"]) for s in td.export_documents(store, "scores")]
    assert found == [
        ("abc\ufffd", "Test (BATCH-MANUAL)"),
        ("abc\ufffd", "x\ufffd (BATCH-MANUAL)"),
    ]


BLANKS = ("\u00a0", "\u3000", "\u202f", "\t", "  ", " \u00a0 ", "\u2003", "\x85")


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    "form", ["Night{}Bus", "{}Night Bus{}", "NIGHT{}BUS\u200b", "\ufeffnight{}bus"]
)
def test_all_kinds_of_blanks_in_titles_are_the_same(
    open_stores: Open, form: str, blank: str
) -> None:
    source = document(identifier=form.format(blank, blank))
    assert Trial(open_stores, JSON).run(source=source) == [("ScoreImported", "bus-adv")]


@pytest.mark.parametrize("artist", ["The Testers", "the\u3000testers", " THE  TESTERS"])
def test_artists_are_folded_like_titles(open_stores: Open, artist: str) -> None:
    source = document(artist=artist)
    assert Trial(open_stores, JSON).run(source=source) == [("ScoreImported", "bus-adv")]


def with_second_song(title: str, **charts: str) -> dict[str, Any]:
    """A catalogue with another song of this title, which has these charts: difficulty and level."""
    catalogue = Sample(JSON).catalogue
    chart = catalogue["charts-sdvx"][1]
    second = [
        chart | {"chartID": f"second-{name}", "songID": 3, "difficulty": name, "level": level}
        for name, level in charts.items()
    ]
    song = SONG | {"id": 3, "title": title, "artist": "Others"}
    return {
        "songs-sdvx": [*catalogue["songs-sdvx"], song],
        "charts-sdvx": [*catalogue["charts-sdvx"], *second],
    }


def test_of_titles_equal_in_any_case_the_exact_one_wins(open_stores: Open) -> None:
    trial = Trial(open_stores, JSON, catalogue=with_second_song("NIGHT BUS", ADV="12"))
    assert trial.run(source=document()) == [("ScoreImported", "bus-adv")]
    exact = trial.run(source=document(identifier="NIGHT BUS"))
    assert exact == [("ScoreImported", "second-ADV")]
    assert trial.run(source=document(identifier="night bus")) == [("AmbiguousTitle", None)]


@pytest.mark.parametrize(
    ("difficulty", "expected"),
    [("INF", "bus-inf"), ("MXM", "second-MXM"), ("ADV", None), ("NOV", None)],
)
def test_the_difficulty_tells_songs_of_one_title_apart(
    open_stores: Open, difficulty: str, expected: str | None
) -> None:
    trial = Trial(open_stores, JSON, catalogue=with_second_song("Night Bus", ADV="12", MXM="18"))
    outcomes = trial.run(source=document(difficulty=difficulty))
    assert outcomes == [("ScoreImported" if expected else "AmbiguousTitle", expected)]
    assert trial.run(source=document(artist="others")) == [("ScoreImported", "second-ADV")]


def test_an_ambiguous_title_waits_until_the_catalogue_tells(new_store: Open) -> None:
    store = new_store(with_second_song("Night Bus", ADV="12"))
    (before,) = td.import_scores(store, JSON, document(), user_id=7).datapoints.to_dicts()
    assert before["outcome"] == "AmbiguousTitle"
    assert "song 2 by The Testers, song 3 by Others" in before["message"]
    (orphan,) = td.export_documents(store, "orphans")
    assert orphan["orphanID"] == before["orphan_id"]
    (again,) = td.import_scores(store, JSON, document(), user_id=7).datapoints.to_dicts()
    assert (again["outcome"], again["orphan_id"]) == ("OrphanExists", before["orphan_id"])
    assert td.reprocess_orphans(store).failed == 1
    renamed = SONG | {"id": 3, "title": "Night Bus (Others)", "artist": "Others"}
    td.patch_catalogue(store, {"songs-sdvx": [renamed]})
    assert td.reprocess_orphans(store, only_changed=True).success == 1
    assert [s["chartID"] for s in td.export_documents(store, "scores")] == ["bus-adv"]


@pytest.mark.parametrize("kind", [("songTitle", "night\u3000bus"), ("tachiSongID", "2")])
def test_any_infinite_difficulty_by_song(open_stores: Open, kind: tuple[str, str]) -> None:
    trial = Trial(open_stores, JSON)
    named = {"matchType": kind[0], "identifier": kind[1]}
    infinite = document(**named, difficulty="ANY_INF")
    assert trial.run(source=infinite) == [("ScoreImported", "bus-inf")]
    assert trial.run(source=document(**named, difficulty="ANY")) == [("InvalidDatapoint", None)]


def test_the_highest_of_several_infinite_difficulties_is_meant(open_stores: Open) -> None:
    charts = Sample(JSON).catalogue["charts-sdvx"]
    (inf,) = (chart for chart in charts if chart["difficulty"] == "INF")
    vvd = inf | {"chartID": "bus-vvd", "difficulty": "VVD"}
    trial = Trial(open_stores, JSON, catalogue={"charts-sdvx": [*charts, vvd]})
    source = document(matchType="sdvxInGameID", identifier="2", difficulty="ANY_INF")
    assert trial.run(source=source) == [("ScoreImported", "bus-vvd")]


@pytest.mark.parametrize("identifier", ["", "0x2", "2e0", "2.0", "-2", "two", "9" * 400])
def test_an_in_game_id_is_a_plain_number(open_stores: Open, identifier: str) -> None:
    source = document(matchType="sdvxInGameID", identifier=identifier)
    assert Trial(open_stores, JSON).run(source=source) == [("InvalidDatapoint", None)]

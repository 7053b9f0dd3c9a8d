"""The second stage: dry scores find their charts, and nothing is written."""

import tachi_data as td
from tachi_data.importing import Matched, match, parse
from tests.importing.world import NOW, job, score


def matched(store: td.Store, *jobs: td.ImportJob) -> Matched:
    with store.read() as con:
        return match(parse(jobs, now=NOW), con)


def test_a_dry_score_has_its_chart_and_what_the_chart_says(store: td.Store) -> None:
    (rows,) = matched(store, job(score())).frames
    found = rows.row(0, named=True)
    assert (found["chart_id"], found["song_id"], found["chart_found"]) == ("c1", 1, True)
    assert found["chart.notecount"] == 1000
    assert (found["score"], found["lamp"], found["outcome"]) == (1500, "CLEAR", None)


def test_what_has_no_chart_says_what_was_looked_for(store: td.Store) -> None:
    (rows,) = matched(store, job(score("Nowhere"), score(difficulty="HYPER"))).frames
    assert rows["outcome"].to_list() == ["SongOrChartNotFound"] * 2
    song, chart = rows["message"].to_list()
    assert "Nowhere" in song
    assert "HYPER" in chart


def test_the_chart_of_another_playtype_is_not_found(store: td.Store) -> None:
    (rows,) = matched(store, job(score("  spaced "))).frames
    assert rows["outcome"].to_list() == ["SongOrChartNotFound"]
    (rows,) = matched(store, job(score("  spaced "), playtype="DP")).frames
    assert rows["chart_id"].to_list() == ["c3"]


def test_an_unknown_version_refuses_its_import_alone(store: td.Store) -> None:
    strange = job(score(), user_id=2)
    source = strange.source.replace(b'"game"', b'"version": "999", "game"')
    strange = td.ImportJob(strange.import_type, source, 2)
    done = matched(store, job(score()), strange)
    assert list(done.refused) == [1]
    assert "999" in done.refused[1].message
    assert [rows["source"].to_list() for rows in done.frames] == [[0]]


def test_matching_writes_nothing(store: td.Store) -> None:
    matched(store, job(score(), score("Nowhere")))
    for table in ("orphans", "users", "scores_iidx", "imports"):
        assert store.query(f"FROM {table}").is_empty()

"""Tidy frames and the views of the same names, on a store with three players and two games."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

import tachi_data as td
from tachi_data import games
from tachi_data.names import snake
from tachi_data.tables.columns import COLUMNS
from tachi_data.tables.game_columns import of_game
from tachi_data.tidy import newest_scores
from tests.catalogue.documents import SMALL, chart, song
from tests.importing.world import NOW, job, score

HOUR = 3_600_000
OF_FRAMES = {"attempt", "is_best"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    """Player 1 plays one chart three times and another one once; player 2 plays SDVX."""
    exh = chart("v", 1, "EXH", playtype="Single", level="15", levelNum=15, versions=["exceed"])
    with td.open_store(tmp_path_factory.mktemp("tidy") / "store.duckdb") as opened:
        td.patch_catalogue(opened, SMALL | {"songs-sdvx": [song(1, "V")], "charts-sdvx": [exh]})
        plays = [(1200, NOW), (1100, NOW + HOUR), (1300, NOW + 2 * HOUR)]
        many = [score(score=points, timeAchieved=at) for points, at in plays]
        jobs = [job(*many, score("Étude", difficulty="HYPER", optional={"bp": 3}))]
        td.import_many(opened, jobs, now=NOW + 10 * HOUR)
        mine = pl.DataFrame(
            {"title": ["V"], "difficulty": ["EXH"], "score": [9_000_000], "lamp": ["CLEAR"]}
        )
        td.import_scores(opened, mine, "sdvx:Single", user_id=2)
        yield opened


@pytest.mark.slow
def test_scores_of_all_games_have_titles_levels_and_all_metrics(store: td.Store) -> None:
    rows = td.scores(store)
    assert rows.height == 5
    assert rows["title"].null_count() == rows["level"].null_count() == 0
    metrics = {snake(n) for name in games.names() for gpt in games.gpts(name) for n in gpt.metrics}
    assert metrics <= set(rows.columns)
    assert set(rows.filter(game="sdvx")["level"]) == {"15"}
    assert rows.filter(game="sdvx")["percent"].to_list() == [None]


def test_every_column_is_in_the_dictionary(store: td.Store) -> None:
    known = {**COLUMNS, **{n: c for game in games.names() for n, c in of_game(game).items()}}
    for rows in (td.scores(store), td.scores(store, game="iidx"), td.personal_bests(store)):
        assert set(rows.columns) - set(known) == set()
        assert [n for n, dtype in rows.schema.items() if dtype != known[n].dtype] == []


def test_a_game_brings_its_judgements_and_leaves_other_games_out(store: td.Store) -> None:
    rows = td.scores(store, 1, "iidx:SP")
    assert {"judgements.pgreat", "optional.bp", "ratings.bpi"} <= set(rows.columns)
    assert {"ratings.vf6", "bell_lamp"} & set(rows.columns) == set()
    assert rows["optional.bp"].drop_nulls().to_list() == [3]
    assert td.scores(store, 1, "iidx:DP").is_empty()


def test_rows_are_filtered_by_player_and_time(store: td.Store) -> None:
    first = datetime.fromtimestamp(NOW / 1000, tz=None)  # noqa: DTZ006
    first = pl.select(pl.from_epoch(pl.lit(NOW), "ms")).item()
    later = pl.select(pl.from_epoch(pl.lit(NOW + HOUR), "ms")).item()
    assert td.scores(store, 2)["game"].to_list() == ["sdvx"]
    assert td.scores(store, since=later).height == 2
    assert td.scores(store, since=first, until=later)["score"].to_list() == [1200]
    assert td.scores(store, columns=["score", "title", "import_id"]).columns == [
        "score",
        "title",
        "import_id",
    ]


def test_a_history_numbers_the_tries_and_says_which_were_the_best_so_far(store: td.Store) -> None:
    title = td.scores(store, 1).filter(score=1300)["title"].item()
    tries = td.history(store, title.lower(), user_id=1)
    assert tries.select("attempt", "score", "is_best").rows() == [
        (1, 1200, True),
        (2, 1100, False),
        (3, 1300, True),
    ]
    by_chart = td.history(store, tries["chart_id"][0])
    assert by_chart.equals(tries)


def test_an_unknown_title_is_answered_with_similar_ones(store: td.Store) -> None:
    with pytest.raises(td.TachiError, match=r"There is no chart or title 'Etud'\. Similar.*Étude"):
        td.history(store, "Etud")


def test_sessions_and_ratings(store: td.Store) -> None:
    (session,) = td.sessions(store, 1).to_dicts()
    assert (session["scores"], session["minutes"], session["game"]) == (3, 120.0, "iidx")
    assert "ratings.bpi" in session
    assert td.sessions(store, 2).is_empty()
    kinds = td.ratings(store, 1).group_by("kind").len()
    assert set(kinds["kind"]) == {"rating"}
    assert set(td.ratings(store, game="sdvx")["user_id"]) == {2}


def test_the_views_have_the_same_rows(store: td.Store) -> None:
    for view, rows in (("scores", td.scores(store)), ("personal_bests", td.personal_bests(store))):
        assert store.query(f"FROM {view}").height == rows.height
        named = ", ".join(n for n in rows.columns if "." not in n)
        seen = store.query(f"SELECT {named} FROM {view}")  # noqa: S608
        assert seen.schema == rows.select(seen.columns).schema
        assert seen.sort("chart_id", "score").equals(
            rows.select(seen.columns).sort("chart_id", "score")
        )
    assert store.query("SELECT ratings.vf6 AS vf FROM scores WHERE game = 'sdvx'")["vf"][0] > 0
    assert store.query("SELECT max(attempt) AS most FROM history")["most"][0] == 3
    assert store.query("FROM ratings").height == td.ratings(store).height


@pytest.mark.slow
def test_a_score_whose_song_left_the_catalogue_stays(tmp_path: Path, store: td.Store) -> None:
    with td.open_store(tmp_path / "other.duckdb") as other:
        td.copy_store(store, other)
        with other.write() as con:
            con.execute("DELETE FROM songs")
            con.execute("DELETE FROM charts")
        rows = td.scores(other)
        assert (rows.height, rows["title"].null_count()) == (5, 5)
        assert td.scores(other, game="iidx").height == 4


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"game": "idx"}, "There is no game 'idx'. Did you mean iidx"),
        ({"game": "iidx:QP"}, "There is no playtype of iidx 'QP'. There are: SP, DP."),
        ({"columns": ["titel"]}, "There is no column 'titel'. Did you mean title?"),
        ({"columns": "title"}, "columns: expected a list"),
        ({"columns": ["optional.bp"]}, "needs a game"),
        ({"user_id": "akari"}, "user_id: expected the number of a player"),
    ],
)
def test_what_is_not_there_is_refused_with_a_hint(store: td.Store, asked: dict, words: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(td.TachiError, match=words.replace("?", r"\?")):
        td.scores(store, **asked)


def test_the_newest_scores_are_found_without_reading_the_others(store: td.Store) -> None:
    rows, total = newest_scores(store, limit=2)
    assert total == 5
    assert rows["score"].to_list() == [1300, 1100]
    rows, total = newest_scores(store, 1, "iidx", limit=10)
    assert (rows.height, total) == (4, 4)
    assert rows["time_achieved"].to_list()[-1] is None
    rows, total = newest_scores(store, title="éTUD")
    assert (rows["title"].to_list(), total) == (["Étude"], 1)
    assert newest_scores(store, title="no such")[1] == newest_scores(store, 99)[0].height == 0

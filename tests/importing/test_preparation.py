"""A very large set is prepared before its turn to write: what changes in between is seen, and the rest is used."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

import tachi_data as td
from tachi_data.importing import emit, match, parse, validate
from tachi_data.importing.preparation import Prepared, prepared
from tachi_data.store import Timings, Transaction
from tachi_data.upkeep import delete_scores
from tests.catalogue.documents import chart, song
from tests.importing.world import NOW, job, score

HOUR = 3_600_000
EARLIER = score(score=1400, lamp="HARD CLEAR", timeAchieved=NOW - HOUR)
SENT = (
    score(timeAchieved=NOW),
    score(score=1450, timeAchieved=NOW - 9 * HOUR),
    score("Nowhere"),
    score(score=99_999),
)


def nothing(_: td.Store) -> None:
    """Change nothing."""


def another_player(store: td.Store) -> None:
    td.import_many(store, [job(EARLIER, score("Nowhere"), user_id=2)], now=NOW)


def another_play(store: td.Store) -> None:
    td.import_many(store, [job(score(score=1550, timeAchieved=NOW - HOUR // 2))], now=NOW)


def the_same_play(store: td.Store) -> None:
    td.import_many(store, [job(SENT[0])], now=NOW)


def revert(store: td.Store) -> None:
    td.revert_import(store, store.query("SELECT import_id FROM imports").item(), now=NOW)


def deletion(store: td.Store) -> None:
    delete_scores(store, 1, store.query("SELECT score_id FROM scores_iidx")["score_id"])


def correction(store: td.Store) -> None:
    changed = store.query("SELECT score_id FROM scores_iidx").with_columns(lamp=pl.lit("FAILED"))
    td.update_scores(store, 1, changed, now=NOW)


def correction_into_the_same(store: td.Store) -> None:
    """The stored score becomes one that is sent."""
    changed = store.query("SELECT score_id FROM scores_iidx").with_columns(
        lamp=pl.lit("CLEAR"), score=pl.lit(1500)
    )
    td.update_scores(store, 1, changed, now=NOW)


def a_new_chart(store: td.Store) -> None:
    td.patch_catalogue(
        store, {"songs-iidx": [song(9, "Nowhere")], "charts-iidx": [chart("new", 9)]}
    )


def ahead(store: td.Store) -> Prepared:
    with store.glance() as con:
        judged = validate(match(parse([job(*SENT)], now=NOW), con), con)
        return prepared(judged, con, Timings())


@pytest.mark.parametrize(
    ("change", "scores", "best", "sessions"),
    [
        (nothing, 3, (1500, "HARD CLEAR"), 2),
        (another_player, 3, (1500, "HARD CLEAR"), 2),
        (another_play, 4, (1550, "HARD CLEAR"), 2),
        (the_same_play, 3, (1500, "HARD CLEAR"), 2),
        (revert, 2, (1500, "CLEAR"), 2),
        (deletion, 2, (1500, "CLEAR"), 2),
        (correction, 3, (1500, "CLEAR"), 2),
        (correction_into_the_same, 2, (1500, "CLEAR"), 2),
        (a_new_chart, 4, (1500, "HARD CLEAR"), 2),
    ],
)
def test_what_changed_since_a_set_was_prepared_counts(
    store: td.Store,
    change: Callable[[td.Store], None],
    scores: int,
    best: tuple[int, str],
    sessions: int,
) -> None:
    td.import_many(store, [job(EARLIER)], now=NOW)
    found = ahead(store)
    change(store)
    with store.write() as con:
        emit(found.judged, Transaction.at(con, NOW), ahead=found)
    ids = store.query("SELECT score_id FROM scores_iidx WHERE user_id = 1")["score_id"]
    assert (ids.len(), ids.is_unique().all()) == (scores, True)
    bests = store.query(
        "SELECT score, lamp FROM pbs_iidx WHERE user_id = 1 ORDER BY chart_id <> 'another'"
    )
    assert best in bests.rows()
    assert store.query("FROM sessions WHERE user_id = 1").height == sessions
    ordinals = store.query("SELECT ordinal FROM scores_iidx")["ordinal"]
    assert ordinals.is_unique().all()
    assert td.verify(store).is_empty()


@pytest.mark.parametrize("change", [nothing, another_player])
def test_what_nobody_changed_is_not_computed_again(
    store: td.Store, change: Callable[[td.Store], None]
) -> None:
    td.import_many(store, [job(EARLIER)], now=NOW)
    found = ahead(store)
    (_, effects) = found.games["iidx"]
    made_up = effects.sessions.changed.filter("is_new")["session_id"]
    assert made_up.len() == 1
    change(store)
    with store.write() as con:
        emit(found.judged, Transaction.at(con, NOW), ahead=found)
    stored = store.query("SELECT session_id FROM sessions WHERE user_id = 1")["session_id"]
    assert set(made_up) < set(stored)


def test_a_very_large_set_is_stored_as_any_other(
    store: td.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Player 1 sends a set like any other; player 2 sends the same as a very large one."""
    td.import_many(store, [job(EARLIER), job(EARLIER, user_id=2)], now=NOW)
    (usual,) = td.import_many(store, [job(*SENT)], now=NOW)
    monkeypatch.setattr("tachi_data.importing.road.MOST_IN_TWO_TURNS", 0)
    said: list[str] = []
    (large,) = td.import_many(store, [job(*SENT, user_id=2)], now=NOW, progress=said.append)
    assert said == ["parse", "match", "validate", "emit"]
    kept = ("outcome", "message", "chart_id")
    assert usual.datapoints.select(kept).equals(large.datapoints.select(kept))
    told = ("errors", "createdSessions", "classDeltas", "scoreIDs")
    assert [len(usual.document[name]) for name in told] == [
        len(large.document[name]) for name in told
    ]
    failed = store.query("SELECT user_id, position, outcome, data FROM problems ORDER BY ALL")
    by_player = [rows.drop("user_id") for rows in failed.partition_by("user_id")]
    assert by_player[0].equals(by_player[1])
    assert store.query("FROM orphans").height == 2
    assert td.verify(store).is_empty()

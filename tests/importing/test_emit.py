"""The last stage writes, all or nothing, as of the moment of its own transaction."""

import pytest

import tachi_data as td
from tachi_data.importing import Judged, Outcomes, emit, match, parse, validate
from tachi_data.players.locks import acquire
from tachi_data.store import Transaction
from tests.catalogue.documents import chart, song
from tests.importing.world import NOW, job, score


def judged(store: td.Store, *jobs: td.ImportJob) -> Judged:
    with store.read() as con:
        return validate(match(parse(jobs, now=NOW), con), con)


def emitted(store: td.Store, done: Judged) -> Outcomes:
    with store.write() as con:
        return emit(done, Transaction.at(con, NOW))


def test_scores_are_stored_with_what_follows_from_them(store: td.Store) -> None:
    (outcome,) = emitted(store, judged(store, job(score(timeAchieved=NOW))))
    stored = store.query("FROM scores_iidx").row(0, named=True)
    assert stored["score_id"] == outcome.document["scoreIDs"][0]
    assert stored["import_id"] == outcome.import_id
    assert store.query("FROM pbs_iidx").height == 1
    assert store.query("FROM sessions")["session_id"].to_list() == [stored["session_id"]]
    assert store.query("FROM game_stats").height == 1


def test_unmatched_datapoints_are_kept_once(store: td.Store) -> None:
    (first,) = emitted(store, judged(store, job(score("Nowhere"))))
    (again,) = emitted(store, judged(store, job(score("Nowhere"))))
    assert first.datapoints["outcome"].to_list() == ["SongOrChartNotFound"]
    assert again.datapoints["outcome"].to_list() == ["OrphanExists"]
    assert first.datapoints["orphan_id"].to_list() == again.datapoints["orphan_id"].to_list()
    assert store.query("FROM orphans").height == 1


def test_a_catalogue_that_grew_meanwhile_counts(store: td.Store) -> None:
    done = judged(store, job(score("New")))
    new = chart("new", 9)
    td.patch_catalogue(store, {"songs-iidx": [song(9, "New")], "charts-iidx": [new]})
    (outcome,) = emitted(store, done)
    assert outcome.datapoints["chart_id"].to_list() == ["new"]
    assert store.query("FROM orphans").is_empty()


def test_a_score_that_somebody_stored_meanwhile_is_skipped(store: td.Store) -> None:
    early, late = judged(store, job(score())), judged(store, job(score()))
    emitted(store, early)
    (outcome,) = emitted(store, late)
    assert outcome.datapoints["outcome"].to_list() == ["Skipped"]
    assert outcome.document["scoreIDs"] == []
    assert store.query("FROM scores_iidx").height == 1


def test_a_score_that_another_player_stored_meanwhile_changes_nothing(store: td.Store) -> None:
    other, late = judged(store, job(score(), user_id=2)), judged(store, job(score()))
    emitted(store, other)
    (outcome,) = emitted(store, late)
    assert outcome.datapoints["outcome"].to_list() == ["ScoreImported"]
    assert store.query("SELECT user_id, ordinal FROM scores_iidx").rows() == [(2, 0), (1, 1)]


def test_a_player_whose_import_is_running_is_refused_and_the_others_are_not(
    store: td.Store,
) -> None:
    done = judged(store, job(score()), job(score(), user_id=2))
    with store.write() as con:
        acquire([2], "somebody else", con)
    free, busy = emitted(store, done)
    assert free.fatal is None
    assert busy.fatal is not None
    assert busy.fatal.status_code == 409
    assert busy.datapoints.is_empty()
    assert store.query("FROM scores_iidx")["user_id"].to_list() == [1]
    assert store.query("FROM users")["user_id"].to_list() == [1]


def test_what_breaks_leaves_nothing(store: td.Store) -> None:
    def breaks() -> None:
        with store.write() as con:
            done = validate(match(parse([job(score(), score("Nowhere"))], now=NOW), con), con)
            emit(done, Transaction.at(con, NOW))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    for table in ("scores_iidx", "pbs_iidx", "imports", "users", "orphans"):
        assert store.query(f"FROM {table}").is_empty()


def test_outcomes_are_a_sequence_with_one_frame_behind_it(store: td.Store) -> None:
    outcomes = emitted(
        store, judged(store, job(score()), job(score("Nowhere"), score(), user_id=2))
    )
    assert len(outcomes) == 2
    assert [o.datapoints.height for o in outcomes] == [1, 2]
    assert outcomes[-1].datapoints["row"].to_list() == [0, 1]
    assert [o.import_id for o in outcomes[0:2]] == [o.import_id for o in outcomes]
    assert outcomes.datapoints.height == 3

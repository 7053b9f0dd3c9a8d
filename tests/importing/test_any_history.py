"""Whatever players import, take back and import again: what is stored follows from the scores."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

import tachi_data as td

HOUR = 3_600_000
START = 1_700_000_000_000
NOW = START + 10_000 * HOUR
LAMPS = ("FAILED", "CLEAR", "EXCESSIVE CLEAR")
SONGS = [
    {"id": n, "title": f"Song {n}", "artist": "", "altTitles": [], "searchTerms": [], "data": {}}
    for n in range(1, 5)
]


def chart(song: int) -> dict[str, Any]:
    return {
        "chartID": f"chart-{song}",
        "songID": song,
        "playtype": "Single",
        "difficulty": "EXH",
        "level": "15",
        "levelNum": 15,
        "isPrimary": True,
        "versions": ["exceed"],
        "data": {"inGameID": song},
    }


def played(song: int, score: int, lamp: str, half_hours: int | None) -> dict[str, Any]:
    when = None if half_hours is None else START + half_hours * HOUR // 2
    return {
        "matchType": "songTitle",
        "identifier": f"Song {song}",
        "difficulty": "EXH",
        "score": score,
        "lamp": lamp,
        "timeAchieved": when,
    }


SCORES = st.lists(
    st.builds(
        played,
        st.integers(1, 4),
        st.integers(50, 99).map(lambda n: n * 100_000),
        st.sampled_from(LAMPS),
        st.none() | st.integers(0, 40),
    ),
    min_size=1,
    max_size=6,
)
PLAYERS = st.integers(1, 2)


class History(RuleBasedStateMachine):
    """Two players; song 4 has no chart until the catalogue grows."""

    imports = Bundle("imports")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = td.open_store(Path(self.folder.name) / "store.duckdb")
        charts = [chart(song) for song in (1, 2, 3)]
        td.patch_catalogue(self.store, {"songs-sdvx": SONGS, "charts-sdvx": charts})
        self.now = NOW

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def imported(self, player: int, scores: list[dict[str, Any]]) -> td.ImportOutcome:
        self.now += 1
        body = {
            "meta": {"game": "sdvx", "playtype": "Single", "service": "tests"},
            "scores": scores,
        }
        return td.import_scores(self.store, "ir/direct-manual", body, user_id=player, now=self.now)

    @rule(target=imports, player=PLAYERS, scores=SCORES)
    def import_scores(self, player: int, scores: list[dict[str, Any]]) -> Any:
        outcome = self.imported(player, scores)
        again = self.imported(player, scores)
        assert again.document["scoreIDs"] == []
        td.revert_import(self.store, again.document["importID"])
        return outcome.document["importID"] if outcome.document["scoreIDs"] else multiple()

    @rule(import_id=consumes(imports))
    def revert(self, import_id: str) -> None:
        if import_id in {d["importID"] for d in td.export_documents(self.store, "imports")}:
            td.revert_import(self.store, import_id)
        mine = self.store.query("FROM scores WHERE import_id = ?", [import_id])
        assert mine.is_empty()

    @rule(player=PLAYERS, which=st.integers(0, 50), blacklist=st.booleans())
    def delete(self, player: int, which: int, blacklist: bool) -> None:
        scores = td.export_documents(self.store, "scores", user_id=player)
        if not scores:
            return
        score_id = scores[which % len(scores)]["scoreID"]
        if blacklist:
            td.blacklist_scores(self.store, player, [score_id])
        else:
            from tachi_data.upkeep import delete_scores

            delete_scores(self.store, player, [score_id])
        left = {s["scoreID"] for s in td.export_documents(self.store, "scores", user_id=player)}
        assert left == {s["scoreID"] for s in scores} - {score_id}

    @rule(player=PLAYERS, which=st.integers(0, 50), half_hours=st.none() | st.integers(0, 40))
    def correct(self, player: int, which: int, half_hours: int | None) -> None:
        scores = td.export_documents(self.store, "scores", user_id=player)
        if not scores:
            return
        score_id = scores[which % len(scores)]["scoreID"]
        times = pl.Series([played(1, 0, "", half_hours)["timeAchieved"]], dtype=pl.Datetime("ms"))
        change = pl.DataFrame({"score_id": [score_id], "time_achieved": times})
        td.update_scores(self.store, player, change, now=self.now)

    @rule()
    def grow(self) -> None:
        td.patch_catalogue(self.store, {"charts-sdvx": [chart(4)]})
        td.reprocess_orphans(self.store, now=self.now)

    @invariant()
    def everything_follows_from_the_scores(self) -> None:
        found = td.verify(self.store, now=self.now)
        assert found.is_empty(), found.rows()

    @invariant()
    def nothing_is_there_twice_or_without_its_owner(self) -> None:
        scores = td.export_documents(self.store, "scores")
        assert len({(s["userID"], s["scoreID"]) for s in scores}) == len(scores)
        times = {s["scoreID"]: s["timeAchieved"] for s in scores if s["timeAchieved"] is not None}
        sessions = td.export_documents(self.store, "sessions")
        assert len({s["sessionID"] for s in sessions}) == len(sessions)
        assert sorted(i for s in sessions for i in s["scoreIDs"]) == sorted(times)
        for session in sessions:
            reached = [times[i] for i in session["scoreIDs"]]
            assert (session["timeStarted"], session["timeEnded"]) == (min(reached), max(reached))
        documents = td.export_documents(self.store, "imports")
        named = [i for d in documents for i in d["scoreIDs"]]
        assert sorted(named) == sorted(s["scoreID"] for s in scores)


History.TestCase.settings = settings(max_examples=3, stateful_step_count=6, deadline=None)


@pytest.mark.slow
class TestHistory(History.TestCase):
    pass

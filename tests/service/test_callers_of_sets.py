"""The store is asked about all callers of a set in the transaction that stores the set."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.importing import ImportJob
from tachi_data.players.accounts import change_account
from tachi_data.players.tokens import create_token, hashed, revoke_token
from tachi_data.service.callers.admission import Claim
from tachi_data.service.centre import Centre
from tachi_data.service.http.envelope import ApiError
from tachi_data.service.settings import Settings

NEEDED = frozenset({"submit_score"})


def test_callers_who_may_not_any_more_are_refused_and_the_others_are_imported(
    tmp_path: Path, sample_store: Callable[[Path], td.Store], scores: bytes
) -> None:
    with sample_store(tmp_path / "store.duckdb") as store:
        tokens = {player: create_token(store, player, [*NEEDED]) for player in range(1, 7)}
        centre = Centre(store, Settings(store=store.url, spool=tmp_path / "spool"))
        revoke_token(store, tokens[2])
        change_account(store, 4, level="BANNED")

        def ask(player: int) -> int:
            claim = Claim((False, hashed(tokens[player])), NEEDED)
            job = ImportJob("file/batch-manual", scores, player)
            try:
                return 200 if centre.do(job, claim, len(scores))["scoreIDs"] else 0
            except ApiError as refused:
                return refused.status

        with ThreadPoolExecutor(6) as clients:
            answers = dict(zip(tokens, clients.map(ask, tokens), strict=True))
        imported = store.query("SELECT user_id FROM imports ORDER BY user_id")["user_id"].to_list()
    assert answers == {1: 200, 2: 401, 3: 200, 4: 403, 5: 200, 6: 200}
    assert imported == [1, 3, 5, 6]


def test_a_guard_that_raises_lets_nothing_of_the_set_be_stored(
    tmp_path: Path, sample_store: Callable[[Path], td.Store], scores: bytes
) -> None:
    def refuse(con: object) -> None:
        raise LookupError(type(con).__name__)

    with sample_store(tmp_path / "store.duckdb") as store:
        jobs = [ImportJob("file/batch-manual", scores, player) for player in (1, 2)]
        with pytest.raises(LookupError, match="Connection"):
            td.import_many(store, jobs, guard=refuse)
        assert store.query("FROM imports").is_empty()
        assert store.query("FROM users").is_empty()

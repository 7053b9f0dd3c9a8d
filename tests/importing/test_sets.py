"""Imports as sets: together equals one by one, and taking away equals never having been there."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td

NOW = 1_767_225_600_000
KINDS = ("scores", "pbs", "sessions", "gameStats", "orphans")
RANDOM = ("sessionID", "name", "importID", "timeInserted", "timeAdded")


@pytest.fixture
def stores(tmp_path: Path, sample_store: Callable[[Path], td.Store]) -> Iterator[list[td.Store]]:
    made = [sample_store(tmp_path / f"{name}.duckdb") for name in ("one", "two")]
    yield made
    for store in made:
        store.close()


def state(store: td.Store) -> dict[str, list[Any]]:
    """Everything stored, without what is random, in an order of its own."""

    def slim(document: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in document.items() if k not in RANDOM}

    return {k: sorted(map(repr, map(slim, td.export_documents(store, k)))) for k in KINDS}


def jobs(sample: Path) -> list[td.ImportJob]:
    names = ("iidx-akari", "sdvx-akari", "sdvx-bento", "wacca-bento", "iidx-cirrus", "wacca-cirrus")
    users = {"akari": 1, "bento": 2, "cirrus": 3}
    return [
        td.ImportJob(
            "file/batch-manual",
            sample / "imports" / f"batch-manual-{n}.json",
            users[n.split("-")[1]],
        )
        for n in names
    ]


def test_many_at_once_equals_one_by_one(stores: list[td.Store], sample: Path) -> None:
    together, single = stores
    outcomes = td.import_many(together, jobs(sample), now=NOW)
    alone = [
        td.import_scores(single, j.import_type, j.source, user_id=j.user_id, now=NOW)
        for j in jobs(sample)
    ]
    for a, b in zip(outcomes, alone, strict=True):
        assert a.document["scoreIDs"] == b.document["scoreIDs"]
        assert a.document["classDeltas"] == b.document["classDeltas"]
        assert a.datapoints["outcome"].to_list() == b.datapoints["outcome"].to_list()
    assert state(together) == state(single)


def test_importing_twice_changes_nothing(stores: list[td.Store], sample: Path) -> None:
    store = stores[0]
    td.import_many(store, jobs(sample), now=NOW)
    before = state(store)
    again = td.import_many(store, jobs(sample), now=NOW)
    assert all(o.document["scoreIDs"] == [] for o in again)
    assert state(store) == before


@pytest.mark.parametrize("seed", range(3))
def test_reverting_equals_never_having_imported(
    stores: list[td.Store], sample: Path, seed: int
) -> None:
    store, other = stores
    chance = random.Random(seed)
    outcomes = td.import_many(store, jobs(sample), now=NOW)
    gone = set(chance.sample(range(len(outcomes)), 3))
    for index in gone:
        td.revert_import(store, outcomes[index].document["importID"], now=NOW)
    rest = [job for index, job in enumerate(jobs(sample)) if index not in gone]
    td.import_many(other, rest, now=NOW)
    left, wanted = state(store), state(other)
    for kind in ("scores", "pbs", "sessions", "orphans"):
        assert left[kind] == wanted[kind], kind


def test_one_bad_file_leaves_the_others_alone(
    stores: list[td.Store], sample: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    asked = [*jobs(sample)[:1], td.ImportJob("file/batch-manual", bad, 9)]
    good, refused = td.import_many(stores[0], asked, now=NOW)
    assert good.fatal is None
    assert refused.fatal is not None
    assert refused.fatal.status_code == 400
    assert stores[0].query("FROM users WHERE user_id = 9").is_empty()


@pytest.mark.parametrize("value", [{"identifier": "\ud800"}, {"score": 10**400}], ids=str)
def test_a_strange_value_of_one_leaves_the_others_alone(
    stores: list[td.Store], sample: Path, value: dict[str, Any]
) -> None:
    """Half a surrogate pair, which is no text, and an integer that no column takes."""
    document = json.loads((sample / "imports" / "batch-manual-sdvx-akari.json").read_text())
    document["scores"][0] |= value
    strange = td.ImportJob("file/batch-manual", json.dumps(document).encode(), 9)
    together, alone = stores
    good, _ = td.import_many(together, [*jobs(sample)[:1], strange], now=NOW)
    (as_alone,) = td.import_many(alone, jobs(sample)[:1], now=NOW)
    assert good.fatal is None
    assert good.document["scoreIDs"] == as_alone.document["scoreIDs"] != []


def test_blacklisted_scores_stay_away(stores: list[td.Store], sample: Path) -> None:
    store = stores[0]
    (first,) = td.import_many(store, jobs(sample)[:1], now=NOW)
    chosen = first.document["scoreIDs"][:5]
    td.blacklist_scores(store, 1, chosen)
    (again,) = td.import_many(store, jobs(sample)[:1], now=NOW)
    assert again.document["scoreIDs"] == []
    assert len(td.export_documents(store, "scores")) == len(first.document["scoreIDs"]) - 5

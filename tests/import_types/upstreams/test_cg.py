"""The client of the CG networks: one request, one answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import tachi_data as td
from tachi_data.players import integrations
from tachi_data.players.time_stops import time_stop
from tests.import_types.samples import Sample
from tests.import_types.upstreams.servers import Reply, Request, Upstream, running

GAMES = {"iidx": "iidx", "jubeat": "jb", "museca": "msc", "popn": "popn", "sdvx": "sdvx"}
CARD = {"cardID": "E004" + "0A" * 6, "pin": "1234"}
KEY = "k e&y=?"


def answer(request: Request) -> Reply:
    """The sample of the game, for the right key, card and PIN."""
    if request.query != {"api_key": KEY, "card_id": CARD["cardID"], "pin": CARD["pin"]}:
        return Reply(body={"success": False, "message": "bad key, card or PIN"})
    path = request.path.removeprefix("/v1/").removesuffix("-scores")
    game = next(game for game, name in GAMES.items() if name == path)
    return Reply(body=Sample(f"api/cg-nag-{game}").source["response"]["body"])


@pytest.fixture
def cg(store: td.Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    with running(Upstream(answer=answer)) as upstream:
        config = {"URL": f"{upstream.url}/v1", "API_KEY": KEY}
        monkeypatch.setenv("CG_NAG_CONFIG", json.dumps(config))
        integrations.link(store, 1, "cg/nag", CARD)
        yield upstream


@pytest.mark.parametrize("game", GAMES)
def test_every_game(store: td.Store, cg: Upstream, game: str) -> None:
    sample = Sample(f"api/cg-nag-{game}")
    td.patch_catalogue(store, sample.catalogue)
    live = td.import_scores(store, sample.import_type, None, user_id=1)
    recorded = td.import_scores(store, sample.import_type, sample.source, user_id=2)
    names = ["row", "outcome", "message", "chart_id"]
    assert live.datapoints.select(names).equals(recorded.datapoints.select(names))
    assert len(cg.log) == 1


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (Reply(500, text="<html>"), 500, "reached"),
        (Reply(body={"success": False, "message": "no such card"}), 400, "no such card"),
        (Reply(body={"success": False}), 400, "no reason"),
        (Reply(body={"success": True, "message": "?"}), 500, "not understood"),
        (Reply(body=None), 500, "not understood"),
        (Reply(body={"success": True}, cut=5), 500, "reached"),
        (Reply(302, headers={"Location": "http://127.0.0.1:9/"}), 500, "understood"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_no_good_answer(
    store: td.Store, cg: Upstream, reply: Reply, status: int, words: str
) -> None:
    cg.script["/v1/popn-scores"] = [reply]
    with pytest.raises(td.ImportFatal) as raised:
        td.import_scores(store, "api/cg-nag-popn", None, user_id=1)
    assert (raised.value.status_code, words in raised.value.message) == (status, True)
    assert "1234" not in raised.value.message
    assert td.export_documents(store, "imports") == []


def test_one_bad_score_refuses_all(store: td.Store, cg: Upstream) -> None:
    body = Sample("api/cg-nag-popn").source["response"]["body"]
    body["data"]["scores"][2]["extra"] = 1
    cg.script["/v1/popn-scores"] = [Reply(body=body)]
    with pytest.raises(td.ImportFatal, match=r"scores\[2\].extra: expected no such key") as raised:
        td.import_scores(store, "api/cg-nag-popn", None, user_id=1)
    assert raised.value.status_code == 400
    assert td.export_documents(store, "orphans") == []


def test_a_valid_answer_with_any_status(store: td.Store, cg: Upstream) -> None:
    body = {"success": True, "data": {"profile": {"id": "1", "name": "x"}, "scores": []}}
    cg.script["/v1/sdvx-scores"] = [Reply(500, body)]
    assert td.import_scores(store, "api/cg-nag-sdvx", None, user_id=1).datapoints.is_empty()


def test_each_network_has_its_own_link(store: td.Store, cg: Upstream) -> None:
    with pytest.raises(td.ImportFatal) as raised:
        td.import_scores(store, "api/cg-dev-popn", None, user_id=1)
    assert raised.value.status_code == 401
    assert cg.log == []


def test_only_what_is_newer_is_imported(store: td.Store, cg: Upstream) -> None:
    sample = Sample("api/cg-nag-popn")
    td.patch_catalogue(store, sample.catalogue)
    first = td.import_scores(store, sample.import_type, None, user_id=1)
    stop = time_stop(store, 1, sample.import_type)
    assert stop is not None
    times = [s["timeAchieved"] for s in td.export_documents(store, "scores", user_id=1)]
    assert stop >= max(time for time in times if time is not None)
    again = td.import_scores(store, sample.import_type, None, user_id=1)
    assert again.document["scoreIDs"] == []
    assert again.datapoints.height < first.datapoints.height
    options = {"ignoreTimestop": True}
    whole = td.import_scores(store, sample.import_type, None, user_id=1, options=options)
    assert whole.datapoints.height == first.datapoints.height
    assert time_stop(store, 1, sample.import_type) == stop

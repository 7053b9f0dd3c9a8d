"""The client of FLO, EAG and MIN against a server that behaves like theirs, well or badly."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tachi_data as td
from tachi_data.players import integrations
from tachi_data.players.time_stops import remove_time_stop, set_time_stop, time_stop
from tests.import_types.samples import Sample
from tests.import_types.upstreams.servers import Reply, Request, Upstream, running

SAMPLE = Sample("api/flo-iidx")
HISTORY, PROFILE, TOKEN = (
    "/api/iidx/v2/play_history",
    "/api/iidx/v2/player_profile",
    "/oauth/token",
)


class Kai:
    """One valid pair of tokens, which a renewal replaces; three pages of scores."""

    def __init__(self) -> None:
        self.access, self.refresh, self.minted = "", "r0", 0
        (page,) = SAMPLE.source["pages"]
        items = page["body"]["_items"]
        self.pages: list[Any] = [items[:3], items[3:5], items[5:]]
        self.upstream = Upstream(answer=self.answer)

    def mint(self) -> Reply:
        self.minted += 1
        self.access, self.refresh = f"a{self.minted}", f"r{self.minted}"
        return Reply(body={"access_token": self.access, "refresh_token": self.refresh})

    def answer(self, request: Request) -> Reply:
        if request.path == TOKEN:
            known = request.form.get("refresh_token") == self.refresh
            coded = request.form.get("code") == "from-the-page"
            right = request.form.get("client_secret") == "s3cret"
            return Reply(401) if not right else self.mint() if known or coded else Reply(400)
        if request.headers.get("Authorization") != f"Bearer {self.access}":
            return Reply(401, {"error": "unauthorized"})
        if request.path == PROFILE:
            return Reply(body={"sp": 16, "dp": None})
        page = int(request.query.get("page", "1"))
        following = f"{self.upstream.url}{HISTORY}?page={page + 1}"
        links = {"_next": following if page < len(self.pages) else None}
        return Reply(body={"_links": links, "_items": self.pages[page - 1]})


@pytest.fixture
def kai(store: td.Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kai]:
    fake = Kai()
    td.patch_catalogue(store, SAMPLE.catalogue)
    with running(fake.upstream):
        monkeypatch.setenv("FLO_API_URL", fake.upstream.url)
        oauth = {"CLIENT_ID": "us", "CLIENT_SECRET": "s3cret", "REDIRECT_URI": "http://here"}
        monkeypatch.setenv("FLO_OAUTH2_INFO", json.dumps(oauth))
        integrations.link(store, 1, "flo", {"token": "old", "refreshToken": "r0"})
        yield fake


def sync(store: td.Store, **options: Any) -> td.ImportOutcome:
    return td.import_scores(store, "api/flo-iidx", None, user_id=1, options=options)


def refused(store: td.Store) -> td.ImportFatal:
    """An import that fails leaves nothing, and the next one gets everything."""
    with pytest.raises(td.ImportFatal) as raised:
        sync(store)
    for kind in ("scores", "orphans", "sessions", "imports"):
        assert td.export_documents(store, kind) == []
    return raised.value


def complete(store: td.Store) -> None:
    assert sync(store).datapoints["outcome"].to_list() == [
        "ScoreImported",
        "ScoreImported",
        "Skipped",
        "SongOrChartNotFound",
        "SongOrChartNotFound",
        "InvalidDatapoint",
        "InvalidDatapoint",
    ]


def test_three_pages(store: td.Store, kai: Kai) -> None:
    complete(store)
    pages = [f"GET {HISTORY}"] * 3
    assert kai.upstream.paths() == [f"POST {TOKEN}", f"GET {PROFILE}", *pages]
    (stats,) = td.export_documents(store, "gameStats")
    assert stats["classes"]["dan"] == "DAN_10"
    _, orphan = td.export_documents(
        store, "orphans"
    )  # The first one is of a version that only v3 has.
    assert (orphan["data"], orphan["context"]) == (kai.pages[1][1], {"service": "FLO"})
    assert integrations.credentials_of(store, 1, "flo") == {"token": "a1", "refreshToken": "r1"}


def test_the_access_is_renewed_once_in_the_middle(store: td.Store, kai: Kai) -> None:
    kai.upstream.script[HISTORY] = [kai_page(kai, 1), Reply(401)]
    complete(store)
    assert kai.minted == 2
    assert integrations.credentials_of(store, 1, "flo") == {"token": "a2", "refreshToken": "r2"}


def kai_page(kai: Kai, page: int, **changes: Any) -> Reply:
    following = f"{kai.upstream.url}{HISTORY}?page={page + 1}"
    return Reply(
        body={"_links": {"_next": following}, "_items": kai.pages[page - 1]} | changes,
    )


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(500, text="<html>"), 500),
        (Reply(502, {"error": "bad"}), 500),
        (Reply(404, {"_links": {"_next": None}, "_items": []}), 500),
        (Reply(text="{nope"), 500),
        (Reply(body=[]), 500),
        (Reply(body={"_items": []}), 500),
        (Reply(body={"_links": {}, "_items": []}), 500),
        (Reply(body={"_links": {"_next": 5}, "_items": []}), 500),
        (Reply(body={"_links": {"_next": None}, "_items": {}}), 500),
        (Reply(body={"_links": {"_next": "/page/4"}, "_items": []}), 500),
        (Reply(body={"_links": {"_next": None}, "_items": [{}] * 50}, cut=90), 500),
        (Reply(429, headers={"Retry-After": "3600"}), 500),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_bad_third_page_undoes_the_import(
    store: td.Store, kai: Kai, reply: Reply, status: int
) -> None:
    kai.upstream.script[HISTORY] = [kai_page(kai, 1), kai_page(kai, 2), reply]
    fatal = refused(store)
    assert fatal.status_code == status
    assert fatal.message
    assert "a1" not in fatal.message
    complete(store)


def test_a_service_that_asks_to_wait_is_asked_again(store: td.Store, kai: Kai) -> None:
    kai.upstream.script[HISTORY] = [Reply(429, headers={"Retry-After": "0"})]
    complete(store)


def test_denied_for_good(store: td.Store, kai: Kai) -> None:
    kai.upstream.script[HISTORY] = [Reply(403)] * 9
    assert refused(store).status_code == 500
    assert kai.minted == 2


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(400), 400),
        (Reply(401), 500),
        (Reply(500), 500),
        (Reply(text="x"), 500),
        (Reply(body={"access_token": "a"}), 500),
    ],
    ids=str,
)
def test_no_access_no_import(store: td.Store, kai: Kai, reply: Reply, status: int) -> None:
    kai.upstream.script[TOKEN] = [reply]
    assert refused(store).status_code == status
    stored = integrations.credentials_of(store, 1, "flo")
    assert stored == {"token": "old", "refreshToken": "r0"}
    complete(store)


@pytest.mark.parametrize("reply", [Reply(401), Reply(500, {"sp": 3}), Reply(text="x")], ids=str)
def test_a_bad_profile_costs_only_the_class(store: td.Store, kai: Kai, reply: Reply) -> None:
    kai.upstream.script[PROFILE] = [reply, reply]
    complete(store)
    (stats,) = td.export_documents(store, "gameStats")
    assert stats["classes"] == {}


def test_pages_without_end(store: td.Store, kai: Kai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACHI_UPSTREAM_PAGES", "20")
    kai.pages = [[] for _ in range(100)]
    assert refused(store).status_code == 508
    assert len(kai.upstream.log) == 2 + 21


def test_a_page_that_leads_to_itself(store: td.Store, kai: Kai) -> None:
    again = {"_next": f"{kai.upstream.url}{HISTORY}"}
    kai.upstream.script[HISTORY] = [kai_page(kai, 1, _links=again)]
    assert refused(store).status_code == 508
    assert kai.upstream.paths().count(f"GET {HISTORY}") == 1


def test_nothing_is_sent_to_another_place(store: td.Store, kai: Kai) -> None:
    with running(Upstream()) as other:
        kai.upstream.script[HISTORY] = [kai_page(kai, 1, _links={"_next": f"{other.url}/x"})]
        assert refused(store).status_code == 500
        kai.upstream.script[HISTORY] = [Reply(302, headers={"Location": f"{other.url}/x"})]
        assert refused(store).status_code == 500
        assert other.log == []


def test_slow_answers(store: td.Store, kai: Kai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACHI_UPSTREAM_TIMEOUT_S", "0.3")
    kai.upstream.script[HISTORY] = [Reply(wait_s=1.5)]
    started = time.perf_counter()
    fatal = refused(store)
    assert "it took too long" in fatal.message
    assert time.perf_counter() - started < 1.4


def test_elements_that_are_no_objects(store: td.Store, kai: Kai) -> None:
    kai.pages = [[None, 3, "x", [], *kai.pages[0]]]
    outcomes = sync(store).datapoints["outcome"].to_list()
    assert outcomes == ["InvalidDatapoint"] * 4 + ["ScoreImported"] * 2 + ["Skipped"]


def test_not_linked_not_set_up(store: td.Store, kai: Kai, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(td.ImportFatal) as raised:
        td.import_scores(store, "api/flo-iidx", None, user_id=2)
    assert raised.value.status_code == 401
    monkeypatch.delenv("FLO_API_URL")
    fatal = refused(store)
    assert (fatal.status_code, "FLO_API_URL" in fatal.message) == (500, True)
    monkeypatch.delenv("TACHI_KEY")
    assert "TACHI_KEY" in refused(store).message


def test_linking_with_a_code(store: td.Store, kai: Kai) -> None:
    integrations.exchange(store, 5, "flo", "from-the-page")
    assert integrations.credentials_of(store, 5, "flo") == {"token": "a1", "refreshToken": "r1"}
    with pytest.raises(td.ImportFatal) as raised:
        integrations.exchange(store, 6, "flo", "made up")
    assert raised.value.status_code == 400
    assert integrations.credentials_of(store, 6, "flo") is None


def test_a_server_that_is_not_there(store: td.Store, kai: Kai, monkeypatch: Any) -> None:
    monkeypatch.setenv("FLO_API_URL", "http://127.0.0.1:9")
    assert "no connection" in refused(store).message


def test_reading_ends_at_the_first_play_that_is_known(store: td.Store, kai: Kai) -> None:
    set_time_stop(store, 1, "api/flo-iidx", 4_000_000_000_000)
    assert sync(store).datapoints.is_empty()
    assert kai.upstream.paths().count(f"GET {HISTORY}") == 1
    everything = sync(store, ignoreTimestop=True).datapoints.height
    assert everything > 0
    # An import never lowers the time stop; where it is removed, all is read again.
    assert time_stop(store, 1, "api/flo-iidx") == 4_000_000_000_000
    remove_time_stop(store, 1, "api/flo-iidx")
    assert sync(store).datapoints.height == everything

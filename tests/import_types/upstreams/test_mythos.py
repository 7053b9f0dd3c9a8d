"""The gRPC client of MYT against a real server on loopback."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import polars as pl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.json_format import MessageToDict, ParseDict

import tachi_data as td
from tachi_data.import_types.api.myt.client import messages
from tachi_data.players import integrations
from tachi_data.players.time_stops import set_time_stop
from tests.import_types.samples import Sample

CARD = "01234567890123456789"
TITLES = {"chunithm": "chunithm", "maimaidx": "maimai", "ongeki": "ongeki", "wacca": "wacca"}
GAMES = pytest.mark.parametrize("game", TITLES)


@dataclass
class Mythos:
    """A server with one card that has every game. ``fail`` maps a method to a status."""

    plays: dict[str, list[Any]] = field(default_factory=dict)
    titles: tuple[str, ...] = tuple(TITLES.values())
    ranks: dict[int, int] = field(default_factory=dict)
    fail: dict[str, grpc.StatusCode] = field(default_factory=dict)
    break_after: int | None = None
    wait_s: float = 0
    target: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def check(self, method: str, context: grpc.ServicerContext) -> None:
        if dict(context.invocation_metadata()).get("authorization") != "Bearer t0ken":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you")
        if method in self.fail:
            context.abort(self.fail[method], f"{method} failed")

    def lookup(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.check("Lookup", context)
        if request.access_code != CARD:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such card")
        titles = [{"titleKind": t, "titleApiId": f"id-{t}"} for t in request.titles]
        found = {"titles": [t for t in titles if t["titleKind"] in self.titles]}
        return ParseDict(found, messages("cards")["LookupResponse"]())

    def data(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.check("GetData", context)
        found = [{"key": k, "value": {"rank": v}} for k, v in self.ranks.items()]
        return ParseDict({"versionData": found}, messages("wacca")["DataResponse"]())

    def playlog(self, title: str, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        self.check("GetPlaylog", context)
        self.asked.append(MessageToDict(request))
        name = "PlaylogStreamItem" if title == "wacca" else "GetPlaylogStreamItem"
        for count, play in enumerate(self.plays[title]):
            if count == self.break_after:
                context.abort(grpc.StatusCode.INTERNAL, "gone")
            time.sleep(self.wait_s)
            yield ParseDict(play, messages(title)[name]())

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        def unary(call: Any, package: str, request: str) -> Any:
            return grpc.unary_unary_rpc_method_handler(
                call,
                messages(package)[request].FromString,
                lambda message: message.SerializeToString(),
            )

        def stream(title: str) -> Any:
            request = "PlaylogRequest" if title == "wacca" else "GetPlaylogRequest"
            return grpc.unary_stream_rpc_method_handler(
                lambda r, c: self.playlog(title, r, c),
                messages(title)[request].FromString,
                lambda message: message.SerializeToString(),
            )

        services = {"cards": {"Lookup": unary(self.lookup, "cards", "LookupRequest")}}
        services |= {title: {"GetPlaylog": stream(title)} for title in TITLES.values()}
        services["wacca"]["GetData"] = unary(self.data, "wacca", "DataRequest")
        names = {"cards": "Cards"} | {t: f"{t.capitalize()}User" for t in TITLES.values()}
        return [
            grpc.method_handlers_generic_handler(f"mythos.{package}.v0.{names[package]}", methods)
            for package, methods in services.items()
        ]


def start(fake: Mythos, credentials: grpc.ServerCredentials | None = None) -> grpc.Server:
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(fake.handlers())
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    fake.target = f"127.0.0.1:{port}"
    server.start()
    return server


@pytest.fixture
def mythos(store: td.Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mythos]:
    samples = {game: Sample(f"api/myt-{game}") for game in TITLES}
    fake = Mythos(plays={TITLES[game]: s.source["playlog"] for game, s in samples.items()})
    fake.ranks = {300: 9, 400: 0}
    for sample in samples.values():
        td.patch_catalogue(store, sample.catalogue)
    server = start(fake)
    monkeypatch.setenv("MYT_API_HOST", fake.target)
    monkeypatch.setenv("MYT_AUTH_TOKEN", "t0ken")
    monkeypatch.setenv("MYT_PLAINTEXT", "true")
    integrations.link(store, 1, "myt", {"cardAccessCode": CARD})
    yield fake
    server.stop(None).wait()


def refused(store: td.Store, game: str = "chunithm", user_id: int = 1) -> td.ImportFatal:
    with pytest.raises(td.ImportFatal) as raised:
        td.import_scores(store, f"api/myt-{game}", None, user_id=user_id)
    for kind in ("scores", "orphans", "imports"):
        assert td.export_documents(store, kind) == []
    return raised.value


@GAMES
def test_what_comes_over_the_wire_is_what_was_recorded(
    store: td.Store, mythos: Mythos, game: str
) -> None:
    sample = Sample(f"api/myt-{game}")
    live = td.import_scores(store, sample.import_type, None, user_id=1)
    recorded = td.import_scores(store, sample.import_type, sample.source, user_id=2)
    # The IDs of scores are made of the player, too.
    message = pl.col("message").str.replace_all("T[0-9a-f]{64}", "an earlier one")
    told, expected = (
        outcome.datapoints.select("row", "outcome", message, "chart_id")
        for outcome in (live, recorded)
    )
    assert told.equals(expected)
    mine, theirs = (td.export_documents(store, "orphans", user_id=user) for user in (1, 2))
    assert [o["data"] for o in mine] == [o["data"] for o in theirs]
    classes = [s["classes"] for s in td.export_documents(store, "gameStats")]
    assert classes[0] == classes[1]


def test_field_numbers_are_those_of_the_service() -> None:
    """Written by hand from the service's description: tag (number * 8 + kind), value."""
    judge = messages("ongeki")["PlaylogJudge"].FromString(
        bytes([17 * 8 & 0x7F | 0x80, 17 * 8 >> 7, 5, 24 * 8 & 0x7F | 0x80, 24 * 8 >> 7, 7])
    )
    assert (judge.judge_critical_break, judge.damage_count) == (5, 7)
    entry = bytes([0x08, 0x90, 0x03, 0x12, 0x02, 0x08, 14])  # key 400, value {rank 14}
    data = messages("wacca")["DataResponse"].FromString(bytes([5 * 8 + 2, len(entry)]) + entry)
    assert [(e.key, e.value.rank) for e in data.version_data] == [(400, 14)]
    info = messages("maimai")["PlaylogInfo"].FromString(bytes([8 * 8, 1, 12 * 8 + 2, 1, 0x78]))
    assert (info.is_clear, info.user_play_date) == (True, "x")


@pytest.mark.parametrize(
    ("method", "code", "status"),
    [
        ("Lookup", grpc.StatusCode.NOT_FOUND, 401),
        ("Lookup", grpc.StatusCode.PERMISSION_DENIED, 500),
        ("Lookup", grpc.StatusCode.RESOURCE_EXHAUSTED, 500),
        ("Lookup", grpc.StatusCode.UNAVAILABLE, 500),
        ("GetPlaylog", grpc.StatusCode.INTERNAL, 500),
        ("GetData", grpc.StatusCode.INTERNAL, 500),
    ],
    ids=str,
)
def test_statuses(
    store: td.Store, mythos: Mythos, method: str, code: grpc.StatusCode, status: int
) -> None:
    mythos.fail[method] = code
    assert refused(store, "wacca").status_code == status


def test_a_stream_that_breaks_undoes_the_import(store: td.Store, mythos: Mythos) -> None:
    mythos.break_after = 2
    assert refused(store).status_code == 500
    mythos.break_after = None
    outcome = td.import_scores(store, "api/myt-chunithm", None, user_id=1)
    assert outcome.datapoints["outcome"][0] == "ScoreImported"


def test_no_profile_no_card_no_link(
    store: td.Store, mythos: Mythos, monkeypatch: pytest.MonkeyPatch
) -> None:
    mythos.titles = ("wacca",)
    assert refused(store).status_code == 400
    integrations.link(store, 1, "myt", {"cardAccessCode": "9" * 20})
    fatal = refused(store)
    assert (fatal.status_code, "no such card" in fatal.message) == (401, True)
    assert refused(store, user_id=7).status_code == 401
    monkeypatch.setenv("MYT_AUTH_TOKEN", "wrong")
    fatal = refused(store)
    assert fatal.status_code == 500
    assert "wrong" not in fatal.message
    monkeypatch.delenv("MYT_AUTH_TOKEN")
    assert refused(store).status_code == 500


def test_a_stream_that_takes_too_long(
    store: td.Store, mythos: Mythos, monkeypatch: pytest.MonkeyPatch
) -> None:
    mythos.wait_s = 0.5
    monkeypatch.setenv("TACHI_UPSTREAM_TIMEOUT_S", "0.1")
    assert refused(store).status_code == 500


def test_many_plays(store: td.Store, mythos: Mythos) -> None:
    play = mythos.plays["chunithm"][0]
    mythos.plays["chunithm"] = [
        {**play, "info": {**play["info"], "score": 900_000 + n, "comboStatus": 1}}
        for n in range(6000)
    ]
    outcome = td.import_scores(store, "api/myt-chunithm", None, user_id=1)
    assert outcome.datapoints.height == 6000


def test_tls_with_an_authority_of_its_own(
    store: td.Store, mythos: Mythos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = self_signed()
    fake = Mythos(plays=mythos.plays)
    server = start(fake, grpc.ssl_server_credentials([(key, certificate)]))
    monkeypatch.delenv("MYT_PLAINTEXT")
    monkeypatch.setenv("MYT_API_HOST", fake.target.replace("127.0.0.1", "localhost"))
    try:
        assert refused(store).status_code == 500
        (tmp_path / "ca.pem").write_bytes(certificate)
        monkeypatch.setenv("MYT_CA_FILE", str(tmp_path / "ca.pem"))
        outcome = td.import_scores(store, "api/myt-chunithm", None, user_id=1)
        assert outcome.datapoints["outcome"][0] == "ScoreImported"
    finally:
        server.stop(None).wait()


def self_signed() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return secret, certificate.public_bytes(serialization.Encoding.PEM)


@GAMES
def test_only_plays_after_the_time_stop_are_asked_for(
    store: td.Store, mythos: Mythos, game: str
) -> None:
    set_time_stop(store, 1, f"api/myt-{game}", 1_900_000_000_123)
    for options in ({}, {"ignoreTimestop": True}):
        td.import_scores(store, f"api/myt-{game}", None, user_id=1, options=options)
    stops = [request.get("lastUserPlayDate") for request in mythos.asked]
    assert stops == ([None, None] if game == "wacca" else ["2030-03-17T17:46:40.123Z", None])

"""The client of MYT: its gRPC messages, and the calls of an import.

The messages are declared here in a few words per field, ``name:type`` in the order of their numbers (``@17``
goes on with number 17, ``*`` is repeated). Enumerations are read as the numbers they are on the wire, and a map as
the list of pairs it is there. gRPC is an extra and is loaded when something is fetched, not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tachi_data.errors import ImportFatal
from tachi_data.import_types.model import Link
from tachi_data.records.schema import Int, ListOf, Object

NOT_FOUND = 5
# How a look-up of a card is recorded; absent where it was found.
LOOKUP = Object(
    members={
        "error": Object(members={"code": Int(optional=True)}, optional=True),
        "titles": ListOf(Object(), optional=True),
    },
    optional=True,
)
MOST_PLAYS = 1_000_000
# The whole history may take so many times as long as one answer may.
STREAM_FACTOR = 10

_PLAYLOG = {
    # The number of the second field is not documented; it is the next one.
    "GetPlaylogRequest": "profile_api_id:string last_user_play_date:string",
    "GetPlaylogStreamItem": "playlog_api_id:string info:PlaylogInfo judge:PlaylogJudge",
}
MESSAGES: dict[str, dict[str, str]] = {
    "cards": {
        "LookupRequest": "access_code:string titles:string*",
        "TitleEntry": "title_kind:string title_api_id:string",
        "LookupResponse": "player_api_id:string titles:TitleEntry*",
    },
    "chunithm": {
        "PlaylogInfo": "music_id:int32 level:int32 score:int32 score_rank:int32 combo_status:int32"
        " full_chain_status:int32 clear_status:int32 is_new_record:bool track:int32"
        " user_play_date:string",
        "PlaylogJudge": "judge_heaven:int32 judge_critical:int32 judge_justice:int32"
        " judge_attack:int32 judge_miss:int32 max_combo:int32",
        **_PLAYLOG,
    },
    "maimai": {
        "PlaylogInfo": "music_id:int32 level:int32 achievement:int32 deluxscore:int32"
        " score_rank:int32 combo_status:int32 sync_status:int32 is_clear:bool"
        " is_achieve_new_record:bool is_deluxscore_new_record:bool track:int32"
        " user_play_date:string",
        "PlaylogJudge": "judge_critical_perfect:int32 judge_perfect:int32 judge_great:int32"
        " judge_good:int32 judge_miss:int32 max_combo:int32 fast_count:int32 late_count:int32",
        **_PLAYLOG,
    },
    "ongeki": {
        "PlaylogInfo": "music_id:int32 level:int32 tech_score:int32 battle_score:int32"
        " over_damage:int32 platinum_score:int32 tech_score_rank:int32 battle_score_rank:int32"
        " combo_status:int32 clear_status:int32 is_full_bell:bool is_tech_new_record:bool"
        " is_battle_new_record:bool is_over_damage_new_record:bool user_play_date:string",
        "PlaylogJudge": "@17 judge_critical_break:int32 judge_break:int32 judge_hit:int32"
        " judge_miss:int32 max_combo:int32 bell_count:int32 total_bell_count:int32"
        " damage_count:int32",
        **_PLAYLOG,
    },
    "wacca": {
        "DataRequest": "api_id:string",
        "VersionData": "rank:int32",
        "VersionEntry": "key:int32 value:VersionData",
        "DataResponse": "@5 version_data:VersionEntry*",
        "PlaylogRequest": "api_id:string",
        "WaccaJudge": "marvelous:int32 great:int32 good:int32 miss:int32",
        "WaccaClearStatus": "is_clear:bool is_missless:bool is_full_combo:bool"
        " is_all_marvelous:bool is_give_up:bool",
        "PlaylogInfo": "music_id:int32 music_difficulty:int32 score:int32 grade:int32"
        " judge:WaccaJudge clear_status:WaccaClearStatus is_new_record:bool combo:int32"
        " skill_points:int32 fast:int32 late:int32 user_play_mode:int32 track:int32"
        " user_play_date:string",
        "PlaylogStreamItem": "playlog_api_id:string info:PlaylogInfo",
    },
}


@cache
def messages(package: str) -> dict[str, Any]:
    """Return the message classes of a package, by name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    field = descriptor_pb2.FieldDescriptorProto
    scalars = {"int32": field.TYPE_INT32, "bool": field.TYPE_BOOL, "string": field.TYPE_STRING}
    full = f"mythos.{package}.v0"
    file = descriptor_pb2.FileDescriptorProto(
        name=f"mythos_{package}.proto", package=full, syntax="proto3"
    )
    for name, words in MESSAGES[package].items():
        message, number = file.message_type.add(name=name), 1
        for word in words.split():
            if word.startswith("@"):
                number = int(word[1:])
                continue
            label, _, kind = word.partition(":")
            many, kind = kind.endswith("*"), kind.rstrip("*")
            added = message.field.add(
                name=label,
                number=number,
                label=field.LABEL_REPEATED if many else field.LABEL_OPTIONAL,
                type=scalars.get(kind, field.TYPE_MESSAGE),
            )
            if kind not in scalars:
                added.type_name = f".{full}.{kind}"
            number += 1
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{full}.{name}"))
        for name in MESSAGES[package]
    }


def as_record(message: Any) -> dict[str, Any]:
    """Return a message as a JSON object: camelCase names, every number there, absent messages absent."""
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message, always_print_fields_with_no_presence=True)


class _Calls:
    """The calls of one import, over one channel."""

    def __init__(self, channel: Any, token: str, timeout_s: float) -> None:
        self.channel, self.timeout_s = channel, timeout_s
        self.metadata = (("authorization", f"Bearer {token}"),)

    def one(self, package: str, method: str, request: Any, answer: str) -> Any:
        """Ask and return the one answer."""
        call = self.channel.unary_unary(
            f"/mythos.{package}.v0.{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=messages(package)[answer].FromString,
        )
        return call(request, timeout=self.timeout_s, metadata=self.metadata)

    def many(self, package: str, method: str, request: Any, answer: str) -> Iterator[Any]:
        """Ask and yield the answers of a stream."""
        call = self.channel.unary_stream(
            f"/mythos.{package}.v0.{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=messages(package)[answer].FromString,
        )
        deadline = self.timeout_s * STREAM_FACTOR
        yield from call(request, timeout=deadline, metadata=self.metadata)


@contextmanager
def _connected(link: Link) -> Iterator[_Calls]:
    try:
        import grpc
    except ImportError:
        raise ImportFatal(
            500, "MYT is spoken to over gRPC: pip install 'tachi-data[grpc]'."
        ) from None
    settings = link.settings
    if settings.get("MYT_PLAINTEXT"):
        channel = grpc.insecure_channel(settings["MYT_API_HOST"])
    else:
        ca = settings.get("MYT_CA_FILE")
        trusted = Path(ca).read_bytes() if ca else None
        channel = grpc.secure_channel(
            settings["MYT_API_HOST"], grpc.ssl_channel_credentials(trusted)
        )
    with channel:
        yield _Calls(channel, settings["MYT_AUTH_TOKEN"], link.timeout_s)


def fetch(title: str, link: Link) -> dict[str, Any]:
    """Fetch all plays of a player in one game, as a recording for a parser.

    What went wrong at the other side is recorded, too: the parser says what it means.
    """
    with _connected(link) as calls:
        import grpc

        try:
            request = messages("cards")["LookupRequest"](
                access_code=link.credentials["cardAccessCode"], titles=[title]
            )
            found = calls.one("cards", "Cards/Lookup", request, "LookupResponse")
        except grpc.RpcError as error:
            return {"lookup": {"error": _problem(error)}, "playlog": []}
        lookup = {"titles": [as_record(entry) for entry in found.titles]}
        player = next((e.title_api_id for e in found.titles if e.title_kind == title), None)
        if player is None:
            return {"lookup": lookup, "playlog": []}
        data = {"data": _versions(calls, player)} if title == "wacca" else {}
        plays = list[dict[str, Any]]()
        broken = {}
        try:
            for play in _plays(calls, title, player, link.stop_ms):
                plays.append(as_record(play))
                if len(plays) > MOST_PLAYS:
                    raise ImportFatal(508, f"MYT sent more than {MOST_PLAYS:,} plays.")
        except grpc.RpcError:
            broken = {"failAfter": len(plays)}
    return {"lookup": lookup, **data, "playlog": plays, **broken}


def _plays(calls: _Calls, title: str, player: str, stop_ms: int | None) -> Iterator[Any]:
    """Ask for the plays of a player, of all but WACCA only for those later than the time stop."""
    if title == "wacca":
        request = messages(title)["PlaylogRequest"](api_id=player)
        return calls.many(title, "WaccaUser/GetPlaylog", request, "PlaylogStreamItem")
    request = messages(title)["GetPlaylogRequest"](
        profile_api_id=player, last_user_play_date=_iso(stop_ms)
    )
    method = f"{title.capitalize()}User/GetPlaylog"
    return calls.many(title, method, request, "GetPlaylogStreamItem")


def _iso(time_ms: int | None) -> str:
    """Return a time as ISO 8601 in UTC with milliseconds; no text, which is not sent, where there is none.

    >>> _iso(1_700_000_000_123), _iso(None)
    ('2023-11-14T22:13:20.123Z', '')
    """
    if time_ms is None:
        return ""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"


def _versions(calls: _Calls, player: str) -> dict[str, Any] | None:
    """Return the player's data for each edition of WACCA; None where the service has none."""
    import grpc

    request = messages("wacca")["DataRequest"](api_id=player)
    try:
        found = calls.one("wacca", "WaccaUser/GetData", request, "DataResponse")
    except grpc.RpcError:
        return None
    return {"versionDataMap": [[e.key, {"rank": e.value.rank}] for e in found.version_data]}


def _problem(error: Any) -> dict[str, Any]:
    return {"code": error.code().value[0], "details": error.details()}


def player_of(title: str, recording: Mapping[str, Any]) -> None:
    """Check that the card was found, and has a profile in this game.

    Raises:
        ImportFatal: 401, the card is not known; 400, no profile; 500, the service failed.
    """
    lookup = recording.get("lookup") or {}
    error = lookup.get("error")
    if isinstance(error, Mapping):
        if error.get("code") == NOT_FOUND:
            details = error.get("details") or "the card is not known"
            raise ImportFatal(401, f"MYT does not accept the card: {details}.")
        raise ImportFatal(500, f"MYT could not look up the card (status {error.get('code', '?')}).")
    titles = lookup.get("titles")
    if titles is not None and not any(e.get("titleKind") == title for e in titles):
        raise ImportFatal(400, f"The card has no profile in {title}.")

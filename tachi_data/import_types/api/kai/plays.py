"""FLO, EAG and MIN: three networks with one interface ("kai"), for beatmania IIDX and SOUND VOLTEX.

An import renews the player's access first, so that it does not break off halfway; asks for the profile,
which tells the dan; and reads the history of plays page by page. Each element of a page is judged by
itself. Some old LEGGENDARIA charts were songs of their own, and still have those IDs there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from tachi_data.games import iidx, sdvx
from tachi_data.import_types import words as x
from tachi_data.import_types.api.kai.client import exchange, fetch, position, recorded
from tachi_data.import_types.iidx_clients import SONG_OF
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Service, Source
from tachi_data.import_types.sdvx_clients import DIFFICULTIES, LAMPS, by_music_id
from tachi_data.import_types.sdvx_clients import VERSIONS as SDVX_VERSIONS
from tachi_data.records.schema import Int, Num, Object, OneOf, Str

PLAYTYPES = {"SINGLE": "SP", "DOUBLE": "DP"}
VERSIONS = {number: str(number) for number in range(20, 34)}
COUNT, MAYBE = Int(0), Int(0, nullable=True)
WHEN = x.date(x.raw("timestamp"))
NO_DATE = x.no_date("timestamp")
LEGACY = x.mapped(x.raw("music_id"), SONG_OF)

IIDX = Conversion(
    record=Object(
        members={
            "music_id": COUNT,
            "play_style": OneOf(tuple(PLAYTYPES)),
            "difficulty": OneOf(("BEGINNER", *iidx.DIFFICULTIES[:4])),
            "version_played": Int(),
            "lamp": Int(0, 7),
            "ex_score": COUNT,
            "miss_count": Int(0, also=(-1,), nullable=True),
            "fast_count": MAYBE,
            "slow_count": MAYBE,
            "timestamp": Str(),
        }
    ),
    context=Object(members={"service": Str()}),
    rules=(
        x.unreadable(
            x.mapped(x.raw("version_played"), VERSIONS),
            x.raw("version_played"),
            "version_played: expected a version from 20 to 33",
            after="reading",
        ),
        x.skip(
            (x.raw("difficulty") == "BEGINNER") & LEGACY.is_null(), "BEGINNER charts do not count."
        ),
        NO_DATE,
    ),
    match=x.by_chart_key(
        "in_game_id",
        pl.coalesce(LEGACY, x.raw("music_id")).cast(pl.String),
        playtype=x.mapped(x.raw("play_style"), PLAYTYPES),
        difficulty=pl.when(LEGACY.is_null())
        .then(x.raw("difficulty"))
        .otherwise(pl.lit("LEGGENDARIA")),
        version=x.mapped(x.raw("version_played"), VERSIONS),
        official_only=pl.lit(True),
    ),
    columns={
        "score": x.raw("ex_score"),
        "lamp": x.metric(iidx.SP, "lamp", x.raw("lamp"), dict(enumerate(iidx.LAMPS))),
        "optional.fast": x.raw("fast_count"),
        "optional.slow": x.raw("slow_count"),
        "optional.bp": x.unless(x.raw("miss_count"), equals=-1),
        "service": x.context("service"),
        "time_achieved": WHEN,
    },
)
SDVX = Conversion(
    record=Object(
        members={
            "music_id": COUNT,
            "music_difficulty": Int(0, 5),
            "played_version": Int(1, 6),
            "clear_type": Int(1, 6),
            "max_chain": COUNT,
            "score": Int(0, 10_000_000),
            "critical": COUNT,
            "near": COUNT,
            **dict.fromkeys(("error", "early", "late"), MAYBE),
            "gauge_rate": Num(0, 100),
            "timestamp": Str(),
        }
    ),
    context=Object(members={"service": Str()}),
    rules=(NO_DATE,),
    match=by_music_id(
        x.difficulty(sdvx.SINGLE, x.raw("music_difficulty"), DIFFICULTIES),
        x.mapped(x.raw("played_version"), SDVX_VERSIONS),
        "music_id",
    ),
    columns={
        "score": x.raw("score"),
        "lamp": x.metric(sdvx.SINGLE, "lamp", x.raw("clear_type"), LAMPS),
        "judgements.critical": x.raw("critical"),
        "judgements.near": x.raw("near"),
        "judgements.miss": x.raw("error"),
        "optional.fast": x.raw("early"),
        "optional.slow": x.raw("late"),
        "optional.gauge": x.raw("gauge_rate"),
        "optional.max_combo": x.raw("max_chain"),
        "service": x.context("service"),
        "time_achieved": WHEN,
    },
)


def iidx_dans(profile: Mapping[str, object]) -> dict[str, str | None]:
    """Return the position of the dan of each playtype."""
    return {
        value.playtype: position(profile.get(value.playtype.lower()), value.classes["dan"].values)
        for value in iidx.GPTS
    }


def sdvx_dans(profile: Mapping[str, object]) -> dict[str, str | None]:
    """Return the skill level; the lowest is 1."""
    dans = sdvx.SINGLE.classes["dan"].values
    return {"Single": position(profile.get("skill_level"), (None, *dans))}


@dataclass(frozen=True, eq=False)
class Game:
    """A game of these networks: where its history and profile are, and what they mean."""

    name: str
    api: str
    conversion: Conversion
    dans: Callable[[Mapping[str, object]], dict[str, str | None]]

    def path(self, what: str) -> str:
        """``play_history`` or ``player_profile``."""
        return f"/api/{self.name}/{self.api}/{what}"


GAMES = {
    "iidx": Game("iidx", "v2", IIDX, iidx_dans),
    "sdvx": Game("sdvx", "v1", SDVX, sdvx_dans),
}


def parse(name: str, game: Game, source: Source) -> Parsed:
    """Return the elements of all pages and the dans of the profile."""
    session = recorded(name, source, game.path("player_profile"))
    session.renew()
    answer = session.profile(game.path("player_profile"))
    items = [i for page in session.pages(game.path("play_history")) for i in page["_items"]]
    try:
        profile = answer.json() if answer is not None else None
    except ValueError:
        profile = None
    dans = game.dans(profile) if isinstance(profile, dict) else {}
    classes = {playtype: {"dan": dan} for playtype, dan in dans.items() if dan is not None}
    return Parsed(game.name, items, {"service": name}, classes=classes)


def service(name: str) -> Service:
    """One of the networks; players link it on its own pages, with OAuth."""

    def exchanged(code: str, settings: Mapping[str, Any]) -> dict[str, str]:
        return exchange(name, settings[f"{name}_API_URL"], settings[f"{name}_OAUTH2_INFO"], code)

    return Service(
        id=name.lower(),
        title=name,
        credentials={"token": ".+", "refreshToken": ".+"},
        settings={f"{name}_API_URL": True, f"{name}_OAUTH2_INFO": True},
        exchange=exchanged,
    )


NETWORKS = {"FLO": ("iidx", "sdvx"), "EAG": ("iidx", "sdvx"), "MIN": ("sdvx",)}
IMPORT_TYPES = tuple(
    ImportType(
        id=f"api/{network.id}-{game}",
        title=f"{network.title} {game.upper()}",
        games=(game,),
        parse=partial(parse, network.title, GAMES[game]),
        conversion=GAMES[game].conversion,
        service=network,
        fetch=partial(
            fetch,
            network.title,
            GAMES[game].path("player_profile"),
            GAMES[game].path("play_history"),
        ),
    )
    for network, games in ((service(name), games) for name, games in NETWORKS.items())
    for game in games
)

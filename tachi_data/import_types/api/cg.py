"""CG: three networks (dev, nag, gan) for four games, each with all of a player's scores in one answer.

The request holds a player's card and PIN. One score that does not fit its shape refuses the whole answer,
because the service must have changed its format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import jubeat, museca, popn, sdvx
from tachi_data.import_types import words as x
from tachi_data.import_types.model import (
    Conversion,
    ImportType,
    Link,
    Parsed,
    Rule,
    Service,
    Source,
)
from tachi_data.import_types.sdvx_clients import DIFFICULTIES, LAMPS, VERSIONS
from tachi_data.import_types.sources.stops import later
from tachi_data.import_types.sources.web import (
    ANSWER,
    Answer,
    Request,
    Unreachable,
    Web,
    recording_of,
)
from tachi_data.records import violations
from tachi_data.records.schema import Anything, Bool, Int, Kind, Object, Str

COUNT = Int(0)
MILLION = Int(0, 1_000_000)


@dataclass(frozen=True, eq=False)
class Game:
    """A game: its name in a URL of the services, and the shape and conversion of its scores."""

    name: str
    path: str
    playtype: str
    members: Mapping[str, Kind]
    versions: Mapping[int, str]
    columns: Mapping[str, pl.Expr]
    difficulty: pl.Expr
    rules: tuple[Rule, ...] = ()
    has_versions: bool = True

    @property
    def record(self) -> Object:
        """Return the shape of a score; unknown keys are refused."""
        common = {
            **dict.fromkeys(("internalId", "difficulty", "version"), COUNT),
            "dateTime": Str(),
        }
        return Object(members={**common, **self.members}, strict=True)

    def conversion(self, service: pl.Expr) -> Conversion:
        """Return the conversion of a score."""
        version = x.mapped(x.raw("version"), self.versions)
        return Conversion(
            record=self.record,
            refuses="all",
            path="scores",
            context=Object(members={"service": Str(), "userID": Int()}),
            rules=(
                *(r for r in self.rules if r.outcome == "Skipped"),
                x.unreadable(
                    self.difficulty,
                    x.raw("difficulty"),
                    "difficulty: expected one that the game has",
                    after="reading",
                ),
                x.unreadable(
                    version, x.raw("version"), "version: expected a known one", after="reading"
                ),
                *(r for r in self.rules if r.outcome != "Skipped"),
                x.no_date("dateTime"),
            ),
            match=x.by_chart_key(
                "in_game_id",
                x.raw("internalId").cast(pl.String),
                difficulty=self.difficulty,
                version=version if self.has_versions else None,
            ),
            columns={
                **self.columns,
                "service": service,
                "time_achieved": x.date(x.raw("dateTime")),
            },
        )


# --- jubeat ---------------------------------------------------------------------------------------

# Any number of bits may be set; the highest of these counts. Numbers may come as text.
FLAG = x.natural(x.raw("clearFlag").str.strip_chars('"'))
JUBEAT_LAMP = (
    pl.when(FLAG & 8 > 0)
    .then(pl.lit("EXCELLENT"))
    .when(FLAG & 4 > 0)
    .then(pl.lit("FULL COMBO"))
    .when(FLAG & 2 > 0)
    .then(pl.lit("CLEAR"))
    .when(FLAG & 1 > 0)
    .then(pl.lit("FAILED"))
)
JUBEAT = Game(
    name="jubeat",
    path="jb",
    playtype="Single",
    members={
        "score": MILLION,
        "hardMode": Bool(),
        **{f"{name}Count": COUNT for name in ("perfect", "great", "good", "poor", "miss")},
        "musicRate": Int(0, 1200),
        "clearFlag": Anything(as_json=True),
    },
    difficulty=pl.when(x.raw("hardMode")).then(pl.lit("HARD ")).otherwise(pl.lit(""))
    + x.difficulty(jubeat.SINGLE, x.raw("difficulty"), dict(enumerate(("BSC", "ADV", "EXT")))),
    versions=dict(
        enumerate(
            (
                *("jubeat", "ripples", "knit", "copious", "saucer", "prop", "qubell", "clan"),
                *("festo", "festo", "ave"),
            ),
            1,
        )
    ),
    has_versions=False,
    rules=(
        x.unreadable(
            JUBEAT_LAMP,
            x.raw("clearFlag"),
            "clearFlag: expected one of the lowest four bits",
            after="reading",
        ),
    ),
    columns={
        "score": x.raw("score"),
        "music_rate": x.divided(x.raw("musicRate"), 10),
        "lamp": JUBEAT_LAMP,
        **{
            f"judgements.{name}": x.raw(f"{name}Count")
            for name in ("perfect", "great", "good", "poor", "miss")
        },
    },
)

# --- MUSECA ---------------------------------------------------------------------------------------

MUSECA_DIFFICULTIES = dict(enumerate(("Green", "Yellow", "Red")))
MUSECA = Game(
    name="museca",
    path="msc",
    playtype="Single",
    members={
        "score": MILLION,
        "clearType": Anything(),
        "scoreGrade": Anything(),
        **dict.fromkeys(("maxChain", "critical", "near", "error"), COUNT),
    },
    difficulty=x.difficulty(museca.SINGLE, x.raw("difficulty"), MUSECA_DIFFICULTIES),
    versions={2: "1.5-b"},
    columns={
        "score": x.raw("score"),
        "lamp": pl.when(x.raw("score") == 1_000_000)
        .then(pl.lit("PERFECT CONNECT ALL"))
        .when(x.raw("score") < 800_000)
        .then(pl.lit("FAILED"))
        .when(x.raw("error") == 0)
        .then(pl.lit("CONNECT ALL"))
        .otherwise(pl.lit("CLEAR")),
        "judgements.critical": x.raw("critical"),
        "judgements.near": x.raw("near"),
        "judgements.miss": x.raw("error"),
        "optional.max_combo": x.raw("maxChain"),
    },
)

# --- pop'n music ----------------------------------------------------------------------------------

POPN_DIFFICULTIES = dict(enumerate(("Easy", "Normal", "Hyper", "EX")))
MEDAL = x.metric(
    popn.NINE_BUTTONS, "clearMedal", x.raw("clearFlag"), dict(enumerate(popn.MEDALS, 1))
)
POPN = Game(
    name="popn",
    path="popn",
    playtype="9B",
    members={
        "score": COUNT,
        "clearFlag": COUNT,
        **{f"{name}Count": COUNT for name in ("cool", "great", "good", "bad")},
    },
    difficulty=x.difficulty(popn.NINE_BUTTONS, x.raw("difficulty"), POPN_DIFFICULTIES),
    versions={25: "peace", 26: "kaimei", 27: "unilab"},
    rules=(
        x.skip(x.raw("difficulty").is_in([4, 5]), "Battle charts do not count."),
        x.invalid(
            x.raw("score") > 100_000,
            pl.format("score: expected at most 100000, got {}.", x.raw("score")),
            after="reading",
        ),
        x.unreadable(MEDAL, x.raw("clearFlag"), "clearFlag: expected a medal from 1 to 11"),
    ),
    columns={
        "score": x.raw("score"),
        "clear_medal": MEDAL,
        **{
            f"judgements.{name}": x.raw(f"{name}Count") for name in ("cool", "great", "good", "bad")
        },
    },
)

# --- SOUND VOLTEX ---------------------------------------------------------------------------------

SDVX_LAMP = x.metric(sdvx.SINGLE, "lamp", x.raw("clearType"), LAMPS)
SDVX = Game(
    name="sdvx",
    path="sdvx",
    playtype="Single",
    members={
        "score": Int(0, 10_000_000),
        "exScore": COUNT,
        "clearType": COUNT,
        "scoreGrade": Anything(),
        **dict.fromkeys(("maxChain", "critical", "near", "error"), COUNT),
    },
    difficulty=x.difficulty(sdvx.SINGLE, x.raw("difficulty"), DIFFICULTIES),
    versions=VERSIONS,
    rules=(
        x.unreadable(SDVX_LAMP, x.raw("clearType"), "clearType: expected a number from 1 to 6"),
    ),
    columns={
        "score": x.raw("score"),
        "lamp": SDVX_LAMP,
        "judgements.critical": x.raw("critical"),
        "judgements.near": x.raw("near"),
        "judgements.miss": x.raw("error"),
        "optional.max_combo": x.raw("maxChain"),
        "optional.ex_score": x.unless(x.raw("exScore"), equals=0),
    },
)

# --- the networks ---------------------------------------------------------------------------------

NETWORKS = {"dev": "CG Dev", "nag": "CG", "gan": "CG"}
DATA = Object(
    members={
        "profile": Object(members={"id": Str(), "name": Str()}),
        "scores": Anything(optional=False, nullable=False),
    }
)


def scores_of(body: object) -> list[Any]:
    """Return the scores of an answer. Refuses the import where ``success`` is false or the shape is unknown."""
    found = body if isinstance(body, dict) else {}
    if found.get("success") is False:
        message = found.get("message")
        said = message if isinstance(message, str) else "it gave no reason"
        raise ImportFatal(400, f"CG refused the request: {said}")
    data: Any = found.get("data")
    if found.get("success") is not True or violations([data], DATA):
        raise ImportFatal(500, "CG gave an answer that is not understood.")
    if not isinstance(data["scores"], list):
        raise ImportFatal(500, "CG gave an answer without a list of scores.")
    return list(data["scores"])


def parse(network: str, game: Game, source: Source) -> Parsed:
    """Return the scores of the one answer."""
    recording = recording_of(source.data, response=ANSWER)
    try:
        body = Answer.recorded(recording.get("response") or {"networkError": True}).json()
    except (Unreachable, ValueError):
        raise ImportFatal(500, "CG could not be reached, or gave no JSON.") from None
    context = {"service": network, "userID": source.user_id}
    return Parsed(game.name, scores_of(body), context, game.playtype)


def fetch(setting: str, game: Game, link: Link) -> dict[str, Any]:
    """Ask for all scores of a card and return the answer as a recording, without what is known.

    Old scores are left out before the others are checked, so that a bad old one does not fail the import.
    """
    config = link.settings[setting]
    params = {
        "api_key": config["API_KEY"],
        "card_id": link.credentials["cardID"],
        "pin": link.credentials["pin"],
    }
    with Web(link.timeout_s) as web:
        try:
            answer = web(Request("GET", f"{config['URL']}/{game.path}-scores", params=params))
        except Unreachable as problem:
            raise ImportFatal(500, f"CG could not be reached ({problem}).") from None
    recording = answer.recording()
    body = recording.get("body")
    data = body.get("data") if isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(data, dict) and isinstance(data.get("scores"), list):
        new = later(data["scores"], "dateTime", link.stop_ms)
        recording = {**recording, "body": {**body, "data": {**data, "scores": new}}}
    return {"response": recording}


SERVICES = {
    network: Service(
        id=f"cg/{network}",
        title=f"CG ({network})",
        credentials={"cardID": "[a-zA-Z0-9]{16}", "pin": "[0-9]{4}"},
        settings={f"CG_{network.upper()}_CONFIG": True},
    )
    for network in NETWORKS
}
IMPORT_TYPES = tuple(
    ImportType(
        id=f"api/cg-{network}-{game.name}",
        title=f"CG {network} {game.name}",
        games=(game.name,),
        parse=partial(parse, network, game),
        conversion=game.conversion(pl.lit(title)),
        service=SERVICES[network],
        fetch=partial(fetch, f"CG_{network.upper()}_CONFIG", game),
    )
    for network, title in NETWORKS.items()
    for game in (JUBEAT, MUSECA, POPN, SDVX)
)

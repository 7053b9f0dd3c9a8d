"""CG: three networks (dev, nag, gan) for five games, each with all of a player's scores in one answer.

The request holds a player's card and PIN. One score that does not fit its shape refuses the whole answer,
because the service must have changed its format.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.import_types.api.cg.game import Game
from tachi_data.import_types.api.cg.iidx import IIDX
from tachi_data.import_types.api.cg.jubeat import JUBEAT
from tachi_data.import_types.api.cg.museca import MUSECA
from tachi_data.import_types.api.cg.popn import POPN
from tachi_data.import_types.api.cg.sdvx import SDVX
from tachi_data.import_types.model import ImportType, Link, Parsed, Service, Source
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
from tachi_data.records.schema import Anything, Object, Str

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
    for game in (IIDX, JUBEAT, MUSECA, POPN, SDVX)
)

"""What clients look up about players and charts: who a player is, profiles, personal bests, sessions, a search.

Routes of one game take both forms of its name, ``iidx/SP`` and ``iidx-sp``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tachi_data.errors import TachiError
from tachi_data.games import GPT
from tachi_data.players import accounts, rivals
from tachi_data.players.accounts import Caller
from tachi_data.service import profiles as _found
from tachi_data.service.callers.auth import MaybeCaller, Player, permitted
from tachi_data.service.dependencies import OpenStore
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import answers, in_query
from tachi_data.service.http.uploads import Body
from tachi_data.service.models import (
    ChartsFound,
    Document,
    LastSession,
    Nothing,
    PersonalBest,
    PublicPlayer,
    Rivals,
    SearchFound,
    UserGame,
)

router = APIRouter(prefix="/api/v1", tags=["players and charts"])
MOST_WORDS = 200
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def _gpt_of(request: Request) -> GPT:
    """The game and playtype in the path.

    Raises:
        ApiError: 404, there is none of this name.
    """
    path = request.path_params
    found = _found.gpt_named(path["game"], path.get("playtype"))
    if found is None:
        raise ApiError(404, "There is no such game and playtype.")
    return found


def _words_of(request: Request) -> str:
    """The words that are searched for.

    Raises:
        ApiError: 400, there are none, or too many.
    """
    words = request.query_params.get("search", "").strip()
    if not 1 <= len(words) <= MOST_WORDS:
        raise ApiError(400, f"search: expected 1 to {MOST_WORDS} characters.")
    return words


Game = Annotated[GPT, Depends(_gpt_of)]
MayName = Annotated[Caller, Depends(permitted("manage_rivals"))]
Words = Annotated[str, Depends(_words_of)]


def _of_game(
    path: str, body: Any, method: str = "GET", **described: Any
) -> Callable[[Endpoint], Endpoint]:
    """A route under both forms of the name of a game; ``path`` has ``{game}``."""

    def add(endpoint: Endpoint) -> Endpoint:
        names = [("{game}/{playtype}", ["game", "playtype"]), ("{game}", ["game"])]
        for name, parts in names:
            told = [
                {"name": part, "in": "path", "required": True, "schema": {"type": "string"}}
                for part in parts
            ]
            more = [*described.get("parameters", ()), *told]
            known = answers(body, request=described.get("request"), parameters=more)
            at = path.replace("{game}", name)
            router.api_route(at, methods=[method], **known)(endpoint)
        return endpoint

    return add


@router.get("/users/{user}", **answers(PublicPlayer))
def get_player(store: OpenStore, player: Player) -> Response:
    """The public document of a player, who is named by number, by name, or (with a token) as ``me``."""
    (document,) = accounts.user_documents(store, [player])
    return success("Found the user.", document)


@router.get("/users/{user}/game-stats", **answers(list[Document]))
def list_profiles(store: OpenStore, player: Player) -> Response:
    """The player's profiles, one for each game and playtype."""
    return success("Found profiles.", _found.profiles_of(store, player))


@_of_game("/users/{user}/games/{game}", UserGame)
def get_profile(store: OpenStore, player: Player, game: Game) -> Response:
    """The player's profile of a game, with the first and the newest score."""
    found = _found.profile(store, player, game)
    if found is None:
        raise ApiError(404, "This user has not played this game.")
    return success("Found the profile.", found)


@_of_game("/users/{user}/games/{game}/pbs/{chart_id}", PersonalBest)
def get_personal_best(store: OpenStore, player: Player, game: Game, chart_id: str) -> Response:
    """The player's personal best on a chart, with its rank."""
    found = _found.personal_best(store, player, game, chart_id)
    if found is None:
        raise ApiError(404, "This user has no personal best on this chart.")
    return success("Found the personal best.", found)


@_of_game("/users/{user}/games/{game}/sessions/last", LastSession)
def get_last_session(store: OpenStore, player: Player, game: Game) -> Response:
    """The player's last session of a game, with its scores."""
    found = _found.last_session(store, player, game)
    if found is None:
        raise ApiError(404, "This user has no session of this game.")
    return success("Found the session.", found)


@_of_game("/users/{user}/games/{game}/rivals", list[PublicPlayer])
def get_rivals(store: OpenStore, player: Player, game: Game, _: MaybeCaller) -> Response:
    """The player's rivals on a game."""
    found = rivals.rivals_on(store, player, game.game, game.playtype)
    return success("Found rivals.", accounts.user_documents(store, found))


@_of_game("/users/{user}/games/{game}/rivals", Nothing, "PUT", request=Rivals)
def set_rivals(
    store: OpenStore, player: Player, game: Game, caller: MayName, body: Body
) -> Response:
    """Name the player's rivals on a game, in place of earlier ones."""
    if caller.user_id != player:
        raise ApiError(403, "Only the player may do this.")
    named = body.get("rivalIDs")
    if not isinstance(named, list) or not all(type(i) is int and abs(i) < 2**63 for i in named):
        raise ApiError(400, "rivalIDs: expected a list of numbers of players.")
    try:
        rivals.set_rivals(store, player, game.game, game.playtype, named)
    except TachiError as error:
        raise ApiError(400, str(error)) from None
    return success("Set the rivals.", {})


@_of_game("/games/{game}/charts", ChartsFound, parameters=[in_query("search")])
def search_charts(store: OpenStore, game: Game, words: Words, _: MaybeCaller) -> Response:
    """Charts of a game whose songs have the words of ``search``, at most those of 100 songs."""
    return success("Found charts.", _found.charts_found(store, game, words))


@router.get("/search", **answers(SearchFound, parameters=[in_query("search")]))
def search(store: OpenStore, words: Words, _: MaybeCaller) -> Response:
    """Players and songs of all games that have the words of ``search``, at most 100 of each."""
    return success("Found these.", _found.found_anywhere(store, words))

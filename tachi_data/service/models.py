"""The shapes of requests and answers, as the OpenAPI page describes them.

Routes write their JSON by themselves, since the documents of `tachi_data.documents` are JSON already and the
bytes on the wire are a contract; so these models describe answers and do not make them. Answers may have further
members. A test (`tests/service/test_openapi.py`) compares answers with them.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tachi_data.import_types import all_import_types
from tachi_data.players.tokens import MOST_IDENTIFIER, PERMISSIONS

Body = TypeVar("Body")
Document = dict[str, Any]
FILES = [kind for kind in all_import_types() if kind.startswith("file/")]
FETCHED = [kind for kind in all_import_types() if kind.startswith("api/")]


def _camel(name: str) -> str:
    """Returns the documents' name of a field.

    >>> [_camel(name) for name in ("import_id", "id_strings", "score_ids", "time_started")]
    ['importID', 'idStrings', 'scoreIDs', 'timeStarted']
    """
    first, *others = name.split("_")
    return first + "".join(re.sub("^Id(s?)$", r"ID\1", word.capitalize()) for word in others)


class Shape(BaseModel):
    """A JSON object whose members are named as in documents."""

    model_config = ConfigDict(alias_generator=_camel, populate_by_name=True)


class Success(Shape, Generic[Body]):
    """The envelope of a success."""

    success: Literal[True]
    description: str
    body: Body


class Failure(Shape):
    """The envelope of a failure."""

    success: Literal[False]
    description: str
    code: str = Field("", description="For programs.")


class Nothing(Shape):
    """An answer without content."""


# --- imports --------------------------------------------------------------------------------------


class ImportProblem(Shape):
    """A datapoint that did not become a score."""

    type: str
    message: str
    orphan_id: str | None = Field(None, description="The orphan that it is kept as.")


class SessionOfImport(Shape):
    """A session that an import made or added to."""

    session_id: str
    type: Literal["Created", "Appended"]


EXAMPLE: dict[str, Any] = {
    "importID": "d1c0b5f1e0a94fd6c0f0a8e2c7d35a41f9be0273",
    "importType": "file/batch-manual",
    "userID": 1,
    "userIntent": True,
    "game": "iidx",
    "playtypes": ["SP"],
    "idStrings": ["iidx:SP"],
    "scoreIDs": ["T507150ccbc211e0ff55dfdb3899048d2b3b3bd5c5197fc45f0108eded6383a78"],
    "errors": [{"type": "SongOrChartNotFound", "message": 'The catalogue has no song "9999".'}],
    "skipped": 3,
    "timeStarted": 1767225600000,
    "timeFinished": 1767225600312,
    "createdSessions": [{"sessionID": "Q0123456789abcdef", "type": "Created"}],
    "classDeltas": [],
    "goalInfo": [],
    "questInfo": [],
    "gameGroup": "iidx",
    "games": ["iidx-sp"],
}


class ImportDocument(Shape):
    """What became of an import. Times are unix milliseconds.

    ``skipped`` counts what the player has already, or the format leaves out (older imports were not counted);
    ``remarks`` are about scores that were imported all the same.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    import_id: str
    import_type: str
    user_id: int
    user_intent: bool
    game: str
    playtypes: list[str]
    id_strings: list[str]
    score_ids: list[str]
    errors: list[ImportProblem]
    skipped: int | None = None
    remarks: list[str] | None = None
    time_started: int
    time_finished: int
    created_sessions: list[SessionOfImport]
    class_deltas: list[Document]
    goal_info: list[Document]
    quest_info: list[Document]
    game_group: str = Field(description="The same as game.")
    games: list[str] = Field(description="Games and playtypes by their v3 names.")


class ImportDone(ImportDocument):
    """An ImportDocument, with the address at which it can be asked for again."""

    url: str


class ImportAccepted(Shape):
    """Where a client asks how far an accepted import is."""

    url: str
    import_id: str


class ImportProgress(Shape):
    """How far an import is; with ``import`` when it is completed, else with ``progress``."""

    import_status: Literal["ongoing", "completed"]


class Imports(Shape):
    """Imports and their players."""

    imports: list[ImportDocument]
    users: list[Document]


class FailedImport(Shape):
    """An import that failed; ``error`` has a message only for its player and administrators."""

    import_id: str
    import_type: str
    type: Literal["FAILED"]
    error: Document


class FailedImports(Shape):
    """Failed imports and their players."""

    failed_imports: list[FailedImport]
    users: list[Document]


class ImportWithScores(Shape):
    """An import with all that it brought."""

    import_: ImportDocument = Field(alias="import")
    scores: list[Document]
    songs: list[Document]
    charts: list[Document]
    sessions: list[Document]
    user: Document


class Reprocessed(Shape):
    """How many orphans were tried, stay, became scores, and were invalid."""

    processed: int
    failed: int
    success: int
    removed: int


class Orphan(Shape):
    """A datapoint without a chart; ``data`` and ``context`` are only in the answer about one orphan."""

    orphan_id: str
    row_id: int
    import_type: str
    game_group: str
    time_inserted: int
    message: str | None
    summary: str | None


class OrphanPage(Shape):
    """Some of a player's orphans, newest first."""

    orphans: list[Orphan]
    has_more: bool


# --- players --------------------------------------------------------------------------------------


class Status(Shape):
    """The service, and the caller as it sees them."""

    server_time: int
    start_time: int
    version: str
    whoami: int | None
    permissions: list[str]
    store: str


class PublicPlayer(Shape):
    """The public document of a player."""

    id: int
    username: str
    username_lowercase: str
    join_date: int


class UserGame(Shape):
    """A player's profile of a game; the scores are null where none has a time."""

    game_stats: Document
    first_score: Document | None
    most_recent_score: Document | None
    total_scores: int


class PersonalBest(Shape):
    """A personal best with its song and chart."""

    pb: Document
    song: Document
    chart: Document


class LastSession(Shape):
    """A session with its scores."""

    session: Document
    scores: list[Document]
    songs: list[Document]
    charts: list[Document]
    user: PublicPlayer


class ChartsFound(Shape):
    """Charts and their songs."""

    songs: list[Document]
    charts: list[Document]


class SearchFound(Shape):
    """Players, and songs with their games."""

    users: list[PublicPlayer]
    songs: list[Document]


class LoggedIn(Shape):
    """The player that a browser is now logged in as."""

    user_id: int


class Token(Shape):
    """An API token."""

    user_id: int
    token: str
    identifier: str
    permissions: dict[str, bool]


class Linked(Shape):
    """Whether a service is linked."""

    auth_status: bool


class ScoreFound(Shape):
    """A score."""

    score: Document


# --- bodies of requests ---------------------------------------------------------------------------


class Upload(Shape):
    """A file of scores; further texts are options of its format."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    import_type: Annotated[str, Field(json_schema_extra={"enum": FILES})]
    score_data: Annotated[bytes, Field(json_schema_extra={"format": "binary"})]


class Fetch(Shape):
    """Which service to fetch scores from."""

    import_type: Annotated[
        str, Field(json_schema_extra={"enum": FETCHED}, examples=["api/flo-iidx"])
    ]
    ignore_timestop: bool = Field(False, description="Fetch all scores, not only new ones.")


class ClassesStated(Shape):
    """The classes that a player has in a game; null removes one."""

    game: str = Field(examples=["iidx-sp"], description="A v3 game.")
    classes: dict[str, str | None] = Field(examples=[{"dan": "DAN_5"}])


class Code(Shape):
    """A code that logs in, or that links a service."""

    code: str = Field(examples=["0f1e2d"])


class WantedToken(Shape):
    """A token to be made."""

    permissions: list[Annotated[str, Field(json_schema_extra={"enum": list(PERMISSIONS)})]] = Field(
        default=..., examples=[["submit_score"]]
    )
    identifier: str = Field("Custom Token", max_length=MOST_IDENTIFIER)


class TimeStopType(Shape):
    """Which time stop is meant."""

    import_type: Annotated[str, Field(json_schema_extra={"enum": FETCHED})]


class TimeStop(TimeStopType):
    """Up to when scores at another service are known; null where everything is fetched."""

    last_score_time: float | None = Field(examples=[1700000000000])


class TimeStops(Shape):
    """The time stops of a player, one for each import type that fetches."""

    timestops: list[TimeStop]


class Card(Shape):
    """A card of a card service."""

    card_id: Annotated[str, Field(pattern="^[a-zA-Z0-9]{16}$")]
    pin: Annotated[str, Field(pattern="^[0-9]{4}$")]


class AccessCode(Shape):
    """A card's access code."""

    card_access_code: Annotated[str, Field(pattern="^[0-9]{20}$")]


class Notes(Shape):
    """A comment on a score, or a highlight."""

    comment: str | None = Field(None, min_length=1, max_length=120)
    highlight: bool = Field(False, examples=[True])


class Deletion(Shape):
    """Whether a deleted score is refused from now on."""

    blacklist: bool = False


class Rivals(Shape):
    """The players that are a player's rivals."""

    rival_ids: list[int] = Field(examples=[[2, 3]])


class Echo(Shape):
    """A text that comes back."""

    echo: str = Field("", examples=["hello"])

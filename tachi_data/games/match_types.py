"""How a client says which chart it played: match types, each one frozen value.

A score of BATCH-MANUAL names its match type and an identifier. The match type says what the identifier
is: a key of the catalogue's songs (a title), among whose charts the difficulty then decides, or a key of
its charts (an in-game ID, a hash). Any game may list the match types of this module; a game with one of
its own declares it in its own module.

>>> chart_hash("popnChartHash", "sha256").key
'sha256'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reading = Literal["text", "title", "song ID", "in-game ID"]


@dataclass(frozen=True, kw_only=True)
class MatchType:
    """One way to name a chart.

    Args:
        name: What documents call it, such as ``songTitle``.
        finds: Whether the identifier is a key of songs or of charts.
        key: The kind of key, as in the catalogue's tables ``song_keys`` and ``chart_keys``.
        reads: How the identifier becomes a key: the text itself; a title, in any case; a song ID, in
            digits; an in-game ID, in digits with blanks around it allowed.
        difficulty: When a difficulty that the game lacks is refused: at once, or only when the song is
            known (an unknown song is an orphan then). None: the key alone names the chart, so that
            neither difficulty nor version counts.
        playtype: Whether the playtype takes part in the look-up, is compared with that of the chart
            found, or does not count.
        artist: Whether the artist, where a score names one, tells songs of one title apart.
        aliases: Whether the difficulty may be one of the game's `GPT.difficulty_aliases`.
        checks_version: Whether a version that the game lacks refuses the score.
        any_version: Whether a chart of any version is meant, be it the primary one or not.
        only_one: Whether the key finds nothing where several charts have it.
        instead_of: The match type that players take for this one; its refusal points here.
    """

    name: str
    finds: Literal["song", "chart"]
    key: str
    reads: Reading = "text"
    difficulty: Literal["at once", "with the song"] | None = "at once"
    playtype: Literal["looked up", "compared", "ignored"] = "looked up"
    artist: bool = False
    aliases: bool = False
    checks_version: bool = False
    any_version: bool = False
    only_one: bool = False
    instead_of: str = ""


SONG_TITLE = MatchType(
    name="songTitle",
    finds="song",
    key="folded_title",
    reads="title",
    difficulty="with the song",
    artist=True,
)
SONG_ID = MatchType(
    name="tachiSongID", finds="song", key="song_id", reads="song ID", difficulty="with the song"
)
IN_GAME_ID = MatchType(name="inGameID", finds="chart", key="in_game_id", reads="in-game ID")
IN_GAME_TEXT_ID = MatchType(name="inGameStrID", finds="chart", key="in_game_str_id")
# A chart of WORLD'S END or UTAGE: it has an in-game ID for itself, and a difficulty that nobody spells alike.
SPECIAL_CHART = MatchType(
    name="gcmInGameIDSpecialChart",
    finds="chart",
    key="in_game_id",
    reads="in-game ID",
    difficulty=None,
    any_version=True,
    only_one=True,
)
COMMON = (SONG_TITLE, SONG_ID, IN_GAME_ID, IN_GAME_TEXT_ID)


def chart_hash(
    name: str, key: str, playtype: Literal["looked up", "compared", "ignored"] = "looked up"
) -> MatchType:
    """Returns a match type whose identifier is the hash of a chart's file, as it is written."""
    return MatchType(name=name, finds="chart", key=key, difficulty=None, playtype=playtype)

"""The dictionary of columns: each once, for all stored tables and for the frames of an import.

One name has one meaning and one type. `IN_TABLE` lists the names that mean something else in one table,
because a store already has them so. What a game adds (its metrics, judgements and ratings) is in
`tachi_data.tables.game_columns`.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tachi_data.store import Table
from tachi_data.tables.column import Column, flag, json, number, text, texts, time, whole


def _by_name(columns: Iterable[Column]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in columns:
        if column.name in found:
            raise ValueError(f"The column {column.name} is in the dictionary twice.")
        found[column.name] = column
    return found


_WHO_AND_WHAT = (
    whole("user_id", "The player, by the number of the original server."),
    text("game", "The game, by its id, such as iidx."),
    text("playtype", "The playtype of the game, such as SP.", null=True),
    texts("games", "The games whose songs or charts a change of the catalogue is about."),
    text("import_id", "The import, 40 hexadecimal digits.", null=True),
    text("import_type", "The format of the import, such as file/batch-manual.", null=True),
    flag("user_intent", "Whether the player asked for the import, rather than a program."),
    text("service", "The score service that the score comes from, or that is linked."),
)
_CATALOGUE = (
    whole("song_id", "The song, by its number within the game.", null=True),
    text("chart_id", "The chart, 40 hexadecimal digits.", null=True),
    text("title", "The title of the song, folder or course."),
    text("artist", "The artist of the song.", null=True),
    texts("alt_titles", "Other titles of the song."),
    texts("search_terms", "Other words under which people look for the song."),
    json("data", "The members that only documents of this game have."),
    text("digest", "A hash of the document, to see whether it changed."),
    text(
        "origin", "Where the document comes from: seeds, patch, queue, or v2 (a goal that stayed)."
    ),
    text("difficulty", "The difficulty of the chart, such as ANOTHER.", null=True),
    text("level", "The level of the chart as the game writes it, such as 12+.", null=True),
    number("level_num", "The level of the chart as a number.", "level", null=True),
    flag(
        "is_primary",
        "Whether the chart is the one that counts of its song and difficulty.",
        null=True,
    ),
    texts("versions", "The versions of the game that have the chart."),
    text("version", "The version of the game that a look-up names.", null=True),
    text("folder_id", "The folder, by its ID."),
    text("v3_id", "Its identifier in a catalogue of 2026 (v3), which is no key.", null=True),
    text("slug", "The folder's name in addresses, unique within game and playtype.", null=True),
    text(
        "type",
        "How the folder's charts are listed: songs, charts or static; where (by a predicate of v3), or"
        " unreadable (by a predicate that cannot be read, so that it has none).",
    ),
    flag("inactive", "Whether the folder is out of use."),
    text("goal_id", "The goal, by its ID."),
    text("charts_type", "What the goal is about: single, multi (charts) or folder."),
    json("charts_data", "The chart, charts or folder that the goal is about."),
    text("criteria_key", "The metric that the goal asks for."),
    text(
        "criteria_mode", "On how many charts: single, absolute (a count) or proportion (a share)."
    ),
    number("criteria_value", "The value of the metric that is to be reached."),
    number(
        "count_num", "The count or share of charts; null for a single one.", "charts", null=True
    ),
    text(
        "criteria_source",
        "What the goal's key is: score (a metric, as where this is null) or calculated (a rating).",
        null=True,
    ),
    text("quest_id", "The quest, by its ID."),
    json("quest_data", "The sections of the quest with their goals."),
    text("questline_id", "The questline, by its ID."),
    texts("quests", "The quests of the questline, in order."),
    text("desc", "What the quest or questline is about."),
    text("name", "The name that people read."),
    text("md5sums", "The MD5 hashes of the course's charts, one after the other."),
    text("set", "The class set of the class that the course grants."),
    text("value", "The class that the course grants."),
    text("kind", "The kind of key, such as folded_title or in_game_id."),
    text("key", "The key itself: a title, a number or a hash, as text."),
    text("artist_folded", "The song's artist, folded as titles are for a look-up."),
    flag("is_fan_made", "Whether the chart is made by fans, which some look-ups leave out."),
    whole("preference", "The chart's place among charts with the same key: 0 is found first."),
    time("loaded_at", "When the change was made."),
    whole(
        "generation",
        "The form of the catalogue's files, 2 or 3; null before it was kept.",
        null=True,
    ),
    *(
        whole(f"{kind}_{change}", f"How many {kind} the change {change}.", kind)
        for kind in ("songs", "charts")
        for change in ("added", "changed", "removed")
    ),
)
_LOOK_UP = (
    text("song_kind", "The kind of key that the song is looked up by.", null=True),
    text("song_key", "The key that the song is looked up by.", null=True),
    text("song_exact", "The title as the source spells it, before it is folded.", null=True),
    text("song_first", "The kind of key that is tried before, with the same key.", null=True),
    text("chart_kind", "The kind of key that the chart is looked up by.", null=True),
    text("chart_key", "The key that the chart is looked up by.", null=True),
    flag("primary_only", "Whether only primary charts are wanted.", null=True),
    flag("official_only", "Whether charts made by fans are not wanted.", null=True),
    flag("only_one", "Whether none of several charts is wanted.", null=True),
)
_IMPORTS = (
    json("document", "The ImportDocument, without its long lists."),
    json("timings", "How long each stage took.", null=True),
    time("time_started", "When the import, the run or the session began."),
    time("time_finished", "When the import or the run ended.", null=True),
    whole("position", "The place in the list, from 0.", null=True),
    text("session_id", "The session that the score belongs to.", null=True),
    flag("is_new", "Whether the import created the session."),
    whole(
        "line", "The line of the source, from 1; null where it has no lines.", "lines", null=True
    ),
    text(
        "outcome",
        "What became of the datapoint, such as ScoreImported or InvalidDatapoint.",
        null=True,
    ),
    text("message", "Why, in words for people.", null=True),
    text("orphan_id", "The orphan that the datapoint is kept as.", null=True),
    text("status", "How far the import or run is, such as completed."),
    whole("status_code", "The HTTP status that says why the import failed.", null=True),
    text("owner", "The process that works on the import.", null=True),
    time("heartbeat", "When the process that works on the import last said so.", null=True),
    whole("attempts", "How often it was tried.", "times"),
    time("not_before", "When it may be tried again.", null=True),
    json("score", "The refused score's document."),
    json("chart", "The chart's document, without its ID."),
    json("song", "The song's document, without its ID."),
    text("sha256", "The SHA-256 hash of the chart's file."),
    text("md5", "The MD5 hash of the chart's file.", null=True),
    whole("ordinal", "Counts rows in the order in which they were stored."),
)
_ORPHANS = (
    json("context", "What all datapoints of the orphan's source share."),
    time("time_inserted", "When it was first stored."),
    time("last_attempt", "When the orphan was last tried.", null=True),
    text("last_error", "Why the last attempt failed.", null=True),
    whole("catalogue_version", "The version of the catalogue at that time.", null=True),
    whole(
        "unexpected",
        "How often in a row the orphan failed for a mistake of ours.",
        "times",
        null=True,
    ),
    flag(
        "quarantined",
        "Whether the orphan is left out of runs: it failed five times unexpectedly.",
        null=True,
    ),
    text("converter_version", "The version of this package that last tried the orphan.", null=True),
    text(
        "due",
        "Why it is to be tried whatever changes: a run that put it off, restored, new chart or new rules.",
        null=True,
    ),
    text("reason", "Why the orphan is in the archive."),
    time("time_removed", "When the orphan went into the archive."),
    text("run_id", "The run over orphans.", null=True),
    text("deorphaned_by", "The import by which the orphan became a score.", null=True),
    flag("is_global", "Whether the run is about all players and can end a catalogue's changes."),
    text("which", "The orphans that the run is about: all, changed, due or deferred."),
    Column(
        "user_ids", pl.List(pl.Int64), "The players that the run is about; null: all.", None, True
    ),
    time("lease_until", "Until when the process has the run or the lock to itself.", null=True),
    whole(
        "since_version", "The version of the catalogue up to which all is tried already.", null=True
    ),
    whole("since_upper", "The last ordinal that was there then.", null=True),
    whole("upper", "The last ordinal that the run is about."),
    whole("cursor", "The last ordinal that was tried."),
    *(
        whole(name, sentence, "orphans")
        for name, sentence in (
            ("selected", "How many orphans the run was about when it began."),
            ("seen", "How many orphans the run has looked at."),
            ("processed", "How many orphans the run has tried."),
            ("failed", "How many orphans stayed orphans."),
            ("success", "How many orphans became scores."),
            ("removed", "How many orphans were archived without becoming a score."),
            ("deferred", "How many orphans wait for the end of an import of their player."),
        )
    ),
)
_PLAYERS = (
    time("time_added", "When the player or the score was stored."),
    text("token_hash", "The SHA-256 hash of the token."),
    text("identifier", "What the player calls the token."),
    texts("permissions", "What the token allows."),
    time("time_created", "When the token was made."),
    time("time_expires", "When it is no longer valid.", null=True),
    text("username", "The name that the player logs in with."),
    text("secret_hash", "The SHA-256 hash of the cookie or the link's code."),
    flag("is_code", "Whether it is a link to log in with, rather than a session."),
    text("credentials", "The fields of the link to the service, encrypted."),
    time("time_changed", "When the link was last changed."),
    text("client", "The game client."),
    json("settings", "What the player set for the client."),
    text("holder", "The import that holds the lock."),
    time("last_score_time", "When the newest score was achieved that an import brought."),
    whole("rival_id", "The rival, by the number of the player."),
)
_SCORES = (
    text("score_id", "The score: T and the SHA-256 hash of player, chart and values.", null=True),
    flag("highlight", "Whether the player marked it."),
    text("comment", "The player's comment.", null=True),
    time(
        "time_achieved",
        "When the score, goal, quest or class was achieved; null where nobody knows.",
        null=True,
    ),
    json("score_meta", "The scoreMeta of the score: facts such as random and gauge.", null=True),
    texts(
        "explicit_nulls", "Judgements and optional metrics that are null, not absent.", null=True
    ),
    whole("session_position", "The score's place in its session, from 0.", null=True),
    Column(
        "composed_from",
        pl.List(pl.Struct({"name": pl.String, "score_id": pl.String})),
        "The scores that the personal best is made of, with what each gave.",
    ),
    whole("first_ordinal", "The ordinal of the player's first score on the chart."),
)
_STANDINGS = (
    whole("rules_version", "The version of the game's rules that all its scores follow."),
    whole("derived_generation", "The generation of newer rules that some players have.", null=True),
    whole("derived_version", "The version of newer rules that some players have.", null=True),
    whole("derived_user_id", "The last player who has the newer rules.", null=True),
    text("description", "What the player wrote about the session.", null=True),
    time("time_ended", "When the last score of the session was achieved."),
    json("ratings", "The ratings of the session or profile, by name."),
    json("classes", "The classes of the profile, by class set."),
    text("class_set", "The class set, such as dan."),
    text("class_old_value", "The class before; null for the first.", null=True),
    text("class_value", "The class that was reached."),
    number("progress", "How far the player is, in the unit of out_of.", null=True),
    text("progress_human", "How far the player is, in words."),
    number("out_of", "The progress at which the goal is achieved."),
    text("out_of_human", "What is to be reached, in words."),
    flag("achieved", "Whether the goal or quest is achieved."),
    time("last_interaction", "When the progress last changed.", null=True),
    flag("was_instantly_achieved", "Whether it was achieved when the player subscribed."),
    flag("was_assigned_standalone", "Whether the player subscribed to it apart from any quest."),
)
_FRAMES = (
    whole("row", "The datapoint's place among all of the set of imports, from 0."),
    whole("source", "The import's place in its set, from 0."),
    text(
        "violation", "Why the record does not fit its declaration; null where it does.", null=True
    ),
    time("time_received", "When the import was received."),
    flag("chart_found", "Whether the catalogue has the chart."),
)
COLUMNS = _by_name(
    (
        *_WHO_AND_WHAT,
        *_CATALOGUE,
        *_LOOK_UP,
        *_IMPORTS,
        *_ORPHANS,
        *_PLAYERS,
        *_SCORES,
        *_STANDINGS,
        *_FRAMES,
    )
)

_RAW = json("data", "The raw record of the datapoint.", null=True)
_VERSION = whole("version", "The version of the catalogue, counted from 1.")
IN_TABLE: dict[str, dict[str, Column]] = {
    table: _by_name(columns)
    for table, columns in {
        "folders": [json("data", "The query for the folder's charts.")],
        "catalogue_versions": [
            _VERSION,
            text("source", "The folder, address or commit that the change comes from."),
        ],
        "catalogue_changes": [_VERSION],
        "problems": [_RAW],
        "import_trackers": [json("progress", "How far the import is.", null=True)],
        "counters": [whole("value", "The last number that was given out.")],
        "orphans": [_RAW],
        "orphan_archive": [_RAW],
        "accounts": [text("level", "What the account may do, such as ADMIN or BANNED.")],
        "sessions": [text("session_id", "The session, by its ID.")],
        "game_rules": [whole("generation", "The generation, 2 or 3, that all its scores follow.")],
        "quest_subs": [whole("progress", "How many goals of the quest are achieved.", "goals")],
    }.items()
}


def column(name: str, table: str = "") -> Column:
    """The column of this name, as it is in this table.

    >>> column("progress", "quest_subs").unit, column("time_added").unit
    ('goals', 'ms, UTC')

    Raises:
        LookupError: The dictionary has no such column.
    """
    found = IN_TABLE.get(table, {}).get(name) or COLUMNS.get(name)
    if found is None:
        raise LookupError(f"The dictionary of columns has no {name!r}: add it to {__name__}.")
    return found


def stored(name: str, columns: str, row: str) -> Table:
    """The declaration of a stored table.

    Args:
        name: The table.
        columns: Names of the dictionary, with spaces between them, in the table's order.
        row: A sentence: what one row of the table is.
    """
    return Table(name, {c: column(c, name).dtype for c in columns.split()}, row)

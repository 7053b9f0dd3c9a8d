"""The stored tables of the catalogue, and what each collection of documents becomes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tachi_data.store import Table

TEXT, INTEGER, NUMBER, FLAG = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()
TEXTS = pl.List(pl.String)

SONGS = Table(
    "songs",
    {
        "game": TEXT,
        "song_id": INTEGER,
        "title": TEXT,
        "artist": TEXT,
        "alt_titles": TEXTS,
        "search_terms": TEXTS,
        "data": TEXT,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is a song. Its origin is seeds (a catalogue's files), patch or queue.",
)
CHARTS = Table(
    "charts",
    {
        "game": TEXT,
        "chart_id": TEXT,
        "song_id": INTEGER,
        "playtype": TEXT,
        "difficulty": TEXT,
        "level": TEXT,
        "level_num": NUMBER,
        "is_primary": FLAG,
        "versions": TEXTS,
        "data": TEXT,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is a chart. Its origin is seeds (a catalogue's files), patch or queue.",
)
FOLDERS = Table(
    "folders",
    {
        "folder_id": TEXT,
        "game": TEXT,
        "playtype": TEXT,
        "title": TEXT,
        "type": TEXT,
        "data": TEXT,
        "inactive": FLAG,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is a folder of charts; data is the query for them.",
)
GOALS = Table(
    "goals",
    {
        "goal_id": TEXT,
        "game": TEXT,
        "playtype": TEXT,
        "name": TEXT,
        "charts_type": TEXT,
        "charts_data": TEXT,
        "criteria_key": TEXT,
        "criteria_mode": TEXT,
        "criteria_value": NUMBER,
        "count_num": NUMBER,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is a goal.",
)
QUESTS = Table(
    "quests",
    {
        "quest_id": TEXT,
        "game": TEXT,
        "playtype": TEXT,
        "name": TEXT,
        "desc": TEXT,
        "quest_data": TEXT,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is a quest, which is achieved once all its goals are.",
)
QUESTLINES = Table(
    "questlines",
    {
        "questline_id": TEXT,
        "game": TEXT,
        "playtype": TEXT,
        "name": TEXT,
        "desc": TEXT,
        "quests": TEXTS,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is an ordered list of quests.",
)
COURSES = Table(
    "courses",
    {
        "game": TEXT,
        "md5sums": TEXT,
        "playtype": TEXT,
        "title": TEXT,
        "set": TEXT,
        "value": TEXT,
        "digest": TEXT,
        "origin": TEXT,
    },
    "One row is a course of charts; who clears it has a class. It is known by its charts' MD5s, one after the other.",
)
SONG_KEYS = Table(
    "song_keys",
    {"game": TEXT, "kind": TEXT, "key": TEXT, "artist_folded": TEXT, "song_id": INTEGER},
    "One row is something a song is looked up by.",
)
CHART_KEYS = Table(
    "chart_keys",
    {
        "game": TEXT,
        "kind": TEXT,
        "key": TEXT,
        "chart_id": TEXT,
        "song_id": INTEGER,
        "playtype": TEXT,
        "difficulty": TEXT,
        "level": TEXT,
        "is_primary": FLAG,
        "versions": TEXTS,
        "is_fan_made": FLAG,
        "preference": INTEGER,
    },
    "One row is something a chart is looked up by; of several charts the least preference wins.",
)
FOLDER_CHARTS = Table(
    "folder_charts",
    {"folder_id": TEXT, "game": TEXT, "playtype": TEXT, "chart_id": TEXT},
    "One row is a chart that is in a folder.",
)
VERSIONS = Table(
    "catalogue_versions",
    {
        "version": INTEGER,
        "loaded_at": pl.Datetime("ms"),
        "source": TEXT,
        "games": TEXTS,
        **{
            f"{kind}_{change}": INTEGER
            for kind in ("songs", "charts")
            for change in ("added", "changed", "removed")
        },
    },
    "One row is a change of the catalogue.",
)
CHANGES = Table(
    "catalogue_changes",
    {"version": INTEGER, "game": TEXT, "kind": TEXT, "key": TEXT},
    "One row is a key that finds something else, or something changed, since that version.",
)
TABLES: tuple[Table, ...] = (
    SONGS,
    CHARTS,
    SONG_KEYS,
    CHART_KEYS,
    FOLDERS,
    FOLDER_CHARTS,
    GOALS,
    QUESTS,
    QUESTLINES,
    COURSES,
    VERSIONS,
    CHANGES,
)


@dataclass(frozen=True, eq=False)
class Collection:
    """A kind of documents with the table that keeps them; ``id_column`` is unique within a game."""

    table: Table
    id_column: str

    @property
    def name(self) -> str:
        """Its name, which is that of the table and of the file."""
        return self.table.name


# In the order in which they are stored: folders need the charts.
COLLECTIONS: dict[str, Collection] = {
    collection.name: collection
    for collection in (
        Collection(SONGS, "song_id"),
        Collection(CHARTS, "chart_id"),
        Collection(FOLDERS, "folder_id"),
        Collection(GOALS, "goal_id"),
        Collection(QUESTS, "quest_id"),
        Collection(QUESTLINES, "questline_id"),
        Collection(COURSES, "md5sums"),
    )
}

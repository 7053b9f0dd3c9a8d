"""The stored tables of the catalogue, and what each collection of documents becomes."""

from __future__ import annotations

from dataclasses import dataclass

from tachi_data.store import Table
from tachi_data.tables.columns import stored

SONGS = stored(
    "songs",
    "game song_id title artist alt_titles search_terms data digest origin v3_id",
    "One row is a song. Its origin is seeds (a catalogue's files), patch or queue.",
)
CHARTS = stored(
    "charts",
    "game chart_id song_id playtype difficulty level level_num is_primary versions data "
    "digest origin v3_id",
    "One row is a chart. Its origin is seeds (a catalogue's files), patch or queue.",
)
SONG_KEYS = stored(
    "song_keys",
    "game kind key artist_folded song_id",
    "One row is something a song is looked up by.",
)
CHART_KEYS = stored(
    "chart_keys",
    "game kind key chart_id song_id playtype difficulty level is_primary versions "
    "is_fan_made preference",
    "One row is something a chart is looked up by; of several charts the least preference wins.",
)
FOLDERS = stored(
    "folders",
    "folder_id game playtype title type data inactive digest origin v3_id slug",
    "One row is a folder of charts; data is the query for them.",
)
FOLDER_CHARTS = stored(
    "folder_charts",
    "folder_id game playtype chart_id",
    "One row is a chart that is in a folder.",
)
GOALS = stored(
    "goals",
    "goal_id game playtype name charts_type charts_data criteria_key criteria_mode "
    "criteria_value count_num criteria_source digest origin",
    "One row is a goal.",
)
QUESTS = stored(
    "quests",
    "quest_id game playtype name desc quest_data digest origin",
    "One row is a quest, which is achieved once all its goals are.",
)
QUESTLINES = stored(
    "questlines",
    "questline_id game playtype name desc quests digest origin",
    "One row is an ordered list of quests.",
)
COURSES = stored(
    "courses",
    "game md5sums playtype title set value digest origin",
    "One row is a course of charts; who clears it has a class. It is known by its charts' MD5s, one after the other.",
)
VERSIONS = stored(
    "catalogue_versions",
    "version loaded_at source games generation songs_added songs_changed songs_removed "
    "charts_added charts_changed charts_removed",
    "One row is a change of the catalogue.",
)
CHANGES = stored(
    "catalogue_changes",
    "version game kind key",
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

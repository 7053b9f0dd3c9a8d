"""What schemas say about three-row frames: which row fails, why, and when the frame itself is wrong."""

import math
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaErrors

import tachi_data as td
from tachi_data import games, schemas
from tachi_data.import_types import all_import_types
from tachi_data.tables.scores import pbs_table, scores_table

IIDX = schemas.scores("iidx", "SP")
DAY = 24 * 60 * 60 * 1000
GPTS = [gpt for name in games.names() for gpt in games.gpts(name)]


def plays(**columns: list[Any]) -> pl.DataFrame:
    """IIDX scores, of which all but the given columns are possible."""
    count = len(next(iter(columns.values())))
    types = {n: c.dtype.type for n, c in IIDX.columns.items()}
    good = {"score": [100] * count, "lamp": ["CLEAR"] * count}
    given = {**good, **columns}
    return pl.DataFrame(given, schema={n: types[n] for n in given})


def told(frame: pl.DataFrame, schema: pa.DataFrameSchema = IIDX) -> list[tuple[int, str]]:
    return schemas.failures(frame, schema).rows()


def test_provided_metrics_are_enough() -> None:
    frame = plays(score=[0, 1, 2])
    assert told(frame) == []
    assert IIDX.validate(frame, lazy=True).equals(frame)


def test_an_analyst_reads_which_rows_fail_and_why() -> None:
    frame = plays(score=[5, None, -5], lamp=["CLEAR", "CLEAR", "SHINY"])
    good, failures = td.schemas.split(frame, td.schemas.scores("iidx", "SP"))
    assert good.equals(frame[:1])
    lamps = (
        "NO PLAY, FAILED, ASSIST CLEAR, EASY CLEAR, CLEAR, HARD CLEAR, EX HARD CLEAR, FULL COMBO"
    )
    assert failures.rows() == [
        (1, "score: is missing"),
        (2, "score: must be at least 0, got -5"),
        (2, f'lamp: must be one of {lamps}, got "SHINY"'),
    ]


def test_pandera_itself_names_the_rows() -> None:
    with pytest.raises(SchemaErrors) as caught:
        IIDX.validate(plays(score=[1, -1, None]), lazy=True)
    assert caught.value.failure_cases["index"].to_list() == [1, 2]


def test_a_bound_of_the_chart_is_named_with_the_value() -> None:
    frame = plays(score=[2400, 3520, 1], **{"chart.notecount": [1200, 1200, None]})
    assert told(frame) == [
        (1, "score: 3520, the chart allows at most 2400"),
        (2, "score: the catalogue does not say how much the chart allows"),
    ]


def test_a_frame_without_charts_is_not_asked_about_them() -> None:
    assert told(plays(score=[1_000_000])) == []


def test_whole_numbers_are_safe_integers() -> None:
    frame = plays(**{"optional.bp": [2**53 - 1, 2**53, None]})
    largest = "9,007,199,254,740,991"
    assert told(frame) == [(1, f"bp: must be at most {largest}, got {2**53}")]


def test_not_a_number_is_beyond_every_bound() -> None:
    frame = plays(**{"optional.gauge": [100.0, math.nan, -0.5]})
    assert told(frame) == [
        (1, "gauge: must be at most 100, got NaN"),
        (2, "gauge: must be at least 0, got -0.5"),
    ]


def test_graphs_are_judged_value_by_value() -> None:
    frame = plays(**{"optional.gauge_history": [[0.0, 100.0, None], [], [50.0, 101.0]]})
    assert told(frame) == [(2, "gaugeHistory: every value must be from 0 to 100")]
    graph = schemas.scores("chunithm", "Single")
    with_null = pl.DataFrame({"optional.score_graph": [[1.0, None]]})
    provided = {"score": [900_000], "note_lamp": ["NONE"], "clear_lamp": ["CLEAR"]}
    found = told(with_null.with_columns(pl.DataFrame(provided)), graph)
    assert [message.partition(":")[0] for _, message in found] == ["scoreGraph"]


def test_rules_across_fields_come_last() -> None:
    frame = plays(score=[-1], **{"judgements.pgreat": [1], "judgements.great": [1]})
    assert told(frame) == [
        (0, "score: must be at least 0, got -1"),
        (
            0,
            "EX score must be twice the PGREATs plus the GREATs. Got: pgreat 1, great 1, score -1.",
        ),
    ]


@pytest.mark.parametrize(
    ("play", "message"),
    [
        (
            {"score": 1_010_000, "note_lamp": "FULL COMBO", "bell_lamp": "FULL BELL"},
            "A score of 1,010,000 needs the noteLamp ALL BREAK+.",
        ),
        (
            {"score": 1_000_000, "note_lamp": "ALL BREAK+", "bell_lamp": "NONE"},
            "The noteLamp ALL BREAK+ needs a score of 1,010,000.",
        ),
        (
            {"score": 1_010_000, "note_lamp": "ALL BREAK", "bell_lamp": "NONE"},
            "A score of 1,010,000 needs the noteLamp ALL BREAK+."
            " A score of 1,010,000 needs the bellLamp FULL BELL.",
        ),
    ],
)
def test_messages_say_which_value_does_not_fit_with_which(
    play: dict[str, Any], message: str
) -> None:
    counts = {f"judgements.{n}": 0 for n in ("break", "hit", "miss")}
    frame = pl.DataFrame(play | counts | {"platinum_score": 0, "chart.max_plat_score": 5})
    (found,) = schemas.failures(frame, schemas.scores("ongeki", "Single"))["message"].to_list()
    assert found.startswith(f"{message} Got: ")
    assert f"score {play['score']}" in found
    assert f"noteLamp {play['note_lamp']}" in found


def test_times_are_between_1970_and_tomorrow() -> None:
    now = 1_700_000_000_000
    frame = plays(time_achieved=[-1, now + DAY, now + DAY + 1])
    early = "timeAchieved: must not be before 1970"
    late = "timeAchieved: must not be more than 24 hours in the future"
    assert told(frame) == [(0, early)]
    received = frame.with_columns(time_received=pl.lit(now).cast(pl.Datetime("ms")))
    assert told(received) == [(0, early), (2, late)]


def test_a_frame_without_rows_has_no_failures() -> None:
    assert told(plays(score=[])) == []


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (plays(score=[1]).drop("lamp"), "scores of iidx:SP: the column 'lamp' is missing"),
        (plays(score=[1]).cast({"score": pl.String}), "'score' is of type String, not Int64"),
        (plays(score=[1]).cast({"lamp": pl.Categorical}), "'lamp' is of type Categorical"),
    ],
)
def test_a_wrong_frame_raises_and_is_named(frame: pl.DataFrame, words: str) -> None:
    with pytest.raises(schemas.UnfitFrame, match=words):
        schemas.failures(frame, IIDX)


def test_a_null_in_a_column_that_we_fill_is_our_mistake() -> None:
    outcomes = pl.DataFrame({"row": [0, None]}, schema={"row": pl.Int64})
    rest = {n: c for n, c in schemas.outcomes().columns.items() if c.required and n != "row"}
    frame = outcomes.with_columns(
        pl.lit(None, dtype=c.dtype.type).alias(n) for n, c in rest.items()
    )
    with pytest.raises(schemas.UnfitFrame, match="'row' is null in row 1"):
        schemas.failures(frame, schemas.outcomes())


def test_every_outcome_but_an_imported_score_has_a_reason() -> None:
    frame = pl.DataFrame(
        {
            "row": [0, 1, 2, 3],
            "outcome": ["ScoreImported", "ScoreImported", "Skipped", "Lost"],
            "score_id": ["T1", None, "T2", None],
            "message": [None, None, None, "Nobody knows."],
        }
    ).with_columns(
        line=pl.lit(None, dtype=pl.Int64),
        song_id=pl.lit(None, dtype=pl.Int64),
        chart_id=pl.lit(None, dtype=pl.String),
        orphan_id=pl.lit(None, dtype=pl.String),
    )
    found = told(frame, schemas.outcomes())
    assert [index for index, _ in found] == [1, 2, 3]
    assert found[-1][1].endswith('got "Lost"')


def datapoints(import_type: str, rows: int, **columns: list[Any]) -> pl.DataFrame:
    """Datapoints of a type with one game, of which all other columns are empty."""
    schema = schemas.datapoints(import_type).columns
    keys = {name: list(range(rows)) for name in ("row", "source", "user_id", "position")}
    given = {**keys, **columns}
    types = {n: c.dtype.type for n, c in schema.items()}
    return pl.DataFrame(
        {n: given.get(n, [None] * rows) for n in types if schema[n].required or n in given},
        schema_overrides=types,
    ).cast({n: t for n, t in types.items() if schema[n].required or n in given})


def test_a_violation_is_said_alone() -> None:
    kind = all_import_types()["ir/usc"]
    schema = schemas.datapoints(kind.id)
    frame = datapoints(kind.id, 3, violation=[None, "score: expected an integer.", None])
    assert told(frame, schema) == [(1, "score: expected an integer.")]


def test_members_of_records_have_their_bounds() -> None:
    bounded = {
        name: rule
        for name in all_import_types()
        if all_import_types()[name].has_one_game
        for rule in schemas.datapoints(name).metadata["rules"]
        if not rule.alone
    }
    assert len(bounded) > 5


def test_a_type_of_many_games_wants_one_named() -> None:
    with pytest.raises(LookupError, match="name one of them"):
        schemas.datapoints("file/batch-manual")
    with pytest.raises(LookupError, match="no import type 'file/nothing'"):
        schemas.datapoints("file/nothing")


@pytest.mark.parametrize("gpt", GPTS, ids=lambda gpt: gpt.id)
def test_all_columns_of_a_games_frames_are_described(gpt: games.GPT) -> None:
    makers = (schemas.dry_scores, schemas.matched, schemas.scores)
    for schema in (make(gpt.game, gpt.playtype) for make in makers):
        assert [
            n for n, c in schema.columns.items() if not (c.description or "").endswith(".")
        ] == []


@pytest.mark.parametrize("kind", all_import_types().values(), ids=lambda kind: kind.id)
def test_all_columns_of_datapoints_are_described(kind: Any) -> None:
    game = None if kind.has_one_game else kind.games[0] if kind.games else "iidx"
    schema = schemas.datapoints(kind.id, game)
    assert [n for n, c in schema.columns.items() if not (c.description or "").endswith(".")] == []


@pytest.mark.parametrize("game", games.names())
def test_stored_scores_can_be_validated_as_they_are(game: str) -> None:
    for table in (scores_table(game), pbs_table(game)):
        for gpt in games.gpts(game):
            schema = schemas.scores(game, gpt.playtype)
            assert schemas.failures(pl.DataFrame(schema=table.stored), schema).is_empty()


def test_a_year_that_python_does_not_have_is_in_the_future() -> None:
    moments = pl.Series([1_700_000_000_000_000, 1]).cast(pl.Datetime("ms"))
    frame = pl.DataFrame({"score": [1, 2], "lamp": ["FAILED"] * 2, "time_achieved": moments})
    frame = frame.with_columns(time_received=pl.lit(1).cast(pl.Datetime("ms")))
    found = schemas.failures(frame, schemas.scores("museca", "Single"))
    assert found.rows() == [(0, "timeAchieved: must not be more than 24 hours in the future")]

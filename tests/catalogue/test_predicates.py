"""Predicates of folders: what is read, what is refused, and that they mean what PostgreSQL means."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.catalogue import patch_catalogue
from tachi_data.catalogue.folders.facts import Facts
from tachi_data.catalogue.folders.predicates import (
    DEEPEST,
    Comparison,
    Every,
    Field,
    InTable,
    Missing,
    Not,
    Predicate,
    PredicateError,
    Some,
    parse,
)
from tachi_data.catalogue.folders.truth import truth
from tachi_data.store import Store
from tests.catalogue import v3_documents as v3

CHARTS: dict[str, dict[str, Any]] = {
    "a": {"level": "10+", "levelNum": 10.7, "data": {"inGameID": 7500, "isOfficial": True}},
    "b": {"level": "5", "levelNum": 5, "data": {"inGameID": [1, 2], "isOfficial": False}},
    "c": {"level": "5", "levelNum": 5.5, "data": {"inGameID": "7001", "tableFolders": {"★": "13"}}},
    "d": {"level": " D'", "levelNum": 0, "data": {"inGameID": None, "tableFolders": {"☆": "13*"}}},
}


@pytest.mark.parametrize(
    ("where", "members"),
    [
        ("chart.level = '10+'", "a"),
        ("chart.level IN ('10+', ' D''')", "ad"),
        ("chart.difficulty = 'ANOTHER' AND chart.level = '5'", "bc"),
        ("chart.level_num >= 5 AND chart.level_num < 5.5", "b"),
        ("chart.level_num >= 1 AND chart.level_num <= 5.5", "bc"),
        ("(chart.data->'tableFolders'->>'★') = '13'", "c"),
        ("(chart.data->'tableFolders'->>'☆') IN ('13', '13*')", "d"),
        ("(chart.data->'tableFolders') ? '☆'", "d"),
        ("NOT ((chart.data->'tableFolders') ? '☆')", "c"),
        ("NOT ((chart.data->'tableFolders'->>'☆') = '1')", "d"),
        ("(chart.data->>'inGameID')::numeric = 7500", "a"),
        # A text is a number where it says one; a list never is.
        ("(chart.data->>'inGameID')::numeric >= 7000 AND chart.difficulty = 'ANOTHER'", "ac"),
        # What is not there is unknown, and stays so.
        ("NOT ((chart.data->>'inGameID')::numeric >= 7100)", "c"),
        ("chart.data->>'isOfficial' = 'true'", "a"),
        ("NOT (chart.data->>'isOfficial' = 'true')", "b"),
        ("chart.data->>'isOfficial' IS NULL", "cd"),
        ("chart.data->>'isOfficial' IS NOT NULL", "ab"),
        ("song.data->>'genre' = 'LUNATIC'", "ab"),
        ("chart.level = '10+' OR chart.level = '5' AND chart.level_num = 5", "ab"),
        ("( chart.level='10+'OR chart.level <> '5' )and chart.level_num IN (0,10.70)", "ad"),
        ("chart.data->>'isOfficial' = 'true' OR chart.data->>'isOfficial' != 'true'", "ab"),
        ("NOT NOT chart.level = '5'", "bc"),
    ],
)
def test_a_predicate_chooses_charts(store: Store, where: str, members: str) -> None:
    songs = [v3.song(1, "One", data={"genre": "LUNATIC"}), v3.song(2, "Two")]
    charts = [v3.chart(name, 1 + (name > "b"), **facts) for name, facts in CHARTS.items()]
    folder = v3.folder("F", where)
    diff = patch_catalogue(
        store, {"songs-iidx": songs, "charts-iidx-sp": charts, "folders": [folder]}
    )
    assert diff.warnings == ()
    assert "".join(store.query("SELECT chart_id FROM folder_charts ORDER BY ALL")["chart_id"]) == (
        members
    )


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "expected a field of a chart instead of 'the end'"),
        ("1 = 1", "expected a field"),
        ("chart.id = 'x'", "is no field"),
        ("chart.level", "expected a comparison"),
        ("chart.level = 5", "a text in quotes"),
        ("chart.level > '5'", "cannot follow"),
        ("chart.level_num = '5'", "expected a number"),
        ("chart.level = 'x", "was not expected"),
        ("chart.level = 'x' chart.level = 'y'", "AND, OR or the end"),
        ("chart.level = 'x'; DROP TABLE charts", "was not expected"),
        ("chart.level = 'x' -- and more", "was not expected"),
        ("chart.level IN (SELECT level FROM charts)", "a text in quotes"),
        ("chart.data->'other'->>'x' = '1'", "only tableFolders"),
        ("""chart.data->>'a"b' = 'x'""", "is no member"),
        ("(chart.level = 'x'", "expected )"),
        ("(" * (DEEPEST + 2) + "chart.level = 'x'" + ")" * (DEEPEST + 2), "nested deeper"),
        ("(" * 9000, "nested deeper"),
        ("NOT " * 3000, "more than 10,000"),
    ],
)
def test_what_is_not_of_the_grammar_is_refused(where: str, message: str) -> None:
    with pytest.raises(PredicateError, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse(where)


@pytest.mark.parametrize(
    ("where", "members"),
    [
        ("chart.data->>'isBonusTrack' = 'true'", "bonus said"),
        ("chart.data->>'isBonusTrack' = 'false' AND chart.level = '12'", "denied null usual"),
    ],
)
def test_whether_a_track_is_a_bonus_follows_from_its_in_game_id(
    store: Store, where: str, members: str
) -> None:
    numbers = {
        "usual": {"inGameID": 8000},
        "bonus": {"inGameID": 7999},
        "null": {"inGameID": None},
    }
    said = {
        "said": {"inGameID": 1, "isBonusTrack": True},
        "denied": {"inGameID": 7000, "isBonusTrack": False},
    }
    charts = [v3.chart(name, 1, "MASTER", data=data) for name, data in (numbers | said).items()]
    folder = v3.folder("F", where, game="ongeki")
    patch_catalogue(
        store,
        {"songs-ongeki": [v3.song(1, "One")], "charts-ongeki": charts, "folders": [folder]},
    )
    found = store.query("SELECT chart_id FROM folder_charts ORDER BY ALL")["chart_id"]
    assert " ".join(found) == members


# --- any predicate -------------------------------------------------------------------------------

WORDS = st.text(st.sampled_from("ab '\"★%;\\$"), max_size=3)
NUMBERS = st.sampled_from([-1.0, 0.0, 0.5, 5.0, 7000.0])
TEXT_FIELDS = st.sampled_from(
    [
        Field("level"),
        Field("difficulty"),
        Field("data.x"),
        Field("song.data.y"),
        Field("data.tableFolders", table="a"),
    ]
)
NUMBER_FIELDS = st.sampled_from([Field("levelNum", True), Field("data.x", True)])
TESTS = st.one_of(
    st.builds(Comparison, TEXT_FIELDS, st.just("="), st.lists(WORDS, min_size=1).map(tuple)),
    st.builds(
        Comparison, NUMBER_FIELDS, st.sampled_from(["=", "<", "<=", ">", ">="]), st.tuples(NUMBERS)
    ),
    st.builds(InTable, WORDS),
    st.builds(Missing, TEXT_FIELDS | NUMBER_FIELDS),
)
TREES = st.recursive(
    TESTS,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Every, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Some, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
VALUES = st.none() | st.booleans() | WORDS | NUMBERS | st.lists(NUMBERS, max_size=2) | st.just("5")
DESCRIPTIONS = st.fixed_dictionaries(
    {"level": WORDS, "difficulty": WORDS, "levelNum": NUMBERS},
    optional={
        "data.x": VALUES,
        "song.data.y": VALUES,
        "data.tableFolders": st.dictionaries(st.sampled_from(["a", "b"]), WORDS),
    },
)


def _quoted(value: str | float) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _field(field: Field) -> str:
    names = {
        "level": "chart.level",
        "difficulty": "chart.difficulty",
        "levelNum": "chart.level_num",
    }
    if field.path in names:
        return names[field.path]
    if field.table is not None:
        return f"(chart.data->'tableFolders'->>{_quoted(field.table)})"
    of, name = field.path.rsplit(".", 1)
    text = f"{'chart.data' if of == 'data' else 'song.data'}->>'{name}'"
    return f"({text})::numeric" if field.is_number else text


def _written(tree: Predicate) -> str:
    """A tree as the text of a predicate."""
    match tree:
        case Comparison(field, operator, (value,)):
            return f"{_field(field)} {operator} {_quoted(value)}"
        case Comparison(field, _, values):
            return f"{_field(field)} IN ({', '.join(map(_quoted, values))})"
        case Missing(field):
            return f"{_field(field)} IS NULL"
        case InTable(table):
            return f"(chart.data->'tableFolders') ? {_quoted(table)}"
        case Not(part):
            return f"NOT ({_written(part)})"
        case Every(parts):
            return " AND ".join(f"({_written(part)})" for part in parts)
        case Some(parts):
            return " OR ".join(f"({_written(part)})" for part in parts)


def _value(field: Field, chart: dict[str, Any]) -> Any:
    value = chart.get(field.path)
    if field.table is not None:
        return (value or {}).get(field.table)
    if not field.is_number:
        return value if isinstance(value, str) or value is None else orjson.dumps(value).decode()
    try:
        return None if value is None or isinstance(value, (bool, list)) else float(value)
    except ValueError:
        return None


def _holds(tree: Predicate, chart: dict[str, Any]) -> bool | None:
    """What a predicate says of a chart, in three-valued logic, the plain way."""
    match tree:
        case Comparison(field, operator, values):
            value = _value(field, chart)
            if value is None:
                return None
            return any(
                {"=": value == v}.get(operator) if operator == "=" else _ordered(value, operator, v)
                for v in values
            )
        case Missing(field):
            return _value(field, chart) is None
        case InTable(table):
            tables = chart.get("data.tableFolders")
            return None if tables is None else table in tables
        case Not(part):
            found = _holds(part, chart)
            return None if found is None else not found
        case Every(parts):
            said = [_holds(part, chart) for part in parts]
            return False if False in said else (None if None in said else True)
        case Some(parts):
            said = [_holds(part, chart) for part in parts]
            return True if True in said else (None if None in said else False)


def _ordered(value: float, operator: str, bound: Any) -> bool:
    return {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[
        operator
    ]


def _frame(chart: dict[str, Any], facts: Facts) -> pl.DataFrame:
    """One row as the statement of the facts gives it."""
    listed = {
        path: [{"table": t, "level": level} for t, level in chart[path].items()]
        for path in facts.paths
        if path in chart
    }
    row = {
        "facts": [[orjson.dumps(v).decode() for v in listed.get(path, [])] for path in facts.paths],
        "texts": [_value(Field(path), chart) for path in facts.text_paths],
    }
    types = {"facts": pl.List(pl.List(pl.String)), "texts": pl.List(pl.String)}
    return pl.DataFrame({name: [value] for name, value in row.items()}, schema=types)


@given(tree=TREES)
def test_what_is_written_is_read_back(tree: Predicate) -> None:
    assert parse(_written(tree)) == tree


@given(tree=TREES, chart=DESCRIPTIONS)
def test_truth_is_three_valued(tree: Predicate, chart: dict[str, Any]) -> None:
    facts = Facts()
    told = truth(tree, facts)
    assert _frame(chart, facts).select(told=told).item() is _holds(tree, chart)


TOKENS = (
    "chart.level chart.data song.data -> ->> 'tableFolders' 'x' ( ) NOT AND OR = IN IS NULL 5 ? ,"
)


@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from([*TOKENS.split(), "::numeric"])).map(" ".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except PredicateError:
        return
    assert parse(_written(tree)) == tree

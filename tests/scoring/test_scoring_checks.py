"""Ratings, grades, classes and validators against the specification's check values."""

import json
import math
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

import polars as pl
import pytest

from tachi_data import games
from tachi_data.games import GPT, Decimal, Enum, Integer, Special
from tachi_data.names import snake
from tachi_data.reference.canonical import hashed
from tachi_data.reference.numbers import SAFE_INTEGER
from tachi_data.scoring.classes import derived_classes
from tachi_data.scoring.metrics import derive, rate
from tachi_data.scoring.personal_bests import personal_bests
from tachi_data.scoring.ratings import profile_ratings, session_ratings
from tachi_data.scoring.score_id import score_id_texts
from tachi_data.tables.scores import with_all_columns
from tests.conftest import shared_folder

Check = dict[str, Any]


@cache
def checks() -> list[Check]:
    files = {2: "scoring-checks.json", 3: "scoring-checks-v3.json"}
    paths = {number: shared_folder() / "spec" / name for number, name in files.items()}
    return [
        {**check, "generation": number}
        for number, path in paths.items()
        if path.exists()
        for check in json.loads(path.read_text())
    ]


def groups(*kinds: str) -> list[Any]:
    def key(check: Check) -> tuple[str, ...]:
        names = ("generation", "kind", "game", "playtype", "alg", "metric")
        return tuple(str(check.get(name, "")) for name in names)

    wanted = sorted((c for c in checks() if c["kind"] in kinds), key=key)
    found = [
        pytest.param(list(g), id="v" + ":".join(filter(None, k))) for k, g in groupby(wanted, key)
    ]
    return found or [pytest.param([], id="none", marks=pytest.mark.skip("no shared data"))]


def gpt_of(check: Check) -> GPT:
    return games.gpt(check["game"], check["playtype"], check["generation"])


def score_frame(inputs: list[Check], gpt: GPT) -> pl.DataFrame:
    """One row per check with all columns that expressions of the game may use."""
    fields: dict[str, pl.DataType] = {snake(n): m.dtype for n, m in gpt.provided.items()}
    fields |= {f"judgements.{snake(n)}": pl.Int64() for n in gpt.judgements}
    fields |= {f"optional.{snake(n)}": m.dtype for n, m in gpt.optional.items()}
    fields |= {f"chart.{snake(n)}": dtype for n, dtype in gpt.chart_data.items()}
    fields |= {"chart.level_num": pl.Float64(), "chart.difficulty": pl.String()}
    rows = [dict(flat(i, gpt)) for i in inputs]
    frame = pl.DataFrame([{n: r.get(n) for n in fields} for r in rows], schema=fields, strict=False)
    return with_all_columns(frame, gpt).with_columns(
        chart_id=pl.int_range(pl.len()).cast(pl.String)
    )


def flat(inputs: Check, gpt: GPT) -> Iterator[tuple[str, Any]]:
    data, chart = inputs.get("scoreData", {}), inputs.get("chart", {})
    for name, value in data.items():
        if name in ("judgements", "optional"):
            yield from ((f"{name}.{snake(n)}", v) for n, v in (value or {}).items())
        else:
            yield snake(name), number(value)
    for name, value in {**chart, **chart.get("data", {})}.items():
        yield f"chart.{snake(name)}", value


def is_loose(check: Check) -> bool:
    """Whether the specification of v3 compares with 1e-9: ratings of arcaea, sessions and profiles."""
    unrounded = check["kind"] in ("session", "profile") or check["game"] == "arcaea"
    return bool(check["generation"] == 3 and unrounded)


def number(value: Any) -> Any:
    return (
        {"NaN": math.nan, "Infinity": math.inf}.get(value, value)
        if isinstance(value, str)
        else value
    )


def same(got: Any, want: Any, check: Check) -> bool:
    """Whether a value agrees: exactly but for the last digits, and less so in v3 where nothing rounds at the end."""
    want = number(want)
    if isinstance(want, (int, float)) and not isinstance(want, bool):
        if got is None:  # Ours has null where the reference has NaN: no value that can be stored.
            return math.isnan(want)
        return math.isclose(
            got, want, rel_tol=1e-9 if is_loose(check) else 1e-12, abs_tol=1e-12
        ) or (math.isnan(want) and math.isnan(got))
    return got == want


@pytest.mark.parametrize("group", groups("metric"))
def test_derived_metrics(group: list[Check]) -> None:
    gpt, name = gpt_of(group[0]), snake(group[0]["metric"])
    got = derive(score_frame([c["inputs"] for c in group], gpt), gpt)[name].to_list()
    metric = gpt.derived[group[0]["metric"]]
    if isinstance(metric, Enum) and metric.numbered:
        got = [None if index is None else metric.values[index] for index in got]
    wrong = [(c, g) for c, g in zip(group, got, strict=True) if not same(g, c["output"], c)]
    assert not wrong


@pytest.mark.parametrize("group", groups("score"))
def test_score_ratings(group: list[Check]) -> None:
    gpt, name = gpt_of(group[0]), group[0]["alg"]
    rated = rate(score_frame([c["inputs"] for c in group], gpt), gpt)
    rating = gpt.ratings[name]
    throws = (
        rated.select(
            pl.lit(False).repeat_by(1).list.first()
            if rating.throws is None
            else rating.throws.fill_null(False)
        )
        .to_series()
        .to_list()
    )
    throws = throws * len(group) if len(throws) == 1 else throws
    rows = zip(group, rated[f"ratings.{snake(name)}"].to_list(), throws, strict=True)
    wrong = [
        (c, g, t) for c, g, t in rows if t != c.get("throws", False) or not same(g, c["output"], c)
    ]
    assert not wrong


@pytest.mark.parametrize("group", groups("session"))
def test_session_ratings(group: list[Check]) -> None:
    gpt, name = gpt_of(group[0]), group[0]["alg"]
    of = snake(gpt.session_ratings[name].of)
    others = {
        f"ratings.{snake(n)}": pl.lit(None, dtype=pl.Float64) for n in gpt.ratings if snake(n) != of
    }
    frames = [
        pl.DataFrame(
            {f"ratings.{of}": values}, schema={f"ratings.{of}": pl.Float64}, strict=False
        ).with_columns(session_id=pl.lit(str(i)), **others)
        for i, c in enumerate(group)
        for values in [next(iter(c["inputs"].values()))]
    ]
    rated = session_ratings(pl.concat(frames), gpt)
    got = dict(rated.select("session_id", f"ratings.{snake(name)}").iter_rows())
    wrong = [
        (c, got.get(str(i)))
        for i, c in enumerate(group)
        if not same(got.get(str(i)), c["output"], c)
    ]
    assert not wrong


@pytest.mark.parametrize("group", groups("profile"))
def test_profile_ratings(group: list[Check]) -> None:
    gpt, name = gpt_of(group[0]), group[0]["alg"]
    columns = {f"ratings.{snake(n)}": pl.Float64() for n in gpt.ratings}
    needs = {
        n: pl.String()
        for r in gpt.profile_ratings.values()
        if isinstance(r, Special)
        for n in r.needs
    }
    schema = {
        "user_id": pl.Int64(),
        "is_primary": pl.Boolean(),
        "song_id": pl.Int64(),
        **columns,
        **needs,
    }
    rows = [
        dict.fromkeys(schema) | {"user_id": i} | pb
        for i, c in enumerate(group)
        for pb in pbs_of(c["inputs"])
    ]
    pbs = pl.DataFrame(rows, schema=schema, strict=False)
    users = pl.DataFrame({"user_id": range(len(group))}, schema={"user_id": pl.Int64})
    got = profile_ratings(pbs, gpt, users)[f"ratings.{snake(name)}"].to_list()
    wrong = [(c, g) for c, g in zip(group, got, strict=True) if not same(g, c["output"], c)]
    assert not wrong


def pbs_of(inputs: Check) -> Iterator[dict[str, Any]]:
    for pb in inputs.get("pbs", []):
        names = {"isPrimary": "is_primary", "songID": "song_id", "difficulty": "chart.difficulty"}
        names |= {"displayVersion": "song.display_version", "flareCategory": "song.flare_category"}
        # A song that is missing has no facts.
        yield {
            names.get(n, f"ratings.{snake(n)}"): None if v == "MISSING" else v
            for n, v in pb.items()
        }
    secondary = set(inputs.get("nonPrimaryIndexes", []))
    lists = {n: v for n, v in inputs.items() if n not in ("pbs", "nonPrimaryIndexes")}
    for i in range(max(map(len, lists.values()), default=0)):
        values = {f"ratings.{snake(n)}": v[i] for n, v in lists.items() if i < len(v)}
        yield {"is_primary": i not in secondary, "song_id": i, **values}


@pytest.mark.parametrize("group", groups("class"))
def test_derived_classes(group: list[Check]) -> None:
    gpt, name = gpt_of(group[0]), group[0]["alg"]
    columns = {f"ratings.{snake(n)}": pl.Float64() for n in gpt.profile_ratings}
    rows = [
        dict.fromkeys(columns) | {f"ratings.{snake(n)}": v for n, v in c["inputs"].items()}
        for c in group
    ]
    profile = pl.DataFrame(rows, schema=columns, strict=False).with_columns(
        user_id=pl.int_range(pl.len())
    )
    got = derived_classes(profile, gpt)[f"classes.{name}"].to_list()
    wrong = [(c, g) for c, g in zip(group, got, strict=True) if g != c["output"]]
    assert not wrong


@pytest.mark.parametrize("group", groups("validator"))
def test_validators(group: list[Check]) -> None:
    gpt = gpt_of(group[0])
    scores = derive(score_frame([c["inputs"] for c in group], gpt), gpt)
    # The first of poco only fills in what follows from others, which is no check here.
    first = 2 if gpt.game == "poco" else 1
    named = {str(i): v.fails.fill_null(False) for i, v in enumerate(gpt.validators, first)}
    failing = scores.select("chart_id", **named)
    for check, row in zip(group, failing.iter_rows(named=True), strict=True):
        data = check["inputs"]["scoreData"]
        strange = set(data.get("judgements", {})) - set(gpt.judgements)
        # Wanted: judgements that are worth little keep the combo, so the game can show such a score.
        if gpt.game == "jubeat" and data["lamp"] == "FULL COMBO" and data["score"] < 700_000:
            assert row["3"] is False
            continue
        if "failedValidators" in check["output"] and not strange:
            assert [int(n) for n, bad in row.items() if bad is True] == check["output"][
                "failedValidators"
            ], check


@pytest.mark.parametrize("group", groups("validator"))
def test_bounds_that_depend_on_the_chart(group: list[Check]) -> None:
    gpt = gpt_of(group[0])
    scores = score_frame([c["inputs"] for c in group], gpt)
    metrics = {snake(n): m for n, m in gpt.provided.items()}
    metrics |= {f"optional.{snake(n)}": m for n, m in gpt.optional.items()}
    holds = scores.select(
        "chart_id",
        *(
            pl.col(n).is_between(m.minimum, SAFE_INTEGER if m.maximum is None else m.maximum)
            for n, m in metrics.items()
            if isinstance(m, Integer | Decimal) and m.chart_dependent
        ),
    )
    for check, row in zip(group, holds.iter_rows(named=True), strict=True):
        for name, holds_there in check["output"].get("chartDependentOk", {}).items():
            assert row.get(snake(name), row.get(f"optional.{snake(name)}")) is holds_there, check


@pytest.mark.parametrize("group", groups("id"))
def test_score_ids(group: list[Check]) -> None:
    for check in group:
        inputs = check["inputs"]
        text = inputs["canonicalText"]
        assert hashed(inputs["prefix"], pl.Series([text]))[0] == check["output"]
        if inputs["prefix"] != "T":
            continue
        gpt, elements = gpt_of(check), inputs["elements"]
        names = {"userID": "user_id", "chartID": "chart_id"}
        dtypes = {snake(n): m.dtype for n, m in gpt.provided.items()}
        dtypes |= {f"optional.{snake(n)}": m.dtype for n, m in gpt.optional.items()}
        row = {
            names.get(n, n if n in names else ".".join(map(snake, n.split(".")))): v
            for n, v in elements.items()
        }
        frame = pl.DataFrame({n: pl.Series([v], dtype=dtypes.get(n)) for n, v in row.items()})
        assert score_id_texts(frame, gpt)[0] == text


@pytest.mark.parametrize("group", groups("personalBest"))
def test_personal_bests(group: list[Check]) -> None:
    gpt = gpt_of(group[0])
    # What a personal best was at an earlier time is nothing that is asked here.
    for check in (c for c in group if "asOfTimestamp" not in c["inputs"]):
        if gpt.game == "ddr" and gpt.generation == 2 and "LIFE4" in str(check["inputs"]):
            continue  # We prefer full combos to a LIFE4 in v2, too: see `tachi_data.games.ddr`.
        (pb,) = personal_bests(scores_of(check, gpt), gpt).iter_rows(named=True)
        wanted = check["output"]
        parts = [{"name": c["name"], "scoreID": c["score_id"]} for c in pb["composed_from"]]
        assert parts == wanted["composedFrom"], check
        assert (pb["time_achieved"], pb["highlight"]) == (
            wanted["timeAchieved"],
            wanted["highlight"],
        )
        got = {**{n: pb[snake(n)] for n in gpt.metrics}, **present(pb, "optional", gpt.optional)}
        for name, value in values_of(wanted["scoreData"]).items():
            assert same(got[name], value, check), (check, name)
        assert set(got) - set(gpt.metrics) == set(wanted["scoreData"]["optional"]) - {"enumIndexes"}
        for name, index in wanted["scoreData"]["enumIndexes"].items():
            metric = gpt.metrics[name]
            assert isinstance(metric, Enum)
            assert metric.values.index(got[name]) == index
        for name, rating in wanted["calculatedData"].items():
            assert same(pb[f"ratings.{snake(name)}"], rating, check), (check, name)


def scores_of(check: Check, gpt: GPT) -> pl.DataFrame:
    """The scores of one player on one chart, in the order in which they were stored."""
    scores, chart = check["inputs"]["scoresInInsertionOrder"], check["inputs"]["chart"]
    frame = score_frame([{**score, "chart": chart} for score in scores], gpt).with_columns(
        chart_id=pl.lit("c"),
        user_id=pl.lit(1),
        score_id=pl.Series([score["id"] for score in scores]),
        ordinal=pl.int_range(pl.len()),
        time_achieved=pl.Series([score["timeAchieved"] for score in scores], dtype=pl.Int64),
        highlight=pl.Series([score.get("highlight", False) for score in scores]),
        explicit_nulls=pl.lit(None, dtype=pl.List(pl.String)),
    )
    return derive(frame, gpt)


def present(row: Check, group: str, names: Iterable[str]) -> Check:
    found = {name: row[f"{group}.{snake(name)}"] for name in names}
    return {name: value for name, value in found.items() if value is not None}


def values_of(score_data: Check) -> Check:
    groups = ("judgements", "optional", "enumIndexes")
    plain = {name: value for name, value in score_data.items() if name not in groups}
    optional = {n: v for n, v in score_data["optional"].items() if n != "enumIndexes"}
    return {**plain, **optional}

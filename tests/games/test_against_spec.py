"""Every game's declaration against the specification's configuration."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tachi_data import games
from tachi_data.games import GPT, BestOf, Decimal, Enum, Graph, Integer, Metric, OneOf
from tests.games.frames import score_frame

Config = dict[str, Any]
GPTS = [gpt for game in games.names() for gpt in games.gpts(game)]
every_gpt = pytest.mark.parametrize("gpt", GPTS, ids=lambda gpt: gpt.id)

# Two charts on which a bound that depends on the chart is looked at.
CHARTS = [
    {"chart.notecount": n, "chart.max_percent": p, "chart.max_plat_score": n, "difficulty": d}
    for n, p, d in ((700, 101.25, "HARD BSC"), (1234, 104.0, "EXT"))
]


@pytest.fixture(scope="module")
def config(shared_file: Callable[[str], Path]) -> Callable[[GPT], Config]:
    path = shared_file("spec/games.json")
    everything = json.loads(path.read_text())
    return lambda gpt: everything[gpt.game]["playtypeConfigs"][gpt.playtype]


def test_all_games_are_there(shared_file: Callable[[str], Path]) -> None:
    known = json.loads(shared_file("spec/games.json").read_text())
    assert set(known) == set(games.names())
    for game, facts in known.items():
        assert [gpt.playtype for gpt in games.gpts(game)] == facts["playtypes"]
        assert {gpt.name for gpt in games.gpts(game)} == {facts["name"]}


@every_gpt
def test_metrics(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)
    same_metrics(gpt, gpt.provided, wanted["providedMetrics"])
    same_metrics(gpt, gpt.derived, wanted["derivedMetrics"])
    same_metrics(gpt, gpt.optional, wanted["optionalMetrics"])
    assert sorted(gpt.score_id_members) == sorted(wanted["scoreIDMetrics"])
    assert gpt.default_metric == wanted["defaultMetric"]
    assert list(gpt.judgements) == wanted["orderedJudgements"]


def same_metrics(gpt: GPT, got: Any, wanted: dict[str, Config]) -> None:
    assert set(got) == set(wanted)
    for name, facts in wanted.items():
        metric = got[name]
        same_metric(gpt, metric, facts)
        assert metric.in_score_id == facts.get("partOfScoreID", False)
        dependent = getattr(metric, "chart_dependent", False)
        assert dependent == facts.get("chartDependentMax", False)


def same_metric(gpt: GPT, metric: Metric, facts: Config) -> None:
    match facts["type"]:
        case "ENUM":
            assert isinstance(metric, Enum)
            assert list(metric.values) == facts["values"]
        case "GRAPH" | "NULLABLE_GRAPH":
            assert isinstance(metric, Graph)
            bounds = facts["elementBounds"]
            assert (metric.minimum, metric.maximum) == (bounds["min"], bounds["max"])
            assert metric.nullable == facts["elementNullable"]
            assert metric.integer == bounds.get("integerOnly", False)
        case kind:
            assert isinstance(metric, Integer if kind == "INTEGER" else Decimal)
            assert metric.minimum == facts["bounds"]["min"]
            if isinstance(metric.maximum, pl.Expr):
                same_bound(gpt, metric.maximum, facts["bounds"]["max"])
            else:
                assert metric.maximum == facts["bounds"]["max"]


def same_bound(gpt: GPT, bound: pl.Expr, wanted: str | dict[str, float]) -> None:
    rows = [
        {("chart." + n).replace("chart.chart.", "chart."): v for n, v in c.items()} for c in CHARTS
    ]
    columns = set(score_frame(gpt, []).columns)
    rows = [{n: v for n, v in row.items() if n in columns} for row in rows]
    got = score_frame(gpt, rows).select(bound).to_series().to_list()
    if isinstance(wanted, dict):
        assert got == [wanted[str(c["difficulty"])] for c in CHARTS]
        return
    formulas: dict[str, Callable[[Any], Any]] = {
        "10000000 + chart.data.notecount": lambda c: 10_000_000 + c["chart.notecount"],
        "2 * chart.data.notecount": lambda c: 2 * c["chart.notecount"],
        "chart.data.maxPercent": lambda c: c["chart.max_percent"],
        "chart.data.maxPlatScore": lambda c: c["chart.max_plat_score"],
    }
    assert got == [formulas[wanted](c) for c in CHARTS]


@every_gpt
def test_grades(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)["gradeBoundaries"]
    bounds = tuple((b["grade"], b["atLeast"]) for b in wanted["bounds"])
    assert gpt.grades == (wanted["metric"], bounds)


@every_gpt
def test_charts(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)
    difficulties = wanted["difficulties"]
    fixed = difficulties["type"] == "FIXED"
    assert gpt.difficulties == (tuple(difficulties["order"]) if fixed else None)
    assert gpt.versions == tuple(version["id"] for version in wanted["versions"])
    assert {kind.name for kind in gpt.match_types} == set(wanted["supportedMatchTypes"])


@every_gpt
def test_classes(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)["classes"]
    assert set(gpt.classes) == set(wanted)
    for name, facts in wanted.items():
        ranks = gpt.classes[name]
        assert list(ranks.values) == [value["id"] for value in facts["values"]]
        assert ranks.derived_from == facts.get("derivedFrom")
        assert list(ranks.thresholds) == [t["atLeast"] for t in facts.get("thresholds", [])]


@every_gpt
def test_ratings(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)
    assert list(gpt.ratings) == list(wanted["scoreRatingAlgs"])
    assert list(gpt.session_ratings) == list(wanted["sessionRatingAlgs"])
    assert list(gpt.profile_ratings) == list(wanted["profileRatingAlgs"])
    for name, rule in gpt.profile_ratings.items():
        if isinstance(rule, BestOf):
            assert wanted["profileRatingAlgs"][name]["associatedScoreAlgs"] == [rule.of]


@every_gpt
def test_personal_bests(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted, rules = config(gpt)["personalBest"], gpt.personal_best
    assert (rules.name, rules.by) == (wanted["defaultRefName"], wanted["selectBy"])
    assert list(rules.ranked_by()) == [plain(name) for name in wanted["rankingSort"]]
    merges = [(m.name, m.by, list(m.copies), m.smallest) for m in rules.merges]
    assert merges == [
        (m["refName"], plain(m["selectBy"]), m["copies"], m["direction"] == "smallest")
        for m in wanted["merges"]
    ]


def plain(name: str) -> str:
    return name.removeprefix("enumIndexes.")


@every_gpt
def test_score_meta(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)["scoreMeta"]
    assert set(gpt.score_meta) == set(wanted)
    for name, facts in wanted.items():
        assert choice(gpt.score_meta[name]) == {k: v for k, v in facts.items() if k != "optional"}


def choice(meta: OneOf) -> Config:
    """What the specification says of such a member."""
    nullable = {"nullable": True} if meta.nullable else {}
    if meta.number or meta.boolean:
        return {"type": "number" if meta.number else "boolean", **nullable}
    values = {"type": "enum", "values": list(meta.values)}
    return {**({"type": "tuple", "items": [values, values]} if meta.pair else values), **nullable}


@every_gpt
def test_what_is_read_of_songs_and_charts(gpt: GPT, shared_file: Callable[[str], Path]) -> None:
    wanted = json.loads(shared_file("spec/games.json").read_text())[gpt.game]
    # What one playtype reads, another may lack: the catalogue reads all that any of them does.
    charts = {name for c in wanted["playtypeConfigs"].values() for name in c["chartData"]}
    assert set(gpt.chart_data) <= charts
    assert set(gpt.song_data) <= set(wanted["songData"])

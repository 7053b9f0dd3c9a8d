"""Every game's declaration against the specification's configurations of v2 and of v3.

What v3 only adds holds in v2, too: difficulties, versions, match types, facts of a score, ranks of a course.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tachi_data import games
from tachi_data.games import GPT, BestOf, Decimal, Enum, Graph, Integer, Metric, OneOf
from tachi_data.reference.numbers import SAFE_INTEGER
from tests.games.frames import score_frame

Config = dict[str, Any]
GPTS = [gpt for game in games.names() for gpt in games.every_gpt(game)]
every_gpt = pytest.mark.parametrize("gpt", GPTS, ids=lambda gpt: f"{gpt.id}-v{gpt.generation}")
V3_ONLY = {"poco"}

# Two charts on which a bound that depends on the chart is looked at.
CHARTS = [
    {"chart.notecount": n, "chart.max_percent": p, "chart.max_plat_score": n, "difficulty": d}
    for n, p, d in ((700, 101.25, "HARD BSC"), (1234, 104.0, "EXT"))
]
# A chart without the facts that a bound needs.
UNCOUNTED = {"chart.notecount": None, "chart.max_percent": 104.0, "chart.max_plat_score": None}


@pytest.fixture(scope="module")
def specs(shared_file: Callable[[str], Path]) -> dict[int, Config]:
    """The games by generation."""
    files = {2: "spec/games.json", 3: "spec/games-v3.json"}
    return {number: json.loads(shared_file(file).read_text()) for number, file in files.items()}


@pytest.fixture(scope="module")
def config(specs: dict[int, Config]) -> Callable[[GPT], Config]:
    def of(gpt: GPT) -> Config:
        generation = 3 if gpt.game in V3_ONLY else gpt.generation
        found: Config = specs[generation][gpt.game]["playtypeConfigs"][gpt.playtype]
        return found

    return of


@pytest.fixture(scope="module")
def newest(specs: dict[int, Config]) -> Callable[[GPT], Config]:
    """What v3 says, which in v2 counts for additions."""
    return lambda gpt: specs[3][gpt.game]["playtypeConfigs"][gpt.playtype]


@pytest.mark.parametrize("generation", [2, 3])
def test_all_games_are_there(specs: dict[int, Config], generation: int) -> None:
    known = specs[generation]
    assert set(known) | V3_ONLY == set(games.names())
    for game, facts in known.items():
        gpts = games.gpts(game, generation)
        assert [gpt.playtype for gpt in gpts] == facts["playtypes"]
        assert {gpt.name for gpt in gpts} == {facts["name"]}
        assert {gpt.generation for gpt in gpts} == {generation}


def test_v3_games_are_named_so(specs: dict[int, Config]) -> None:
    named = {
        facts["v3Game"]: (game, playtype)
        for game, known in specs[3].items()
        for playtype, facts in known["playtypeConfigs"].items()
    }
    assert games.v3_games() == named
    assert {games.v3_name(*gpt) for gpt in named.values()} == set(named)


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
    got = bounds_of(gpt, bound, CHARTS)
    if isinstance(wanted, dict):
        assert got == [wanted[str(c["difficulty"])] for c in CHARTS]
        return
    formulas: dict[str, Callable[[Any], Any]] = {
        "10000000 + chart.data.notecount": lambda c: 10_000_000 + c["chart.notecount"],
        "2 * chart.data.notecount": lambda c: 2 * c["chart.notecount"],
        "chart.data.maxPercent": lambda c: c["chart.max_percent"],
        "chart.data.maxPlatScore": lambda c: c["chart.max_plat_score"],
    }
    formula, _, otherwise = str(wanted).partition("; no upper bound when ")
    assert got == [formulas[formula](c) for c in CHARTS]
    if gpt.game != "maimai":  # Every chart has its maximum there.
        assert bounds_of(gpt, bound, [UNCOUNTED]) == [SAFE_INTEGER if otherwise else None]


def bounds_of(gpt: GPT, bound: pl.Expr, charts: list[dict[str, Any]]) -> list[Any]:
    rows = [
        {("chart." + n).replace("chart.chart.", "chart."): v for n, v in c.items()} for c in charts
    ]
    columns = set(score_frame(gpt, []).columns)
    rows = [{n: v for n, v in row.items() if n in columns} for row in rows]
    return score_frame(gpt, rows).select(bound).to_series().to_list()


@every_gpt
def test_grades(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)["gradeBoundaries"]
    bounds = tuple((b["grade"], b["atLeast"]) for b in wanted["bounds"])
    assert gpt.grades == (wanted["metric"], bounds)


@every_gpt
def test_charts(gpt: GPT, config: Callable[[GPT], Config], newest: Callable[[GPT], Config]) -> None:
    wanted = newest(gpt)
    difficulties = wanted["difficulties"]
    listed = difficulties["type"] != "DYNAMIC"
    assert gpt.difficulties == (tuple(difficulties["order"]) if listed else None)
    assert gpt.open_difficulties == (difficulties["type"] == "CHUGEKIMAI_STYLE")
    assert gpt.versions == tuple(version["id"] for version in wanted["versions"])
    kinds = {*wanted["supportedMatchTypes"], *config(gpt)["supportedMatchTypes"]}
    # Older clients of arcaea go on sending what v3 took away.
    kinds |= {"inGameStrID"} if "arcaeaInGameStrID" in kinds else set()
    assert {kind.name for kind in gpt.match_types} == kinds


@every_gpt
def test_classes(
    gpt: GPT, config: Callable[[GPT], Config], newest: Callable[[GPT], Config]
) -> None:
    wanted = config(gpt)["classes"]
    assert set(gpt.classes) == set(wanted)
    for name, known in wanted.items():
        ranks, added = gpt.classes[name], newest(gpt)["classes"][name]
        is_longer = added["values"][: len(known["values"])] == known["values"]
        facts = added if ranks.derived_from is None and is_longer else known
        assert list(ranks.values) == [value["id"] for value in facts["values"]]
        assert ranks.derived_from == facts.get("derivedFrom")
        assert list(ranks.thresholds) == [t["atLeast"] for t in facts.get("thresholds", [])]


@every_gpt
def test_ratings(gpt: GPT, config: Callable[[GPT], Config]) -> None:
    wanted = config(gpt)
    assert list(gpt.ratings) == list(wanted["scoreRatingAlgs"])
    for name, rating in gpt.ratings.items():
        # One that is shown in a way of its own counts as if nothing were said.
        shown = wanted["scoreRatingAlgs"][name].get("displayDecimals", "custom")
        assert rating.decimals == (2 if shown == "custom" else shown)
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
    merges = [
        (m.name, m.by, list(m.copies), m.smallest, m.unless is not None) for m in rules.merges
    ]
    assert merges == [
        (
            m["refName"],
            plain(m["selectBy"]),
            m["copies"],
            m["direction"] == "smallest",
            "onlyIf" in m,
        )
        for m in wanted["merges"]
    ]


def plain(name: str) -> str:
    return name.replace("enumIndexes.", "")


@every_gpt
def test_score_meta(gpt: GPT, newest: Callable[[GPT], Config]) -> None:
    wanted = newest(gpt)["scoreMeta"]
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
def test_what_is_read_of_songs_and_charts(gpt: GPT, specs: dict[int, Config]) -> None:
    wanted = specs[3 if gpt.game in V3_ONLY else gpt.generation][gpt.game]
    # What one playtype reads, another may lack: the catalogue reads all that any of them does.
    charts = {name for c in wanted["playtypeConfigs"].values() for name in c["chartData"]}
    assert set(gpt.chart_data) <= charts
    assert set(gpt.song_data) <= set(wanted["songData"])

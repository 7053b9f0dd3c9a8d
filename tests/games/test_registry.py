"""What must hold for every game, whatever its rules are."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tachi_data import games
from tachi_data.games import GPT, BestOf, Enum, Grade, Integer, Special
from tachi_data.games.model import Decimal
from tachi_data.names import snake
from tachi_data.scoring.classes import derived_classes
from tachi_data.scoring.metrics import derive, rate
from tachi_data.scoring.ratings import profile_ratings, session_ratings
from tests.games.frames import readable_columns, score_frame

GPTS = [gpt for game in games.names() for gpt in games.every_gpt(game)]
every_gpt = pytest.mark.parametrize("gpt", GPTS, ids=lambda gpt: f"{gpt.id}-v{gpt.generation}")


def test_games_are_found() -> None:
    folder = Path(games.__file__).parent
    declared = {f.stem for f in folder.glob("*.py") if re.search(r"^GPTS = ", f.read_text(), re.M)}
    assert set(games.names()) == declared
    assert list(games.names()) == sorted(declared)
    assert len({(gpt.id, gpt.generation) for gpt in GPTS}) == len(GPTS)


def test_generations_read_and_name_a_score_alike() -> None:
    """An import is read without a store, so nothing that reading needs may differ."""
    for game in games.names():
        for before, after in zip(games.gpts(game, 2), games.gpts(game, 3), strict=True):
            assert (before.id, before.generation, after.generation) == (after.id, 2, 3)
            assert before.score_id_members == after.score_id_members
            assert table_columns(before) <= table_columns(after)
            kept = ("difficulties", "versions", "match_types", "judgements", "score_meta")
            assert all(getattr(before, name) is getattr(after, name) for name in kept)
            assert set(before.classes) == set(after.classes)


def table_columns(gpt: GPT) -> set[tuple[str, str]]:
    ratings = {(f"ratings.{name}", "") for name in gpt.ratings}
    return ratings | {(n, str(m.dtype)) for n, m in {**gpt.metrics, **gpt.optional}.items()}


@pytest.mark.parametrize("game", games.names())
def test_in_v3_the_older_of_equal_scores_counts(game: str) -> None:
    assert not any(gpt.personal_best.older_first for gpt in games.gpts(game, 2))
    assert all(gpt.personal_best.older_first for gpt in games.gpts(game, 3))


def test_unknown_games_are_a_key_error() -> None:
    with pytest.raises(LookupError):
        games.gpts("_model")
    with pytest.raises(LookupError):
        games.gpt("iidx", "Single")


@pytest.mark.parametrize("game", games.names())
def test_a_game_is_in_the_module_of_its_name(game: str) -> None:
    assert {gpt.game for gpt in games.gpts(game)} == {game}


@every_gpt
def test_names_give_distinct_columns(gpt: GPT) -> None:
    groups = (gpt.metrics, gpt.optional, gpt.judgements, gpt.ratings, gpt.profile_ratings)
    for group in groups:
        assert len({snake(name) for name in group}) == len(group)


@every_gpt
def test_lists_have_no_repeated_values(gpt: GPT) -> None:
    lists = [gpt.versions, gpt.difficulties or (), gpt.judgements]
    lists += [m.values for m in (*gpt.metrics.values(), *gpt.optional.values()) if is_enum(m)]
    lists += [c.values for name, c in gpt.classes.items() if name != "matchingClass"]
    for values in lists:
        assert len(set(values)) == len(values)


def is_enum(metric: object) -> bool:
    return isinstance(metric, Enum)


@every_gpt
def test_grades_ascend_and_are_the_values_of_the_metric(gpt: GPT) -> None:
    for grade in (m for m in gpt.derived.values() if isinstance(m, Grade)):
        assert grade.of in gpt.metrics
        assert (grade.of, grade.boundaries) == gpt.grades
        assert grade.values == tuple(name for name, _ in grade.boundaries)
        bounds = [bound for _, bound in grade.boundaries if bound is not None]
        assert bounds == sorted(set(bounds))
        assert bounds[0] == 0
        assert {name for _, name in grade.cases} <= set(grade.values)


@every_gpt
def test_metrics_are_derived_exactly_where_they_are_declared_so(gpt: GPT) -> None:
    assert all(m.derive is None for m in gpt.provided.values())
    assert all(m.derive is not None for m in gpt.derived.values())
    assert gpt.default_metric in gpt.metrics
    assert not set(gpt.provided) & set(gpt.derived)


@every_gpt
def test_classes_follow_ratings_by_ascending_thresholds(gpt: GPT) -> None:
    for ranks in gpt.classes.values():
        if ranks.derived_from is None:
            assert ranks.thresholds == ()
            continue
        assert ranks.derived_from in gpt.profile_ratings
        assert len(ranks.thresholds) == len(ranks.values)
        first, *others = ranks.thresholds
        assert first is None
        assert others == sorted(set(others))


@every_gpt
def test_ratings_are_made_of_score_ratings(gpt: GPT) -> None:
    rules = [*gpt.session_ratings.values(), *gpt.profile_ratings.values()]
    assert {rule.of for rule in rules if isinstance(rule, BestOf)} <= set(gpt.ratings)


@every_gpt
def test_personal_bests_merge_what_there_is(gpt: GPT) -> None:
    known = {*gpt.metrics, *(f"optional.{name}" for name in gpt.optional)}
    rules = gpt.personal_best
    assert rules.by == gpt.default_metric
    assert set(rules.ranked_by()) <= known
    # Of one chart, score and percent have the same order.
    assert next(iter(rules.ranked_by())) in (rules.by, "score")
    for step in rules.merges:
        assert {step.by, *step.copies} <= known
        assert step.by in step.copies


@every_gpt
def test_score_ids_are_made_of_provided_and_marked_metrics(gpt: GPT) -> None:
    marked = [f"optional.{name}" for name, m in gpt.optional.items() if m.in_score_id]
    assert gpt.score_id_members == (*gpt.provided, *marked)


def expressions(gpt: GPT) -> Iterator[pl.Expr]:
    for metric in (*gpt.metrics.values(), *gpt.optional.values()):
        if metric.derive is not None:
            yield metric.derive
        if isinstance(metric, (Integer, Decimal)) and isinstance(metric.maximum, pl.Expr):
            yield metric.maximum
    for rating in gpt.ratings.values():
        if isinstance(rating.value, pl.Expr):
            yield rating.value
        if rating.throws is not None:
            yield rating.throws


@every_gpt
def test_expressions_read_only_declared_columns(gpt: GPT) -> None:
    columns = set(readable_columns(gpt))
    for expression in expressions(gpt):
        assert set(expression.meta.root_names()) <= columns
    derived = {snake(name) for name in gpt.derived}
    for validator in gpt.validators:
        assert set(validator.fails.meta.root_names()) <= columns | derived


@every_gpt
def test_special_ratings_need_only_declared_columns(gpt: GPT) -> None:
    columns = {f"song.{snake(name)}" for name in gpt.song_data} | set(readable_columns(gpt))
    for rule in gpt.profile_ratings.values():
        if isinstance(rule, Special):
            assert set(rule.needs) <= columns


@every_gpt
@pytest.mark.parametrize("height", [0, 1, 3])
def test_scores_of_nulls_can_be_scored(gpt: GPT, height: int) -> None:
    rated = rate(derive(score_frame(gpt, [{"chart_id": "c"}] * height), gpt), gpt)
    assert rated.height == height
    for name, metric in gpt.derived.items():
        assert rated.schema[snake(name)] == metric.dtype
    for name in gpt.ratings:
        assert rated.schema[f"ratings.{snake(name)}"] == pl.Float64()
    assert rated["rating_error"].to_list() == [False] * height
    failing = rated.select(pl.lit(False), *(v.fails.alias(str(v.message)) for v in gpt.validators))
    assert not failing.select(pl.any_horizontal(pl.all()).any()).item()


@every_gpt
def test_players_without_scores_have_a_profile(gpt: GPT) -> None:
    ratings = {f"ratings.{snake(name)}": pl.Float64() for name in gpt.ratings}
    needs = {"song.flare_category", "song.display_version", "chart.difficulty"}
    columns = {"user_id": pl.Int64(), "is_primary": pl.Boolean(), "song_id": pl.Int64()}
    pbs = pl.DataFrame(schema=columns | ratings | dict.fromkeys(needs, pl.String()))
    profile = profile_ratings(pbs, gpt, pl.DataFrame({"user_id": [7, 3]}))
    assert profile["user_id"].to_list() == [7, 3]
    for name, rule in gpt.profile_ratings.items():
        nothing = rule.otherwise if isinstance(rule, Special) else None
        assert profile[f"ratings.{snake(name)}"].to_list() == [nothing, nothing]
    sets = [name for name, ranks in gpt.classes.items() if ranks.derived_from is not None]
    classes = derived_classes(profile, gpt)
    assert classes.columns == ["user_id", *(f"classes.{name}" for name in sets)]
    assert session_ratings(
        pl.DataFrame(schema={"session_id": pl.String()} | ratings), gpt
    ).is_empty()

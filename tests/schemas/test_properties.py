"""Scores drawn from the games' declarations pass their schema; changed ones fail where they were changed."""

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tachi_data import games, schemas
from tachi_data.games import GPT, Enum
from tachi_data.names import snake
from tests import strategies

GPTS = [gpt for name in games.names() for gpt in games.gpts(name)]
any_gpt = given(gpt=st.sampled_from(GPTS), data=st.data())


def broken(frame: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """What is wrong with rows, apart from rules across fields, which drawn values may well break."""
    found = schemas.failures(frame, schemas.scores(gpt.game, gpt.playtype))
    return found.filter(~pl.col("message").str.contains(" Got: ", literal=True))


@settings(max_examples=15, phases=[Phase.generate])
@any_gpt
def test_good_scores_pass(gpt: GPT, data: st.DataObject) -> None:
    assert broken(data.draw(strategies.dry_scores(gpt)), gpt).is_empty()


@settings(max_examples=15, phases=[Phase.generate])
@any_gpt
def test_a_changed_score_fails_with_its_value(gpt: GPT, data: st.DataObject) -> None:
    frame = data.draw(strategies.dry_scores(gpt))
    at = data.draw(st.integers(0, frame.height - 1))
    name = data.draw(st.sampled_from(list(gpt.provided)))
    metric, here = gpt.provided[name], pl.int_range(pl.len()) == at
    wrong, said = data.draw(st.sampled_from(_wrong(isinstance(metric, Enum))))
    value = pl.lit(wrong, dtype=metric.dtype)
    changed = frame.with_columns(
        pl.when(here).then(value).otherwise(snake(name)).alias(snake(name))
    )
    found = broken(changed, gpt)
    assert found["index"].to_list() == [at]
    assert found["message"].item().startswith(f"{name}: {said}")


def _wrong(is_enum: bool) -> list[tuple[object, str]]:
    missing = (None, "is missing")
    if is_enum:
        return [missing, ("NO SUCH", "must be one of ")]
    return [missing, (-1, "must be at least 0, got -1")]


@settings(max_examples=15, phases=[Phase.generate])
@any_gpt
def test_splitting_loses_no_row(gpt: GPT, data: st.DataObject) -> None:
    frame = data.draw(strategies.dry_scores(gpt)).with_row_index("at")
    good, found = schemas.split(frame, schemas.scores(gpt.game, gpt.playtype))
    bad = set(found["index"])
    assert set(good["at"]) | bad == set(frame["at"])
    assert not set(good["at"]) & bad

"""Every frame on the road of an import fits the schema of its border, for every import type."""

import polars as pl
import pytest

import tachi_data as td
from tachi_data import schemas
from tachi_data.games import gpts
from tachi_data.importing import ImportJob
from tests.import_types.samples import NOW, SAMPLES, Sample


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.import_type)
def test_frames_of_an_import_fit_their_schemas(
    sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = td.open_store(tmp_path_factory.mktemp("store") / "tachi.duckdb")
    td.patch_catalogue(store, sample.catalogue)
    job = ImportJob(sample.import_type, sample.source, 1, options=sample.options)
    imports = td.ImportSet(store, [job], now=NOW)
    imports.run()
    for group, rows in zip(imports.parsed.groups, imports.matched.frames, strict=True):
        if rows.is_empty():  # A format of classes only declares no columns of scores.
            continue
        game, playtype = group.gpt.game, group.gpt.playtype
        read = schemas.failures(group.rows, schemas.datapoints(sample.import_type, game, playtype))
        refused = rows.filter(pl.col("outcome") == "InvalidDatapoint")["row"]
        assert set(group.rows["row"][read["index"]]) <= set(refused)
        assert schemas.failures(rows, schemas.dry_scores(game)).is_empty()
        assert schemas.failures(rows, schemas.matched(game)).is_empty()
    for game, scores in imports.judged.scores.items():
        for gpt in gpts(game) if scores.height else ():
            is_new = (pl.col("playtype") == gpt.playtype) & pl.col("outcome").is_null()
            new = scores.filter(is_new)
            assert schemas.failures(new, schemas.scores(game, gpt.playtype)).is_empty()
    (outcome,) = imports.outcomes
    assert schemas.failures(outcome.datapoints, schemas.outcomes()).is_empty()
    store.close()

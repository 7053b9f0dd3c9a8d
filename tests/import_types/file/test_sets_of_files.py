"""Several files of one format, imported as one set."""

from __future__ import annotations

import tachi_data as td
from tests.conftest import Open
from tests.import_types.samples import NOW, PLAYERS, Sample


def test_files_of_different_length_do_not_disturb_each_other(open_stores: Open) -> None:
    """Columns made of the chunks of three files once made Polars panic over a message."""
    sample = Sample("file/pli-iidx-csv")
    whole = sample.source
    shorter = b"\n".join(whole.split(b"\n")[:3])
    jobs = [
        td.ImportJob(sample.import_type, source, next(PLAYERS), options=sample.options)
        for source in (whole, shorter, whole)
    ]
    results = td.import_many(open_stores(sample.catalogue), jobs, now=NOW)
    outcomes = [result.datapoints["outcome"].to_list() for result in results]
    assert [len(o) for o in outcomes] == [9, 6, 9]
    assert outcomes[0] == outcomes[2]
    assert outcomes[1] == outcomes[0][:6]

"""Sources that want to do harm, or that a broken program made: a clear refusal, nothing stored."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

import tachi_data as td
from tachi_data.errors import LONGEST
from tests.conftest import Open
from tests.import_types.samples import PLAYERS, SAMPLES, Sample

FILES = [sample for sample in SAMPLES if sample.is_file]
TITLED = [sample for sample in FILES if b"Unheard Melody" in sample.source]
BODIES = [sample for sample in SAMPLES if not sample.is_file]
DEEP = 1_000_000

BOMB = b"""<?xml version="1.0"?><!DOCTYPE s3data [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<s3data><scoredata><song><songname>&c;</songname></song></scoredata></s3data>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE s3data [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<s3data><scoredata><song><songname>&a;</songname></song></scoredata></s3data>"""

REFUSED = {
    "empty": b"",
    "a BOM and nothing else": b"\xef\xbb\xbf",
    "random bytes": bytes(range(256)) * 4,
    "UTF-16": "version,title\n1,2\n".encode("utf-16"),
    "truncated JSON": b'{"meta": {"game": "sdvx", "playtype": "Single"',
    "deep JSON": b"[" * DEEP,
    "deep JSON objects": b'{"a":' * DEEP,
    "deep XML": b"<s3data>" * DEEP,
    "NaN": b"NaN",
    "a number of 400 digits": b"9" * 400,
    "NUL bytes": b"\x00" * 1000,
    "a long line": b"x" * 3_000_000,
    "entity bomb": BOMB,
    "external entity": EXTERNAL,
    "unclosed quote": b'a,b\n"' + b"x" * 100_000,
}


def nothing_is_stored(store: td.Store, user_id: int) -> bool:
    kinds = ("scores", "orphans", "imports", "gameStats", "sessions", "classAchievements")
    return not any(td.export_documents(store, kind, user_id=user_id) for kind in kinds)


def attempts(
    sample: Sample, store: td.Store, sources: Iterable[Any]
) -> dict[int, td.ImportOutcome | td.ImportFatal]:
    """The outcome by player, or the one exception that a source may cause. All are one set: none breaks the others."""
    players = itertools.islice(PLAYERS, 100)
    jobs = [
        td.ImportJob(sample.import_type, source, player, options=sample.options)
        for source, player in zip(sources, players, strict=False)
    ]
    outcomes = td.import_many(store, jobs)
    return {job.user_id: o.fatal or o for job, o in zip(jobs, outcomes, strict=True)}


@pytest.fixture(scope="module")
def store(open_stores: Open) -> td.Store:
    return open_stores({})


@pytest.mark.parametrize("sample", FILES, ids=lambda sample: sample.import_type)
def test_a_hostile_file_is_refused(sample: Sample, store: td.Store) -> None:
    check_refused(sample, store, REFUSED)


def check_refused(sample: Sample, store: td.Store, contents: Mapping[str, bytes]) -> None:
    found = attempts(sample, store, contents.values())
    for (player, outcome), name in zip(found.items(), contents, strict=True):
        if isinstance(outcome, td.ImportFatal):
            assert outcome.status_code == 400, name
            assert 0 < len(outcome.message) < 400, name
            assert nothing_is_stored(store, player), name
        else:  # Strict CSV without a record is an empty import; no other format takes any of these.
            assert sample.import_type == "file/mypagescraper-records-csv", name
            assert outcome.datapoints.is_empty(), name


SHAPES = [None, True, 0, float("nan"), "", "text", [], [None], {}, {"meta": None}, {"scores": [{}]}]


@pytest.mark.parametrize("sample", BODIES, ids=lambda sample: sample.import_type)
def test_a_body_of_another_shape_stores_nothing(sample: Sample, store: td.Store) -> None:
    found = attempts(sample, store, SHAPES)
    for outcome, body in zip(found.values(), SHAPES, strict=True):
        if isinstance(outcome, td.ImportFatal):
            assert outcome.message, body
        else:
            assert "ScoreImported" not in outcome.datapoints["outcome"].to_list(), body


@pytest.mark.slow
@pytest.mark.parametrize("sample", FILES, ids=lambda sample: sample.import_type)
def test_a_line_of_20_megabytes_is_refused(sample: Sample, store: td.Store) -> None:
    check_refused(sample, store, {"a line": b"x" * 20_000_000})


@pytest.mark.slow
@pytest.mark.parametrize("sample", TITLED, ids=lambda sample: sample.import_type)
def test_a_text_of_16_megabytes_costs_no_other_record(sample: Sample, open_stores: Open) -> None:
    """As much as the service takes, in one text of an otherwise good file."""
    huge = b"x" * 16_000_000
    content = sample.source.replace(b"Unheard Melody", huge).replace(b"TESTER", huge)
    outcome = sample.run(open_stores(sample.catalogue), content)
    assert content != sample.source
    assert "InternalError" not in outcome.datapoints["outcome"].to_list()


@pytest.mark.parametrize("sample", FILES, ids=lambda sample: sample.import_type)
def test_a_byte_order_mark_changes_nothing(sample: Sample, open_stores: Open) -> None:
    opened = open_stores(sample.catalogue)
    plain = sample.run(opened)
    marked = sample.run(opened, b"\xef\xbb\xbf" + sample.source)
    assert marked.datapoints["outcome"].to_list() == plain.datapoints["outcome"].to_list()


@pytest.mark.parametrize("sample", TITLED, ids=lambda sample: sample.import_type)
def test_a_file_with_bytes_of_no_encoding_is_refused(sample: Sample, store: td.Store) -> None:
    content = sample.source.replace(b"Unheard Melody", b"Unheard \xff\xfe")
    with pytest.raises(td.ImportFatal, match="UTF-8"):
        sample.run(store, content, user_id=66)
    assert nothing_is_stored(store, 66)


@pytest.mark.parametrize("width", [1, 10, 12, 26, 28, 42, 60])
@pytest.mark.parametrize(
    "import_type",
    ["file/eamusement-iidx-csv", "file/pli-iidx-csv", "file/eamusement-sdvx-csv"],
)
def test_a_wrong_number_of_columns_is_refused(
    import_type: str, width: int, store: td.Store
) -> None:
    content = (",".join("h" * width) + "\n" + ",".join("1" * width) + "\n").encode()
    with pytest.raises(td.ImportFatal, match="columns"):
        Sample(import_type).run(store, content, user_id=66)
    assert nothing_is_stored(store, 66)


@pytest.mark.parametrize("value", ["NaN", "9" * 400, "1e999", '"\\u0000"', "[" * 900 + "]" * 900])
def test_strange_json_values_are_refused_where_a_number_belongs(
    value: str, store: td.Store
) -> None:
    content = Sample("file/batch-manual").source.replace(b"9876543", value.encode())
    with pytest.raises(td.ImportFatal):
        Sample("file/batch-manual").run(store, content, user_id=66)
    assert nothing_is_stored(store, 66)


def test_a_version_that_is_half_a_surrogate_pair_is_refused(store: td.Store) -> None:
    content = Sample("file/batch-manual").source.replace(b'"exceed"', rb'"\ud800"')
    with pytest.raises(td.ImportFatal, match="version"):
        Sample("file/batch-manual").run(store, content, user_id=66)
    assert nothing_is_stored(store, 66)


def test_an_orphan_with_a_number_of_400_digits_is_kept(
    open_stores: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a member that nothing reads; an orphan is kept as it is, and tried again."""
    sample, player = Sample("api/myt-chunithm"), next(PLAYERS)
    answer = sample.source
    answer["playlog"] = answer["playlog"][:1]
    answer["playlog"][0]["info"] |= {"musicId": 1, "scoreRank": 10**400}
    store = open_stores(sample.catalogue)
    outcome = sample.run(store, answer, user_id=player)
    assert outcome.datapoints["outcome"].to_list() == ["SongOrChartNotFound"]
    assert sample.run(store, answer, user_id=player).datapoints["outcome"].to_list() == [
        "OrphanExists"
    ]
    report = td.reprocess_orphans(store, user_ids=[player])
    assert (report.processed, report.failed) == (1, 1)
    assert caplog.text == ""  # Nothing of ours failed.
    (orphan,) = td.export_documents(store, "orphans", user_id=player)
    assert orphan["data"]["info"]["musicId"] == 1


def test_a_long_text_is_not_repeated_as_a_whole(open_stores: Open) -> None:
    long = b"x" * 20_000
    sample = Sample("file/batch-manual")
    content = sample.source.replace(b"night bus", long)
    outcome = sample.run(open_stores(sample.catalogue), content)
    assert 0 < outcome.datapoints["message"].str.len_chars().max() <= LONGEST
    with pytest.raises(td.ImportFatal) as refused:
        sample.run(open_stores({}), sample.source.replace(b'"exceed"', b'"' + long + b'"'))
    assert len(refused.value.message) <= LONGEST


MUCH = 16 * 1024 * 1024
MANY = {
    "blank lines, as a site writes them": ("file/eamusement-sdvx-csv", b"", b"\n"),
    "short lines, as a site writes them": ("file/eamusement-sdvx-csv", b"", b"a,b\n"),
    "blank lines of strict CSV": ("file/mypagescraper-records-csv", b"", b"\n"),
    "short lines of strict CSV": ("file/mypagescraper-records-csv", b"", b"a,b\n"),
    "elements": ("file/solid-state-squad", b"<s3data><scoredata>", b"<a/>"),
}


@pytest.mark.parametrize("name", MANY)
def test_16_megabytes_of_almost_nothing_are_refused_soon(name: str, store: td.Store) -> None:
    kind, start, piece = MANY[name]
    sample = Sample(kind)
    start = start or sample.source[: sample.source.index(b"\n") + 1]
    began = time.process_time()
    with pytest.raises(td.ImportFatal, match="import it in parts"):
        sample.run(store, start + piece * (MUCH // len(piece)))
    assert time.process_time() - began < 3


def test_a_million_empty_records_are_refused_at_the_first(store: td.Store) -> None:
    head = b'{"meta": {"game": "sdvx", "playtype": "Single", "service": "tests"}, "scores": ['
    began = time.process_time()
    with pytest.raises(td.ImportFatal, match=r"scores\[0\]\.score: .* it is missing"):
        td.import_scores(store, "file/batch-manual", head + b"{}," * 1_000_000 + b"{}]}", user_id=1)
    assert time.process_time() - began < 3

"""What the formats of game clients make of a body, beyond the golden samples."""

from __future__ import annotations

from typing import Any

import pytest

import tachi_data as td
from tachi_data.import_types import Parsed, Source, all_import_types
from tachi_data.import_types.ir.fervidex.plays import version_of
from tests.import_types.bodies import oraja
from tests.import_types.samples import Sample

NOW = 1_750_000_000_000
MODEL = "LDJ:J:B:A:2021091500"


def parsed(kind: str, body: Any, **options: Any) -> Parsed:
    return all_import_types()[kind].read(Source(body, options, NOW, 7))[0]


def sample(kind: str) -> dict[str, Any]:
    """The body of the golden sample."""
    return Sample(kind).source  # type: ignore[no-any-return]


def refusal(kind: str, body: Any, **options: Any) -> str:
    with pytest.raises(td.ImportFatal) as refused:
        parsed(kind, body, **options)
    assert refused.value.status_code == 400
    return refused.value.message


# --- all of them ----------------------------------------------------------------------------------

KINDS = [
    kind for kind in all_import_types() if kind.startswith("ir/") and kind != "ir/direct-manual"
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [None, [], "text", 1, {}])
def test_a_body_without_a_score_is_refused_or_empty(kind: str, body: Any) -> None:
    options = Sample(kind).options
    if kind == "ir/fervidex-static" and not options.get("shouldImportScores"):
        pytest.skip("this sample sends no scores")
    with pytest.raises(td.ImportFatal):
        parsed(kind, body, **options)


# --- SOUND VOLTEX ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "member", ["ex_score", "early_crit", "s_crit", "late_crit", "chip_near", "late_error"]
)
def test_barbatos_counts_are_never_negative(member: str) -> None:
    zeros = ("early_error", "early_near", "early_crit", "s_crit", "late_crit", "late_near")
    more = ("late_error", "chip_s_crit", "chip_crit", "chip_near", "chip_error", "long_crit")
    rest = ("long_error", "vol_crit", "vol_error", "gauge_type", "difficulty", "song_id")
    body = dict.fromkeys((*zeros, *more, *rest, "ex_score", "max_chain"), 0)
    body |= {"level": 17, "score": 9_000_000, "clear_type": 2, "percent": 71.5}
    assert parsed("ir/barbatos", body).context == {"timeReceived": NOW, "version": "exceed"}
    assert member in refusal("ir/barbatos", body | {member: -1})


def test_kshook_refuses_all_bests_for_a_bad_one() -> None:
    body = sample("ir/kshook-sv6c-static")
    scores = [*body["scores"], {**body["scores"][0], "clear": "CLEAR_SOMEHOW"}]
    message = refusal("ir/kshook-sv6c-static", {"scores": scores})
    assert f"scores[{len(scores) - 1}]" in message
    assert "clear" in message


# --- IIDX ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("LDJ:J:B:A:2018091900", "25"),
        ("LDJ:J:A:X:2019100700", "26-omni"),
        ("TDJ:J:B:E:2020092900", "27-2dxtra"),
        (MODEL, "28"),
        ("LDJ:J:B:X:2022082400", "29-omni"),
        ("LDJ:J:B:E:2023090500", "30-2dxtra"),
        ("LDJ:J:B:E:2024082600", "31-2dxtra"),
        ("LDJ:J:B:X:2025082500", "32-omni"),
        ("LDJ:J:B:A:2026022400", "33"),
        ("TDJ:J:B:X:2026090900", "33-omni"),
        # Builds that are not listed: later than all before the newest version, or among those of one version.
        ("LDJ:J:B:A:2025090100", "33"),
        ("LDJ:J:B:X:2031010100", "33-omni"),
        ("LDJ:J:B:A:2025050100", "32"),
        ("LDJ:J:B:E:2023110100", "31-2dxtra"),
        ("P2D:J:B:A:2024010100", "inf"),
    ],
)
def test_the_software_model_tells_the_version(model: str, version: str) -> None:
    assert version_of(model) == version


@pytest.mark.parametrize(
    "model",
    [
        None,
        "",
        MODEL.lower(),
        f"{MODEL}\n",
        "LDJ:J:B:A:2021091501",
        "LDJ:J:B:Z:2021091500",
        "LDJ:J:B:X:2018091900",
        "LDJ:J:B:E:2022082400",
        "LDJ:J:B:E:2025011400",
        # Between two versions, before all of them, and a revision that the newest version does not have.
        "LDJ:J:B:A:2024090100",
        "LDJ:J:B:A:2010010100",
        "LDJ:J:B:E:2031010100",
        "KDZ:J:B:A:2021091500",
    ],
)
def test_other_software_is_refused(model: str | None) -> None:
    with pytest.raises(td.ImportFatal, match="software model"):
        version_of(model)


def test_an_unknown_build_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    version_of("LDJ:J:B:A:2031010100")
    assert "2031010100" in caplog.text
    caplog.clear()
    version_of("LDJ:J:B:A:2026022400")
    assert not caplog.text


def profile(body: dict[str, Any], *, scores: bool = True) -> Parsed:
    return parsed("ir/fervidex-static", body, model=MODEL, shouldImportScores=scores)


BEST = {"ex_score": 1, "clear_type": 4}


def test_songs_with_numbers_come_first_as_the_reference_reads_them() -> None:
    songs = {"1000": {"spa": BEST}, "007": {"spa": BEST}, "2": {"dpa": BEST, "spa": BEST}}
    found = [(d["song_id"], d["chart"]) for d in profile({"scores": songs}).datapoints]
    assert found == [(2, "dpa"), (2, "spa"), (1000, "spa"), (7, "spa")]


def test_an_absent_miss_count_is_null_in_the_datapoint() -> None:
    (best,) = profile({"scores": {"9": {"spa": BEST}}}).datapoints
    assert best == {"song_id": 9, "chart": "spa", **BEST, "miss_count": None}


@pytest.mark.parametrize(
    "scores",
    [
        None,
        {"1.5": {"spa": BEST}},
        {"-1": {"spa": BEST}},
        {"9" * 17: {"spa": BEST}},
        {"1": None},
        {"1": {"spa": None}},
        {"1": {"dpb": BEST}},
        {"1": {"spa": {**BEST, "more": 1}}},
        {"1": {"spa": {**BEST, "clear_type": 8}}},
        {"1": {"spa": BEST}, "2": {"spa": {}}},
    ],
)
def test_one_odd_entry_refuses_the_profile(scores: Any) -> None:
    refusal("ir/fervidex-static", {"scores": scores}, model=MODEL, shouldImportScores=True)


def test_dans_are_taken_without_scores() -> None:
    found = profile({"sp_dan": 18, "dp_dan": 7.0, "scores": "not looked at"}, scores=False)
    assert found.classes == {"SP": {"dan": "KAIDEN"}, "DP": {"dan": "DAN_1"}}
    assert list(found.datapoints) == []


@pytest.mark.parametrize("index", [None, True, "3", -1, 19, 2.5, [3]])
def test_what_is_no_dan_gives_none(index: object) -> None:
    assert profile({"sp_dan": index, "dp_dan": index}, scores=False).classes == {}


# --- BMS, PMS, USC -----------------------------------------------------------------------------------


def test_beatoraja_refuses_a_score_on_another_chart() -> None:
    assert "sha256" in refusal("ir/beatoraja", oraja(score={"sha256": "12" * 32}))


@pytest.mark.parametrize(
    ("mode", "client"),
    [("BEAT_7K", "beatoraja 0.8"), ("POPN_9K", "LR2oraja 0.8"), ("BEAT_14K", "lr2oraja")],
)
def test_each_client_is_for_its_game(mode: str, client: str) -> None:
    assert "client" in refusal("ir/beatoraja", oraja(chart={"mode": mode}, client=client))


@pytest.mark.parametrize("kind", ["score", "chart"])
@pytest.mark.parametrize("sha256", ["AB" * 32, "ab" * 31, "zz" * 32, None])
def test_beatoraja_hashes_are_64_small_hexadecimal_digits(kind: str, sha256: Any) -> None:
    body = oraja()
    body[kind]["sha256"] = sha256
    assert f"{kind}.sha256" in refusal("ir/beatoraja", body)


def test_usc_needs_the_playtype_of_the_request() -> None:
    body = sample("ir/usc")
    assert "playtype" in refusal("ir/usc", body, chartHash="a", playtype="controller")
    (score,) = parsed("ir/usc", body, chartHash="a", playtype="Keyboard").datapoints
    assert {"early", "late", "combo"} <= set(score)

"""The fastest stream, against the rule as one would write it down for a single score."""

from itertools import accumulate
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.games import gpt
from tachi_data.games.itg import fastest32, fastest_streams
from tests.games.frames import score_frame

STAMINA = gpt("itg", "Stamina")


def slow_fastest32(score: dict[str, Any]) -> float | None:
    """The rule, one score at a time."""
    notes, nps = score["chart.notes_per_measure"], score["chart.nps_per_measure"]
    limit = len(notes)
    if score["lamp"] == "FAILED":
        survived = score["survived_percent"] / 100 * len(notes)
        limit = sum(k < survived for k in range(len(notes)))
    speeds = []
    for start in range(limit):
        sums = list(accumulate(notes[start:limit]))
        end = next((i for i, s in enumerate(sums) if i > 0 and s >= 512), None)
        if end is not None and 0 not in notes[start + 1 : start + end + 1]:
            speeds.append(min(nps[start : start + end + 1]))
    beats = max(speeds) * 60 / 4 if speeds else 0
    return beats if beats >= 100 else None


@st.composite
def charts(draw: st.DrawFn) -> dict[str, Any]:
    counts = st.sampled_from([0, 1, 8, 16, 16, 31, 32, 32, 64, 300, 512, 600])
    notes = draw(st.lists(counts, max_size=60))
    speeds = st.lists(st.sampled_from([2.5, 6.5, 7, 9.25, 12]), min_size=len(notes))
    return {
        "chart.notes_per_measure": notes,
        "chart.nps_per_measure": draw(speeds)[: len(notes)],
    }


@st.composite
def scores(draw: st.DrawFn) -> list[dict[str, Any]]:
    known = draw(st.lists(charts(), min_size=1, max_size=4))
    plays = draw(
        st.lists(
            st.tuples(
                st.integers(0, len(known) - 1),
                st.sampled_from(["FAILED", "CLEAR"]),
                st.sampled_from([0, 10, 33.333, 50, 99.9, 100]),
            ),
            max_size=12,
        )
    )
    return [
        {"chart_id": str(i), "lamp": lamp, "survived_percent": survived, **known[i]}
        for i, lamp, survived in plays
    ]


@given(scores())
def test_the_fastest_stream_of_many_is_that_of_each(plays: list[dict[str, Any]]) -> None:
    found = fastest32(score_frame(STAMINA, plays)).to_list()
    assert found == [slow_fastest32(play) for play in plays]


def play(notes: list[int], nps: list[float], survived: float | None = None) -> dict[str, Any]:
    return {
        "chart_id": "c",
        "chart.notes_per_measure": notes,
        "chart.nps_per_measure": nps,
        "lamp": "CLEAR" if survived is None else "FAILED",
        "survived_percent": 100 if survived is None else survived,
    }


@pytest.mark.parametrize(
    ("notes", "nps", "survived", "beats"),
    [
        ([16] * 32, [8.0] * 32, None, 120),
        ([16] * 31, [8.0] * 31, None, None),
        # Slower than 100 beats per minute is no stream.
        ([16] * 32, [6.5] * 32, None, None),
        # A break in the middle, but not at the start.
        ([16] * 16 + [0] + [16] * 16, [8.0] * 33, None, None),
        ([0] + [16] * 32, [9.0] + [8.0] * 32, None, 120),
        # A single measure is no stream, two are.
        ([600], [20.0], None, None),
        ([600, 1], [20.0, 10.0], None, 150),
        # A position within a measure counts as the whole measure.
        ([16] * 64, [8.0] * 32 + [9.0] * 32, 50, 120),
        ([16] * 64, [8.0] * 32 + [9.0] * 32, 49, 120),
        ([16] * 64, [8.0] * 32 + [9.0] * 32, 48, None),
        ([16] * 64, [8.0] * 32 + [9.0] * 32, 100, 135),
    ],
)
def test_streams(
    notes: list[int], nps: list[float], survived: float | None, beats: float | None
) -> None:
    assert fastest32(score_frame(STAMINA, [play(notes, nps, survived)])).to_list() == [beats]


def test_streams_of_lists_of_different_length_are_none() -> None:
    frame = score_frame(STAMINA, [play([16] * 32, [8.0]), {"chart_id": "d"}])
    assert fastest32(frame).to_list() == [None, None]
    throws = STAMINA.ratings["fastest32"].throws
    assert throws is not None
    assert frame.select(throws.fill_null(False)).to_series().to_list() == [True, False]


def test_one_row_a_measure() -> None:
    frame = score_frame(STAMINA, [play([256, 256, 512], [7.0, 8.0, 9.0])])
    wanted = {"chart_id": ["c"] * 3, "end": [0, 1, 2], "nps": [None, 7.0, 8.0]}
    assert fastest_streams(frame).equals(
        pl.DataFrame(wanted, schema_overrides={"end": pl.Int64, "nps": pl.Float64})
    )

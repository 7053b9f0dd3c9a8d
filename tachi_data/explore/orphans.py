"""Orphans: the reasons why they wait, suggestions to accept, and the progress of a run."""

from __future__ import annotations

import difflib
import resource
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
from great_tables import GT
from itables.widget import ITable

import tachi_data as td
from tachi_data.errors import TachiError
from tachi_data.explore.opening import SAMPLE, new_folder
from tachi_data.explore.querying import query
from tachi_data.explore.showing import INK, WHOLE, Html, found, selectable, summary
from tachi_data.orphans import Explanation, WhatIf, write_patch

SHOWN = 15
DECISIVE = ("game", "looked_for", "suggestion", "differs_in", "similarity", "orphans", "users")
# The title or key that an orphan looks for, with the game, as a label.
_LABEL = pl.col("looked_for").str.replace_all("  ", "␣␣", literal=True)
WANTED = pl.format(
    "{} ({})",
    pl.when(_LABEL.str.len_chars() > 34).then(_LABEL.str.head(33) + "…").otherwise(_LABEL),
    "game",
)


def reasons(groups: pl.DataFrame) -> alt.HConcatChart:
    """Draw the reasons why orphans wait, and their titles; a click on a reason leaves only its titles.

    Args:
        groups: The frame of `tachi_data.orphans.triage`.
    """
    rows = groups.select("reason", "game", "orphans", looked_for=WANTED)
    clicked = alt.selection_point(fields=["reason"])
    title = alt.Title(
        "Why orphans wait",
        subtitle=f"Of the {groups.height:,} things most looked for. Click on a reason.",
    )
    bars = (
        alt.Chart(rows, title=title, width=260, height=alt.Step(26))
        .mark_bar(color=INK)
        .encode(
            y=alt.Y("reason:N", title=None, sort="-x"),
            x=alt.X("sum(orphans):Q", title="orphans", axis=WHOLE),
            opacity=alt.condition(clicked, alt.value(1), alt.value(0.3)),
            tooltip=["reason", alt.Tooltip("sum(orphans)", title="orphans", format=",")],
        )
        .add_params(clicked)
    )
    return alt.hconcat(bars, _wanted(rows, clicked))


def _wanted(rows: pl.DataFrame, clicked: alt.Parameter) -> alt.Chart:
    title = f"What they look for: the first {SHOWN}"
    order = alt.EncodingSortField("place", op="min")
    return (
        alt.Chart(rows, title=title, width=240, height=alt.Step(20))
        .transform_filter(clicked)
        .transform_window(place="row_number()", sort=[alt.SortField("orphans", order="descending")])
        .transform_filter(f"datum.place <= {SHOWN}")
        .mark_bar(color="#e9c46a")
        .encode(
            y=alt.Y("looked_for:N", title=None, sort=order),
            x=alt.X("orphans:Q", title="orphans", axis=WHOLE),
            tooltip=["game:N", "looked_for:N", "reason:N", "orphans:Q"],
        )
    )


def suggestions(groups: pl.DataFrame) -> pl.DataFrame:
    """Returns the groups that have a suggested song, the most similar first."""
    named = groups.filter(pl.col("suggested_song_id").is_not_null())
    return named.sort("similarity", "orphans", descending=True).with_columns(
        pl.col("similarity").round(0)
    )


def acceptance(rows: pl.DataFrame, accepted: pl.DataFrame) -> ITable:
    """Returns a table of suggestions, to accept or reject each by a click; ``accepted`` are accepted at first."""
    numbered = rows.with_row_index("number")
    keys = ["game", "kind", "looked_for"]
    at_first = numbered.join(accepted, on=keys, how="semi")["number"].to_list()
    return selectable(rows.select(DECISIVE), at_first)


def copy_catalogue(catalogue: str | Path | None = None) -> Path:
    """Copy the files of a catalogue (None: of the sample) to a new folder, and return the folder."""
    target = new_folder() / "catalogue"
    return Path(shutil.copytree(catalogue or SAMPLE / "catalogue", target))


def patch_of(accepted: pl.DataFrame, catalogue: Path | None) -> str:
    """Returns the patch of a catalogue's files that adds the accepted titles; without a folder, what to do."""
    if catalogue is None:
        return "Set CATALOGUE above to the folder of your catalogue's files: here stands their patch then."
    changed = copy_catalogue(catalogue)
    write_patch(changed, accepted)
    return catalogue_patch(changed, catalogue) or "No file changes."


def with_titles(store: td.Store, accepted: pl.DataFrame) -> WhatIf:
    """Returns what the accepted titles would do to orphans; nothing is stored."""
    return td.what_if(
        store, alt_titles=dict(accepted.select("looked_for", "suggestion").iter_rows())
    )


def with_catalogue(store: td.Store, catalogue: Path | None) -> WhatIf:
    """Returns what another catalogue would do to orphans; without a folder, what happens without a change."""
    return td.what_if(store, {} if catalogue is None else catalogue)


def catalogue_patch(changed: Path, catalogue: str | Path | None = None, *, lines: int = 60) -> str:
    """Returns the first lines of a patch from a catalogue's files (None: the sample's) to a changed copy."""
    before = Path(catalogue or SAMPLE / "catalogue")
    patch: list[str] = []
    for path in sorted(changed.glob("*.json")):
        old, new = ((folder / path.name).read_text("utf-8") for folder in (before, changed))
        names = f"a/{path.name}", f"b/{path.name}"
        if old != new:
            patch += difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="")
    more = len(patch) - lines
    return "\n".join([*patch[:lines], *([f"… and {more} more lines"] if more > 0 else [])])


def new_scores(rows: pl.DataFrame, by: str) -> alt.Chart | Html:
    """Draw the scores that a changed catalogue would bring.

    Args:
        rows: The rows of a `tachi_data.orphans.WhatIf`.
        by: The change, as words for the title.

    Returns:
        A chart, or a sentence where no orphan would become a score.
    """
    if not rows["scores"].sum():
        return found(f"No orphan would become a score by {by}.")
    first = rows.filter(pl.col("scores") > 0).head(SHOWN)
    scores, missing = int(rows["scores"].sum()), rows.filter(pl.col("scores") > 0).height - SHOWN
    more = f", and {missing} more" if missing > 0 else ""
    title = alt.Title(
        f"{scores:,} orphans would become scores by {by}", subtitle=f"By what they look for{more}"
    )
    return (
        alt.Chart(first.with_columns(looked_for=WANTED), title=title)
        .mark_bar(color="#2a9d8f")
        .encode(
            y=alt.Y("looked_for:N", title=None, sort="-x"),
            x=alt.X("scores:Q", title="orphans that would become scores", axis=WHOLE),
            tooltip=["game", "looked_for", "scores", "users"],
        )
        .properties(width=420, height=alt.Step(20))
    )


def run_counts(reports: Mapping[str, td.OrphanReport]) -> GT:
    """Returns a table of the counters of runs over orphans, one row per run."""
    rows = [
        (name, run.processed, run.success, run.failed, run.removed) for name, run in reports.items()
    ]
    names = ["run", "tried", "become_scores", "still_wait", "are_rejected"]
    return summary(pl.DataFrame(rows, schema=names, orient="row"), "What became of the orphans")


def oldest(store: td.Store, groups: pl.DataFrame) -> str:
    """Returns the ID of the oldest orphan of the first group; without groups, of the oldest orphan.

    Raises:
        TachiError: No orphan waits.
    """
    first: Mapping[str, Any] = next(iter(groups.to_dicts()), {"game": None, "looked_for": None})
    wanted = {name: first[name] for name in ("game", "looked_for")}
    found = query(store, "an_orphan", **wanted)
    if found.is_empty():
        raise TachiError("No orphan waits.")
    return str(found.item())


def story(explanation: Explanation) -> pl.DataFrame:
    """Returns the events of an orphan in order, ``when, what``; the last is the outcome if it were tried now."""
    verdict = explanation.verdict or "It does not wait any more."
    told = [(f"{when:%Y-%m-%d %H:%M}" if when else "", what) for when, what in explanation.story]
    return pl.DataFrame([*told, ("now", verdict)], schema=["when", "what"], orient="row")


# --- a run, watched -------------------------------------------------------------------------------


@dataclass(eq=False)
class Watch:
    """Note time, progress and memory of a run: ``td.reprocess_orphans(store, progress=Watch())``."""

    started: float = field(default_factory=time.monotonic)
    noted: list[tuple[float, int, int, float]] = field(default_factory=list)

    def __call__(self, report: td.OrphanReport) -> None:
        """Note the progress of the run."""
        seconds = time.monotonic() - self.started
        self.noted.append((seconds, report.processed, report.success, memory_mib()))

    @property
    def rows(self) -> pl.DataFrame:
        """One row is a page of the run: ``seconds, processed, success, memory_mib, per_second``."""
        names = {"seconds": pl.Float64, "processed": pl.Int64, "success": pl.Int64}
        rows = pl.DataFrame(self.noted, schema={**names, "memory_mib": pl.Float64}, orient="row")
        done, took = (pl.col(name).diff().fill_null(pl.col(name)) for name in rows.columns[1::-1])
        return rows.with_columns(per_second=done / pl.max_horizontal(took, 1e-6))

    def chart(self) -> alt.HConcatChart:
        """Draw the speed of the run, and the memory of the notebook's process meanwhile."""
        rows, total = self.rows, self.noted[-1] if self.noted else (1.0, 0, 0, 0.0)
        speed = total[1] / max(total[0], 1e-6)
        throughput = f"{total[1]:,} orphans in {total[0]:.1f} s: {speed:,.0f} a second"
        return alt.hconcat(
            _line(rows, "per_second", "orphans per second", throughput),
            _line(rows, "memory_mib", "memory (MiB)", f"Memory: {total[3]:,.0f} MiB at the end"),
        )


def _line(rows: pl.DataFrame, column: str, unit: str, title: str) -> alt.Chart:
    return (
        alt.Chart(rows, title=title, width=300, height=180)
        .mark_line(point={"color": INK}, color=INK)
        .encode(
            x=alt.X("processed:Q", title="orphans done", axis=WHOLE, scale=alt.Scale(zero=True)),
            y=alt.Y(f"{column}:Q", title=unit, axis=WHOLE, scale=alt.Scale(zero=True)),
            tooltip=[alt.Tooltip(f"{column}:Q", title=unit, format=",.0f"), "processed", "success"],
        )
    )


def memory_mib() -> float:
    """Returns the memory of this process in MiB: the present one, or, where it is unknown, the largest so far."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def before_and_after(before: Mapping[str, Any], after: Mapping[str, Any]) -> alt.Chart:
    """Draw the numbers of orphans before and after a run, both from `tachi_data.orphans.status`."""
    names = {"waiting": "wait", "became_scores": "became scores", "rejected": "were rejected"}
    rows = pl.DataFrame(
        [
            (moment, what, counts[name])
            for moment, counts in (("before", before), ("after", after))
            for name, what in names.items()
        ],
        schema={"moment": pl.String, "what": pl.String, "orphans": pl.Int64},
        orient="row",
    )
    base = alt.Chart(rows, title="Orphans before and after the run", width=480, height=alt.Step(26))
    order = list(names.values())
    placed = base.encode(
        y=alt.Y("what:N", title=None, sort=order),
        yOffset=alt.YOffset("moment:N", sort=["before", "after"]),
        x=alt.X("orphans:Q", title="orphans", axis=WHOLE),
    )
    colour = alt.Color("moment:N", title=None, sort=["before", "after"])
    scale = alt.Scale(domain=["before", "after"], range=["#8d99ae", "#2a9d8f"])
    bars = placed.mark_bar().encode(
        color=colour.scale(scale), tooltip=["moment", "what", "orphans"]
    )
    return bars + placed.mark_text(align="left", dx=4).encode(
        text=alt.Text("orphans:Q", format=",")
    )

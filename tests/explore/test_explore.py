"""What the notebooks share, on the sample: what is in the frames and in the charts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import pytest

import tachi_data as td
from tachi_data import explore
from tachi_data.games import GPT, BestOf, Enum, gpts, names
from tachi_data.orphans import explain, safe_suggestions, status, triage, what_if, write_patch

PLAYED = {1: ("iidx", "sdvx"), 2: ("sdvx", "wacca"), 3: ("iidx", "wacca")}
IIDX = explore.players.gpt_of("iidx:SP")


@pytest.fixture(scope="module")
def store() -> Iterator[td.Store]:
    with explore.open_store() as opened:
        yield opened


@pytest.fixture(scope="module")
def stages(store: td.Store) -> explore.imports.Stages:
    return explore.imports.stages_of(store, explore.sample_job("batch-manual-iidx-akari", 0))


def data_of(chart: alt.TopLevelMixin) -> pl.DataFrame:
    """The largest of the frames that a chart draws."""
    datasets: dict[str, list[dict[str, Any]]] = chart.to_dict()["datasets"]
    return pl.DataFrame(max(datasets.values(), key=len), infer_schema_length=None)


def texts_of(chart: alt.TopLevelMixin) -> str:
    spec = chart.to_dict()
    spec.pop("datasets", None)
    return json.dumps(spec)


# --- opening --------------------------------------------------------------------------------------


def test_the_sample_store_has_every_file_of_the_sample(store: td.Store, sample: Path) -> None:
    files = list((sample / "imports").iterdir())
    imports = store.query("SELECT import_type, user_id, game, time_started FROM imports")
    assert imports.height == len(files)
    for user, played in PLAYED.items():
        assert set(imports.filter(user_id=user)["game"]) == set(played)
    assert imports["time_started"].n_unique() > 3


def test_a_job_says_what_the_file_is_and_whose() -> None:
    job = explore.sample_job("pli-iidx")
    assert (job.import_type, job.user_id, job.options["playtype"]) == ("file/pli-iidx-csv", 3, "SP")
    assert explore.sample_job("pli-iidx", 0).user_id == 0


def test_a_store_is_opened_but_not_made(tmp_path: Path) -> None:
    with pytest.raises(td.StoreError):
        explore.open_store(tmp_path / "none.duckdb")


def test_a_copy_can_be_changed_alone(tmp_path: Path, sample: Path) -> None:
    path = tmp_path / "mine.duckdb"
    with td.open_store(path) as mine:
        td.load_catalogue(mine, sample / "catalogue", games=["wacca"])
    with explore.open_copy(path) as copy, copy.write() as con:
        con.execute("DELETE FROM songs")
    with explore.open_store(path) as mine:
        assert mine.query("SELECT count(*) AS n FROM songs").item() == 36


# --- an import ------------------------------------------------------------------------------------


def test_every_row_ends_once(stages: explore.imports.Stages) -> None:
    ends = explore.imports.outcome_counts(stages)
    assert ends["datapoints"].sum() == stages.datapoints.height == stages.outcomes.height
    imported = ends.filter(outcome="ScoreImported")
    assert imported["datapoints"].to_list() == [explore.imports.valid_scores(stages).height]
    assert set(ends.filter(outcome="SongOrChartNotFound")["stage"]) == {0}
    assert set(ends.filter(outcome="InvalidDatapoint")["stage"]) == {0, 1}


def test_the_flow_is_as_wide_as_the_outcomes(stages: explore.imports.Stages) -> None:
    chart = explore.imports.flow(stages)
    points = data_of(chart)
    widths = points.with_columns(width=pl.col("y2") - pl.col("y"))
    assert (widths["width"] == widths["datapoints"]).all()
    assert f"{stages.outcomes.height:,} rows" in texts_of(chart)


def test_why_not_has_the_rule_and_what_was_raw(stages: explore.imports.Stages) -> None:
    rows = explore.imports.failures(stages)
    assert rows.height == stages.outcomes.filter(pl.col("outcome") != "ScoreImported").height
    wrong = rows.filter(pl.col("message").str.contains("no difficulty"))
    assert set(wrong["raw.difficulty"]) == {"ULTRA"}


def test_the_stages_show_what_they_have(stages: explore.imports.Stages) -> None:
    raw, looked_up = explore.imports.records(stages), explore.imports.look_ups(stages)
    assert all(column.null_count() < raw.height for column in raw)
    assert {"row", "raw.identifier"} <= set(raw.columns)
    unknown = looked_up.filter(pl.col("chart_id").is_null())
    assert unknown["message"].null_count() == 0
    completed = explore.imports.valid_scores(stages)
    assert completed.height == 241
    assert {"percent", "grade", "score_id"} <= set(completed.columns)
    assert completed["score_id"].is_unique().all()


def test_an_import_that_is_refused_says_why(store: td.Store) -> None:
    with pytest.raises(td.ImportFatal):
        explore.imports.stages_of(store, td.ImportJob("file/batch-manual", b"{}", 0))


# --- orphans --------------------------------------------------------------------------------------


def test_reasons_count_the_orphans_that_wait(store: td.Store) -> None:
    groups = triage(store, limit=1000)
    drawn = data_of(explore.orphans.reasons(groups))
    waiting = status(store)["waiting"]
    assert drawn["orphans"].sum() == groups["orphans"].sum() == waiting
    assert "ねこと五線譜 (wacca)" in drawn["looked_for"].to_list()


def test_accepted_suggestions_become_a_patch_that_brings_scores(store: td.Store) -> None:
    groups = triage(store, limit=1000)
    suggestions = explore.orphans.suggestions(groups)
    assert suggestions["similarity"].is_sorted(descending=True)
    safe = safe_suggestions(suggestions)
    choice = explore.orphans.acceptance(suggestions, safe)
    accepted = suggestions[choice.selected_rows]
    assert 0 < accepted.height == safe.height < suggestions.height
    assert set(accepted["differs_in"]) == {"white space"}
    changed = explore.orphans.copy_catalogue()
    assert explore.orphans.catalogue_patch(changed) == ""
    write_patch(changed, accepted)
    patch = explore.orphans.catalogue_patch(changed, lines=1000).splitlines()
    title = accepted["looked_for"][0]
    assert f'+\t\t\t"{title}"' in patch
    assert explore.orphans.catalogue_patch(changed, lines=5).endswith(
        f"… and {len(patch) - 5} more lines"
    )
    tried = what_if(store, changed)
    chart = explore.orphans.new_scores(tried.rows, "accepted titles")
    assert f"{tried.report.success} orphans would become scores" in texts_of(chart)
    assert data_of(chart)["scores"].min() > 0
    shown = explore.orphans.run_counts({"accepted": tried.report}).as_raw_html()
    assert ">accepted<" in shown
    assert f">{tried.report.success}<" in shown


def test_a_store_of_ones_own_needs_no_folder_of_a_catalogue(store: td.Store) -> None:
    """Its songs are not the sample's, so the sample's files say nothing about it."""
    assert explore.catalogue_of("own.duckdb", None) is None
    assert explore.catalogue_of("own.duckdb", "mine") == Path("mine")
    newer = explore.catalogue_of(None, None, "catalogue-newer")
    groups = triage(store)
    accepted = safe_suggestions(explore.orphans.suggestions(groups))
    assert "Set CATALOGUE" in explore.orphans.patch_of(accepted, None)
    patch = explore.orphans.patch_of(accepted, explore.catalogue_of(None, None))
    assert f'"{accepted["looked_for"][0]}"' in patch
    assert explore.orphans.with_titles(store, accepted).report.success > 0
    assert explore.orphans.with_catalogue(store, newer).report.success > 0
    nothing = explore.orphans.with_catalogue(store, None)
    shown = explore.orphans.new_scores(nothing.rows.clear(), "nothing")._repr_html_()
    assert "No orphan would become a score by nothing." in shown


def test_a_notebook_ends_with_what_was_found(store: td.Store) -> None:
    assert "<li>a &lt; b</li></ul>" in explore.found("a < b", "")._repr_html_()
    stages = explore.imports.stages_of(store, explore.sample_job("batch-manual-iidx-akari", 0))
    told = explore.findings.of_import(stages)
    assert sum(int(one.split()[0]) for one in told) == stages.outcomes.height
    gpt = explore.players.gpt_of("iidx:SP")
    played, now = explore.findings.of_player(store, 1, gpt)
    assert f"{explore.players.bests(store, 1, gpt).height:,} charts of iidx SP" in played
    assert "BPI" in now
    better = td.personal_bests(store, 1, "sdvx").with_columns(lamp=pl.lit("ULTIMATE CHAIN"))
    changed = td.what_if_scores(store, 1, better)
    assert any(one.startswith("VF6: ") for one in explore.findings.of_wish(changed))
    assert explore.findings.of_wish(changed.clear()) == ["No rating and no class would change."]


def test_an_import_is_chosen_and_its_failed_rows_are_shown(store: td.Store) -> None:
    menu = explore.picking.an_import(store)
    counts = {value: label for label, value in menu.options}
    for import_id, label in counts.items():
        rows = explore.health.failed_of(store, import_id)
        assert f"({rows.height} failed)" in label
    assert any("(0 failed)" not in label for label in counts.values())
    assert menu._repr_mimebundle_()["text/html"] == f"<b>Import</b>: {menu.label}"


def test_the_story_ends_with_what_would_happen_now(store: td.Store) -> None:
    groups = triage(store, limit=1000).filter(looked_for="ねこと五線譜")
    explanation = explain(store, explore.orphans.oldest(store, groups))
    assert explanation.looked_for["song_exact"] == "ねこと五線譜"
    told = explore.orphans.story(explanation)
    assert told["when"].to_list() == ["2025-01-08 00:00", "now"]
    assert told["what"][-1] == 'Tried now, it would stay: The catalogue has no song "ねこと五線譜".'
    oldest = store.query("SELECT orphan_id FROM orphans ORDER BY time_inserted, ordinal LIMIT 1")
    assert explore.orphans.oldest(store, groups.head(0)) == oldest.item()


def test_a_watched_run_shows_throughput_and_what_changed(tmp_path: Path, sample: Path) -> None:
    with td.open_store(tmp_path / "s.duckdb") as store:
        td.load_catalogue(store, sample / "catalogue", games=["sdvx"])
        td.ingest_orphans(store, explore.write_export(200))
        before, watch = status(store), explore.orphans.Watch()
        report = td.reprocess_orphans(store, page_size=30, progress=watch)
        after = status(store)
    rows = watch.rows
    assert rows.height == -(-report.success // 30)
    assert rows["success"][-1] == report.success > 60
    assert (rows["per_second"] > 0).all()
    assert (rows["memory_mib"] > 10).all()
    assert "a second" in texts_of(watch.chart())
    drawn = data_of(explore.orphans.before_and_after(before, after))
    waiting = drawn.filter(what="wait")
    assert waiting["orphans"].to_list() == [200, 200 - report.success]


def test_a_run_that_did_nothing_can_be_drawn() -> None:
    watch = explore.orphans.Watch()
    assert watch.rows.is_empty()
    assert "0 orphans" in texts_of(watch.chart())


# --- players --------------------------------------------------------------------------------------


def test_sessions_are_those_of_the_player(store: td.Store) -> None:
    count = store.query("SELECT count(*) FROM sessions WHERE user_id = 1").item()
    chart = explore.players.sessions_over_time(store, 1)
    spec = chart.to_dict()
    drawn = [rows for rows in spec["datasets"].values() if "time_started" in rows[0]]
    assert [len(rows) for rows in drawn] == [count]
    assert {row["game"] for row in drawn[0]} == set(PLAYED[1])
    assert "beatmania IIDX" in texts_of(chart)
    graded = [rows for rows in spec["datasets"].values() if "grade" in rows[0]]
    timed = store.query(
        "SELECT count(*) FROM scores WHERE user_id = 1 AND time_achieved IS NOT NULL"
    )
    assert sum(row["scores"] for rows in graded for row in rows) == timed.item()


def test_levels_have_every_personal_best_once(store: td.Store) -> None:
    rows = explore.players.bests(store, 1, IIDX)
    assert rows.height == store.query("SELECT count(*) FROM pbs_iidx WHERE user_id = 1").item()
    lamps = data_of(explore.players.by_level(store, 1, IIDX))
    assert lamps["charts"].sum() == rows.height
    assert set(explore.players.enums(IIDX)) == {"lamp", "grade"}


def scores(*played: tuple[str, str, str]) -> pl.DataFrame:
    """Scores: chart, date, lamp."""
    rows = pl.DataFrame(
        played, schema={"chart_id": pl.String, "day": pl.String, "lamp": pl.String}, orient="row"
    )
    return rows.with_columns(time_achieved=pl.col("day").str.to_datetime("%Y-%m-%d"))


def test_an_improved_chart_moves_and_a_worse_score_changes_nothing() -> None:
    lamps = Enum(("FAILED", "CLEAR"))
    played = scores(
        ("a", "2024-01-03", "FAILED"),
        ("b", "2024-01-04", "CLEAR"),
        ("b", "2024-02-01", "FAILED"),
        ("a", "2024-03-01", "CLEAR"),
    )
    months = explore.players.improvements(played, "lamp", lamps)
    by_month = months.group_by(pl.col("month").dt.month(), maintain_order=True).agg("charts")
    assert by_month.rows() == [(1, [1, 1]), (2, [1, 1]), (3, [0, 2])]
    assert explore.players.improvements(played.head(0), "lamp", lamps).is_empty()


def test_bests_over_time_end_at_the_charts_played(store: td.Store) -> None:
    drawn = data_of(explore.players.bests_over_time(store, 1, IIDX))
    last = drawn.filter(pl.col("month") == drawn["month"].max())
    charts = store.query("SELECT count(DISTINCT chart_id) FROM scores_iidx WHERE user_id = 1")
    assert last["charts"].sum() == charts.item()


def test_the_last_rating_is_that_of_the_profile(store: td.Store) -> None:
    history = explore.players.rating_history(explore.players.timed_scores(store, 1, IIDX), IIDX)
    profile = explore.players.profile(store, 1).filter(game="iidx")
    now = dict(profile.select("name", "value").rows())
    for name in explore.players.best_of(IIDX):
        values = history.filter(rating=name)["value"]
        assert values.is_sorted()
        assert f"{values[-1]:.2f}" == now[name]
    assert now["dan"] == "DAN_9"
    chart = explore.players.ratings_over_time(store, 1, IIDX)
    assert "ktLampRating, mean of the best 20 charts" in texts_of(chart)


def test_contributions_add_up(store: td.Store) -> None:
    rows = explore.players.bests(store, 1, IIDX)
    best = explore.players.contributions(rows, BestOf("ktLampRating", 5))
    assert best["place"].to_list() == [1, 2, 3, 4, 5]
    assert best["value"].is_sorted(descending=True)
    assert best["share"].sum() == pytest.approx(1)
    drawn = data_of(explore.players.best_contributions(store, 1, IIDX))
    assert drawn.height == 20
    assert drawn["chart"][0].startswith("1. ")


@pytest.mark.parametrize("gpt", [gpt for name in names() for gpt in gpts(name)], ids=lambda g: g.id)
def test_every_game_can_be_drawn_even_without_scores(store: td.Store, gpt: GPT) -> None:
    for chart in (
        explore.players.bests_over_time(store, 2, gpt),
        explore.players.by_level(store, 2, gpt),
        explore.players.ratings_over_time(store, 2, gpt),
        explore.players.best_contributions(store, 2, gpt),
    ):
        assert "player 2" in texts_of(chart)


# --- health ---------------------------------------------------------------------------------------


def test_imports_over_time_count_scores_and_problems(store: td.Store) -> None:
    drawn = data_of(explore.health.imports_over_time(store))
    by_outcome = dict(drawn.group_by("outcome").agg(pl.col("datapoints").sum()).rows())
    counted = store.query("SELECT outcome, count(*) FROM problems GROUP BY ALL").rows()
    scored = store.query("SELECT count(*) FROM scores").item()
    assert by_outcome == {"ScoreImported": scored, **dict(counted)}
    assert {"e-amusement", "AKARI's script (BATCH-MANUAL)"} <= set(drawn["service"])
    assert drawn["day"].n_unique() > 3


def test_rules_are_messages_without_what_differs(store: td.Store) -> None:
    broken = explore.health.broken_rules(store)
    rules = set(broken["rule"])
    assert {"The catalogue has no song …", "beatmania IIDX has no difficulty …"} <= rules
    assert "score: …, the chart allows at most …" in rules
    assert not any("error(s)" in rule for rule in rules)
    unknown = broken.filter(import_type="file/solid-state-squad").row(0, named=True)
    assert unknown["example"] == 'The catalogue has no song "Frozen Voyage -extended- 63".'
    assert json.loads(unknown["raw"])["songname"] == "Frozen Voyage -extended- 63"
    assert broken["share"].is_between(0, 1).all()
    assert "InvalidDatapoint" in texts_of(explore.health.error_rates(broken))


def test_coverage_counts_charts_once_and_by_version(store: td.Store) -> None:
    coverage = explore.health.coverage(store)
    charts = store.query("SELECT game, count(*) FROM charts GROUP BY game ORDER BY game")
    assert coverage.select("game", "charts").rows() == charts.rows()
    assert (coverage["played"] < coverage["charts"]).all()
    assert coverage["orphans"].sum() == status(store)["waiting"]
    chart = explore.health.coverage_by_version(store)
    assert {row["version"] for row in data_of(chart).to_dicts()} >= {"31", "9-cs"}
    assert "SOUND VOLTEX" in texts_of(chart)


def test_doubtful_times_and_twins_are_found(tmp_path: Path, sample: Path) -> None:
    with td.open_store(tmp_path / "s.duckdb") as store:
        td.load_catalogue(store, sample / "catalogue", games=["sdvx"])
        assert explore.health.suspicious_times(store).is_empty()
        assert explore.health.repeated_plays(store).is_empty()
        song, chart = store.query(
            "SELECT songs.title, charts.difficulty FROM charts JOIN songs USING (game, song_id) LIMIT 1"
        ).row(0)
        midnight = 1_704_067_200_000
        times = (midnight, midnight + 5_000, 1_704_070_800_000, 1_704_074_400_000, None)
        body = {
            "meta": {"game": "sdvx", "playtype": "Single", "service": "Test"},
            "scores": [
                {"matchType": "songTitle", "identifier": song, "difficulty": chart}
                | {"score": 9_000_000 + number, "lamp": "CLEAR", "timeAchieved": time}
                for number, time in enumerate(times)
            ],
        }
        source = json.dumps(body).encode()
        td.import_scores(store, "file/batch-manual", source, user_id=1, now=1_800_000_000_000)
        with store.write() as con:
            con.execute("UPDATE scores_sdvx SET time_achieved = '1990-05-05' WHERE score = 9000002")
            con.execute("UPDATE scores_sdvx SET time_achieved = '2099-05-05' WHERE score = 9000003")
        reasons = dict(explore.health.suspicious_times(store).select("reason", "scores").rows())
        assert explore.health.repeated_plays(store).rows() == [("sdvx", "file/batch-manual", 1, 2)]
    assert reasons == {
        "after it was imported": 1,
        "at midnight exactly": 1,
        "before there was such a game": 1,
        "not known": 1,
    }


def test_an_empty_store_has_nothing_to_show(tmp_path: Path) -> None:
    with td.open_store(tmp_path / "s.duckdb") as store:
        groups = triage(store)
        for chart in (
            explore.health.imports_over_time(store),
            explore.health.error_rates(explore.health.broken_rules(store)),
            explore.health.coverage_by_version(store),
            explore.orphans.reasons(groups),
            explore.players.sessions_over_time(store, 1),
        ):
            assert chart.to_dict()["$schema"]
        assert explore.orphans.acceptance(groups, safe_suggestions(groups)).selected_rows == []
        with pytest.raises(td.TachiError):
            explore.orphans.oldest(store, groups)


def test_some_players_are_the_same_ones_each_time(store: td.Store) -> None:
    assert explore.health.some_players(store, 10) == [1, 2, 3]
    assert explore.health.some_players(store, 2) == explore.health.some_players(store, 2)


# --- showing --------------------------------------------------------------------------------------


def test_what_is_shown_can_be_read() -> None:
    rows = pl.DataFrame({"looked_for": ["a  b"], "time": [1.7e12], "names": [["x", "y"]]})
    assert explore.readable(rows).to_dicts() == [
        {"looked for": "a␣␣b", "time": 1_700_000_000_000, "names": "x, y"}
    ]
    page = explore.table(rows)._repr_html_()
    assert "a␣␣b" in page
    assert explore.selectable(rows, [0]).selected_rows == [0]


def test_rows_to_select_are_a_table_where_no_notebook_runs() -> None:
    rows = pl.DataFrame({"looked_for": ["one", "other"]})
    chosen = explore.selectable(rows, [1])

    def cells() -> list[str]:
        data, _ = chosen._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in data
        return re.findall("<td[^>]*>([^<]*)</td>", data["text/html"])

    assert cells() == ["", "one", "✓", "other"]
    chosen.selected_rows = [0]
    assert cells() == ["✓", "one", "", "other"]


def test_a_summary_has_shares_in_percent() -> None:
    page = explore.summary(pl.DataFrame({"n": [1234], "share": [0.5]}), "Title").as_raw_html()
    assert ">1,234<" in page
    assert ">50.0%<" in page


@pytest.mark.slow
def test_charts_bring_what_draws_them(capsys: pytest.CaptureFixture[str]) -> None:
    explore.set_up()
    capsys.readouterr()
    chart = alt.Chart(pl.DataFrame({"a": [1]})).mark_bar().encode(x="a")
    page = chart._repr_mimebundle_()["text/html"]
    assert "window.vegaEmbed(place" in page
    assert "https://cdn" not in page
    alt.renderers.enable("default")
    alt.theme.enable("default")

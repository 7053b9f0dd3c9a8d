"""The life of a game whose module was just written, in a process of its own.

``python -m tests.games.newcomer FOLDER GAME`` finds the game's module in the folder, takes every step of
`STEPS` in turn, and writes a JSON object to standard output: of each step what it saw, or where it broke.
Registries are made once in a process, so a process that had games before cannot tell how a new one fares.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tachi_data import games

NOW = 1_750_000_000_000
PLAYED = 1_740_000_000_000
KINDS = (
    "scores", "pbs", "sessions", "gameStats", "classAchievements", "orphans", "imports", "goalSubs",
    "questSubs", "chartQueue",
)  # fmt: skip
Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class World:
    """A store with two songs of the game, of one chart each, and a goal on the first."""

    store: Any
    gpt: games.GPT

    @property
    def difficulty(self) -> str:
        """The difficulty of every chart here."""
        return self.gpt.difficulties[-1] if self.gpt.difficulties else "CHART"

    def song(self, number: int, title: str) -> Document:
        names = {"title": title, "artist": "Nobody", "altTitles": [], "searchTerms": []}
        return {"id": number, **names, "data": {"season": "spring", "discHash": f"disc-{number}"}}

    def chart(self, number: int) -> Document:
        keys = {"inGameID": 100 + number, "inGameStrID": f"t{number}", "tapeHash": f"tape-{number}"}
        data = {"noteCount": 500_000, **keys}
        return {
            "chartID": f"chart-{number}",
            "songID": number,
            "playtype": self.gpt.playtype,
            "difficulty": self.difficulty,
            "level": "7",
            "levelNum": 7,
            "isPrimary": True,
            "versions": list(self.gpt.versions[:1]),
            "data": data,
        }

    def goal(self) -> Document:
        return {
            "goalID": "goal",
            "game": self.gpt.game,
            "playtype": self.gpt.playtype,
            "name": "900,000 on the first",
            "charts": {"type": "single", "data": "chart-1"},
            "criteria": {"mode": "single", "key": "score", "value": 900_000},
        }

    def score(self, title: str, score: int, **more: Any) -> Document:
        lamp = {"lamp": "CLEAR"} if "lamp" in self.gpt.provided else {}
        named = {"matchType": "songTitle", "identifier": title, "difficulty": self.difficulty}
        return {**named, "score": score, "timeAchieved": PLAYED, **lamp, **more}

    def imported(self, *scores: Document, now: int = NOW, **more: Any) -> Any:
        meta = {"game": self.gpt.game, "playtype": self.gpt.playtype, "service": "test"}
        classes = more.pop("classes", None)
        body: Document = {"meta": meta, "scores": list(scores)}
        body |= {} if classes is None else {"classes": classes}
        content = json.dumps(body).encode()
        return td.import_scores(
            self.store, "file/batch-manual", content, user_id=1, now=now, **more
        )


def outcomes(imported: Any) -> list[str]:
    return imported.datapoints["outcome"].to_list()  # type: ignore[no-any-return]


def dry_run(world: World) -> Any:
    seen = outcomes(world.imported(world.score("First", 800_000), dry_run=True))
    return [*seen, world.store.query("SELECT count(*) FROM scores").item()]


def first_import(world: World) -> Any:
    provided = {n: c.values[0] for n, c in world.gpt.classes.items() if c.derived_from is None}
    imported = world.imported(
        world.score("First", 800_000, **full(world)),
        world.score("Later", 700_000),
        world.score("First", 600_000, difficulty=""),
        classes=provided or None,
    )
    return outcomes(imported)


def full(world: World) -> Document:
    """A judgement, optional metrics and meta, of a game that has them."""
    if not world.gpt.judgements:
        return {}
    return {
        "judgements": {"good": 3},
        "optional": {"maxCombo": 10, "gauge": 0.5, "gauges": [0, 50.5]},
        "scoreMeta": {"hand": "left"},
    }


def second_import(world: World) -> Any:
    """A better play of the same session, and one that is known."""
    later = PLAYED + 60_000
    return outcomes(
        world.imported(
            world.score("First", 950_000, timeAchieved=later),
            world.score("First", 800_000, **full(world)),
            now=NOW + 1,
        )
    )


IDENTIFIERS = {
    "songTitle": "first",
    "tachiSongID": "1",
    "inGameID": " 101",
    "inGameStrID": "t1",
    "discHash": "disc-1",
    "tapeHash": "tape-1",
}


def match_types(world: World) -> Any:
    """Each match type of the game finds the first song's chart."""
    named = [
        world.score("?", 100, matchType=kind.name, identifier=IDENTIFIERS[kind.name])
        for kind in world.gpt.match_types
    ]
    found = world.imported(*named, dry_run=True).datapoints
    return found["chart_id"].unique().to_list()


def aliases(world: World) -> Any:
    """A difficulty that stands for the chart's, and one that the game refuses in its own words."""
    names = (*world.gpt.difficulty_aliases, *world.gpt.unsupported_difficulties)
    key = {"matchType": "inGameID", "identifier": "101"}
    scores = [world.score("?", 100, **key, difficulty=name) for name in names]
    found = world.imported(*scores, dry_run=True).datapoints if scores else None
    return [] if found is None else found.select("outcome", "chart_id", "message").rows()


def orphans(world: World) -> Any:
    td.patch_catalogue(
        world.store,
        {
            f"songs-{world.gpt.game}": [world.song(2, "Later")],
            f"charts-{world.gpt.game}": [world.chart(2)],
        },
    )
    report = td.reprocess_orphans(world.store, now=NOW + 2)
    return [report.processed, report.success, report.failed]


def triaged(world: World) -> Any:
    """An orphan that stays: its story, and what many like it have in common."""
    from tachi_data.orphans import explain, status, triage

    world.imported(world.score("Firsst", 600_000), now=NOW + 2)
    (left,) = td.export_documents(world.store, "orphans")
    return [
        explain(world.store, left["orphanID"]).suggestions["title"].to_list(),
        triage(world.store).height,
        bool(status(world.store)),
    ]


def goals(world: World) -> Any:
    td.subscribe(world.store, 1, goals=["goal"], now=NOW + 3)
    (sub,) = td.export_documents(world.store, "goalSubs")
    return [sub["achieved"], sub["progressHuman"], sub["outOfHuman"]]


def export(world: World) -> Any:
    return {kind: td.export_documents(world.store, kind) for kind in KINDS}


def verify(world: World) -> Any:
    return td.verify(world.store, recompute=True, now=NOW + 4).to_dicts()


def query(world: World) -> Any:
    found = world.store.query(
        "SELECT score, judgements, optional, ratings FROM query_table($1) ORDER BY score",
        [f"scores_{world.gpt.game}"],
    )
    return [found["score"].to_list(), world.store.query("SELECT grade, lamp FROM scores").height]


def explore(world: World) -> Any:
    """Every function of the notebooks that is about a player or a game draws something."""
    from tachi_data import explore as shown

    store, gpt = world.store, world.gpt
    scores = shown.players.timed_scores(store, 1, gpt)
    charts = [
        shown.players.sessions_over_time(store, 1),
        shown.players.by_level(store, 1, gpt),
        shown.players.bests_over_time(store, 1, gpt),
        shown.players.ratings_over_time(store, 1, gpt),
        shown.players.best_contributions(store, 1, gpt),
        shown.health.imports_over_time(store),
        shown.health.coverage_by_version(store),
    ]
    frames = [
        shown.players.bests(store, 1, gpt),
        scores,
        shown.players.rating_history(scores, gpt),
        shown.players.profile(store, 1),
        shown.health.coverage(store),
        shown.health.repeated_plays(store),
        shown.health.suspicious_times(store),
        shown.health.broken_rules(store),
    ]
    drawn = [bool(chart.to_dict()) for chart in charts]
    return [all(drawn), [frame.height for frame in frames[:2]]]


def revert(world: World) -> Any:
    (newest, *_) = world.store.query(
        "SELECT import_id FROM imports ORDER BY time_started DESC"
    ).rows()
    td.revert_import(world.store, newest[0])
    return [world.store.query("SELECT count(*) FROM scores").item(), verify(world)]


STEPS: tuple[Callable[[World], Any], ...] = (
    dry_run, match_types, aliases, first_import, second_import, orphans, triaged, goals, export, verify,
    query, explore, revert,
)  # fmt: skip


def main(folder: str, game: str) -> None:
    """Take every step, and write what each saw."""
    store = td.open_store(Path(folder) / "store.duckdb")
    world = World(store, games.gpts(game)[0])
    first = {f"songs-{game}": [world.song(1, "First")], f"charts-{game}": [world.chart(1)]}
    td.patch_catalogue(store, {**first, "goals": [world.goal()]})
    seen = {}
    for step in STEPS:
        try:
            seen[step.__name__] = {"saw": step(world)}
        except Exception:
            seen[step.__name__] = {"broke": traceback.format_exc()}
    print(json.dumps(seen, default=str))


if __name__ == "__main__":
    games.__path__.append(sys.argv[1])
    import tachi_data as td

    main(*sys.argv[1:])

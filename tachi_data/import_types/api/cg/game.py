"""What the games of CG have in common: the members of a score, and the order in which it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, Rule
from tachi_data.records.schema import Int, Kind, Object, Str

COUNT = Int(0)
MILLION = Int(0, 1_000_000)


@dataclass(frozen=True, eq=False)
class Game:
    """A game of the networks: the shape and conversion of its scores.

    Args:
        name: The game.
        path: Its name in a URL of the services.
        playtype: The playtype of all scores; None where ``match`` tells it.
        members: The members of a score that the other games lack, or have in another form.
        versions: The versions of the game, by their numbers.
        columns: The columns of a dry score that depend on the game.
        difficulty: The difficulty; null where it cannot be read.
        rules: What else ends a score.
        has_versions: Whether the version takes part in the look-up.
        match: The columns of the look-up that the other games do not have.
        version_first: Whether an unknown version counts before a score that is skipped.
    """

    name: str
    path: str
    playtype: str | None
    members: Mapping[str, Kind]
    versions: Mapping[int, str]
    columns: Mapping[str, pl.Expr]
    difficulty: pl.Expr
    rules: tuple[Rule, ...] = ()
    has_versions: bool = True
    match: Mapping[str, pl.Expr] = field(default_factory=dict)
    version_first: bool = False

    @property
    def record(self) -> Object:
        """Return the shape of a score; unknown keys are refused."""
        common = {
            **dict.fromkeys(("internalId", "difficulty", "version"), COUNT),
            "dateTime": Str(),
        }
        return Object(members={**common, **self.members}, strict=True)

    def conversion(self, service: pl.Expr) -> Conversion:
        """Return the conversion of a score."""
        version = x.mapped(x.raw("version"), self.versions)
        skips = tuple(rule for rule in self.rules if rule.outcome == "Skipped")
        others = tuple(rule for rule in self.rules if rule.outcome != "Skipped")
        known_version = x.unreadable(
            version, x.raw("version"), "version: expected a known one", after="reading"
        )
        known_difficulty = x.unreadable(
            self.difficulty,
            x.raw("difficulty"),
            "difficulty: expected one that the game has",
            after="reading",
        )
        reading = (*skips, known_difficulty, known_version)
        if self.version_first:
            reading = (known_version, *skips, known_difficulty)
        return Conversion(
            record=self.record,
            refuses="all",
            path="scores",
            context=Object(members={"service": Str(), "userID": Int()}),
            rules=(*reading, *others, x.no_date("dateTime")),
            match={
                **x.by_chart_key(
                    "in_game_id",
                    x.raw("internalId").cast(pl.String),
                    difficulty=self.difficulty,
                    version=version if self.has_versions else None,
                ),
                **self.match,
            },
            columns={
                **self.columns,
                "service": service,
                "time_achieved": x.date(x.raw("dateTime")),
            },
        )

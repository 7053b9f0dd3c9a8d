"""What a game is: frozen values that declare metrics, ratings, classes and personal-best rules.

Names are those of the reference server's documents (``exScore``); the column of a name is its
snake_case form (``ex_score``), see `tachi_data.names`. In the frames of the pipeline

- ``score``, ``lamp``, ``percent`` … are provided and derived metrics,
- ``judgements.pgreat`` and ``optional.bp`` are judgements and optional metrics,
- ``chart.notecount``, ``chart.level_num``, ``song.flare_category`` come from the catalogue,
- ``ratings.bpi`` are score ratings.

Every expression in a game's module is over these columns.

The original server changed some rules in 2026 (*v3*). A game's module declares its playtypes in ``GPTS``, as
they were before, and below them in ``V3``, where `GPT.in_v3` names what is different; see `tachi_data.games`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from tachi_data.games.goal_formats import GoalFormat
from tachi_data.games.match_types import SONG_ID, SONG_TITLE, MatchType
from tachi_data.games.metrics import FAST_SLOW_MAXCOMBO as FAST_SLOW_MAXCOMBO
from tachi_data.games.metrics import Decimal as Decimal
from tachi_data.games.metrics import Enum as Enum
from tachi_data.games.metrics import Grade as Grade
from tachi_data.games.metrics import Graph as Graph
from tachi_data.games.metrics import Integer as Integer
from tachi_data.games.metrics import Metric as Metric


@dataclass(frozen=True, eq=False)
class Validator:
    """A rule across fields: the score is invalid where ``fails`` is true (null counts as not).

    The message may be an expression, where the rule has several parts.
    """

    message: str | pl.Expr
    fails: pl.Expr


@dataclass(frozen=True, eq=False)
class Rating:
    """A rating of one score, from provided metrics, judgements and the chart.

    Args:
        value: An expression or, where no expression can say it, a function of the whole frame that
            returns one value for each row.
        throws: Where the original's formula raises: at import the datapoint is an internal error, in a
            personal best the rating is null.
        decimals: With how many decimals people are shown it.
    """

    value: pl.Expr | Callable[[pl.DataFrame], pl.Series]
    throws: pl.Expr | None = None
    decimals: int = 2


@dataclass(frozen=True)
class BestOf:
    """A rating made of the ``count`` largest values of one score rating.

    A profile rating is made of the player's primary personal bests. A session rating is made of the
    session's scores: it is always the mean, and null where fewer than ``count`` are rated.

    Args:
        of: The score rating.
        count: How many of the largest values count.
        mean: Whether a profile rating is the sum divided by ``count``, even where fewer exist.
        needs_all: Whether a profile rating is null where fewer exist.
        scale: Of a profile rating: each value becomes the integer ``round(value * scale)``, and the
            result is rounded down.
        times: Of a session rating: a factor.
        decimals: To how many decimals the result is rounded, as ``toFixed`` of JavaScript does.
    """

    of: str
    count: int
    mean: bool = False
    needs_all: bool = False
    scale: int | None = None
    times: int = 1
    decimals: int | None = None


@dataclass(frozen=True)
class Special:
    """A profile rating with a rule of its own.

    Args:
        compute: Takes all personal bests of some players on one GPT (columns as in the module docstring,
            and ``user_id``, ``is_primary``, ``song_id``, ``chart.difficulty``); returns
            ``user_id, value``.
        otherwise: The rating of a player whom ``compute`` leaves out.
        needs: The chart and song columns that ``compute`` reads.
    """

    compute: Callable[[pl.DataFrame], pl.DataFrame]
    otherwise: float | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Class:
    """An ordered set of ranks: provided by imports, or derived from a profile rating.

    A provided class never goes down. ``thresholds`` are the lower bounds of ``values``; the first is
    None, as the lowest rank has no bound.
    """

    values: tuple[str, ...]
    derived_from: str | None = None
    thresholds: tuple[float | None, ...] = ()


@dataclass(frozen=True, eq=False)
class Merge:
    """A step of making a personal best: take some fields of the score that is best by ``by``.

    ``by`` and ``copies`` are document names; optional metrics are written ``optional.bp``. Nothing is copied
    where ``unless`` is true of that score, which is named as a part all the same. ``order`` has the values of an
    enum, worst first, where their declared order is not the one that counts.
    """

    name: str
    by: str
    copies: tuple[str, ...]
    smallest: bool = False
    unless: pl.Expr | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PersonalBest:
    """How a player's scores on a chart become one personal best, and how those are ranked.

    Args:
        name: What documents call the score that is the base.
        by: The metric by which it is the best.
        merges: The steps after it.
        ranking: The metrics that order the chart's ranking; ``by`` alone where there are none.
        older_first: Of equal scores, the older one counts, and those without a time come last. Otherwise the
            base is the one stored first, and in a merge scores without a time come first.
    """

    name: str
    by: str
    merges: tuple[Merge, ...] = ()
    ranking: tuple[str, ...] = ()
    older_first: bool = False

    def ranked_by(self) -> dict[str, bool]:
        """Metrics that order the chart's ranking, each with whether larger is better."""
        smaller = {step.by for step in self.merges if step.smallest}
        return {name: name not in smaller for name in self.ranking or (self.by,)}


@dataclass(frozen=True)
class Renamed:
    """Charts that have another difficulty since v3; orphans that wait for them wait for that one.

    Args:
        chart_keys: The keys of the charts' songs, as look-ups name them.
        was: The difficulty before.
        now: The difficulty since.
        match_type: How BATCH-MANUAL names such a chart.
    """

    chart_keys: tuple[str, ...]
    was: str
    now: str
    match_type: str


@dataclass(frozen=True)
class SongKey:
    """A member of ``song.data`` that songs are looked up by.

    ``needs_charts``: a look-up that finds a song without any chart is an internal error, not an orphan.
    ``is_title``: it is one more title, in whatever blanks.
    """

    member: str
    needs_charts: bool = False
    is_title: bool = False


@dataclass(frozen=True)
class Between:
    """Whether a number of ``chart.data`` is at least ``low`` and below ``high``; false where there is none."""

    member: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class GPT:
    """A game and playtype: everything the system knows about it.

    A field without a default is needed, every other one is optional.

    Args:
        game: The game, as its module is named.
        playtype: The playtype, such as ``SP``.
        name: What people call the game.
        provided: The metrics that every score states, by document name.
        default_metric: The metric that scores are compared by.
        personal_best: How scores on a chart become a personal best.
        match_types: The ways in which BATCH-MANUAL may name a chart.
        derived: The metrics that follow from those provided.
        optional: The metrics that a score may state.
        judgements: The judgements that a score may count.
        difficulties: The difficulties, the easiest first; None where any text is one.
        difficulty_aliases: What else a look-up may call a difficulty, and which ones that may mean.
        sent_as: Difficulties that clients send under the name of another one, which then means both: the primary
            chart of the two, or any if there is none.
        unsupported_difficulties: Difficulties that are refused with a message of their own.
        versions: The versions of the game that imports may name.
        ratings: The ratings of a score.
        session_ratings: The ratings of a session.
        profile_ratings: The ratings of a player.
        classes: The sets of ranks that a player may have.
        validators: The rules across metrics and judgements.
        chart_data: The members of ``chart.data`` that expressions read, with their types.
        inferred: Members of ``chart.data`` that folders read, and what they follow from where a chart has none.
        song_data: The members of ``song.data`` that expressions read, with their types.
        song_keys: The kinds of keys that only this game's songs have.
        chart_keys: The kinds of keys that only this game's charts have, with the members of
            ``chart.data`` that hold them.
        fan_made: The member of ``chart.data`` that a chart of fans has, and an official one has not.
        grows: Whether players bring in the charts, so that a catalogue may start without any.
        score_meta: The free-form facts of a score that BATCH-MANUAL may state.
        goal_formats: How goals show a metric (an enum that is not there: by its name).
        renamed: Charts that have another difficulty since v3.
        open_difficulties: Whether special charts have a difficulty beside those listed.
        v3_name: The v3 game, where it is not named after game and playtype as usual.
        generation: The generation of the original server that has these rules, 2 or 3.
    """

    game: str
    playtype: str
    name: str
    provided: Mapping[str, Metric]
    default_metric: str
    personal_best: PersonalBest
    match_types: tuple[MatchType, ...] = (SONG_TITLE, SONG_ID)
    derived: Mapping[str, Metric] = field(default_factory=dict)
    optional: Mapping[str, Metric] = field(default_factory=dict)
    judgements: tuple[str, ...] = ()
    difficulties: tuple[str, ...] | None = None
    difficulty_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sent_as: Mapping[str, str] = field(default_factory=dict)
    unsupported_difficulties: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    ratings: Mapping[str, Rating] = field(default_factory=dict)
    session_ratings: Mapping[str, BestOf] = field(default_factory=dict)
    profile_ratings: Mapping[str, BestOf | Special] = field(default_factory=dict)
    classes: Mapping[str, Class] = field(default_factory=dict)
    validators: tuple[Validator, ...] = ()
    chart_data: Mapping[str, pl.DataType] = field(default_factory=dict)
    inferred: Mapping[str, Between] = field(default_factory=dict)
    song_data: Mapping[str, pl.DataType] = field(default_factory=dict)
    song_keys: Mapping[str, SongKey] = field(default_factory=dict)
    chart_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fan_made: str | None = None
    grows: bool = False
    score_meta: Mapping[str, OneOf] = field(default_factory=dict)
    goal_formats: Mapping[str, GoalFormat] = field(default_factory=dict)
    renamed: tuple[Renamed, ...] = ()
    open_difficulties: bool = False
    v3_name: str = ""
    generation: int = 2

    def in_v3(self, *, ranking: tuple[str, ...], **changes: Any) -> GPT:
        """Return the rules of the same game and playtype in v3.

        In every game, the older of two equal scores counts in v3, and more metrics order a ranking.

        Args:
            ranking: The metrics that order a chart's ranking.
            changes: The fields that are different, as `GPT` has them.
        """
        best = replace(changes.pop("personal_best", self.personal_best), ranking=ranking)
        best = replace(best, older_first=True)
        return replace(self, generation=3, personal_best=best, **changes)

    @property
    def id(self) -> str:
        """``game:playtype``, such as ``iidx:SP``."""
        return f"{self.game}:{self.playtype}"

    @property
    def metrics(self) -> dict[str, Metric]:
        """Provided and derived metrics, in this order."""
        return {**self.provided, **self.derived}

    @property
    def grades(self) -> tuple[str, tuple[tuple[str, float | None], ...]] | None:
        """The metric that is graded, and the lower bound of each grade; None without a `Grade`."""
        graded = (m for m in self.derived.values() if isinstance(m, Grade))
        return next(((m.of, m.boundaries) for m in graded), None)

    @property
    def score_id_members(self) -> tuple[str, ...]:
        """Document names whose values make the score ID, beside player and chart."""
        optional = (f"optional.{name}" for name, m in self.optional.items() if m.in_score_id)
        return (*self.provided, *optional)


@dataclass(frozen=True)
class OneOf:
    """What a member of ``scoreMeta`` may hold.

    Exactly one of the fields says it: one of ``values``, a ``pair`` of them (left and right
    side), a ``number`` or a ``boolean``; ``nullable`` also admits null.
    """

    values: tuple[str, ...] = ()
    pair: bool = False
    number: bool = False
    boolean: bool = False
    nullable: bool = False
